package emulator

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
)

// told returns the updates that wait for v, and forgets all.
func told(v *visitor) (list []tg.AnyUpdate) {
	for _, p := range v.w.pushes {
		if p.key != v.key {
			continue
		}
		switch u := p.update.(type) {
		case *tg.Updates:
			list = append(list, u.Updates...)
		case *tg.UpdateShort:
			list = append(list, u.Update)
		default:
			list = append(list, nil) // updatesTooLong
		}
	}
	v.w.pushes = nil
	return list
}

// devices returns the account's list.
func devices(t *testing.T, v *visitor) []*tg.Authorization {
	t.Helper()
	return get(t, v, &tg.AccountGetAuthorizations{}).Authorizations
}

// https://core.telegram.org/api/auth#confirming-login
func TestANewDeviceIsAnnouncedAndConfirmed(t *testing.T) {
	s := newStory(t)
	s.screen.key.device.model = "screen"
	second(t, s)
	hash := s.screen.key.login.hash
	news := told(s.phone)
	if len(news) != 3 { // the code first
		t.Fatalf("got %+v, want the code, the device and a notice", news)
	}
	u, ok := news[1].(*tg.UpdateNewAuthorization)
	if !ok || !u.Unconfirmed || u.Hash != hash || *u.Device != "screen" || *u.Date != unix(s.now) || *u.Location == "" {
		t.Errorf("got %+v, want the new device", news[1])
	}
	if m := news[2].(*tg.UpdateServiceNotification); m.Popup || *m.InboxDate != unix(s.now) || !strings.HasPrefix(m.Type, "auth") || !strings.Contains(m.Message, "screen") {
		t.Errorf("got %+v, want the notice", m)
	}
	if list := devices(t, s.phone); !list[1].Unconfirmed || list[0].Unconfirmed {
		t.Errorf("got %+v, want the second not confirmed", list)
	}

	// It may not confirm itself; another may, once.
	for _, own := range []int64{0, hash} {
		wantRefusal(t, s.screen, &tg.AccountChangeAuthorizationSettings{Confirmed: true, Hash: own}, 400, "HASH_INVALID")
	}
	third := s.visitor(2)
	signedIn(t, third, ann)
	wantRefusal(t, third, &tg.AccountChangeAuthorizationSettings{Confirmed: true, Hash: hash}, 400, "HASH_INVALID")
	told(s.screen)
	get(t, s.phone, &tg.AccountChangeAuthorizationSettings{Confirmed: true, Hash: hash})
	if len(s.w.pushes) != 1 || s.w.pushes[0].key != third.key {
		t.Errorf("got %+v, want the third one told", s.w.pushes)
	}
	if news := told(third); news[0].(*tg.UpdateNewAuthorization).Unconfirmed {
		t.Errorf("got %+v, want a device that is confirmed", news[0])
	}
	if list := devices(t, s.phone); list[1].Unconfirmed || !list[2].Unconfirmed {
		t.Errorf("got %+v, want the second confirmed", list)
	}
	// A week is as good.
	s.now = s.now.Add(7 * day)
	if list := devices(t, s.phone); list[2].Unconfirmed {
		t.Error("a device of a week is still not confirmed")
	}
}

func TestADeviceThatWasLetInNeedsNoConfirming(t *testing.T) {
	s := newStory(t)
	get(t, s.phone, &tg.AuthAcceptLoginToken{Token: export(t, s.screen).Token})
	letIn(t, get(t, s.screen, exporting()))
	if list := devices(t, s.phone); len(list) != 2 || list[1].Unconfirmed {
		t.Errorf("got %+v, want it confirmed", list)
	}
	for _, u := range told(s.phone) {
		if n, ok := u.(*tg.UpdateNewAuthorization); ok && n.Unconfirmed {
			t.Errorf("got %+v, want it confirmed", n)
		}
	}
}

func TestAFreshDeviceIsToldWhenItMay(t *testing.T) {
	s := newStory(t)
	second(t, s)
	told(s.screen)
	wantRefusal(t, s.screen, &tg.AuthResetAuthorizations{}, 406, "FRESH_RESET_AUTHORISATION_FORBIDDEN")
	news := told(s.screen)
	when := s.now.Add(day).UTC().Format("2 January 2006, 15:04")
	if n, ok := news[0].(*tg.UpdateServiceNotification); !ok || !n.Popup || n.InboxDate != nil || !strings.Contains(n.Message, when) {
		t.Errorf("got %+v, want the time %s", news, when)
	}
	s.now = s.now.Add(day)
	get(t, s.screen, &tg.AuthResetAuthorizations{})
	wantRefusal(t, s.phone, self, 401, "SESSION_REVOKED")
	wantUnauthorized(t, s.phone)
}

// The first device of an account may do everything at once: there is nobody
// whom it could lock out.
func TestTheOnlyDeviceIsNotFresh(t *testing.T) {
	s := newStory(t)
	second(t, s)
	halfway := s.visitor(2)
	protect(s)
	halfIn(t, halfway)
	list := devices(t, s.phone)
	if len(list) != 3 || !list[2].PasswordPending || list[2].Hash == 0 {
		t.Fatalf("got %+v, want the sign-in that waits for its password, too", list)
	}
	told(s.screen)
	get(t, s.phone, &tg.AccountResetAuthorization{Hash: list[1].Hash})
	if len(s.w.pushes) != 1 {
		t.Errorf("got %+v, want the device told that there is news", s.w.pushes)
	}
	wantRefusal(t, s.screen, self, 401, "SESSION_REVOKED")
	wantUnauthorized(t, s.screen)
	get(t, s.phone, &tg.AccountResetAuthorization{Hash: list[2].Hash})
	wantRefusal(t, halfway, getPassw0rd, 401, "SESSION_REVOKED")
	wantRefusal(t, halfway, getPassw0rd, 401, "AUTH_KEY_UNREGISTERED")
	if list := devices(t, s.phone); len(list) != 1 {
		t.Errorf("got %+v, want one device", list)
	}
}

func TestADeviceKeepsItsHashWhenThePasswordComes(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "correct horse"})
	first, v := d.visitor(2), d.visitor(2)
	for _, one := range []*visitor{first, v} {
		halfIn(t, one)
		waiting := one.account().halfway[0].hash
		userOf(t, get(t, one, proof(t, get(t, one, getPassw0rd), "correct horse")))
		if one.key.login.hash != waiting || len(one.account().halfway) != 0 {
			t.Errorf("got the hash %d, want %d", one.key.login.hash, waiting)
		}
	}
}

func TestADeviceSaysWhatItTakes(t *testing.T) {
	s := newStory(t)
	second(t, s)
	hash := s.screen.key.login.hash
	get(t, s.phone, &tg.AccountChangeAuthorizationSettings{Hash: hash, EncryptedRequestsDisabled: new(true)})
	get(t, s.phone, &tg.AccountChangeAuthorizationSettings{CallRequestsDisabled: new(true)})
	list := devices(t, s.phone)
	if list[0].EncryptedRequestsDisabled || !list[0].CallRequestsDisabled || !list[1].EncryptedRequestsDisabled || list[1].CallRequestsDisabled {
		t.Errorf("got %+v and %+v", list[0], list[1])
	}
	s.phone.key.login.device.apiID = 2040
	if list := devices(t, s.phone); !list[0].OfficialApp || list[1].OfficialApp {
		t.Errorf("got %+v, want the first an official application", list)
	}
}

func TestASessionThatNobodyUsesExpires(t *testing.T) {
	s := newStory(t)
	second(t, s)
	get(t, s.phone, &tg.AccountSetAuthorizationTTL{AuthorizationTTLDays: 7})
	if a := get(t, s.phone, &tg.AccountGetAuthorizations{}); a.AuthorizationTTLDays != 7 {
		t.Errorf("got %d days, want 7", a.AuthorizationTTLDays)
	}
	s.now = s.now.Add(4 * day)
	get(t, s.screen, self)
	s.now = s.now.Add(4 * day)
	if list := devices(t, s.screen); len(list) != 1 {
		t.Errorf("got %+v, want one device", list)
	}
	wantRefusal(t, s.phone, self, 401, "SESSION_EXPIRED")
	wantUnauthorized(t, s.phone)
}

func TestAnAccountThatNobodyUsesIsDeleted(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}, {Phone: "+9996620002"}}})
	l := connect(t, s, 2, plain)
	signedIn(t, l, ann)
	get(t, l, &tg.AccountSetAccountTTL{TTL: &tg.AccountDaysTTL{Days: 30}})
	if ttl := get(t, l, &tg.AccountGetAccountTTL{}); ttl.Days != 30 {
		t.Errorf("got %d days, want 30", ttl.Days)
	}
	s.FastForward(31 * day)
	wantRefusal(t, l, self, 401, "USER_DEACTIVATED")
	if users := s.Users(); len(users) != 1 || users[0].Phone == ann {
		t.Errorf("got %v, want the one who never signed in", users)
	}
}

func TestWebsitesAreListedAndLeft(t *testing.T) {
	s := running(t, Config{
		Users: []User{{Phone: ann}}, Bots: []Bot{{Token: echo}},
		WebLogins: []WebLogin{{Phone: ann, Domain: "example.org", Browser: "Lynx", Platform: "VMS", BotID: 123456}},
	})
	for range 2 {
		if err := s.AddWebLogin(WebLogin{Phone: ann, Domain: "example.com"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, wrong := range []WebLogin{{Phone: ann}, {Phone: "x", Domain: "d"}, {Phone: "+15550001111", Domain: "d"}, {Phone: ann, Domain: "d", BotID: 5}} {
		if err := s.AddWebLogin(wrong); err == nil {
			t.Errorf("%+v: got no error", wrong)
		}
	}
	l := connect(t, s, 2, plain)
	signedIn(t, l, ann)
	web := get(t, l, &tg.AccountGetWebAuthorizations{})
	if len(web.Authorizations) != 3 || len(web.Users) != 3 || web.Authorizations[0].Domain != "example.org" || web.Users[0].(*tg.User).ID != 123456 {
		t.Fatalf("got %+v, want three websites and their bots", web)
	}
	get(t, l, &tg.AccountResetWebAuthorization{Hash: web.Authorizations[0].Hash})
	wantRefusal(t, l, &tg.AccountResetWebAuthorization{Hash: web.Authorizations[0].Hash}, 400, "HASH_INVALID")
	if left := get(t, l, &tg.AccountGetWebAuthorizations{}); len(left.Authorizations) != 2 {
		t.Errorf("got %+v, want two", left)
	}
	get(t, l, &tg.AccountResetWebAuthorizations{})
	if left := get(t, l, &tg.AccountGetWebAuthorizations{}); len(left.Authorizations) != 0 {
		t.Errorf("got %+v, want none", left)
	}
}

func TestNewsAreReadableInEveryLayer(t *testing.T) {
	for layer := layers.Oldest; layer <= layers.Newest; layer++ {
		s := newStory(t)
		s.phone.key.layer = layer
		second(t, s)
		get(t, s.phone, &tg.AccountGetAccountTTL{})
		view := s.w.views.of(layer)
		seen := false
		for _, p := range s.w.pushes {
			if p.key != s.phone.key || !readable(layer, p.update) {
				continue
			}
			b, err := s.w.views.write(layer, p.update)
			if err != nil {
				t.Fatal(err)
			}
			readBack(t, view, layer, "Updates", b)
			if u, ok := p.update.(*tg.Updates); ok {
				_, is := u.Updates[0].(*tg.UpdateNewAuthorization)
				seen = seen || is
			}
		}
		if seen != (layer >= 163) {
			t.Errorf("layer %d: a new device is told: %t", layer, seen)
		}
		diff := &tg.UpdatesGetDifference{}
		request, err := view.Append(nil, diff)
		if err != nil {
			t.Fatal(err)
		}
		readBack(t, view, layer, "updates.Difference", raw(t, s.phone, request, ""))
	}
}
