package emulator

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

func TestASessionIsEndedForEachReason(t *testing.T) {
	for _, c := range []struct {
		why     Ending
		code    int
		first   string
		then    string
		sendsTo string // what the number says afterwards; "": it gets a code
	}{
		{Revoked, 401, "SESSION_REVOKED", "AUTH_KEY_UNREGISTERED", ""},
		{Expired, 401, "SESSION_EXPIRED", "AUTH_KEY_UNREGISTERED", ""},
		{Unregistered, 401, "AUTH_KEY_UNREGISTERED", "AUTH_KEY_UNREGISTERED", ""},
		{Deleted, 401, "USER_DEACTIVATED", "USER_DEACTIVATED", ""},
		{Banned, 401, "USER_DEACTIVATED_BAN", "USER_DEACTIVATED_BAN", "PHONE_NUMBER_BANNED"},
		{Duplicated, 406, "AUTH_KEY_DUPLICATED", "AUTH_KEY_UNREGISTERED", ""},
	} {
		t.Run(string(c.why), func(t *testing.T) {
			s := running(t, Config{Users: []User{{Phone: ann}}})
			home, abroad := connect(t, s, 2, plain), connect(t, s, 3, plain)
			u := signedIn(t, home, ann)
			ticket := get(t, home, &tg.AuthExportAuthorization{DCID: 3})
			get(t, abroad, &tg.AuthImportAuthorization{ID: ticket.ID, Bytes: ticket.Bytes})

			if n, err := s.EndSessions(ann, c.why); n != 1 || err != nil {
				t.Fatalf("got %d sessions and %v, want one", n, err)
			}
			// Who waits is told that there is something, ...
			switch u := home.update().(type) {
			case *tg.UpdatesTooLong:
			case *tg.UpdateShort:
				if n := u.Update.(*tg.UpdateServiceNotification); c.why != Duplicated || n.Type != "AUTH_KEY_DROP_DUPLICATE" || !n.Popup {
					t.Errorf("got %+v", n)
				}
			default:
				t.Errorf("got %+v", u)
			}
			// ... and then what it is, on each of its keys.
			for _, l := range []*line{home, abroad} {
				wantRefusal(t, l, self, c.code, c.first)
				wantRefusal(t, l, &tg.UpdatesGetState{}, 401, c.then)
			}
			v := connect(t, s, 2, plain)
			switch {
			case c.sendsTo != "":
				wantRefusal(t, v, codeFor(ann), 400, c.sendsTo)
			case c.why == Deleted:
				if _, ok := get(t, v, typeIn(ann, ask(t, v, ann), codeX)).(*tg.AuthAuthorizationSignUpRequired); !ok {
					t.Error("the account is still there")
				}
			case c.why == Duplicated:
				// No call succeeds on this key, those of signing in included.
				wantRefusal(t, home, codeFor(ann), 401, "AUTH_KEY_UNREGISTERED")
				wantRefusal(t, home, &tg.HelpGetConfig{}, 401, "AUTH_KEY_UNREGISTERED")
				if again := signedIn(t, v, ann); again.ID != u.ID {
					t.Errorf("got %+v, want the same account with a new key", again)
				}
			default:
				if again := signedIn(t, home, ann); again.ID != u.ID {
					t.Errorf("got %+v, want the same account", again)
				}
				get(t, home, self)
			}
		})
	}
}

func TestABanLeavesNoWayIn(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	l := connect(t, s, 2, plain)
	signedIn(t, l, ann)
	web, err := s.NewWebToken(ann)
	if err != nil {
		t.Fatal(err)
	}
	v := connect(t, s, 2, plain)
	get(t, l, &tg.AuthAcceptLoginToken{Token: export(t, v).Token})
	if _, err := s.EndSessions(ann, Banned); err != nil {
		t.Fatal(err)
	}
	export(t, v)
	wantRefusal(t, v, &tg.AuthImportWebTokenAuthorization{APIID: 1, APIHash: "x", WebAuthToken: string(web)}, 400, "AUTH_TOKEN_INVALID")
}

func TestSessionsEndForAReasonThatThereIs(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	if _, err := s.EndSessions(ann, "bored"); err == nil || !strings.Contains(err.Error(), `got "bored"`) {
		t.Errorf("got %v", err)
	}
	if _, err := s.EndSessions("+15550001111", Revoked); err == nil || !strings.Contains(err.Error(), "no account") {
		t.Errorf("got %v", err)
	}
	if n, err := s.EndSessions(ann, Revoked); n != 0 || err != nil {
		t.Errorf("got %d and %v, want nobody to be there", n, err)
	}
}

// https://core.telegram.org/api/auth#logging-out
func TestAfterLoggingOutTheKeyIsDestroyed(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	l := connect(t, s, 2, plain)
	signedIn(t, l, ann)
	get(t, l, &tg.AuthLogOut{})
	l.layer = 0 // the protocol's own message stands alone
	body, err := l.Invoke(t.Context(), tl.AppendUint32(nil, mt.IDDestroyAuthKey))
	if err != nil || tl.NewReader(body).Uint32() != mt.IDDestroyAuthKeyOk {
		t.Fatalf("got %x, %v; want the key destroyed", body, err)
	}
	wantUnknownKey(t, l.move(s, 2, plain))
}
