//go:build unix

package cli

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// A shell counts a command that a signal has ended as 128 and the signal's number.
func TestACommandThatIsInterruptedHasTheExitCodeOfItsSignal(t *testing.T) {
	s := newStage(t)
	network := s.silent()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for signal, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		cmd := exec.CommandContext(t.Context(), exe, "login", "--network", network, "--session", s.path(signal.String()), "--phone", annsNumber, "--code-file", "-")
		cmd.Env = append(os.Environ(), asCommand+"=1", "TELEKEY_TEST_READY=1")
		errs, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		out := bufio.NewReader(errs)
		if line, err := out.ReadString('\n'); line != "ready\n" {
			t.Fatalf("got %q, %v, want the command to have begun", line, err)
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		rest, _ := io.ReadAll(out)
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != code || !strings.HasSuffix(string(rest), "telekey: interrupted\n") {
			t.Errorf("%v: got %v, %q, want exit code %d", signal, err, rest, code)
		}
	}
}
