package emulator

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
)

// export asks for a QR code's token.
func export(t testing.TB, c tg.Invoker, except ...int64) *tg.AuthLoginToken {
	t.Helper()
	answer := get(t, c, exporting(except...))
	token, ok := answer.(*tg.AuthLoginToken)
	if !ok {
		t.Fatalf("got %T, want auth.loginToken", answer)
	}
	return token
}

func exporting(except ...int64) *tg.AuthExportLoginToken {
	return &tg.AuthExportLoginToken{APIID: 1, APIHash: "x", ExceptIDs: except}
}

// letIn wants the user of an auth.loginTokenSuccess.
func letIn(t testing.TB, answer tg.AnyAuthLoginToken) *tg.User {
	t.Helper()
	success, ok := answer.(*tg.AuthLoginTokenSuccess)
	if !ok {
		t.Fatalf("got %T, want auth.loginTokenSuccess", answer)
	}
	return userOf(t, success.Authorization)
}

// https://core.telegram.org/api/qr-login
func TestADeviceIsLetInByAnother(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	phone, screen := d.visitor(2), d.visitor(2)
	screen.key.device.model = "screen"
	signedIn(t, phone, ann)

	token := export(t, screen)
	if left := int64(token.Expires) - d.now.Unix(); left != 30 || len(token.Token) == 0 {
		t.Errorf("got a token of %d bytes for %d s, want half a minute", len(token.Token), left)
	}
	// Asking again makes another one; the one that is being read still counts.
	if again := export(t, screen); bytes.Equal(again.Token, token.Token) {
		t.Error("got the same token twice")
	}
	d.w.pushes = nil
	shown := get(t, phone, &tg.AuthAcceptLoginToken{Token: token.Token})
	if shown.DeviceModel != "screen" || shown.Hash == 0 || shown.Current || shown.PasswordPending {
		t.Errorf("got %+v, want the other device", shown)
	}
	if len(d.w.pushes) != 1 || d.w.pushes[0].key != screen.key {
		t.Fatalf("got %+v, want one update, for who waits", d.w.pushes)
	}
	if u, ok := d.w.pushes[0].update.(*tg.UpdateShort).Update.(*tg.UpdateLoginToken); !ok {
		t.Errorf("got %+v", u)
	}
	wantUnauthorized(t, screen)

	me := letIn(t, get(t, screen, exporting()))
	if got := get(t, screen, self)[0].(*tg.User); got.ID != me.ID {
		t.Errorf("got %+v, want oneself", got)
	}
	letIn(t, get(t, screen, exporting())) // by a client that lost the answer
	list := get(t, phone, &tg.AccountGetAuthorizations{}).Authorizations
	if len(list) != 2 || list[1].Hash != shown.Hash {
		t.Errorf("got %+v, want the device under the hash that it was accepted with", list)
	}
	wantRefusal(t, phone, &tg.AuthAcceptLoginToken{Token: token.Token}, 400, "AUTH_TOKEN_ALREADY_ACCEPTED")
}

// https://core.telegram.org/api/qr-login
func TestAnAccountFromElsewhereTakesItsDeviceHome(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	phone, screen, home := d.visitor(2), d.visitor(3), d.visitor(2)
	signedIn(t, phone, ann)
	get(t, phone, &tg.AuthAcceptLoginToken{Token: export(t, screen).Token})
	for range 2 { // the answer may be lost
		to, ok := get(t, screen, exporting()).(*tg.AuthLoginTokenMigrateTo)
		if !ok || to.DCID != 2 {
			t.Fatalf("got %+v, want to go to 2", to)
		}
		if again, ok := get(t, d.visitor(1), &tg.AuthImportLoginToken{Token: to.Token}).(*tg.AuthLoginTokenMigrateTo); !ok || again.DCID != 2 {
			t.Errorf("got %+v in the wrong place, want to go to 2", again)
		}
	}
	to := get(t, screen, exporting()).(*tg.AuthLoginTokenMigrateTo)
	in := &tg.AuthImportLoginToken{Token: to.Token}
	letIn(t, get(t, home, in))
	letIn(t, get(t, home, in)) // the answer may be lost
	get(t, home, self)
	wantUnauthorized(t, screen)
	wantRefusal(t, d.visitor(2), in, 400, "AUTH_TOKEN_ALREADY_ACCEPTED")
	export(t, screen) // which is free for another one
}

// Reading the code of a device is not enough to sign in with it.
func TestATokenIsImportedInItsDataCentreByItsKeyAlone(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	phone, screen, thief := d.visitor(2), d.visitor(2), d.visitor(2)
	signedIn(t, phone, ann)
	in := &tg.AuthImportLoginToken{Token: export(t, screen).Token}
	get(t, phone, &tg.AuthAcceptLoginToken{Token: in.Token})
	wantRefusal(t, thief, in, 400, "AUTH_TOKEN_INVALID")
	wantUnauthorized(t, thief)
	letIn(t, get(t, screen, in))
	get(t, screen, self)
}

func TestAQRCodeDoesNotSpareThePassword(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "correct horse"})
	here, abroad, home := d.visitor(2), d.visitor(3), d.visitor(2)
	phone := d.visitor(2)
	halfIn(t, phone)
	userOf(t, get(t, phone, proof(t, get(t, phone, getPassw0rd), "correct horse")))

	shown := get(t, phone, &tg.AuthAcceptLoginToken{Token: export(t, here).Token})
	if !shown.PasswordPending {
		t.Error("the device is not shown as one that waits for the password")
	}
	wantRefusal(t, here, exporting(), 401, "SESSION_PASSWORD_NEEDED")
	wantRefusal(t, here, exporting(), 401, "SESSION_PASSWORD_NEEDED")
	userOf(t, get(t, here, proof(t, get(t, here, getPassw0rd), "correct horse")))

	get(t, phone, &tg.AuthAcceptLoginToken{Token: export(t, abroad).Token})
	to := get(t, abroad, exporting()).(*tg.AuthLoginTokenMigrateTo)
	wantRefusal(t, home, &tg.AuthImportLoginToken{Token: to.Token}, 401, "SESSION_PASSWORD_NEEDED")
	userOf(t, get(t, home, proof(t, get(t, home, getPassw0rd), "correct horse")))
}

func TestAQRCodeIsGoodForHalfAMinute(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	phone, screen := d.visitor(2), d.visitor(2)
	signedIn(t, phone, ann)
	token := export(t, screen)
	d.now = d.now.Add(loginTokenLife)
	wantRefusal(t, phone, &tg.AuthAcceptLoginToken{Token: token.Token}, 400, "AUTH_TOKEN_EXPIRED")
	get(t, phone, &tg.AuthAcceptLoginToken{Token: export(t, screen).Token})
	d.now = d.now.Add(loginTokenLife)
	export(t, screen) // who was too slow begins anew
}

func TestQRCodesDoNotPileUp(t *testing.T) {
	d := newDesk(t)
	v := d.visitor(2)
	for range 2 * maxLoginTokens {
		export(t, v, make([]int64, 2*maxExcept)...)
	}
	if n, m := len(d.w.loginTokens.things), len(d.w.loginTokens.order); n > maxLoginTokens || m > maxLoginTokens {
		t.Errorf("got %d and %d tokens, want at most %d", n, m, maxLoginTokens)
	}
	one := d.w.loginTokens.things[d.w.loginTokens.order[0]]
	if text := fmt.Sprintf("%v %+v %x", one, one, one); strings.Contains(text, "1, 2") || !strings.Contains(text, "redacted") {
		t.Errorf("got %s", text)
	}
}

// A client without a user gets the update on every session of its key, also on
// a temporary one.
// https://core.telegram.org/api/updates
func TestTheUpdateReachesWhoeverWaits(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	perm := connect(t, s, 2, plain)
	first, other := bound(t, s, perm), perm
	get(t, other, &tg.HelpGetConfig{})
	token := export(t, first)
	if err := s.AcceptLogin(ann, "tg://login?token="+base64.URLEncoding.EncodeToString(token.Token)); err != nil {
		t.Fatal(err)
	}
	for _, l := range []*line{first, other} {
		if u, ok := l.update().(*tg.UpdateShort).Update.(*tg.UpdateLoginToken); !ok {
			t.Errorf("got %+v, want updateLoginToken", u)
		}
	}
	letIn(t, get(t, first, exporting()))
	get(t, other, self)
}

func TestATestMayPlayTheOtherDevice(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	l := connect(t, s, 2, plain)
	me := export(t, l)
	text := base64.RawURLEncoding.EncodeToString(me.Token)
	for wrong, why := range map[string]string{
		"":                         "token: got a t",
		"%":                        "token: got a t",
		"https://t.me/?token=abcd": "token: got a t",
		"tg://login?token=":        "token: got a t",
		"AAAA":                     "AUTH_TOKEN_INVALIDX",
		base64.RawURLEncoding.EncodeToString(make([]byte, loginTokenSize)): "AUTH_TOKEN_INVALID",
	} {
		if err := s.AcceptLogin(ann, wrong); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: got %v, want %s", wrong, err, why)
		}
	}
	if err := s.AcceptLogin("+15550001111", text); err == nil || strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want that there is no such account", err)
	}
	if err := s.AcceptLogin(ann, text); err != nil {
		t.Fatal(err)
	}
	if err := s.AcceptLogin(ann, text); err == nil || !strings.Contains(err.Error(), "AUTH_TOKEN_ALREADY_ACCEPTED") {
		t.Errorf("got %v", err)
	}
	letIn(t, get(t, l, exporting()))
}

// Libraries write the token of their URL in either alphabet of base64, and some
// escape nothing.
func TestATokenIsReadInEitherAlphabet(t *testing.T) {
	want := []byte("\xfb\xef\xff and so on")
	for _, text := range []string{
		"tg://login?token=" + base64.RawURLEncoding.EncodeToString(want),
		"tg://login?token=" + base64.URLEncoding.EncodeToString(want),
		"tg://login?token=" + base64.StdEncoding.EncodeToString(want),
		"tg://login?token=" + url.QueryEscape(base64.StdEncoding.EncodeToString(want)),
		base64.StdEncoding.EncodeToString(want),
	} {
		if got, err := input.LoginToken(text); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %q, %v", text, got, err)
		}
	}
}

func TestQRCodesInEveryLayer(t *testing.T) {
	for layer := layers.Oldest; layer <= layers.Newest; layer++ {
		d := newDesk(t, User{Phone: ann})
		phone, screen, home := d.visitor(2), d.visitorOf(3, layer), d.visitorOf(2, layer)
		signedIn(t, phone, ann)
		phone.key.layer = layer
		view := d.w.views.of(layer)
		call := func(v *visitor, m any) []byte {
			request, err := view.Append(nil, m)
			if err != nil {
				t.Fatal(err)
			}
			answer := raw(t, v, request, "")
			readBack(t, view, layer, view.DefinitionOf(m).Result.String(), answer)
			return answer
		}
		token := []byte(nil)
		call(screen, exporting())
		for _, one := range d.w.loginTokens.things {
			token = []byte(one.bytes)
		}
		call(phone, &tg.AuthAcceptLoginToken{Token: token})
		b, err := d.w.views.write(layer, d.w.pushes[len(d.w.pushes)-1].update)
		if err != nil {
			t.Fatal(err)
		}
		readBack(t, view, layer, "Updates", b)
		call(screen, exporting())
		call(home, &tg.AuthImportLoginToken{Token: token})
	}
}

// lateBy is how much a test waits when it waits too long.
const lateBy = time.Hour
