package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/session"
)

func (p *program) sessionCommand() *cobra.Command {
	return group("session", "Look after session files", p.checkCommand(), p.sessionListCommand(), p.sessionRemoveCommand(), p.lockCommand())
}

// sessionPlace says which session, for the commands that do not connect.
type sessionPlace struct {
	networkFlags
	sessionFlags
}

func (f *sessionPlace) add(cmd *cobra.Command) {
	f.sessionFlags.add(cmd)
	f.networkFlags.add(cmd)
}

func (p *program) lockCommand() *cobra.Command {
	var f sessionPlace
	cmd := &cobra.Command{
		Use:   "lock -- COMMAND [ARGUMENT...]",
		Short: "Hold a session while a command runs",
		Long: `Hold a session while a command runs, so that no telekey uses it meanwhile: for
backups, or for a program that cannot lock by itself.

Exits with the command's own exit code; with 128 and the signal's number when a
signal ended it; with 126 or 127 when it could not be run or was not found. Ctrl-C
is the command's to obey or not; a SIGTERM to telekey is passed on to it.`,
		Example: `  telekey session lock --session me.session -- cp me.session backup/
  telekey session lock --session me.session --wait 1m -- ./nightly.sh`,
		Args: cobra.MinimumNArgs(1),
		RunE: p.run(func(ctx context.Context, args []string) error { return p.lock(ctx, &f, args) }),
	}
	f.add(cmd)
	cmd.Flags().SetInterspersed(false) // the first word that is no flag begins the command, with or without --
	return cmd
}

// lock does what flock(1) does for any file.
func (p *program) lock(ctx context.Context, f *sessionPlace, args []string) error {
	network, err := p.network(&f.networkFlags)
	if err != nil {
		return err
	}
	held, err := p.hold(ctx, &f.sessionFlags, network)
	if err != nil {
		return err
	}
	err = p.execute(ctx, args, session.LockFile(held))
	return errors.Join(err, held.Release(context.WithoutCancel(ctx)))
}

// execute runs another program with our own input and output. What ends us ends
// it first, except for Ctrl-C: that the terminal sends to both, and what the
// program makes of it is its own affair. If we are killed it goes on, and so does
// the hold: it has the lock file, too.
func (p *program) execute(ctx context.Context, args []string, lock *os.File) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = p.in, p.out, p.err, p.env
	cmd.Cancel = func() error {
		switch {
		case isCtrlC(context.Cause(ctx)):
			return nil
		case runtime.GOOS == "windows":
			return cmd.Process.Kill()
		}
		return cmd.Process.Signal(syscall.SIGTERM)
	}
	if runtime.GOOS != "windows" {
		cmd.ExtraFiles = []*os.File{lock}
	}
	err := cmd.Start()
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist): // no such name, no such path
		return &fault{exit: 127, Type: typeCommand, Message: err.Error()}
	case err != nil:
		return &fault{exit: 126, Type: typeCommand, Message: err.Error()}
	}
	if err = cmd.Wait(); cmd.ProcessState == nil {
		return err
	}
	return passed(cmd.ProcessState)
}

// isCtrlC says whether an interrupt ended a context that signal.NotifyContext
// made: its cause says which signal it was, in words alone.
func isCtrlC(cause error) bool { return isSignal(cause, os.Interrupt) }

func isSignal(cause error, s os.Signal) bool {
	return cause != nil && strings.HasPrefix(cause.Error(), s.String())
}

// interrupted is the exit code after a signal; 1 after anything else that ended the
// context.
func interrupted(cause error) int {
	switch {
	case isCtrlC(cause):
		return exitInterrupted
	case isSignal(cause, syscall.SIGTERM):
		return exitTerminated
	}
	return exitOther
}

// exited says that another program's exit code is to be ours. It has said itself
// what there was to say.
type exited int

func (e exited) Error() string { return fmt.Sprintf("the command ended with exit code %d", int(e)) }

// passed is the exit code of a program that has ended, as a shell would put it.
func passed(state *os.ProcessState) error {
	code := state.ExitCode()
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		code = 128 + int(status.Signal())
	}
	if code == 0 {
		return nil
	}
	return exited(code)
}
