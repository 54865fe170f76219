package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/internal/display"
	"github.com/telekey/telekey/session"
)

func (p *program) sessionRemoveCommand() *cobra.Command {
	var f sessionPlace
	var yes bool
	cmd := &cobra.Command{
		Use:   "rm [FILE]",
		Short: "Delete a session file",
		Long: `Delete a session file, the one of --session if none is named, for example of an
emulator that is gone. A session that a process holds is left alone.

Only the copy on this machine goes. A login in it stays in the account's list of
devices, and nobody can use it any more: telekey logout ends it at the server, too,
and keeps the file. A file that cannot be read as a session is deleted only if its
name ends in .session.

A person at a terminal is asked first; anywhere else --yes has to be given.`,
		Example: `  telekey session rm me.session --yes
  telekey session rm --network network.json --yes`,
		Args: arguments(0, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			if len(args) > 0 && f.path != "" {
				return usage("got FILE and --session, want one of them")
			}
			if len(args) > 0 {
				f.path = args[0]
			}
			return p.removeSession(ctx, &f, yes)
		}),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (p *program) removeSession(ctx context.Context, f *sessionPlace, yes bool) error {
	network, err := p.network(&f.networkFlags)
	if err != nil {
		return err
	}
	path, _, err := p.sessionPath(&f.sessionFlags, network)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return config("there is no session file %s: telekey session list shows the default ones", word(path))
	case err != nil:
		return config("%v", err)
	case !info.Mode().IsRegular():
		return config("%s is not a regular file: name a session file", word(path))
	}
	found := look(ctx, path)
	if found.Error != "" && filepath.Ext(path) != ".session" {
		return config("%s is not deleted, because it is not a session: %s", word(path), found.Error)
	}
	if !yes {
		if p.terminal() == nil {
			return unanswered(fmt.Sprintf("%s is not deleted without being asked and there is no terminal to ask at: give --yes", word(path)))
		}
		fmt.Fprintln(p.err, display.Line(found.line()))
		if err := p.confirm(ctx, "delete", "the session "+word(path)+" on this machine"); err != nil {
			return err
		}
	}
	if err := session.Remove(ctx, path); err != nil {
		return err
	}
	return p.print(map[string]string{"deleted": path}, "deleted %s; only the copy on this machine is gone", word(path))
}
