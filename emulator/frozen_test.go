package emulator

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/tg"
)

// config returns the application's configuration as v is given it.
func config(t *testing.T, c tg.Invoker) map[string]any {
	t.Helper()
	answer := get(t, c, &tg.HelpGetAppConfig{}).(*tg.HelpAppConfig)
	fields := map[string]any{}
	for _, f := range answer.Config.(*tg.JSONObject).Value {
		switch v := f.Value.(type) {
		case *tg.JSONNumber:
			fields[f.Key] = v.Value
		case *tg.JSONString:
			fields[f.Key] = v.Value
		}
	}
	if _, ok := get(t, c, &tg.HelpGetAppConfig{Hash: answer.Hash}).(*tg.HelpAppConfigNotModified); !ok {
		t.Error("the configuration is sent again although it is known")
	}
	return fields
}

// https://core.telegram.org/api/auth#frozen-accounts
func TestAFrozenAccountMayOnlyRead(t *testing.T) {
	since := time.Unix(1_700_000_000, 0)
	f := &Frozen{Since: since, Until: time.Unix(2_100_000_000, 0), AppealURL: "https://t.me/SpamBot?start=1"}
	s := running(t, Config{Users: []User{{Phone: ann, Frozen: f}}})
	l := connect(t, s, 2, plain)
	signedIn(t, l, ann)
	for _, m := range []any{&tg.AccountSetAccountTTL{TTL: &tg.AccountDaysTTL{Days: 30}}, &tg.AuthResetAuthorizations{}, changingTo(stranger)} {
		_, err := l.Invoke(t.Context(), bytesOf(m))
		if e := tg.AsError(err); e == nil || e.Code != 420 || e.Message != "FROZEN_METHOD_INVALID" {
			t.Errorf("%T: got %v", m, err)
		}
	}
	get(t, l, self)
	get(t, l, &tg.AccountGetAuthorizations{})
	get(t, l, &tg.UpdatesGetDifference{})
	wantRefusal(t, l, &tg.UsersGetFullUser{ID: &tg.InputUser{UserID: 5}}, 400, "FROZEN_PARTICIPANT_MISSING")
	wantRefusal(t, l, &tg.MessagesGetHistory{Peer: &tg.InputPeerUser{UserID: 5}}, 400, "FROZEN_PARTICIPANT_MISSING")
	c := config(t, l)
	if c["freeze_since_date"] != 1.7e9 || c["freeze_until_date"] != 2.1e9 || c["freeze_appeal_url"] != f.AppealURL {
		t.Errorf("got %v, want since when, until when, and where to protest", c)
	}
	if c := config(t, connect(t, s, 2, plain)); c["freeze_since_date"] != nil {
		t.Error("a stranger is told that he is frozen")
	}

	// It thaws, and its devices are told that the configuration is another.
	if err := s.SetFrozen(ann, nil); err != nil {
		t.Fatal(err)
	}
	if _, ok := l.update().(*tg.Updates).Updates[0].(*tg.UpdateConfig); !ok {
		t.Error("the device is not told")
	}
	get(t, l, &tg.AccountSetAccountTTL{TTL: &tg.AccountDaysTTL{Days: 30}})
	if c := config(t, l); c["freeze_since_date"] != nil {
		t.Errorf("got %v, want no word of it", c)
	}
}

func TestAFrozenAccountIsDeletedInTheEnd(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	l := connect(t, s, 2, plain)
	signedIn(t, l, ann)
	if err := s.SetFrozen(ann, &Frozen{}); err != nil {
		t.Fatal(err)
	}
	u, _ := s.User(ann)
	if u.Frozen == nil || u.Frozen.Until.Sub(u.Frozen.Since) != frozenTime || u.Frozen.AppealURL == "" {
		t.Fatalf("got %+v, want a year", u.Frozen)
	}
	for range 3 { // or the session would expire before
		s.FastForward(frozenTime/3 + time.Second)
		_, _ = tg.Call(t.Context(), l, self)
	}
	wantRefusal(t, l, self, 401, "USER_DEACTIVATED")
	if len(s.Users()) != 0 {
		t.Error("the account is still there")
	}
}

func TestAMistakeInAFreezeIsNamed(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for want, f := range map[string]Frozen{
		"until":        {Since: now, Until: now},
		"1970 to 2038": {Since: now, Until: now.Add(20 * frozenTime)},
		"appeal_url":   {AppealURL: "javascript:alert(1)"},
	} {
		if err := (User{Phone: ann, Frozen: &f}).try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	var u User
	if err := json.Unmarshal([]byte(`{"phone":"`+ann+`","frozen":{"til":1}}`), &u); err == nil || !strings.Contains(err.Error(), `"til"`) {
		t.Errorf("got %v", err)
	}
	if err := json.Unmarshal([]byte(`{"phone":"`+ann+`","frozen":{"until":"2026-03-14T15:09:26Z"}}`), &u); err != nil || u.Frozen == nil || u.Frozen.Until.Year() != 2026 {
		t.Errorf("got %+v, %v", u.Frozen, err)
	}
}

// try says what is wrong with u.
func (u User) try() error {
	_, err := u.check([]int{1, 2, 3})
	return err
}

// A client that asks whether there is another configuration is told so, whatever
// has changed in it.
func TestEachFreezeIsAnotherConfiguration(t *testing.T) {
	f := Frozen{Since: time.Unix(1_700_000_000, 0), Until: time.Unix(2_100_000_000, 0), AppealURL: appealURL}
	other, later := f, f
	other.AppealURL = "https://t.me/Other"
	later.Until = later.Until.Add(time.Second)
	if f.hash() == other.hash() || f.hash() == later.hash() {
		t.Error("another freeze looks the same")
	}
}

// What strangers may call as well is not open to whose account is frozen, nor to
// bots, if it changes how one gets in.
func TestAMailboxIsForAnAccountThatMayChange(t *testing.T) {
	s := newStory(t)
	proof := &tg.AccountSendVerifyEmailCode{Purpose: &tg.EmailVerifyPurposePassport{}, Email: mailbox}
	addBot(t, s.desk, Bot{Token: echo})
	get(t, s.screen, byToken(echo))
	wantRefusal(t, s.screen, proof, 400, "BOT_METHOD_INVALID")
	get(t, s.phone, proof)
	s.phone.account().frozen = &Frozen{Until: s.now.Add(day)}
	wantRefusal(t, s.phone, proof, 420, "FROZEN_METHOD_INVALID")
}

func TestWhatUsersSayOfAFreezeIsACopy(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann, Frozen: &Frozen{}}}})
	u, _ := s.User(ann)
	u.Frozen.AppealURL = "https://example.com"
	if again, _ := s.User(ann); again.Frozen.AppealURL != appealURL {
		t.Errorf("got %q, want what it was", again.Frozen.AppealURL)
	}
}
