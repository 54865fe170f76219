package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/telekey/telekey/emulator"
)

// list types telekey session list for the stage's directory.
func (s *stage) list() []listed {
	s.t.Helper()
	var list []listed
	if err := json.Unmarshal([]byte(s.run("session", "list", "--json", s.dir).done()), &list); err != nil {
		s.t.Fatal(err)
	}
	return list
}

func TestSessionsAreListedWithWhomTheyBelongTo(t *testing.T) {
	s := newStage(t)
	if list := s.list(); len(list) != 0 {
		t.Errorf("got %+v, want none", list)
	}
	s.run("session", "list", s.dir).done()
	s.login(s.path("ann.session"))
	s.write("broken.session", "{")
	s.write("other", "no session by its name")
	holder := s.hold(s.path("ann.session"))
	list := s.list()
	if len(list) != 2 {
		t.Fatalf("got %+v, want two sessions", list)
	}
	ann := list[0]
	if ann.Path != s.path("ann.session") || ann.Network != s.server.Network().Identity() || ann.Address != s.server.Network().DCs[1].Addr ||
		ann.UserID != s.server.Users()[0].ID || ann.Name != "Ann Lee" || ann.Phone != "9996620001" || ann.Held == nil || ann.Held.PID != holder.cmd.Process.Pid {
		t.Errorf("got %+v, held by %+v, want Ann's session on the emulator, held by process %d", ann, ann.Held, holder.cmd.Process.Pid)
	}
	if list[1].Error == "" || list[1].Held != nil {
		t.Errorf("got %+v, want that it cannot be read", list[1])
	}
	if got := s.run("session", "list", s.dir).done(); !strings.Contains(got, "Ann Lee, user") || !strings.Contains(got, "held by process") || strings.Count(got, "\n") != 2 {
		t.Errorf("got %q, want a line for each session", got)
	}
	if err := holder.release(); err != nil {
		t.Fatal(err)
	}
	if held := s.list()[0].Held; held != nil {
		t.Errorf("got %+v after the release, want no holder", held)
	}
}

func TestTheDefaultSessionsAreListed(t *testing.T) {
	s := newStage(t)
	s.run("login", "--network", s.network, "--phone", annsNumber, "--code", "22222").done()
	want := filepath.Join(s.state(), "emulator-"+s.server.Network().Identity()+".session")
	if got := s.run("session", "list").done(); !strings.HasPrefix(got, word(want)+": emulator ") {
		t.Errorf("got %q, want %s", got, want)
	}
}

func TestASessionIsDeletedUnlessItIsHeld(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	s.run("session", "rm", s.path("ann")).fails(2, "--yes")
	holder := s.hold(s.path("ann"))
	s.run("session", "rm", "--yes", s.path("ann")).fails(5, "held by process")
	if err := holder.release(); err != nil {
		t.Fatal(err)
	}
	s.run("session", "rm", "--yes", s.path("ann"), "--session", s.path("ann")).fails(2, "one of them")
	if got := s.run("session", "rm", "--yes", s.path("ann")).done(); !strings.Contains(got, "only the copy on this machine") {
		t.Errorf("got %q, want what is gone", got)
	}
	if _, err := os.Stat(s.path("ann")); err == nil {
		t.Error("the file is still there")
	}
	s.run("session", "rm", "--yes", s.path("ann")).fails(2, "there is no session file")
	s.run("session", "rm", "--yes", s.dir).fails(2, "not a regular file")
	s.login(s.path("ann"))
	s.as("ann", "session", "rm", "--yes", "--json").done()
}

// startAnother starts an emulator with the RSA key of the process.
func startAnother(t *testing.T) *emulator.Server {
	t.Helper()
	server, err := emulator.Start(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server
}

// One that is damaged is deleted, too.
func TestADamagedSessionIsDeleted(t *testing.T) {
	s := newStage(t)
	s.run("session", "rm", "--yes", s.write("broken.session", "{")).done()
}

func TestAFileThatIsNoSessionIsNotDeleted(t *testing.T) {
	s := newStage(t)
	for name, content := range map[string]string{
		"seed.json":    `{"users":[{"phone":"+9996620001"}]}`,
		"network.json": `{"dcs":[{"id":2,"addr":"127.0.0.1:41002"}],"public_keys":[]}`,
		"empty":        "",
		"list.json":    "[]",
		"null.json":    "null",
		"object.json":  "{}",
		"notes.txt":    "no JSON at all",
	} {
		path := s.write(name, content)
		s.run("session", "rm", "--yes", path).fails(2, "is not a session")
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheTextAfterAnEmulatorIsGoneNamesTheCommandThatHelps(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	remove := "telekey session rm " + word(s.path("ann"))
	s.server.Close()
	s.as("ann", "whoami").fails(4, "still running?", remove)

	again := &stage{t: t, server: startAnother(t), dir: t.TempDir(), env: s.env, in: s.in}
	again.network = again.write("network.json", again.server.Network())
	for _, command := range []string{"whoami", "login"} {
		r := again.run(command, "--network", again.network, "--session", s.path("ann"))
		r.fails(r.code, remove)
		if r.code != 2 && r.code != 6 {
			t.Errorf("%s: got exit code %d, want 2 or 6", command, r.code)
		}
	}
}

func TestAPathWhereNoSessionCanBeIsAMistakeOfTheCommandLine(t *testing.T) {
	s := newStage(t)
	for _, path := range []string{s.dir, s.path("missing/ann.session"), s.write("file", "") + "/ann.session"} {
		for _, command := range []string{"login", "whoami", "session check"} {
			if e := s.run(append(strings.Fields(command), "--json", "--network", s.network, "--session", path)...).failsAsJSON(2); e.Type != "CONFIG" {
				t.Errorf("%s --session %s: got %+v, want CONFIG", command, path, e)
			}
		}
	}
	s.run("whoami", "--session", s.path("typo")).fails(6, "not signed in", "there is no file "+word(s.path("typo")))
	s.login(s.path("ann"))
	s.as("ann", "logout").done()
	if r := s.as("ann", "whoami"); strings.Contains(r.err, "there is no file") {
		t.Errorf("got %q of a session that is there", r.err)
	}
}

// One state has one exit code, whatever command meets it.
func TestALoginThatWaitsForItsPasswordHasOneExitCode(t *testing.T) {
	s := newStage(t)
	s.addBea()
	s.run("login", "--network", s.network, "--session", s.path("bea"), "--phone", beasNumber, "--code", "22222").fails(2, "--password-file")
	for _, command := range []string{"whoami", "devices list", "call users.getUsers {\"id\":[{\"_\":\"inputUserSelf\"}]}"} {
		s.as("bea", strings.Fields(command)...).fails(6, "SESSION_PASSWORD_NEEDED")
	}
	s.check("bea", 6)
}
