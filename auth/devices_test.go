package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// logins are this login, an hour old, and a new one on a telephone.
func logins() *tg.AccountAuthorizations {
	return &tg.AccountAuthorizations{AuthorizationTTLDays: 180, Authorizations: []*tg.Authorization{
		{Current: true, DeviceModel: "server", AppName: "telekey", APIID: 12345, DateCreated: 1_767_322_000, DateActive: 1_767_325_600},
		{Hash: -77, Unconfirmed: true, OfficialApp: true, DeviceModel: "Pixel", Platform: "Android", SystemVersion: "16",
			AppName: "Telegram", AppVersion: "12", APIID: 4, DateCreated: 1_767_325_000, IP: "192.0.2.7", Country: "Italy", Region: "Rome"},
	}}
}

func TestDevicesAreListed(t *testing.T) {
	c := newDesk(map[string][]any{"account.getAuthorizations": {logins()}})
	devices, err := auth.Devices(t.Context(), c)
	want := []auth.Device{
		{Current: true, Model: "server", App: "telekey", AppID: 12345, Created: time.Unix(1_767_322_000, 0).UTC(), Active: time.Unix(1_767_325_600, 0).UTC()},
		{ID: -77, Unconfirmed: true, Official: true, Model: "Pixel", Platform: "Android", System: "16",
			App: "Telegram", AppVersion: "12", AppID: 4, Created: time.Unix(1_767_325_000, 0).UTC(), IP: "192.0.2.7", Country: "Italy", Region: "Rome"},
	}
	if err != nil || !reflect.DeepEqual(devices, want) {
		t.Errorf("got %+v, %v\nwant %+v", devices, err, want)
	}
	if days, err := auth.DeviceTTL(t.Context(), c); days != 180 || err != nil {
		t.Errorf("got %d days, %v, want 180", days, err)
	}
}

// Each call of the account's care, and what it makes of its method.
func TestCareIsOneCallEach(t *testing.T) {
	for method, call := range map[string]func(context.Context, tg.Invoker) error{
		"account.resetAuthorization": func(ctx context.Context, c tg.Invoker) error { return auth.EndDevice(ctx, c, -77) },
		"auth.resetAuthorizations":   func(ctx context.Context, c tg.Invoker) error { return auth.EndOtherDevices(ctx, c) },
		"account.changeAuthorizationSettings": func(ctx context.Context, c tg.Invoker) error {
			return auth.ConfirmDevice(ctx, c, -77)
		},
		"account.setAuthorizationTTL":    func(ctx context.Context, c tg.Invoker) error { return auth.SetDeviceTTL(ctx, c, 7) },
		"account.resetWebAuthorization":  func(ctx context.Context, c tg.Invoker) error { return auth.EndWebLogin(ctx, c, 5) },
		"account.resetWebAuthorizations": func(ctx context.Context, c tg.Invoker) error { return auth.EndWebLogins(ctx, c) },
		"account.setAccountTTL":          func(ctx context.Context, c tg.Invoker) error { return auth.SetAccountTTL(ctx, c, 365) },
		"account.declinePasswordReset":   func(ctx context.Context, c tg.Invoker) error { return auth.DeclinePasswordReset(ctx, c) },
		"account.invalidateSignInCodes": func(ctx context.Context, c tg.Invoker) error {
			return auth.InvalidateCodes(ctx, c, auth.Code("12-3 45"), auth.Code("none"), auth.Code("67890"))
		},
	} {
		var sent any
		c := newDesk(map[string][]any{method: {func(m any) any { sent = m; return true }}})
		if err := call(t.Context(), c); err != nil {
			t.Errorf("%s: %v", method, err)
		}
		c.called(t, method)
		if want := careCalls[method]; !reflect.DeepEqual(sent, want) {
			t.Errorf("got %+v, want %+v", sent, want)
		}

		c = newDesk(map[string][]any{method: {refusal(400, "HASH_INVALID"), false}})
		err := call(t.Context(), c)
		if !errors.Is(err, tg.ErrHashInvalid) || !strings.Contains(err.Error(), "list them again") {
			t.Errorf("%s: got %v, want the refusal, and what to do", method, err)
		}
		if err := call(t.Context(), c); err == nil || tg.AsError(err) != nil {
			t.Errorf("%s: got %v for the answer no, want an error of ours", method, err)
		}
	}
}

var careCalls = map[string]any{
	"account.resetAuthorization":          &tg.AccountResetAuthorization{Hash: -77},
	"auth.resetAuthorizations":            &tg.AuthResetAuthorizations{},
	"account.changeAuthorizationSettings": &tg.AccountChangeAuthorizationSettings{Confirmed: true, Hash: -77},
	"account.setAuthorizationTTL":         &tg.AccountSetAuthorizationTTL{AuthorizationTTLDays: 7},
	"account.resetWebAuthorization":       &tg.AccountResetWebAuthorization{Hash: 5},
	"account.resetWebAuthorizations":      &tg.AccountResetWebAuthorizations{},
	"account.setAccountTTL":               &tg.AccountSetAccountTTL{TTL: &tg.AccountDaysTTL{Days: 365}},
	"account.declinePasswordReset":        &tg.AccountDeclinePasswordReset{},
	"account.invalidateSignInCodes":       &tg.AccountInvalidateSignInCodes{Codes: []string{"12345", "67890"}},
}

func TestMistakesOfCareAreNotSent(t *testing.T) {
	c, ctx := newDesk(nil), t.Context()
	for name, err := range map[string]error{
		"ending this device":     auth.EndDevice(ctx, c, 0),
		"confirming this device": auth.ConfirmDevice(ctx, c, 0),
		"no days":                auth.SetDeviceTTL(ctx, c, 0),
		"too many days":          auth.SetAccountTTL(ctx, c, math.MaxInt32),
		"no codes":               auth.InvalidateCodes(ctx, c),
		"codes without digits":   auth.InvalidateCodes(ctx, c, auth.Code(""), auth.Code("word")),
		"a flood of codes":       auth.InvalidateCodes(ctx, c, make([]auth.CodeAnswer, 101)...),
	} {
		if err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("%s: got %v, want what was given and what is wanted", name, err)
		}
	}
	c.called(t)
}

// https://core.telegram.org/api/auth#session-management
func TestTwentyFourHourRulesSayWhen(t *testing.T) {
	since := time.Unix(1_767_322_000, 0).UTC()
	for message, until := range map[string]func(time.Time) time.Time{
		"PASSWORD_TOO_FRESH_3600":             func(now time.Time) time.Time { return now.Add(time.Hour) },
		"SESSION_TOO_FRESH_60":                func(now time.Time) time.Time { return now.Add(time.Minute) },
		"FRESH_RESET_AUTHORISATION_FORBIDDEN": func(time.Time) time.Time { return since.Add(24 * time.Hour) },
		"FRESH_CHANGE_PHONE_FORBIDDEN":        func(time.Time) time.Time { return since.Add(24 * time.Hour) },
		"PASSWORD_TOO_FRESH":                  func(time.Time) time.Time { return time.Time{} },
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newDesk(map[string][]any{
				"auth.resetAuthorizations":  {refusal(406, message)},
				"account.getAuthorizations": {logins()},
			})
			err := auth.EndOtherDevices(t.Context(), c)
			var fresh *auth.TooFreshError
			if !errors.As(err, &fresh) || !fresh.Until.Equal(until(time.Now())) {
				t.Errorf("%s: got %v, want that it says until %v", message, err, until(time.Now()))
			}
			if !errors.Is(err, tg.NewError(406, message)) {
				t.Errorf("%s: got %v, want Telegram's error in it", message, err)
			}
		})
	}
	c := newDesk(map[string][]any{"auth.resetAuthorizations": {refusal(406, "FRESH_RESET_AUTHORISATION_FORBIDDEN")}})
	var fresh *auth.TooFreshError
	if err := auth.EndOtherDevices(t.Context(), c); !errors.As(err, &fresh) || !fresh.Until.IsZero() || !strings.Contains(err.Error(), "tomorrow") {
		t.Errorf("got %v, want the rule though Telegram does not say since when", err)
	}
}

func TestWebLoginsAreListed(t *testing.T) {
	c := newDesk(map[string][]any{"account.getWebAuthorizations": {&tg.AccountWebAuthorizations{Authorizations: []*tg.WebAuthorization{
		{Hash: 5, BotID: 9, Domain: "example.org", Browser: "Firefox", Platform: "Linux", DateCreated: 1_767_322_000, IP: "192.0.2.7", Region: "Rome"},
	}}}})
	got, err := auth.WebLogins(t.Context(), c)
	want := []auth.WebLogin{{ID: 5, Bot: 9, Domain: "example.org", Browser: "Firefox", Platform: "Linux",
		Created: time.Unix(1_767_322_000, 0).UTC(), IP: "192.0.2.7", Region: "Rome"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestAccountTTLIsRead(t *testing.T) {
	c := newDesk(map[string][]any{"account.getAccountTTL": {&tg.AccountDaysTTL{Days: 365}}})
	if days, err := auth.AccountTTL(t.Context(), c); days != 365 || err != nil {
		t.Errorf("got %d, %v, want 365", days, err)
	}
}

func TestQuestionsToTheAccountAreExplained(t *testing.T) {
	c, ctx := newDesk(map[string][]any{}), t.Context()
	for name, call := range map[string]func() error{
		"account.getAuthorizations":    func() error { _, err := auth.Devices(ctx, c); return err },
		"account.getWebAuthorizations": func() error { _, err := auth.WebLogins(ctx, c); return err },
		"account.getAccountTTL":        func() error { _, err := auth.AccountTTL(ctx, c); return err },
		"account.getPassword":          func() error { _, err := auth.PasswordInfo(ctx, c); return err },
		"account.resetPassword":        func() error { _, err := auth.ResetPassword(ctx, c); return err },
	} {
		c.says[name] = []any{refusal(420, "FROZEN_METHOD_INVALID")}
		if err := call(); !errors.Is(err, tg.ErrFrozenMethodInvalid) || !strings.Contains(err.Error(), "the account is frozen") {
			t.Errorf("%s: got %v, want the refusal and what it means", name, err)
		}
	}
}

// The devices of an account: who is that, and out.
func ExampleDevices() {
	ctx, client := context.Background(), newDesk(map[string][]any{
		"account.getAuthorizations": {logins()}, "account.resetAuthorization": {true},
	})

	devices, err := auth.Devices(ctx, client)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range devices {
		if d.Unconfirmed {
			fmt.Println("a new login on", d.Model, "in", d.Country)
			err = auth.EndDevice(ctx, client, d.ID)
		}
	}
	var fresh *auth.TooFreshError
	if errors.As(err, &fresh) {
		fmt.Println("too early: try again after", fresh.Until)
	}
	// Output: a new login on Pixel in Italy
}
