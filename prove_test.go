package telekey_test

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/transport"
)

// forger is an attacker on the route: it answers packets with a transport error of
// its own, which needs no key, and the server never sees them.
type forger struct {
	transport.Dialer

	mu     sync.Mutex
	forges func(key mtproto.KeyID) bool // by the key of the packet; 0: an exchange of keys
	code   int32
	dials  int
	forged int
}

func (f *forger) Dial(ctx context.Context, to dc.Endpoint) (transport.Conn, error) {
	conn, err := f.Dialer.Dial(ctx, to)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dials++
	return &forgedConn{Conn: conn, forger: f, answers: make(chan []byte, 1)}, err
}

// set changes what is forged; nil for nothing.
func (f *forger) set(forges func(mtproto.KeyID) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forges = forges
}

func (f *forger) counts() (dials, forged int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dials, f.forged
}

// answer is the forged answer to a packet; nil: it goes to the server.
func (f *forger) answer(packet []byte) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, _ := mtproto.PacketKey(packet)
	if f.forges == nil || !f.forges(key) {
		return nil
	}
	f.forged++
	return binary.LittleEndian.AppendUint32(nil, uint32(f.code))
}

// forgedConn is a connection that the forger can write to.
type forgedConn struct {
	transport.Conn
	forger  *forger
	answers chan []byte
}

func (c *forgedConn) Send(packet []byte) error {
	answer := c.forger.answer(packet)
	if answer == nil {
		return c.Conn.Send(packet)
	}
	select {
	case c.answers <- answer:
		return c.Conn.Close()
	default:
		return errors.New("the connection is closed")
	}
}

func (c *forgedConn) Receive() ([]byte, error) {
	packet, err := c.Conn.Receive()
	if err == nil {
		return packet, nil
	}
	select {
	case answer := <-c.answers:
		return answer, nil
	default:
		return nil, err
	}
}

// forged connects a client with a session over a forger of a code.
func (w *town) forged(t *testing.T, store session.Store, pfs bool, code int32, forges func(mtproto.KeyID) bool) (*telekey.Client, *forger, error) {
	t.Helper()
	f := &forger{Dialer: transport.TCP{DialContext: w.Dial}, forges: forges, code: code}
	c, err := telekey.Dial(t.Context(), telekey.Config{Network: w.Network(), Session: store, Dialer: f, PFS: pfs})
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, f, err
}

// annsSession is a town where Ann lives, and a session that is signed in there.
func annsSession(t *testing.T) (w *town, store session.Store, key mtproto.KeyID) {
	t.Helper()
	w = newTown(t, emulator.User{Phone: ann, FirstName: "Ann"})
	store = new(session.Memory)
	c := w.dial(t, store)
	signIn(t, c)
	key = mtproto.NewKey(c.Session().Keys[2].Auth.Bytes()).ID()
	c.Close()
	return w, store, key
}

// Whatever an attacker answers in packets that are not encrypted, and on whichever
// packets, the client never takes the session's key for lost.
// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
func TestAForgedTransportErrorNeverCostsTheSession(t *testing.T) {
	for name, forges := range map[string]func(perm, key mtproto.KeyID) bool{
		"everything":        func(_, _ mtproto.KeyID) bool { return true },
		"the permanent key": func(perm, key mtproto.KeyID) bool { return key == perm },
		"all but exchanges": func(_, key mtproto.KeyID) bool { return key != 0 },
		"exchanges, too":    func(perm, key mtproto.KeyID) bool { return key == perm || key == 0 },
	} {
		for _, code := range []int32{-404, -403, -429, -444, -1} {
			synctest.Test(t, func(t *testing.T) {
				w, store, perm := annsSession(t)
				_, f, err := w.forged(t, store, false, code, func(key mtproto.KeyID) bool { return forges(perm, key) })
				var network *telekey.NetworkError
				if !errors.As(err, &network) || errors.Is(err, telekey.ErrKeyUnknown) || errors.Is(err, telekey.ErrKeyUnproven) != (code == -404) {
					t.Errorf("%d to %s: got %v, want a NetworkError, unproven if the key was denied", code, name, err)
				}
				if reason := auth.ReasonOf(err, session.Data{}); reason != "" {
					t.Errorf("%d to %s: got the reason %q, want none: nothing is known of the login", code, name, reason)
				}
				if dials, _ := f.counts(); dials != 6 {
					t.Errorf("%d to %s: got %d connections, want 6", code, name, dials)
				}
				c := w.dial(t, store)
				if err := self(t.Context(), c); err != nil || mtproto.NewKey(c.Session().Keys[2].Auth.Bytes()).ID() != perm {
					t.Errorf("%d to %s: got %v afterwards, want Ann on the same key", code, name, err)
				}
			})
		}
	}
}

func TestATemporaryKeyIsMadeAnewWhateverAnAttackerAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, store, perm := annsSession(t)
		_, _, err := w.forged(t, store, true, -404, func(mtproto.KeyID) bool { return true })
		if network := new(telekey.NetworkError); !errors.As(err, &network) || errors.Is(err, telekey.ErrKeyUnknown) {
			t.Errorf("got %v, want a NetworkError", err)
		}
		if c := w.dial(t, store); self(t.Context(), c) != nil || mtproto.NewKey(c.Session().Keys[2].Auth.Bytes()).ID() != perm {
			t.Error("Ann is not signed in any more, or not on the same key")
		}
	})
}

func TestADenialOrTwoOfTheKeyAreNoticedByNobody(t *testing.T) {
	for _, denials := range []int{1, 2, 3} { // the third one follows a proof that the key is known
		synctest.Test(t, func(t *testing.T) {
			w, store, perm := annsSession(t)
			left := denials
			c, f, err := w.forged(t, store, false, -404, func(key mtproto.KeyID) bool {
				if key != perm || left == 0 {
					return false
				}
				left--
				return true
			})
			if err != nil || self(t.Context(), c) != nil {
				t.Fatalf("%d: got %v, want Ann", denials, err)
			}
			proofs := 0
			if denials >= 2 {
				proofs = 1
			}
			if dials, forged := f.counts(); dials != denials+1+proofs || forged != denials {
				t.Errorf("%d: got %d connections and %d denials, want %d connections", denials, dials, forged, denials+1+proofs)
			}
		})
	}
}

// A client that has been up for long is told nothing, and goes on when the attacker
// is gone.
func TestAForgedDenialIsNoEndOfTheLoginForThoseWhoWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, store, _ := annsSession(t)
		c, f, err := w.forged(t, store, false, -404, nil)
		if err != nil {
			t.Fatal(err)
		}
		var told []error
		defer c.Refusals(func(_ int, err error) { told = append(told, err) })()
		var events []auth.Event
		defer auth.Watch(t.Context(), c, func(e auth.Event) { events = append(events, e) })()
		synctest.Wait()
		f.set(func(mtproto.KeyID) bool { return true })
		if err := self(t.Context(), c); !errors.Is(err, telekey.ErrKeyUnproven) {
			t.Errorf("got %v, want ErrKeyUnproven", err)
		}
		time.Sleep(time.Hour)
		if len(told) != 0 || len(events) != 0 {
			t.Errorf("got %v and %v, want nothing", told, events)
		}
		f.set(nil)
		time.Sleep(time.Minute)
		if err := self(t.Context(), c); err != nil {
			t.Errorf("got %v without the attacker, want Ann", err)
		}
	})
}

// https://core.telegram.org/method/auth.bindTempAuthKey
func TestThatAKeyIsUnknownIsProvedUnderEncryption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, store, _ := annsSession(t)
		f := newTown(t) // the same RSA key, and another life
		_, eyes, err := f.forged(t, store, false, 0, nil)
		if network := new(telekey.NetworkError); !errors.Is(err, telekey.ErrKeyUnknown) || !errors.Is(err, tg.ErrEncryptedMessageInvalid) || errors.As(err, &network) {
			t.Errorf("got %v, want ErrKeyUnknown and its proof", err)
		}
		if dials, _ := eyes.counts(); dials != 3 {
			t.Errorf("got %d connections, want two that are denied and a proof", dials)
		}
	})
}

// A key that was made a moment ago may not be known everywhere yet.
func TestANewKeyIsProvedUnknownMoreThanOnce(t *testing.T) {
	for age, dials := range map[time.Duration]int{0: 6, time.Minute: 3} {
		synctest.Test(t, func(t *testing.T) {
			w := newTown(t)
			c, eyes, err := w.forged(t, nil, false, 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(age)
			w.rule(t, emulator.Rule{Method: "help.getNearestDc", Nth: 1, Do: "forget_key"})
			before, _ := eyes.counts()
			_, err = tg.Call(t.Context(), c, &tg.HelpGetNearestDC{})
			after, _ := eyes.counts()
			if !errors.Is(err, telekey.ErrKeyUnknown) || after-before != dials-1 {
				t.Errorf("after %v: got %v and %d more connections, want ErrKeyUnknown and %d", age, err, after-before, dials-1)
			}
		})
	}
}
