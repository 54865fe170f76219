package gotd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gotd/td/tgerr"
	gotdtransport "github.com/gotd/td/transport"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/transport"
)

// plain is the way to a listener of gotd's that is not told to expect
// obfuscation.
var plain = transport.TCP{Plain: true}

// dial connects telekey's client to the foreign servers.
func dial(t *testing.T, w *foreign, store session.Store, d transport.Dialer) *telekey.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := telekey.Dial(ctx, telekey.Config{Network: w.network, Session: store, Dialer: d})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// table answers questions, each once.
type table struct {
	codes, passwords []string
	name             auth.Name
}

func (a *table) Ask(_ context.Context, q auth.Question) (auth.Answer, error) {
	take := func(list *[]string) string {
		if len(*list) == 0 {
			return ""
		}
		first := (*list)[0]
		*list = (*list)[1:]
		return first
	}
	switch q := q.(type) {
	case auth.CodeQuestion:
		if code := take(&a.codes); code != "" {
			return auth.Code(code), nil
		}
	case auth.PasswordQuestion:
		if q.Hint != "a staple" {
			return nil, fmt.Errorf("got the hint %q", q.Hint)
		}
		if password := take(&a.passwords); password != "" {
			return auth.Secret(password), nil
		}
	case auth.TermsQuestion:
		return auth.Accept{}, nil
	case auth.NameQuestion:
		return a.name, nil
	}
	return nil, fmt.Errorf("asked once more than expected: %+v", q)
}

// wantSignIn signs in, and wants a user of that name.
func wantSignIn(t *testing.T, c *telekey.Client, phone, name string, a *table) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	me, err := auth.SignIn(ctx, c, auth.Phone(phone), a)
	if err != nil {
		t.Fatal(err)
	}
	if *me.FirstName != name || !me.Self {
		t.Fatalf("got %+v, want %s", me, name)
	}
	if len(a.codes)+len(a.passwords) > 0 {
		t.Errorf("not asked for %v, %v", a.codes, a.passwords)
	}
}

// wantCalls wants just those calls of signing in to have arrived, in that order.
func (w *foreign) wantCalls(t *testing.T, want ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	got := slices.DeleteFunc(slices.Clone(w.calls), func(call string) bool {
		return !strings.HasPrefix(call, "auth.")
	})
	if !slices.Equal(got, want) {
		t.Errorf("got the calls %v, want %v", got, want)
	}
}

// fail plans what goes wrong with the next calls of a method.
func (w *foreign) fail(method string, faults ...fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[method] = faults
}

func TestTelekeySignsInResumesAndLogsOutAtAForeignServer(t *testing.T) {
	w := newForeign(t, nil)
	store := new(session.Memory)
	c := dial(t, w, store, plain)
	wantSignIn(t, c, "+1 00 01", "Ann", &table{codes: []string{"00000", theCode}})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}

	c = dial(t, w, store, plain)
	wantSignIn(t, c, "+1 00 01", "Ann", &table{}) // no question is asked
	if err := auth.LogOut(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.GetUser(t.Context(), c); !errors.Is(err, tg.ErrAuthKeyUnregistered) {
		t.Errorf("got %v, want AUTH_KEY_UNREGISTERED", err)
	}
	w.wantCalls(t, "auth.sendCode@2", "auth.signIn@2", "auth.signIn@2", "auth.logOut@2")
}

func TestTelekeySignsUpAtAForeignServer(t *testing.T) {
	w := newForeign(t, nil)
	a := &table{codes: []string{theCode}, name: auth.Name{First: "Dora", Last: "New"}}
	wantSignIn(t, dial(t, w, nil, plain), "10099", "Dora", a)
	w.wantCalls(t, "auth.sendCode@2", "auth.signIn@2", "auth.signUp@2")
}

func TestTelekeyProvesAPasswordToAForeignServer(t *testing.T) {
	w := newForeign(t, nil)
	a := &table{codes: []string{theCode}, passwords: []string{"wrong", bobsPassword}}
	wantSignIn(t, dial(t, w, nil, plain), "10002", "Bob", a)
	w.wantCalls(t, "auth.sendCode@2", "auth.signIn@2", "auth.checkPassword@2", "auth.checkPassword@2")
}

func TestTelekeyFollowsANumberBetweenForeignServers(t *testing.T) {
	w := newForeign(t, nil)
	c := dial(t, w, nil, plain)
	wantSignIn(t, c, "10003", "Cleo", &table{codes: []string{theCode}})
	if c.Home() != 1 {
		t.Errorf("got the home %d, want 1", c.Home())
	}
	w.wantCalls(t, "auth.sendCode@2", "auth.sendCode@1", "auth.signIn@1")
}

func TestTelekeyWaitsOutAFlood(t *testing.T) {
	w := newForeign(t, nil)
	w.fail("auth.sendCode", fault{refusal: tgerr.New(420, "FLOOD_WAIT_1")})
	w.fail("auth.signIn", fault{refusal: tgerr.New(420, "FLOOD_WAIT_1")})
	wantSignIn(t, dial(t, w, nil, plain), "10001", "Ann", &table{codes: []string{theCode}})
	w.wantCalls(t, "auth.sendCode@2", "auth.sendCode@2", "auth.signIn@2", "auth.signIn@2")
}

func TestTelekeyReturnsALongFloodAtOnce(t *testing.T) {
	w := newForeign(t, nil)
	w.fail("auth.sendCode", fault{refusal: tgerr.New(420, "FLOOD_WAIT_3600")})
	_, err := auth.SignIn(t.Context(), dial(t, w, nil, plain), auth.Phone("10001"), &table{})
	if wait, ok := tg.FloodWait(err); !ok || wait != time.Hour {
		t.Errorf("got %v, want a flood of an hour", err)
	}
}

func TestTelekeyBeginsAgainWhenTold(t *testing.T) {
	w := newForeign(t, nil)
	w.fail("auth.signIn", fault{refusal: tgerr.New(500, "AUTH_RESTART")})
	wantSignIn(t, dial(t, w, nil, plain), "10001", "Ann", &table{codes: []string{theCode, theCode}})
	w.wantCalls(t, "auth.sendCode@2", "auth.signIn@2", "auth.sendCode@2", "auth.signIn@2")
}

func TestTelekeyTriesAgainWhenAForeignServerFails(t *testing.T) {
	w := newForeign(t, nil)
	w.fail("auth.sendCode", fault{refusal: tgerr.New(500, "RPC_CALL_FAIL")})
	wantSignIn(t, dial(t, w, nil, plain), "10001", "Ann", &table{codes: []string{theCode}})
	w.wantCalls(t, "auth.sendCode@2", "auth.sendCode@2", "auth.signIn@2")
}

// The server closes the connection, and has forgotten the session afterwards.
func TestTelekeySignsInThroughAConnectionThatBreaks(t *testing.T) {
	for _, method := range []string{
		"help.getConfig", "auth.sendCode", "auth.signIn", "account.getPassword", "auth.checkPassword", "users.getUsers",
	} {
		for name, f := range map[string]fault{
			method + "/before": {cutBefore: true},
			method + "/after":  {cutAfter: true},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newForeign(t, nil)
				w.fail(method, f)
				// Where the answer to auth.sendCode was lost, so was the code's hash.
				a := &table{codes: []string{theCode}, passwords: []string{bobsPassword}}
				wantSignIn(t, dial(t, w, nil, plain), "10002", "Bob", a)
			})
		}
	}
}

// frail is a listener whose first connection breaks when it has sent so many
// bytes.
type frail struct {
	net.Listener
	budget int
	once   sync.Once
}

func (l *frail) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.once.Do(func() { c = &breaking{c, l.budget} })
	}
	return c, err
}

type breaking struct {
	net.Conn
	left int
}

func (c *breaking) Write(b []byte) (int, error) {
	if len(b) <= c.left {
		c.left -= len(b)
		return c.Conn.Write(b)
	}
	_, _ = c.Conn.Write(b[:c.left])
	c.Conn.Close()
	return 0, net.ErrClosed
}

// What the server sends in a key exchange: resPQ, 88 bytes with its frame;
// server_DH_params_ok, 656; dh_gen_ok, 76.
func TestTelekeyExchangesKeysThroughAConnectionThatBreaks(t *testing.T) {
	for _, budget := range []int{0, 1, 40, 87, 88, 90, 400, 743, 744, 750, 800, 819} {
		t.Run(fmt.Sprintf("after %d bytes", budget), func(t *testing.T) {
			t.Parallel()
			w := newForeign(t, func(l net.Listener) net.Listener { return &frail{Listener: l, budget: budget} })
			wantSignIn(t, dial(t, w, nil, plain), "10001", "Ann", &table{codes: []string{theCode}})
		})
	}
}

func TestTelekeySignsInOverEveryTransportOfAForeignServer(t *testing.T) {
	for _, framing := range []transport.Framing{
		transport.Intermediate, transport.Abridged, transport.Padded, transport.Full,
	} {
		for _, d := range []transport.TCP{{Framing: framing, Plain: true}, {Framing: framing}} {
			if framing == transport.Full && !d.Plain {
				continue
			}
			t.Run(fmt.Sprintf("%v plain=%v", framing, d.Plain), func(t *testing.T) {
				t.Parallel()
				var wrap wire
				if !d.Plain {
					wrap = gotdtransport.ObfuscatedListener
				}
				w := newForeign(t, wrap)
				wantSignIn(t, dial(t, w, nil, d), "10003", "Cleo", &table{codes: []string{theCode}})
			})
		}
	}
}
