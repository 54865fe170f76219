package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/passkey"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

func TestUsageMistakesAreNamedAndNotRepeated(t *testing.T) {
	s := newStage(t)
	for _, c := range []struct{ args, words string }{
		{"nonsense", "telekey --help"},
		{"login --nonsense", "--nonsense"},
		{"login --pasword=" + wrongSecret, "unknown flag: --pasword"},
		{"login " + wrongSecret, "got 1 arguments, want none: see telekey login --help"},
		{"login --wait soon", "--wait"},
		{"login --local --test", "local test"},
		{"login --network missing.json", "missing.json"},
		{"login --password x --password-file y", "password password-file"},
		{"login --password-file - --code-file -", "want standard input to be for one of them"},
		{"login --qr --phone 1", "phone qr"},
		{"login --bot-token-file x --passkey y", "bot-token-file passkey"},
		{"login --bot-token-file missing", "--bot-token-file"},
		{"login --web-token-file missing", "--web-token-file"},
		{"login --passkey missing", "telekey passkey add"},
		{"password recover --remove --new-password x", "new-password remove"},
		{"password nonsense", "want none"},
		{"devices accept", "got 0 arguments"},
		{"account ttl soon", "days"},
		{"passkey remove x --passkey missing", "--passkey"},
		{"session " + wrongSecret, "want none"},
		{"session lock", "see telekey session lock --help"},
		{"emulator --port 65535", "port"},
		{"emulator --seed missing.json", "missing.json"},
		{"call", "got 0 arguments, want 1 to 2"},
	} {
		args := strings.Fields(c.args)
		s.run(args...).fails(2, c.words)
		if e := s.run(append(args, "--json")...).failsAsJSON(2); *e.Code != 0 || e.Type != "USAGE" && e.Type != "CONFIG" {
			t.Errorf("%s: got %+v, want USAGE or CONFIG", c.args, e)
		}
	}
}

func TestWhatNobodySignedInCannotDo(t *testing.T) {
	s := newStage(t)
	s.run("whoami", "--session", s.path("new")).fails(6, "not signed in: run telekey login")
	e := s.run("call", "users.getFullUser", `{"id":{"_":"inputUserSelf"}}`, "--json", "--network", s.network, "--session", s.path("new")).failsAsJSON(6)
	if *e.Code != 401 || e.Type != "AUTH_KEY_UNREGISTERED" {
		t.Errorf("got %+v, want Telegram's own 401 AUTH_KEY_UNREGISTERED", e)
	}
	s.run("whoami", "--session", s.path("new")).fails(6, "AUTH_KEY_UNREGISTERED")
}

func TestANetworkThatIsNotThere(t *testing.T) {
	s := newStage(t)
	e := s.run("login", "--json", "--network", s.nowhere(), "--session", s.path("s")).failsAsJSON(4)
	if *e.Code != 0 || e.Type != "NETWORK" || !strings.Contains(e.Message, "127.0.0.1:1: ") || !strings.Contains(e.Message, "still running?") {
		t.Errorf("got %+v, want NETWORK and the address", e)
	}
}

func TestAnInterruptIsNoFaultOfTheNetwork(t *testing.T) {
	s := newStage(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs strings.Builder
	code := Main(ctx, []string{"whoami", "--session", s.path("s")}, s.env, s.in, &out, &errs)
	if code != 1 || errs.String() != "telekey: interrupted\n" {
		t.Errorf("got %d, %q, want 1 and interrupted", code, errs.String())
	}
}

func TestEveryErrorHasItsExitCodeAndType(t *testing.T) {
	for _, c := range []struct {
		err  error
		exit int
		want fault
	}{
		{tg.NewError(420, "FLOOD_WAIT_42"), 3, fault{Code: 420, Type: "FLOOD_WAIT", Arg: 42, Message: "try again in 42s"}},
		{tg.NewError(303, "PHONE_MIGRATE_4"), 3, fault{Code: 303, Type: "PHONE_MIGRATE", Arg: 4}},
		{fmt.Errorf("auth.signIn: %w", tg.NewError(401, "SESSION_PASSWORD_NEEDED")), 6, fault{Code: 401, Type: "SESSION_PASSWORD_NEEDED", Message: "two-step"}},
		{tg.NewError(401, "SESSION_REVOKED"), 6, fault{Code: 401, Type: "SESSION_REVOKED", Message: "another device"}},
		{tg.NewError(401, "SOMETHING_NEW"), 6, fault{Code: 401, Type: "SOMETHING_NEW"}},
		{tg.NewError(406, "AUTH_KEY_DUPLICATED"), 6, fault{Code: 406, Type: "AUTH_KEY_DUPLICATED", Message: "two places"}},
		{fmt.Errorf("%w: advice", tg.NewError(400, "PHONE_CODE_INVALID")), 3, fault{Code: 400, Type: "PHONE_CODE_INVALID", Message: "PHONE_CODE_INVALID: advice"}},
		{&telekey.NetworkError{DC: 2, Addr: "here", Err: errors.New("no")}, 4, fault{Type: "NETWORK"}},
		{&session.HeldError{Session: "s", PID: 17}, 5, fault{Type: "SESSION_HELD", Arg: 17, Message: "17"}},
		{telekey.ErrSessionLost, 5, fault{Type: "SESSION_LOST"}},
		{telekey.ErrKeyUnknown, 6, fault{Type: "KEY_UNKNOWN"}},
		{telekey.ErrOutcomeUnknown, 1, fault{Type: "OUTCOME_UNKNOWN"}},
		{session.ErrOtherNetwork, 2, fault{Type: "OTHER_NETWORK"}},
		{tg.NewError(420, "FROZEN_METHOD_INVALID"), 7, fault{Code: 420, Type: "FROZEN_METHOD_INVALID"}},
		{&auth.TooFreshError{Until: time.Unix(1e9, 0).UTC(), Err: tg.NewError(406, "FRESH_CHANGE_PHONE_FORBIDDEN")}, 3,
			fault{Code: 406, Type: "FRESH_CHANGE_PHONE_FORBIDDEN", Message: "2001-09-09", Until: time.Unix(1e9, 0).UTC()}},
		{auth.ErrNoPassword, 1, fault{Type: "NO_PASSWORD", Message: "telekey password set"}},
		{passkey.ErrNoCredential, 1, fault{Type: "NO_PASSKEY", Message: "telekey passkey add"}},
		{&auth.OfficialOnlyError{Err: tg.NewError(406, "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN")}, 3, fault{Code: 406, Type: "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN"}},
		{&auth.UnansweredError{Question: auth.NewPasswordQuestion{}}, 2, fault{Type: "UNANSWERED", Message: "--new-password-file"}},
		{&auth.UnansweredError{Question: auth.ShowQR{}}, 2, fault{Type: "UNANSWERED", Message: "--qr-svg"}},
		{&auth.UnansweredError{Question: auth.TokenQuestion{}}, 2, fault{Type: "UNANSWERED", Message: "--bot-token-file"}},
		{&auth.UnansweredError{Question: auth.EmailQuestion{}}, 2, fault{Type: "UNANSWERED", Message: "--email"}},
		{&auth.UnansweredError{Question: auth.PaymentQuestion{Phone: "+1"}}, 2, fault{Type: "UNANSWERED", Message: "payment"}},
		{&auth.UnansweredError{Question: auth.ChallengeQuestion{}}, 2, fault{Type: "UNANSWERED", Message: "a proof against robots"}},
		{auth.ErrCancelled, 1, fault{Type: "CANCELLED"}},
		{&auth.UnsupportedError{What: "x"}, 1, fault{Type: "UNSUPPORTED"}},
		{&auth.UnansweredError{Question: auth.CodeQuestion{Kind: auth.CodeBySMS}}, 2, fault{Type: "UNANSWERED", Message: "--code-file"}},
		{&auth.UnansweredError{Question: auth.CodeQuestion{Refused: tg.NewError(400, "PHONE_CODE_INVALID")}}, 3, fault{Code: 400, Type: "PHONE_CODE_INVALID"}},
		{errors.New("what else"), 1, fault{Type: "OTHER", Message: "what else"}},
	} {
		got := explain(t.Context(), c.err)
		if got.exit != c.exit || got.Code != c.want.Code || got.Type != c.want.Type || got.Arg != c.want.Arg || got.Until != c.want.Until || !strings.Contains(got.Message, c.want.Message) {
			t.Errorf("%v: got exit code %d and %+v, want %d and %+v", c.err, got.exit, *got, c.exit, c.want)
		}
	}
}

func TestWhatTheNetworkSaysMovesNoCursor(t *testing.T) {
	var errs strings.Builder
	p := &program{err: &errs}
	if code := p.fail(t.Context(), tg.NewError(400, "HA\x1b[2J\u009bHA\nHA")); code != 3 || errs.String() != "telekey: telegram: 400 HA[2JHA; HA\n" {
		t.Errorf("got %d, %q, want one line of what can be printed", code, errs.String())
	}
}
