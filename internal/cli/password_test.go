package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/emulator"
)

// passwordJSON is what telekey password info prints.
type passwordJSON struct {
	Set         bool      `json:"set"`
	Hint        string    `json:"hint"`
	HasRecovery bool      `json:"has_recovery"`
	Unconfirmed string    `json:"unconfirmed"`
	LoginEmail  string    `json:"login_email"`
	ResetAt     time.Time `json:"reset_at"`
}

func (s *stage) passwordOf(session string) (info passwordJSON) {
	s.t.Helper()
	decode(s.t, s.as(session, "password", "info", "--json").done(), &info)
	return info
}

func TestAPasswordIsSetChangedAndRemoved(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	if got := s.as("ann", "password", "info").done(); !strings.HasPrefix(got, "the account has no password (emulator 127.0.0.1:") {
		t.Errorf("got %q, want no password", got)
	}
	first, second := s.write("first", beasPassword+"\n"), s.write("second", newSecret+"\n")
	if got := s.as("ann", "password", "set", "--json", "--new-password-file", first, "--hint", "a horse").done(); got != "{\"set\":true}\n" {
		t.Errorf("got %q", got)
	}
	if got := s.passwordOf("ann"); !got.Set || got.Hint != "a horse" {
		t.Errorf("got %+v, want a password and its hint", got)
	}
	s.as("ann", "password", "set", "--new-password-file", second).fails(2, "telekey password change")
	s.as("ann", "password", "change", "--new-password-file", second).fails(2, "--password-file")
	e := s.as("ann", "password", "change", "--json", "--password", wrongSecret, "--new-password-file", second).failsAsJSON(3)
	if e.Type != "PASSWORD_HASH_INVALID" {
		t.Errorf("got %+v, want PASSWORD_HASH_INVALID", e)
	}
	s.as("ann", "password", "change", "--password-file", first).fails(2, "--new-password-file")
	s.as("ann", "password", "change", "--password-file", first, "--new-password-file", second).done()

	s.run("login", "--network", s.network, "--session", s.path("new"), "--phone", annsNumber, "--code", "22222", "--password-file", second).done()
	s.as("ann", "password", "remove", "--password-file", first).fails(3, "PASSWORD_HASH_INVALID", "the password is wrong")
	if got := s.as("ann", "password", "remove", "--json", "--password-file", second).done(); got != "{\"set\":false}\n" {
		t.Errorf("got %q", got)
	}
	for _, command := range []string{"change", "remove"} {
		if e := s.as("ann", "password", command, "--json").failsAsJSON(1); e.Type != "NO_PASSWORD" {
			t.Errorf("%s: got %+v, want NO_PASSWORD", command, e)
		}
	}
}

func TestARecoveryAddressIsConfirmedAtOnceOrLater(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	set := []string{"password", "set", "--json", "--new-password", newSecret, "--email", "ann@example.org"}
	if got := s.as("ann", set...).done(); got != `{"set":false,"email":"ann@example.org","unconfirmed":true}`+"\n" {
		t.Errorf("got %q, want the code to be waited for", got)
	}
	if got := s.passwordOf("ann"); got.Set || got.Unconfirmed == "" {
		t.Errorf("got %+v, want an address that is not confirmed", got)
	}
	s.as("ann", "password", "confirm").fails(2, "--code")
	s.as("ann", "password", "confirm", "--code", wrongSecret).fails(3, "CODE_INVALID")
	if got := s.as("ann", "password", "confirm", "--json", "--code", s.newest(emulator.Email)).done(); got != "{\"confirmed\":true}\n" {
		t.Errorf("got %q", got)
	}
	if got := s.passwordOf("ann"); !got.Set || !got.HasRecovery {
		t.Errorf("got %+v, want the password and its mailbox", got)
	}
	s.as("ann", "password", "confirm").fails(3, "EMAIL_HASH_EXPIRED")

	password := s.write("password", newSecret)
	got := s.as("ann", "password", "email", "ann@example.com", "--json", "--password-file", password).done()
	if got != `{"email":"ann@example.com","unconfirmed":true}`+"\n" {
		t.Errorf("got %q, want the code to be waited for", got)
	}
	s.as("ann", "password", "confirm", "--code", s.newest(emulator.Email)).done()
	s.as("ann", "password", "email", "--remove", "--password-file", password).done()
	if got := s.passwordOf("ann"); got.HasRecovery {
		t.Errorf("got %+v, want no mailbox", got)
	}
	s.as("ann", "password", "email", "nonsense", "--password-file", password).fails(3, "EMAIL_INVALID")
	s.as("ann", "password", "email").fails(2, "--remove")
}

func TestALostPasswordIsRecoveredSignedInOrNot(t *testing.T) {
	s := newStage(t)
	if err := s.server.AddUser(emulator.User{Phone: beasNumber, Password: beasPassword, RecoveryEmail: "bea@example.org"}); err != nil {
		t.Fatal(err)
	}
	login := []string{"login", "--network", s.network, "--session", s.path("bea"), "--phone", beasNumber, "--code", "22222"}
	s.run(login...).fails(2, "--password-file") // and now waits for the password
	recover := []string{"password", "recover", "--json", "--new-password-file", s.write("new", newSecret)}
	if e := s.as("bea", recover...).failsAsJSON(2); e.Type != "UNANSWERED" || !strings.Contains(e.Message, "--code-file") {
		t.Errorf("got %+v, want UNANSWERED and the flag", e)
	}
	if e := s.as("bea", append(recover, "--code", wrongSecret)...).failsAsJSON(3); e.Type != "CODE_INVALID" {
		t.Errorf("got %+v, want CODE_INVALID", e)
	}
	s.in = s.reads()
	if got := s.as("bea", append(recover, "--code-file", "-")...).done(); got != "{\"set\":true}\n" {
		t.Errorf("got %q", got)
	}
	s.as("bea", "whoami").done()

	s.as("bea", "password", "recover", "--remove", "--code-file", s.write("none", "")).fails(2, "has no line for it")
	s.in = s.reads()
	if got := s.as("bea", "password", "recover", "--json", "--remove", "--code-file", "-").done(); got != "{\"set\":false}\n" {
		t.Errorf("got %q", got)
	}
	s.run("login", "--network", s.network, "--session", s.path("again"), "--phone", beasNumber, "--code", "22222").done()
	s.as("bea", "password", "recover", "--remove").fails(3, "PASSWORD_EMPTY")
	s.run("password", "recover", "--network", s.network, "--session", s.path("nobody"), "--remove").fails(6, "not signed in")
}

func TestAResetTakesAWeekAndCanBeCalledOff(t *testing.T) {
	s := newStage(t)
	s.addBea()
	s.run("login", "--network", s.network, "--session", s.path("bea"), "--phone", beasNumber, "--code", "22222", "--password", beasPassword).done()
	s.as("bea", "password", "recover", "--remove").fails(3, "PASSWORD_RECOVERY_NA")
	s.run("login", "--network", s.network, "--session", s.path("half"), "--phone", beasNumber, "--code", "22222").fails(2)
	s.as("half", "password", "recover", "--remove").fails(1, "telekey password reset")
	s.as("bea", "password", "decline").fails(3, "RESET_REQUEST_MISSING")
	var reset struct {
		Done    bool      `json:"done"`
		At      time.Time `json:"at"`
		RetryAt time.Time `json:"retry_at"`
	}
	decode(t, s.as("bea", "password", "reset", "--json").done(), &reset)
	if reset.At.Before(s.server.Clock().Add(6 * 24 * time.Hour)) {
		t.Errorf("got %+v, want a week's wait", reset)
	}
	if got := s.as("bea", "password", "info").done(); !strings.Contains(got, "from "+moment(reset.At)) {
		t.Errorf("got %q, want the reset in it", got)
	}
	if got := s.as("bea", "password", "decline", "--json").done(); got != "{\"declined\":true}\n" {
		t.Errorf("got %q", got)
	}
	decode(t, s.as("bea", "password", "reset", "--json").done(), &reset)
	if reset.RetryAt.IsZero() {
		t.Errorf("got %+v, want that it was called off not long ago", reset)
	}
	s.server.FastForward(reset.RetryAt.Sub(s.server.Clock()) + time.Hour)
	s.as("bea", "password", "reset").done()
	s.server.FastForward(8 * 24 * time.Hour)
	if got := s.as("bea", "password", "reset", "--json").done(); got != "{\"done\":true}\n" {
		t.Errorf("got %q, want the password gone", got)
	}
}
