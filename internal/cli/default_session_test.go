package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/telekey/telekey/dc"
)

// state is the directory of the default sessions.
func (s *stage) state() string {
	s.t.Helper()
	dir, err := (&program{env: s.env}).stateDir()
	if err != nil {
		s.t.Fatal(err)
	}
	return dir
}

func TestTheDefaultSessionIsInAPrivatePlace(t *testing.T) {
	s := newStage(t)
	s.run("login", "--network", s.network, "--phone", annsNumber, "--code", "22222").done()
	s.run("whoami", "--network", s.network).done()
	if runtime.GOOS != "windows" {
		file := filepath.Join(s.state(), "emulator-"+s.server.Network().Identity()+".session")
		for path, mode := range map[string]os.FileMode{s.state(): 0o700, file: 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
				t.Errorf("%s: got %v, %v, want mode %v", path, info, err, mode)
			}
		}
	}
	s.env = nil
	s.run("whoami").fails(2, "--session")
}

// Each network has a default session of its own; Telegram's is default.session.
func TestAnEmulatorsSessionIsNeverTelegramsDefault(t *testing.T) {
	s := newStage(t)
	s.run("login", "--network", s.network, "--phone", annsNumber, "--code", "22222").done()
	s.run("whoami").fails(6, "not signed in", "there is no file", "default.session")
	s.run("whoami", "--test").fails(6, "not signed in", "test.session", "(Telegram's test servers)")
	s.env = append(s.env, "TELEKEY_NETWORK="+s.network)
	if got := s.run("whoami").done(); !strings.Contains(got, "Ann Lee") {
		t.Errorf("got %q with TELEKEY_NETWORK, want Ann", got)
	}
	s.run("whoami", "--test").fails(6, "test.session") // the flag counts, not the environment
	s.env = append(s.env, "TELEKEY_NETWORK="+s.path("missing.json"))
	s.run("whoami").fails(2, "TELEKEY_NETWORK", "missing.json")
	for n, want := range map[string]string{
		defaultSession(dc.Network{}): "default.session", defaultSession(dc.Production()): "default.session", defaultSession(dc.Test()): "test.session",
	} {
		if n != want {
			t.Errorf("got %s, want %s", n, want)
		}
	}
}

// An older telekey bound default.session to whatever network came first.
func TestADefaultSessionOfAnotherNetworkIsNotTakenForTelegrams(t *testing.T) {
	s := newStage(t)
	if err := os.MkdirAll(s.state(), 0o700); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(s.state(), "default.session")
	s.login(old)
	for _, command := range []string{"login", "whoami", "logout"} {
		s.run(command).fails(2, "belongs to another network (emulator 127.0.0.1:", "telekey session rm "+word(old))
		if e := s.run(command, "--json").failsAsJSON(2); e.Type != "OTHER_NETWORK" {
			t.Errorf("%s: got %+v, want OTHER_NETWORK", command, e)
		}
	}
	s.run("whoami", "--session", old).done() // named, it is taken
}

func TestACommandThatDoesNotTalkToTelegramSaysSo(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	place := " (emulator " + s.server.Network().DCs[1].Addr + ")\n"
	for _, command := range []string{"whoami", "session check", "devices list", "password info", "email info", "account ttl", "passkey list"} {
		got := s.as("ann", strings.Fields(command)...).done()
		if first, _, _ := strings.Cut(got, "\n"); first+"\n" != strings.TrimSuffix(first, strings.TrimSuffix(place, "\n"))+place {
			t.Errorf("%s: got %q, want a first line that ends in %q", command, got, place)
		}
		json := s.as("ann", append(strings.Fields(command), "--json")...).done()
		if strings.Contains(json, "(emulator") {
			t.Errorf("%s: got %q, want JSON as it is", command, json)
		}
	}
	s.run("whoami", "--network", s.network, "--session", s.path("new")).fails(6, place)
	if got := s.run("login", "--local", "--phone", "+9996621234", "--code", "22222", "--first-name", "Dora", "--accept-tos").done(); !strings.HasSuffix(got, " (a Telegram inside this command)\n") {
		t.Errorf("got %q, want where this was", got)
	}
	if got := networkName(dc.Production()); got != "" {
		t.Errorf("got %q for Telegram, want nothing to say", got)
	}
}
