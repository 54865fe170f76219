package cli

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/emulator"
)

func TestTheLoginEmailIsShownAndChanged(t *testing.T) {
	s := newStage(t)
	if err := s.server.AddUser(emulator.User{Phone: beasNumber, LoginEmail: "bea@example.org"}); err != nil {
		t.Fatal(err)
	}
	s.login(s.path("ann"))
	if got := s.as("ann", "email", "info", "--json").done(); got != "{\"email\":\"\"}\n" {
		t.Errorf("got %q, want no mailbox", got)
	}
	s.in = s.reads()
	s.run("login", "--network", s.network, "--session", s.path("bea"), "--phone", beasNumber, "--code-file", "-").done()
	if got := s.as("bea", "email", "info").done(); !strings.HasPrefix(got, "codes for signing in go to b") || strings.Contains(got, "bea@example.org") {
		t.Errorf("got %q, want the mailbox, partly hidden", got)
	}
	s.as("bea", "email", "change", "bea@example.com").fails(2, "--code-file")
	s.as("bea", "email", "change", "bea@example.com", "--code", wrongSecret).fails(3, "CODE_INVALID")
	s.as("bea", "email", "change", "nonsense").fails(3, "EMAIL_INVALID")
	s.in = s.reads()
	if got := s.as("bea", "email", "change", "bea@example.com", "--json", "--code-file", "-").done(); !strings.Contains(got, "example.com") {
		t.Errorf("got %q, want the new mailbox", got)
	}
}

func TestTheNumberIsChangedAfterADay(t *testing.T) {
	s := newStage(t)
	s.addBea()
	s.login(s.path("first")) // which is not held back for a day
	s.login(s.path("ann"))
	change := []string{"phone", "change", "+9996620005", "--code", "22222"}
	e := s.as("ann", append(change, "--json")...).failsAsJSON(3)
	if until, err := time.Parse(time.RFC3339, e.Until); err != nil || e.Type != "FRESH_CHANGE_PHONE_FORBIDDEN" || until.Before(s.server.Clock()) {
		t.Errorf("got %+v, want that this login is too new, and until when", e)
	}
	s.server.FastForward(25 * time.Hour)
	s.as("ann", "phone", "change", beasNumber, "--code", "22222").fails(3, "PHONE_NUMBER_OCCUPIED")
	s.as("ann", "phone", "change", "+9996620005").fails(2, "--code-file")
	s.as("ann", "phone", "change", "+9996620005", "--code", wrongSecret).fails(3, "PHONE_CODE_INVALID")
	if got := s.as("ann", append(change, "--json")...).user(); got.Phone != "9996620005" || got.FirstName != "Ann" {
		t.Errorf("got %+v, want Ann with her new number", got)
	}
	if got := s.as("ann", "whoami", "--json").user(); got.Phone != "9996620005" {
		t.Errorf("got %+v, want the new number", got)
	}
}

func TestAnAccountIsDeletedAtOnce(t *testing.T) {
	s := newStage(t)
	s.addBea()
	s.login(s.path("ann"))
	s.as("ann", "account", "delete").fails(2, "--yes")
	if got := s.as("ann", "account", "delete", "--yes", "--json", "--reason", "a test").done(); got != "{\"deleted\":true}\n" {
		t.Errorf("got %q", got)
	}
	s.as("ann", "whoami").fails(6)

	password := s.write("password", beasPassword)
	s.run("login", "--network", s.network, "--session", s.path("bea"), "--phone", beasNumber, "--code", "22222", "--password-file", password).done()
	s.as("bea", "account", "delete", "--yes").fails(2, "--password-file")
	s.as("bea", "account", "delete", "--yes", "--password", wrongSecret).fails(3, "PASSWORD_HASH_INVALID")
	s.as("bea", "account", "delete", "--yes", "--password-file", password).done()
	if n := len(s.server.Users()); n != 0 {
		t.Errorf("got %d accounts, want both gone", n)
	}
}

// https://core.telegram.org/api/account-deletion
func TestADeletionWithoutThePasswordWaitsAWeekAndIsStopped(t *testing.T) {
	s := newStage(t)
	s.addBea()
	login := []string{"login", "--network", s.network, "--phone", beasNumber, "--code", "22222"}
	s.run(append(login, "--session", s.path("owner"), "--password", beasPassword)...).done()
	s.server.FastForward(8 * 24 * time.Hour) // the password is not new
	s.as("owner", "whoami").done()
	s.run(append(login, "--session", s.path("thief"))...).fails(2, "--password-file")

	var end struct {
		Deleted bool      `json:"deleted"`
		Until   time.Time `json:"until"`
	}
	decode(t, s.as("thief", "account", "delete", "--yes", "--password-lost", "--json").done(), &end)
	if left := time.Until(end.Until); end.Deleted || left < 6*24*time.Hour || left > 8*24*time.Hour || end.Until.Nanosecond() != 0 {
		t.Errorf("got %+v, want a week's wait, in whole seconds", end)
	}
	history := s.as("owner", "call", "messages.getHistory", `{"peer":{"_":"inputPeerUser","user_id":777000,"access_hash":0},"offset_id":0,"offset_date":0,"add_offset":0,"limit":1,"max_id":0,"min_id":0,"hash":0}`).done()
	link := regexp.MustCompile(`tg://confirmphone\?[^\s"\\]+`).FindString(strings.ReplaceAll(history, `\u0026`, "&"))
	if link == "" {
		t.Fatalf("got %q, want the link in it", history)
	}
	s.secrets = append(s.secrets, link)
	s.as("owner", "account", "confirm", "tg://nonsense").fails(1, "no link to confirm")
	s.as("owner", "account", "confirm", link).fails(2, "--code-file")
	s.in = strings.NewReader(link + "\n")
	if got := s.as("owner", "account", "confirm", "-", "--code", "22222", "--json").done(); got != "{\"kept\":true}\n" {
		t.Errorf("got %q", got)
	}
	s.as("thief", "account", "delete", "--yes", "--password-lost").fails(6)
	s.as("owner", "whoami").done()
}
