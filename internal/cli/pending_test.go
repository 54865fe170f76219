package cli

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/emulator"
)

// A login that waits for Bea's password never takes another's.
func TestALoginThatWaitsBelongsToItsNumber(t *testing.T) {
	s := newStage(t)
	s.addBea()
	waits := func() {
		t.Helper()
		s.run("login", "--network", s.network, "--session", s.path("s"), "--phone", beasNumber, "--code", "22222").fails(2, "--password-file")
	}
	waits()
	codes := len(s.server.Codes(""))
	r := s.as("s", "login", "--phone", annsNumber, "--code", "22222")
	if r.code != 0 || !strings.Contains(r.out, "Ann Lee") || r.err != "The sign-in of +9996620002 that waited for its password is given up.\n" {
		t.Errorf("got exit code %d, %q, %q, want Ann, and that Bea's sign-in is given up", r.code, r.out, r.err)
	}
	if n := len(s.server.Codes("")); n != codes+1 {
		t.Errorf("got %d codes more, want one for Ann", n-codes)
	}
	s.as("s", "logout").done()

	waits()
	codes = len(s.server.Codes(""))
	for _, more := range [][]string{{"--phone", "+999 66 2 0002"}, nil} {
		s.as("s", append([]string{"login", "--json"}, more...)...).failsAsJSON(2)
	}
	if got := s.as("s", "login", "--phone", beasNumber, "--password", beasPassword).done(); !strings.Contains(got, "Bea") || len(s.server.Codes("")) != codes {
		t.Errorf("got %q after %d codes more, want Bea, and no code", got, len(s.server.Codes(""))-codes)
	}
	s.as("s", "logout").done()

	waits()
	bot, err := s.server.AddBot(emulator.Bot{Name: "Echo"})
	if err != nil {
		t.Fatal(err)
	}
	r = s.as("s", "login", "--bot-token-file", s.write("token", string(bot.Token)))
	if r.code != 0 || !strings.Contains(r.out, "Echo") || !strings.Contains(r.err, "given up") {
		t.Errorf("got exit code %d, %q, %q, want the bot", r.code, r.out, r.err)
	}
}
