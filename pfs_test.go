package telekey_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
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

const (
	ann     = "+9996620001" // at home in data centre 2
	annCode = "22222"
)

// witness is a Dialer that looks at the packets of its connections.
type witness struct {
	transport.Dialer
	mu     sync.Mutex
	keys   map[mtproto.KeyID]int // packets by key, both ways; 0 is a key exchange
	order  []mtproto.KeyID       // the keys, as they turned up
	errors int                   // transport errors that came
	gate   chan struct{}         // what comes is lost, and with it, when this is closed, the connection; nil: nothing is
}

func (w *witness) Dial(ctx context.Context, to dc.Endpoint) (transport.Conn, error) {
	conn, err := w.Dialer.Dial(ctx, to)
	return watched{conn, w}, err
}

// watched is a connection of a witness.
type watched struct {
	transport.Conn
	w *witness
}

func (c watched) Send(packet []byte) error {
	c.w.see(packet)
	return c.Conn.Send(packet)
}

func (c watched) Receive() ([]byte, error) {
	packet, err := c.Conn.Receive()
	if err != nil {
		return nil, err
	}
	if gate := c.w.see(packet); gate != nil {
		<-gate
		return nil, net.ErrClosed
	}
	return packet, nil
}

func (w *witness) see(packet []byte) (gate chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id, ok := mtproto.PacketKey(packet)
	if !ok {
		w.errors++
		return w.gate
	}
	if w.keys[id]++; w.keys[id] == 1 && id != 0 {
		w.order = append(w.order, id)
	}
	return w.gate
}

// shut withholds what comes from now on. When lose is called, it is lost and the
// connections are over.
func (w *witness) shut() (lose func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	gate := make(chan struct{})
	w.gate = gate
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.gate = nil
		close(gate)
	}
}

// seen returns the keys that encrypted something, in the order in which they
// turned up.
func (w *witness) seen() []mtproto.KeyID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.order)
}

// refused is how many transport errors came.
func (w *witness) refused() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.errors
}

// tryPFS connects a client with temporary keys.
func (w *town) tryPFS(t *testing.T, store session.Store) (*telekey.Client, *witness, error) {
	eyes := &witness{Dialer: transport.TCP{DialContext: w.Dial}, keys: map[mtproto.KeyID]int{}}
	c, err := telekey.Dial(t.Context(), telekey.Config{Network: w.Network(), Session: store, Dialer: eyes, PFS: true})
	return c, eyes, err
}

func (w *town) dialPFS(t *testing.T, store session.Store) (*telekey.Client, *witness) {
	t.Helper()
	c, eyes, err := w.tryPFS(t, store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, eyes
}

// annsTown is a town where Ann lives, and Ann signed in there, with temporary keys.
func annsTown(t *testing.T) (*town, *telekey.Client, *witness) {
	t.Helper()
	w := newTown(t, emulator.User{Phone: ann, FirstName: "Ann"})
	c, eyes := w.dialPFS(t, nil)
	signIn(t, c)
	return w, c, eyes
}

func signIn(t *testing.T, c *telekey.Client) {
	t.Helper()
	if _, err := auth.SignIn(t.Context(), c, auth.Phone(ann), auth.Answers{Code: auth.Code(annCode)}); err != nil {
		t.Fatal(err)
	}
}

// self asks who is signed in.
func self(ctx context.Context, c tg.Invoker) error {
	_, err := tg.Call(ctx, c, &tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}})
	return err
}

// twin is another client of the same session, which two programs must never
// have: here it stands for what the server may do to temporary keys.
func (w *town) twin(t *testing.T, c *telekey.Client, pfs bool) *telekey.Client {
	t.Helper()
	store := new(session.Memory)
	held, err := store.Hold(t.Context())
	if err == nil {
		err = held.Update(t.Context(), func(d *session.Data) error { *d = c.Session().Clone(); return nil })
	}
	if err == nil {
		err = held.Release(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	if pfs {
		other, _ := w.dialPFS(t, store)
		return other
	}
	return w.dial(t, store)
}

// dropKeys makes the server forget the temporary keys of c.
func (w *town) dropKeys(t *testing.T, c *telekey.Client) {
	t.Helper()
	other := w.twin(t, c, false)
	if _, err := tg.Call(t.Context(), other, &tg.AuthDropTempAuthKeys{}); err != nil {
		t.Fatal(err)
	}
	other.Close()
}

// https://core.telegram.org/api/pfs
func TestThePermanentKeyEncryptsNoMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, emulator.User{Phone: ann, FirstName: "Ann", Password: "correct horse"})
		store := new(session.Memory)
		c, eyes := w.dialPFS(t, store)
		answers := auth.Answers{Code: auth.Code(annCode), Password: auth.Secret("correct horse")}
		if _, err := auth.SignIn(t.Context(), c, auth.Phone(ann), answers); err != nil {
			t.Fatal(err)
		}
		if err := self(t.Context(), c.With(telekey.DC(3))); err != nil { // and an authorization is brought over
			t.Fatal(err)
		}
		w.cut(false)
		time.Sleep(25 * time.Hour)
		if err := self(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		seen := eyes.seen()
		keys := c.Session().Keys
		if len(keys) != 2 || len(seen) != 3 { // one for data centre 3, which was left alone
			t.Errorf("got permanent keys for %v and %d temporary keys, want those of 2 and 3 and three temporary ones", slices.Sorted(maps.Keys(keys)), len(seen))
		}
		for dc, k := range keys {
			if id := mtproto.NewKey(k.Auth.Bytes()).ID(); slices.Contains(seen, id) {
				t.Errorf("the permanent key of data centre %d encrypted a packet", dc)
			}
		}
		// Nor is a temporary key in the session, or its salt.
		if again := c.Session().Keys; !again[2].Auth.Equal(keys[2].Auth) || again[2].Salt != keys[2].Salt {
			t.Error("what the session remembers has changed")
		}
	})
}

func TestASessionIsResumedWithAnotherTemporaryKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, emulator.User{Phone: ann, FirstName: "Ann"})
		store := new(session.Memory)
		c, first := w.dialPFS(t, store)
		signIn(t, c)
		key := c.Session().Keys[2]
		time.Sleep(3 * time.Hour) // the temporary key has had other salts since
		if err := self(t.Context(), c); err != nil || c.Session().Keys[2].Salt != key.Salt {
			t.Errorf("got %v and the salt %x, want the permanent key's, %x", err, c.Session().Keys[2].Salt, key.Salt)
		}
		c.Close()

		c, second := w.dialPFS(t, store)
		if err := self(t.Context(), c); err != nil || !c.Session().Keys[2].Auth.Equal(key.Auth) {
			t.Fatalf("got %v, want Ann with the old permanent key", err)
		}
		if a, b := first.seen(), second.seen(); len(a) != 1 || len(b) != 1 || a[0] == b[0] {
			t.Errorf("got the temporary keys %v and %v, want another each time", a, b)
		}
		list, err := tg.Call(t.Context(), c, &tg.AccountGetAuthorizations{})
		if err != nil || len(list.Authorizations) != 1 {
			t.Errorf("got %+v, %v, want one device", list, err)
		}
		c.Close()

		if err := self(t.Context(), w.dial(t, store)); err != nil {
			t.Errorf("without temporary keys: %v", err)
		}
	})
}

// https://core.telegram.org/api/pfs
func TestATemporaryKeyIsReplacedBeforeItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, eyes := annsTown(t)
		for day := range 3 {
			time.Sleep(22 * time.Hour)
			if n := len(eyes.seen()); n != day+1 {
				t.Errorf("day %d: got %d keys by now, want %d", day, n, day+1)
			}
			time.Sleep(time.Hour + time.Second)
			if n := len(eyes.seen()); n != day+2 {
				t.Errorf("day %d: got %d keys in the last hour, want %d", day, n, day+2)
			}
			if err := self(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if n := eyes.refused(); n != 0 {
			t.Errorf("the server refused %d connections, want none", n)
		}
		// Updates find the client without any call of its own.
		got := make(chan tg.AnyUpdates, 10)
		stop := c.Subscribe(func(u tg.AnyUpdates) { got <- u })
		time.Sleep(24 * time.Hour)
		ask := &tg.AuthSendCode{PhoneNumber: ann, APIID: 1, APIHash: "x", Settings: &tg.CodeSettings{}}
		if _, err := tg.Call(t.Context(), w.dial(t, nil), ask); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		stop()
		close(got)
		var kinds []string
		for u := range got {
			kinds = append(kinds, fmt.Sprintf("%T", u))
		}
		if want := []string{"*tg.UpdatesTooLong", "*tg.Updates"}; !slices.Equal(kinds, want) {
			t.Errorf("got %v, want %v: that some may have been missed, and the message with the code", kinds, want)
		}
	})
}

func TestCallsDoNotNoticeThatTheKeyIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, eyes := annsTown(t)
		time.Sleep(22*time.Hour + 59*time.Minute)
		var callers sync.WaitGroup
		for n := range 5 {
			callers.Go(func() {
				for range 120 {
					if err := self(t.Context(), c); err != nil {
						t.Error(err)
					}
					time.Sleep(time.Second + time.Duration(n)*time.Millisecond)
				}
			})
		}
		callers.Wait()
		if n := len(eyes.seen()); n != 2 {
			t.Errorf("got %d keys, want 2", n)
		}
		if n := eyes.refused(); n != 0 {
			t.Errorf("the server refused %d connections, want none", n)
		}
	})
}

// A call that takes long holds the replacement up, not the other way round.
func TestTheKeyIsNotReplacedUnderACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, eyes := annsTown(t)
		if _, err := w.AddRule(emulator.Rule{Method: "users.getUsers", Nth: 1, Do: "delay", Delay: 30 * time.Minute}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(22*time.Hour + 50*time.Minute)
		if err := self(t.Context(), c); err != nil || len(eyes.seen()) != 1 {
			t.Errorf("got %v with %d keys, want an answer on the old key", err, len(eyes.seen()))
		}
		time.Sleep(time.Minute)
		if n := len(eyes.seen()); n != 2 {
			t.Errorf("got %d keys when the call was over, want another", n)
		}
	})
}

func TestAKeyLivesOnWhenItCannotBeReplacedYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, eyes := annsTown(t)
		time.Sleep(22 * time.Hour)
		w.refuse(true)
		time.Sleep(90 * time.Minute)
		if err := self(t.Context(), c); err != nil {
			t.Errorf("half an hour before the key expires: %v", err)
		}
		w.refuse(false)
		time.Sleep(10 * time.Minute)
		if err := self(t.Context(), c); err != nil || len(eyes.seen()) != 2 {
			t.Errorf("got %v and %d keys, want another key by now", err, len(eyes.seen()))
		}
	})
}

// A call does not wait longer than it was told to, whatever the network does
// meanwhile.
func TestACallThatWaitsForAKeyEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, eyes := annsTown(t)
		// A rule that is never obeyed counts the calls.
		if _, err := w.AddRule(emulator.Rule{Method: "help.getNearestDc", From: 1000, Do: "forget_key"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(22 * time.Hour)
		w.stick()
		time.Sleep(time.Hour + 5*time.Second) // into the attempt
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := tg.Call(ctx, c, &tg.HelpGetNearestDC{}); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("got %v after %v, want the end of the context after a second", err, time.Since(begin))
		}
		// Who waits longer is served when the attempt has failed.
		if err := self(t.Context(), c); err != nil || len(eyes.seen()) != 1 {
			t.Errorf("got %v with %d keys, want an answer on the old one", err, len(eyes.seen()))
		}
		if n := w.Rules()[0].Matched; n != 0 {
			t.Errorf("the call that had ended was made %d times", n)
		}
	})
}

func TestAConnectionMayBreakWhileTheKeyIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, eyes := annsTown(t)
		time.Sleep(22 * time.Hour)
		release := w.stick()
		time.Sleep(time.Hour + 5*time.Second) // into the attempt
		before := w.dialled()
		done := make(chan error)
		go func() { done <- self(t.Context(), c) }()
		w.cut(false)
		time.Sleep(5 * time.Second)
		if n := w.dialled() - before; n != 0 {
			t.Errorf("dialled %d times more, want to wait for the attempt that is under way", n)
		}
		release()
		if err := <-done; err != nil || len(eyes.seen()) != 2 {
			t.Errorf("got %v with %d keys, want an answer on another key", err, len(eyes.seen()))
		}
	})
}

// A program that slept for days wakes up with a key that has expired.
func TestAnExpiredKeyIsNotTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, eyes := annsTown(t)
		w.cut(true)
		time.Sleep(3 * 24 * time.Hour)
		w.cut(false)
		if err := self(t.Context(), c); err != nil || len(eyes.seen()) != 2 {
			t.Errorf("got %v with %d keys, want an answer on another key", err, len(eyes.seen()))
		}
		if n := eyes.refused(); n != 0 {
			t.Errorf("the server refused %d connections, want none", n)
		}
	})
}

// A data centre that was left alone is found again with the same key.
func TestAnIdleLinkLeavesItsKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, eyes := annsTown(t)
		there := c.With(telekey.DC(3))
		for range 3 {
			if err := self(t.Context(), there); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
		if n := len(eyes.seen()); n != 2 {
			t.Errorf("got %d keys, want one for each data centre", n)
		}
		time.Sleep(24 * time.Hour)
		if err := self(t.Context(), there); err != nil || len(eyes.seen()) != 4 {
			t.Errorf("got %v with %d keys, want another for each", err, len(eyes.seen()))
		}
		if n := eyes.refused(); n != 0 {
			t.Errorf("the server refused %d connections, want none", n)
		}
	})
}

// The server keeps temporary keys in memory, and may lose them.
// https://core.telegram.org/api/pfs
func TestALostTemporaryKeyIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, eyes := annsTown(t)
		for n := range 3 {
			w.dropKeys(t, c)
			if err := self(t.Context(), c.With(telekey.Repeatable())); err != nil {
				t.Fatal(err)
			}
			if keys := len(eyes.seen()); keys != n+2 || eyes.refused() != n+1 {
				t.Fatalf("got %d keys and %d times -404, want %d and %d", keys, eyes.refused(), n+2, n+1)
			}
		}
	})
}

func TestAKeyThatIsLostWhileTheNetworkIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, _ := annsTown(t)
		w.dropKeys(t, c)
		w.cut(true)
		synctest.Wait()
		done := make(chan error)
		go func() { done <- self(t.Context(), c.With(telekey.Repeatable())) }()
		time.Sleep(time.Second)
		w.cut(false)
		if err := <-done; err != nil {
			t.Errorf("got %v, want an answer on another key", err)
		}
	})
}

func TestACallThatWaitsForAKeyEndsWithTheNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, _ := annsTown(t)
		w.dropKeys(t, c)
		w.refuse(true)
		err := self(t.Context(), c)
		var network *telekey.NetworkError
		if !errors.As(err, &network) || !errors.Is(err, telekey.ErrOutcomeUnknown) {
			t.Errorf("got %v, want a NetworkError of a call that may have been executed: that it was not, nobody has proved", err)
		}
		w.refuse(false)
		if err := self(t.Context(), c); err != nil {
			t.Errorf("the network is back, and a call ends with %v", err)
		}
	})
}

func TestACallOnALostKeyMayHaveBeenExecuted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, eyes := annsTown(t)
		ends := make(map[string]chan error)
		lose := eyes.shut()
		for name, invoker := range map[string]tg.Invoker{"once": c, "repeatable": c.With(telekey.Repeatable())} {
			end := make(chan error, 1)
			ends[name] = end
			go func() { end <- self(t.Context(), invoker) }()
		}
		synctest.Wait() // they are executed, and their answers do not arrive
		w.dropKeys(t, c)
		lose()
		if err := <-ends["once"]; !errors.Is(err, telekey.ErrOutcomeUnknown) {
			t.Errorf("got %v, want ErrOutcomeUnknown", err)
		}
		if err := <-ends["repeatable"]; err != nil {
			t.Errorf("got %v, want the answer of the second try", err)
		}
	})
}

// A server that forgets sessions remembers keys, and whose they are.
func TestAForgottenSessionLeavesItsTemporaryKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, eyes := annsTown(t)
		if _, err := w.AddRule(emulator.Rule{Method: "users.getUsers", Nth: 1, Do: "forget_session"}); err != nil {
			t.Fatal(err)
		}
		if err := self(t.Context(), c.With(telekey.Repeatable())); err != nil {
			t.Error(err)
		}
		if keys := len(eyes.seen()); keys != 1 || eyes.refused() != 0 {
			t.Errorf("got %d keys and %d times -404, want the one key and none", keys, eyes.refused())
		}
	})
}

// https://core.telegram.org/api/pfs
func TestABindingThatIsLostIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c, eyes := annsTown(t)
		other := w.twin(t, c, true) // its binding takes the place of ours
		var callers sync.WaitGroup
		for range 5 {
			callers.Go(func() {
				if err := self(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		if keys := len(eyes.seen()); keys != 2 || eyes.refused() != 0 {
			t.Errorf("got %d keys and %d times -404, want another key and none", keys, eyes.refused())
		}
		if err := self(t.Context(), other); err != nil {
			t.Error(err)
		}
	})
}

func TestAPermanentKeyThatTheServerDoesNotKnowIsSaidSoAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(session.Memory)
		first, _ := newTown(t).dialPFS(t, store)
		key := first.Session().Keys[2].Auth
		first.Close()
		_, _, err := newTown(t).tryPFS(t, store) // the same RSA key, and another life
		var network *telekey.NetworkError
		if !errors.Is(err, telekey.ErrKeyUnknown) || !errors.Is(err, tg.ErrEncryptedMessageInvalid) || errors.As(err, &network) {
			t.Errorf("got %v, want ErrKeyUnknown and why", err)
		}
		held, err := store.Hold(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer held.Release(t.Context())
		if !held.Data().Keys[2].Auth.Equal(key) {
			t.Error("the key is gone from the session")
		}
	})
}

// What is written to a file has nothing of a temporary key in it.
func TestATemporaryKeyIsNotStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, eyes := annsTown(t)
		data, err := session.Marshal(c.Session())
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range eyes.seen() {
			if bytes.Contains(data, []byte(id.String())) {
				t.Errorf("the session knows of key %v", id)
			}
		}
		if n := len(c.Session().Keys); n != 1 {
			t.Errorf("got %d keys, want the permanent one", n)
		}
	})
}

// refuse lets nobody in who is not there yet.
func (m *memory) refuse(down bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = down
}

// stick makes dials hang until release is called, or they are given up.
func (m *memory) stick() (release func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	stuck := make(chan struct{})
	m.stuck = stuck
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.stuck = nil
		close(stuck)
	}
}
