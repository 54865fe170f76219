package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/telekey/telekey/dc"
)

func TestLoginAndWhoamiPrintTheSameUser(t *testing.T) {
	s := newStage(t)
	session := s.path("ann")
	got := s.run("login", "--json", "--network", s.network, "--session", session, "--phone", annsNumber, "--code", "22222").user()
	want := userJSON{ID: s.server.Users()[0].ID, FirstName: "Ann", LastName: "Lee", Phone: "9996620001", DC: 2}
	if got != want {
		t.Errorf("login: got %+v, want %+v", got, want)
	}
	if got := s.run("whoami", "--json", "--session", session).user(); got != want {
		t.Errorf("whoami: got %+v, want %+v", got, want)
	}
	if got := s.run("whoami", "--session", session).done(); !strings.Contains(got, "Ann Lee (+9996620001)") {
		t.Errorf("whoami: got %q, want a sentence about Ann", got)
	}
}

func TestWhoIsSignedInAlreadyGetsNoCode(t *testing.T) {
	s := newStage(t)
	session := s.path("ann")
	s.login(session)
	if got := s.run("login", "--json", "--session", session, "--phone", annsNumber).user(); got.FirstName != "Ann" {
		t.Errorf("got %+v, want Ann", got)
	}
	if n := len(s.server.Codes("")); n != 1 {
		t.Errorf("got %d codes sent, want the first login's alone", n)
	}
}

func TestWhoIsSignedInIsNotTakenForSomebodyElse(t *testing.T) {
	s := newStage(t)
	session := s.path("ann")
	s.login(session)
	s.run("login", "--session", session, "--phone", beasNumber).fails(1, "signed in already", "telekey logout")
	s.run("login", "--session", session, "--bot-token-file", s.write("token", "123456:of-a-bot")).fails(1, "signed in already")
	if n := len(s.server.Codes("")); n != 1 {
		t.Errorf("got %d codes sent, want the first login's alone", n)
	}
}

func TestANewNumberSignsUpAtItsHome(t *testing.T) {
	s := newStage(t)
	got := s.run("login", "--json", "--network", s.network, "--session", s.path("new"), "--phone", "+999 66 3 1234",
		"--code", "33333", "--first-name", "Cleo", "--last-name", "Day", "--accept-tos").user()
	if want := (userJSON{ID: got.ID, FirstName: "Cleo", LastName: "Day", Phone: "9996631234", DC: 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestThePasswordComesFromAFileFromInputOrFromAFlag(t *testing.T) {
	s := newStage(t)
	s.addBea()
	login := []string{"login", "--json", "--network", s.network, "--phone", beasNumber, "--code", "22222"}
	file := s.write("secret", beasPassword+"\r\nthe second line\n")
	for name, last := range map[string][]string{
		"file":  {"--password-file", file},
		"input": {"--password-file", "-"},
		"flag":  {"--password", beasPassword},
	} {
		s.in = strings.NewReader(beasPassword + "\n")
		if got := s.run(append(append(login, "--session", s.path(name)), last...)...).user(); got.FirstName != "Bea" {
			t.Errorf("by %s: got %+v, want Bea", name, got)
		}
	}
}

func TestWrongAnswersAreRefusedByTelegram(t *testing.T) {
	s := newStage(t)
	s.addBea()
	login := []string{"login", "--network", s.network, "--session", s.path("s"), "--phone", beasNumber}
	s.run(append(login, "--code", wrongSecret)...).fails(3, "400 PHONE_CODE_INVALID", "the code is wrong")
	e := s.run(append(login, "--code", wrongSecret, "--json")...).failsAsJSON(3)
	if *e.Code != 400 || e.Type != "PHONE_CODE_INVALID" || *e.Arg != 0 {
		t.Errorf("got %+v, want Telegram's own 400 PHONE_CODE_INVALID", e)
	}
	e = s.run(append(login, "--code", "22222", "--password", wrongSecret, "--json")...).failsAsJSON(3)
	if *e.Code != 400 || e.Type != "PASSWORD_HASH_INVALID" {
		t.Errorf("got %+v, want Telegram's own 400 PASSWORD_HASH_INVALID", e)
	}
	s.run("login", "--network", s.network, "--session", s.path("t"), "--phone", "12").fails(3, "400 PHONE_NUMBER_INVALID", "country code")
	s.run(append(login, "--code-file", s.write("code", "22222\n"), "--password", wrongSecret)...).fails(3, "PASSWORD_HASH_INVALID")
	s.run(append(login, "--code-file", s.path("missing"))...).fails(2, "--code-file")
	s.run("login", "--network", s.network, "--session", s.path("u"), "--phone", beasNumber, "--code-file", s.dir).fails(2, "--code-file")
}

func TestAMissingAnswerNamesItsFlag(t *testing.T) {
	s := newStage(t)
	s.addBea()
	login := []string{"login", "--network", s.network, "--session", s.path("s")}
	s.run(login...).fails(2, "--phone")
	s.run(append(login, "--phone", "ann")...).fails(2, "--phone", "'a'")
	s.run(append(login, "--phone", annsNumber)...).fails(2, "--code")
	s.run(append(login, "--phone", beasNumber, "--code", "22222")...).fails(2, "--password-file")
	signUp := []string{"login", "--network", s.network, "--session", s.path("t"), "--phone", "+9996620009", "--code", "22222"}
	s.run(signUp...).fails(2, "--accept-tos", "--first-name")
	s.run(append(signUp, "--accept-tos")...).fails(2, "--first-name")
	if e := s.run(append(signUp, "--json")...).failsAsJSON(2); *e.Code != 0 || e.Type != "UNANSWERED" {
		t.Errorf("got %+v, want code 0 and UNANSWERED", e)
	}
}

func TestSecretsOnTheCommandLineAreRefusedOnTelegramsOwnNetworks(t *testing.T) {
	s := newStage(t)
	s.env = append(s.env, "TELEKEY_API_ID=1", "TELEKEY_API_HASH=0123")
	nowhere := dc.Production()
	nowhere.DCs = []dc.Endpoint{{ID: 2, Addr: "127.0.0.1:1"}}
	disguised := s.write("disguised.json", nowhere)
	for _, network := range [][]string{{}, {"--test"}, {"--network", disguised}} {
		login := append([]string{"login", "--session", s.path("s"), "--phone", annsNumber}, network...)
		s.run(append(login, "--code", wrongSecret)...).fails(2, "--code on the command line")
		s.run(append(login, "--password", wrongSecret)...).fails(2, "--password on the command line")
	}
	for _, command := range [][]string{
		{"password", "set", "--new-password", newSecret}, {"password", "recover", "--code", wrongSecret},
		{"devices", "accept", "tg://login?token=" + wrongSecret + "AAA"}, {"account", "confirm", "tg://confirmphone?hash=" + wrongSecret},
	} {
		s.run(append(command, "--network", disguised, "--session", s.path("s"))...).fails(2, "on the command line can be read by others")
	}
	if _, err := os.Stat(s.path("s")); err == nil {
		t.Error("the session was bound to a network that nothing was done on")
	}
}

func TestTelegramsOwnNetworksWantAnApplication(t *testing.T) {
	s := newStage(t)
	s.run("login", "--session", s.path("s"), "--phone", annsNumber).fails(2, "--api-id", "TELEKEY_API_HASH")
	s.run("login", "--test", "--session", s.path("s"), "--api-id", "17").fails(2, "--api-hash")
	s.env = append(s.env, "TELEKEY_API_ID=seventeen", "TELEKEY_API_HASH=0123")
	s.run("login", "--test", "--session", s.path("s")).fails(2, "TELEKEY_API_ID")
}

func TestAPasswordFileIsReadBeforeAnythingIsSent(t *testing.T) {
	s := newStage(t)
	login := []string{"login", "--network", s.network, "--session", s.path("s"), "--phone", beasNumber, "--password-file"}
	s.run(append(login, s.path("missing"))...).fails(2, "--password-file")
	s.run(append(login, s.write("empty", "\n"))...).fails(2, "0 bytes")
	s.run(append(login, s.write("long", strings.Repeat("x", maxSecret+1)))...).fails(2, "want 1 to 4096")
	if n := len(s.server.Codes("")); n != 0 {
		t.Errorf("got %d codes sent, want none", n)
	}
}

func TestLogoutGivesUpALoginThatWaitsForItsPassword(t *testing.T) {
	s := newStage(t)
	s.addBea()
	session := s.path("bea")
	s.run("login", "--network", s.network, "--session", session, "--phone", beasNumber, "--code", "22222").fails(2, "--password-file")
	if got := s.run("logout", "--json", "--session", session).done(); got != "{\"logged_out\":true}\n" {
		t.Errorf("got %q", got)
	}
	s.run("logout", "--session", session).fails(6, "not signed in")
}

func TestLogoutEndsTheLoginAndKeepsTheSession(t *testing.T) {
	s := newStage(t)
	session := s.path("ann")
	s.login(session)
	if got := s.run("logout", "--json", "--session", session).done(); got != "{\"logged_out\":true}\n" {
		t.Errorf("got %q", got)
	}
	s.run("whoami", "--session", session).fails(6, "not signed in", "telekey login")
	s.run("logout", "--session", session).fails(6, "not signed in")
	s.login(session)
}

func TestALocalTelegramForgetsEverything(t *testing.T) {
	s := newStage(t)
	got := s.run("login", "--json", "--local", "--phone", "+9996621234", "--code", "22222", "--first-name", "Dora", "--accept-tos").user()
	if got.FirstName != "Dora" || got.DC != 2 {
		t.Errorf("got %+v, want Dora in data centre 2", got)
	}
	s.run("whoami", "--local").fails(6, "not signed in")
	if files, _ := os.ReadDir(s.dir); len(files) != 1 {
		t.Errorf("got the files %v, want the network file alone", files)
	}
}
