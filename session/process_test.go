package session_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/telekey/telekey/session"
)

// The tests here need other processes: the test program starts itself, and what
// it then does is in this variable, with its arguments on the command line.
const otherProcess = "TELEKEY_SESSION_TEST"

func TestMain(m *testing.M) {
	switch os.Getenv(otherProcess) {
	case "":
		os.Exit(m.Run())
	case "hold":
		end(holdUntilStdinEnds(os.Args[1]))
	case "count":
		rounds, _ := strconv.Atoi(os.Args[2])
		end(count(os.Args[1], rounds))
	}
}

func end(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func start(t *testing.T, what string, args ...string) (*exec.Cmd, io.WriteCloser, *bufio.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), otherProcess+"="+what)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd, in, bufio.NewReader(out)
}

// holdUntilStdinEnds is the other process of the tests that follow.
func holdUntilStdinEnds(path string) error {
	held, err := session.File(path).Hold(context.Background())
	if err != nil {
		return err
	}
	fmt.Println("held")
	io.Copy(io.Discard, os.Stdin)
	return held.Release(context.Background())
}

func holdElsewhere(t *testing.T, path string) (*exec.Cmd, io.WriteCloser) {
	t.Helper()
	cmd, in, out := start(t, "hold", path)
	if line, err := out.ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process says %q, %v, want that it holds", line, err)
	}
	return cmd, in
}

func TestAnotherProcessIsNamed(t *testing.T) {
	path := inTempDir(t)
	cmd, in := holdElsewhere(t, path)
	_, err := session.File(path).Hold(t.Context())
	if !errors.Is(err, session.ErrHeld) {
		t.Fatalf("Hold: got %v, want ErrHeld", err)
	}
	by, _ := errors.AsType[*session.HeldError](err)
	host, _ := os.Hostname()
	if by.PID != cmd.Process.Pid || by.Host != host || by.Since.IsZero() {
		t.Errorf("got %+v, want process %d on %q", by, cmd.Process.Pid, host)
	}
	if text := err.Error(); !strings.Contains(text, strconv.Itoa(by.PID)) || !strings.Contains(text, filepath.Base(path)) {
		t.Errorf("got %q, want the process and the file in it", text)
	}
	in.Close()
	held, err := session.Wait(t.Context(), session.File(path))
	if err != nil {
		t.Fatalf("Wait: %v", err)
	}
	held.Release(t.Context())
}

func TestAKilledProcessHoldsNothing(t *testing.T) {
	path := inTempDir(t)
	cmd, _ := holdElsewhere(t, path)
	cmd.Process.Kill()
	cmd.Wait()
	held := hold(t, session.File(path)) // although the lock file still names the dead
	held.Release(t.Context())
}

// count is a process that adds one to the user's number again and again, each
// time in a hold of its own, and fails if it meets anybody there.
func count(path string, rounds int) error {
	for range rounds {
		held, err := session.Wait(context.Background(), session.File(path))
		if err != nil {
			return err
		}
		alone, err := os.OpenFile(path+".alone", os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("two processes hold the session: %w", err)
		}
		err = held.Update(context.Background(), func(d *session.Data) error {
			if d.User == nil {
				d.User = new(session.User)
			}
			d.User.ID++
			return nil
		})
		alone.Close()
		os.Remove(alone.Name())
		if err = errors.Join(err, held.Release(context.Background())); err != nil {
			return err
		}
	}
	return nil
}

func TestProcessesThatRaceNeverHoldTogether(t *testing.T) {
	const processes, rounds = 3, 15
	path := inTempDir(t)
	var all sync.WaitGroup
	for range processes {
		cmd, _, out := start(t, "count", path, strconv.Itoa(rounds))
		all.Go(func() {
			said, _ := io.ReadAll(out)
			if err := cmd.Wait(); err != nil {
				t.Errorf("%v: %s", err, said)
			}
		})
	}
	all.Wait()
	held := hold(t, session.File(path))
	defer held.Release(t.Context())
	if user := held.Data().User; user == nil || user.ID != processes*rounds {
		t.Errorf("got %+v, want the number %d", user, processes*rounds)
	}
}
