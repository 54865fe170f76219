package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/session"
)

// sessionFlags are the flags that say which session.
type sessionFlags struct {
	path   string
	wait   time.Duration
	memory bool // forget it all at the end
}

func (f *sessionFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.path, "session", "", "session `file` (or TELEKEY_SESSION; otherwise the network's default session in the user's state directory)")
	cmd.Flags().DurationVar(&f.wait, "wait", 0, "`duration` to wait for a session that another process holds, as in 10s")
}

// hold takes the session, at once or within the time that --wait allows. network is
// the one that the command line names; zero: none.
func (p *program) hold(ctx context.Context, f *sessionFlags, network dc.Network) (session.Held, error) {
	if f.memory {
		return new(session.Memory).Hold(ctx)
	}
	path, isDefault, err := p.sessionPath(f, network)
	if err != nil {
		return nil, err
	}
	p.session = path
	held, err := p.take(ctx, path, f.wait)
	if err != nil {
		return nil, err
	}
	if of := held.Data().Network; isDefault && network.IsZero() && !of.IsZero() && networkName(of) != "" {
		return nil, errors.Join(&fault{exit: exitUsage, Type: typeOtherNetwork, Message: fmt.Sprintf(
			"the default session of Telegram belongs to another network (%s): give --network, or delete the session: telekey session rm %s",
			networkName(of), word(path))}, held.Release(context.WithoutCancel(ctx)))
	}
	return held, nil
}

// take holds the session file. A path where no session can be is a mistake in what
// the command line leads to.
func (p *program) take(ctx context.Context, path string, wait time.Duration) (session.Held, error) {
	store := session.File(path)
	var held session.Held
	var err error
	if wait <= 0 {
		held, err = store.Hold(ctx)
	} else {
		bounded, cancel := context.WithTimeoutCause(ctx, wait, fmt.Errorf("--wait %v is over", wait))
		defer cancel()
		held, err = session.Wait(bounded, store)
	}
	switch {
	case err == nil, ctx.Err() != nil, isA[*session.HeldError](err), isA[*session.FileError](err):
		return held, err
	}
	return nil, config("%v", err)
}

// sessionPath is where the session is, and whether that is a default. The directory
// of a default session is made if need be; that of any other is the user's own
// affair.
func (p *program) sessionPath(f *sessionFlags, network dc.Network) (path string, isDefault bool, err error) {
	if path := cmp.Or(f.path, p.setting("TELEKEY_SESSION")); path != "" {
		return path, false, nil
	}
	dir, err := p.stateDir()
	if err != nil {
		return "", true, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", true, config("the default session has no place: %v: give --session", err)
	}
	return filepath.Join(dir, defaultSession(network)), true, nil
}

// word is a path as it is typed on a command line.
func word(path string) string {
	if path != "" && !strings.ContainsFunc(path, func(r rune) bool { return !strings.ContainsRune(plainInShells, r) }) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// plainInShells are the characters that no shell gives a meaning.
const plainInShells = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@+,%\\"

// stateDir is where the system wants a program to keep what is one user's own.
//
// https://specifications.freedesktop.org/basedir-spec/latest/
func (p *program) stateDir() (string, error) {
	home, parts := p.getenv("HOME"), []string{".local", "state"}
	switch runtime.GOOS {
	case "windows":
		home, parts = p.getenv("LocalAppData"), nil
	case "darwin":
		parts = []string{"Library", "Application Support"}
	default:
		if xdg := p.getenv("XDG_STATE_HOME"); filepath.IsAbs(xdg) {
			home, parts = xdg, nil
		}
	}
	if home == "" {
		return "", config("the default session has no place, because the environment names no home directory: give --session")
	}
	return filepath.Join(append(append([]string{home}, parts...), "telekey")...), nil
}
