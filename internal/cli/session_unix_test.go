//go:build unix

package cli

import (
	"syscall"
	"testing"
)

// A terminal sends Ctrl-C to everyone in front of it: to a process group.
func TestCtrlCIsTheCommandsAndATerminationIsPassedOn(t *testing.T) {
	s := newStage(t)
	const traps = `trap 'sleep 0.05; exit 7' INT; trap 'exit 8' TERM; read line; echo "$line"; while :; do sleep 0.01; done`
	for _, c := range []struct {
		signal syscall.Signal
		to     int // 1: the holder, -1: its group
		code   int
	}{
		{syscall.SIGINT, -1, 7},
		{syscall.SIGTERM, 1, 8},
	} {
		holder := s.holdWith(s.path("s"), &syscall.SysProcAttr{Setpgid: true}, "sh", "-c", traps)
		if err := syscall.Kill(c.to*holder.cmd.Process.Pid, c.signal); err != nil {
			t.Fatal(err)
		}
		holder.cmd.Wait()
		if code := holder.cmd.ProcessState.ExitCode(); code != c.code {
			t.Errorf("%v: got exit code %d, want %d, which is the command's own", c.signal, code, c.code)
		}
	}
}
