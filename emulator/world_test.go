package emulator

import (
	"crypto/rsa"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/frame"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

func TestTestNumbersHaveTenDigitsAndAHome(t *testing.T) {
	for phone, want := range map[phoneNumber]int{
		"9996610000": 1, "9996621234": 2, "9996639999": 3,
		"9996600000": 0, "9996640000": 0, "999661000": 0, "99966100000": 0, "9996710000": 0, "8996610000": 0,
	} {
		if got := phone.testCentre(); got != want {
			t.Errorf("%s: got %d, want %d", phone, got, want)
		}
	}
}

// Where there is no such data centre, the number lives where it is asked for.
func TestATestNumberWithoutItsDataCentre(t *testing.T) {
	s := running(t, Config{DCs: []int{2}})
	l := connect(t, s, 2, plain)
	hash := ask(t, l, "9996630001")
	if c := s.Codes("9996630001"); len(c) != 1 || c[0].Code != "33333" {
		t.Errorf("got %v, want 33333", c)
	}
	get(t, l, typeIn("9996630001", hash, "33333"))
}

// One key in sixteen begins with a zero digit, and two clients cannot find it.
func TestAKeyThatSomeClientsCannotFindIsRefused(t *testing.T) {
	good, err := processKey()
	if err != nil {
		t.Fatal(err)
	}
	if !findable(&good.PublicKey) {
		t.Error("the process's own key cannot be found")
	}
	// The exponent takes part in the fingerprint, so one key gives many.
	key := *good
	for key.E = 3; findable(&key.PublicKey); key.E += 2 {
	}
	if _, err := Start(Config{Key: &key}); err == nil {
		t.Error("got no error")
	}
	if _, err := Start(Config{Key: &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: big.NewInt(15)}}}); err == nil {
		t.Error("half a key: got no error")
	}
}

// keep puts a key that nobody made into a data centre.
func (s *Server) keep(centre *dataCentre, n int) *authKey {
	key := mtproto.NewKey([256]byte{1, byte(n), byte(n >> 8)})
	s.addKey(time.Now(), centre, mtproto.ServerExchange{Key: key})
	return centre.keys[key.ID()]
}

func TestKeysDoNotPileUp(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	err := s.ask(func(time.Time) {
		centre := s.centre(2)
		in := s.keep(centre, 0)
		in.signIn(&login{account: s.world.accounts.byPhone["9996620001"]})
		for n := range maxKeys + 10 {
			s.keep(centre, n+1)
		}
		if len(centre.keys) != maxKeys || len(centre.order) != maxKeys {
			t.Errorf("got %d keys, %d in order, want %d", len(centre.keys), len(centre.order), maxKeys)
		}
		if centre.keys[in.id] != in || !centre.server.HasKey(in.id) {
			t.Error("a key that is signed in was forgotten before those of strangers")
		}
		for _, k := range centre.keys {
			k.pending = in.login.account
		}
		if got := centre.expendable(); got != centre.order[0] {
			t.Errorf("got %v, want the oldest, %v", got, centre.order[0])
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestALoginEndsWithItsLastKey(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	l := connect(t, s, 2, plain)
	signedIn(t, l, ann)
	err := s.ask(func(now time.Time) { s.forget(now, s.centre(2), l.exchange.Key.ID()) })
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.world.accounts.byPhone["9996620001"].logins); n != 0 {
		t.Errorf("got %d logins, want none", n)
	}
	// What comes with the key now is not known here.
	if _, err := tg.Call(t.Context(), l, self); err == nil {
		t.Error("a forgotten key is served")
	}
	// A code does not go to a device that is not there.
	if _, ok := askFor(t, connect(t, s, 2, plain), ann).Type.(*tg.AuthSentCodeTypeSMS); !ok {
		t.Error("got another type, want a text message")
	}
}

func TestATemporaryKeyIsKnownToBeOne(t *testing.T) {
	s := running(t, Config{})
	l := tap(t, s.dial, 2, plain)
	l.agree(s, 2, time.Hour)
	l.begin(l.exchange.Key, l.exchange.Salt)
	get(t, l, &tg.HelpGetConfig{})
	wantRefusal(t, l, codeFor(ann), 401, "AUTH_KEY_PERM_EMPTY")
}

func TestAClientThatNeverNamedItsLayerGetsNoUpdates(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	l := connect(t, s, 2, plain)
	signedIn(t, l, ann)
	err := s.ask(func(time.Time) { s.centre(2).keys[l.exchange.Key.ID()].layer = 0 })
	if err != nil {
		t.Fatal(err)
	}
	ask(t, connect(t, s, 2, plain), ann)
	l.layer = 0
	get(t, l, self)
	if len(l.pushed) != 0 {
		t.Errorf("got %d updates, want none", len(l.pushed))
	}
}

func TestADestroyedKeyIsForgotten(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	l := connect(t, s, 2, plain)
	signedIn(t, l, ann)
	id := l.exchange.Key.ID()
	err := s.ask(func(now time.Time) {
		centre := s.centre(2)
		s.handle(now, centre, mtproto.ServerEvent{Kind: mtproto.Destroyed, Query: mtproto.Query{Key: id}})
		if centre.keys[id] != nil || centre.server.HasKey(id) || len(s.world.accounts.byPhone["9996620001"].logins) != 0 {
			t.Error("the key is still known")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestListeningEverywhereIsReachedSomewhere(t *testing.T) {
	s := running(t, Config{Listen: "0.0.0.0", DCs: []int{2}})
	if o, _ := s.Network().Endpoint(2); !strings.HasPrefix(o.Addr, "127.0.0.1:") {
		t.Errorf("got %s, want an address to dial", o.Addr)
	}
	// A client that came in by 127.0.0.1 is told to come there again.
	l := connect(t, s, 2, plain)
	if o := get(t, l, &tg.HelpGetConfig{}).DCOptions[0]; o.IPAddress != "127.0.0.1" {
		t.Errorf("got %s, want the way in", o.IPAddress)
	}
	for in, want := range map[string]string{"[::]:80": "[::1]:80", "192.0.2.1:80": "192.0.2.1:80"} {
		if got := reachable(netip.MustParseAddrPort(in)).String(); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	s := running(t, Config{})
	for n := range 12 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			dc := 1 + n%3
			phone := fmt.Sprintf("99966%d%04d", dc, n)
			l := connect(t, s, dc, how{frame.Abridged, true})
			for range 3 {
				hash := ask(t, l, phone)
				code, err := s.WaitCode(t.Context(), phone)
				if err != nil {
					t.Fatal(err)
				}
				answer := get(t, l, typeIn(phone, hash, code.Code))
				if _, ok := answer.(*tg.AuthAuthorizationSignUpRequired); ok {
					answer = get(t, l, &tg.AuthSignUp{PhoneNumber: phone, PhoneCodeHash: hash, FirstName: "One of many"})
				}
				if u := userOf(t, answer); *u.Phone != phone {
					t.Errorf("got the number %s, want %s", *u.Phone, phone)
				}
				get(t, l, &tg.AuthLogOut{})
			}
		})
	}
}
