package cli

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/telekey/telekey/emulator"
)

func TestASessionRemembersItsNetwork(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	s.env = append(s.env, "TELEKEY_SESSION="+s.path("ann"))
	s.run("whoami").done()
	if info, err := os.Stat(s.path("ann")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a file of mode 0600", info.Mode(), err)
	}
}

func TestASessionGoesToNoOtherNetwork(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	foreign, err := emulator.Start(emulator.Config{Key: anotherKey(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	for _, network := range [][]string{{"--network", s.write("foreign.json", foreign.Network())}, {"--test"}} {
		for _, command := range []string{"login", "whoami", "logout"} {
			args := append([]string{command, "--session", s.path("ann")}, network...)
			s.run(args...).fails(2, "another network", "use the network it was made on, or another session")
			if e := s.run(append(args, "--json")...).failsAsJSON(2); e.Type != "OTHER_NETWORK" {
				t.Errorf("got %+v, want OTHER_NETWORK", e)
			}
		}
	}
	s.run("whoami", "--session", s.path("ann")).done()
}

func TestAServerThatDoesNotKnowTheKey(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	again, err := emulator.Start(emulator.Config{}) // with the same RSA key, which is the process's
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	network := s.write("again.json", again.Network())
	e := s.run("whoami", "--json", "--network", network, "--session", s.path("ann")).failsAsJSON(6)
	if e.Type != "KEY_UNKNOWN" || !strings.HasSuffix(e.Message, "telekey session rm "+word(s.path("ann"))) {
		t.Errorf("got %+v, want KEY_UNKNOWN and what to do", e)
	}
}

// Nothing is left to end where the server does not know the key: the session is
// emptied, and the next login uses it.
func TestLogoutEmptiesASessionWhoseKeyIsUnknown(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	again, err := emulator.Start(emulator.Config{Users: []emulator.User{{Phone: annsNumber, FirstName: "Ann"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	s.network = s.write("again.json", again.Network())
	at := []string{"--network", s.network, "--session", s.path("ann")}
	login := append([]string{"login", "--phone", annsNumber, "--code", "22222"}, at...)
	s.run(login...).fails(6, "telekey session rm "+word(s.path("ann")))
	if out := s.run(append([]string{"logout", "--json"}, at...)...).done(); !strings.Contains(out, `{"logged_out":true}`) {
		t.Errorf("got %q, want that it is logged out", out)
	}
	if got := s.check("ann", 6); got.Reason != "logged out here" {
		t.Errorf("got %+v, want logged out here", got)
	}
	s.run(login...).done()
	if got := s.check("ann", 0); !got.SignedIn {
		t.Errorf("got %+v, want Ann signed in on another key", got)
	}
}

func TestASessionHeldByAnotherProcess(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	holder := s.hold(s.path("ann"))
	pid := holder.cmd.Process.Pid

	e := s.run("whoami", "--json", "--session", s.path("ann")).failsAsJSON(5)
	if e.Type != "SESSION_HELD" || *e.Code != 0 || *e.Arg != pid {
		t.Errorf("got %+v, want SESSION_HELD with the process id %d", e, pid)
	}
	s.run("session", "lock", "--session", s.path("ann"), "true").fails(5, "held by process")
	e = s.run("login", "--json", "--wait", "30ms", "--session", s.path("ann")).failsAsJSON(5)
	if *e.Arg != pid || !strings.Contains(e.Message, "--wait 30ms is over") {
		t.Errorf("got %+v, want the process id %d and that the wait is over", e, pid)
	}

	released := make(chan error)
	go func() { released <- holder.release() }()
	s.run("whoami", "--wait", "1m", "--session", s.path("ann")).done()
	if err := <-released; err != nil {
		t.Errorf("the holder ended with %v", err)
	}
}

// holder is another process that holds a session until it is released.
type holder struct {
	cmd *exec.Cmd
	in  io.Closer
}

// hold returns when the other process has the session: only then its command,
// cat, says something.
func (s *stage) hold(session string) *holder {
	s.t.Helper()
	return s.holdWith(session, nil, "cat")
}

// holdWith is hold with another command, which repeats the first line.
func (s *stage) holdWith(session string, attr *syscall.SysProcAttr, command ...string) *holder {
	s.t.Helper()
	if runtime.GOOS == "windows" {
		s.t.Skip("there is no cat")
	}
	exe, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), exe, "session", "lock", "--session", session, "--")
	cmd.Args = append(cmd.Args, command...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	cmd.SysProcAttr = attr
	in, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.WriteString(in, "held\n"); err != nil {
		s.t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		s.t.Fatalf("got %q, %v, want the echo of cat", line, err)
	}
	return &holder{cmd, in}
}

func (h *holder) release() error {
	time.Sleep(20 * time.Millisecond) // so that somebody is waiting; nothing depends on it
	h.in.Close()
	return h.cmd.Wait()
}

func TestLockPassesInputOutputAndExitCode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh")
	}
	s := newStage(t)
	lock := []string{"session", "lock", "--session", s.path("s"), "--"}
	s.in = strings.NewReader("through\n")
	if got := s.run(append(lock, "cat")...).done(); got != "through\n" {
		t.Errorf("got %q, want what went in", got)
	}
	for script, code := range map[string]int{"exit 7": 7, "kill -9 $$": 128 + 9} {
		if r := s.run(append(lock, "sh", "-c", script)...); r.code != code || r.err != "" {
			t.Errorf("%s: got %+v, want exit code %d and no words of ours", script, r, code)
		}
	}
	s.run(append(lock, "no-such-command")...).fails(127, "no-such-command")
	s.run(append(lock, s.path("no-such-file"))...).fails(127, "no-such-file")
	s.run(append(lock, s.network)...).fails(126, "permission denied")
	s.run("session", "lock", "--session", s.path("s")).fails(2)
}

func TestTheCommandKeepsTheSessionWhenTheHolderIsKilled(t *testing.T) {
	s := newStage(t)
	holder := s.hold(s.path("s"))
	if err := holder.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := holder.cmd.Process.Wait(); err != nil {
		t.Fatal(err)
	}
	lock := []string{"session", "lock", "--session", s.path("s")}
	s.run(append(lock, "true")...).fails(5, "held by process")
	holder.in.Close() // which ends the command
	s.run(append(lock, "--wait", "1m", "true")...).done()
}

func TestABrokenSessionFileIsLeftAlone(t *testing.T) {
	s := newStage(t)
	broken := s.write("broken", "{")
	if e := s.run("whoami", "--json", "--session", broken).failsAsJSON(1); e.Type != "SESSION_BROKEN" {
		t.Errorf("got %+v, want SESSION_BROKEN", e)
	}
	if text, err := os.ReadFile(broken); err != nil || string(text) != "{" {
		t.Errorf("got %q, %v, want the file as it was", text, err)
	}
}
