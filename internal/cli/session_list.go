package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/session"
)

func (p *program) sessionListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list [DIRECTORY]",
		Short: "List the session files of a directory",
		Long: `List the session files (*.session) of a directory; without one, the default
sessions: path, network, user, and the process that holds the session now. Nothing
is asked of a server: the user is the one that the file remembers.

With --json, a list of objects with "path", "network" ("production", "test", or the
identity of another one), "address" of a network that is not Telegram's, "user_id",
"name", "phone", "held_by":{"pid":123,"host":"…"} and, of a file that cannot be read,
"error". What is empty is left out.`,
		Example: `  telekey session list
  telekey session list --json | jq -r '.[].path'`,
		Args: arguments(0, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			dir, err := p.sessionsIn(args)
			if err != nil {
				return err
			}
			return p.listSessions(ctx, dir)
		}),
	}
}

// sessionsIn is the directory to list.
func (p *program) sessionsIn(args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	return p.stateDir()
}

// listed is a session in the list.
type listed struct {
	Path    string  `json:"path"`
	Network string  `json:"network,omitempty"`
	Address string  `json:"address,omitempty"`
	UserID  int64   `json:"user_id,omitzero"`
	Name    string  `json:"name,omitempty"`
	Phone   string  `json:"phone,omitempty"`
	Held    *keeper `json:"held_by,omitempty"`
	Error   string  `json:"error,omitempty"`
}

// keeper is the process that holds a session. Its number is 0 where it is not known.
type keeper struct {
	PID  int    `json:"pid"`
	Host string `json:"host,omitempty"`
}

func (p *program) listSessions(ctx context.Context, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return config("%v", err)
	}
	list, lines := []listed{}, []string{}
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".session") {
			continue
		}
		s := look(ctx, filepath.Join(dir, entry.Name()))
		list, lines = append(list, s), append(lines, s.line())
	}
	return p.printLines(list, lines)
}

// look reads a session without holding it: a save replaces the file whole.
func look(ctx context.Context, path string) listed {
	s := listed{Path: path, Held: heldBy(ctx, path)}
	content, err := os.ReadFile(path)
	defer clear(content)
	var d session.Data
	if err == nil {
		d, err = session.Unmarshal(content)
	}
	defer d.Wipe()
	if err != nil {
		s.Error = err.Error()
		return s
	}
	if !d.Network.IsZero() {
		s.Network = d.Network.Identity()
		s.Address, _ = strings.CutPrefix(networkName(d.Network), "emulator ")
	}
	if d.Network.IsTelegram() {
		s.Address = ""
	}
	if u := d.User; u != nil {
		s.UserID, s.Name, s.Phone = u.ID, strings.TrimSpace(u.FirstName+" "+u.LastName), u.Phone
	}
	return s
}

// heldBy is the holder of a session, or nil. Only a lock file with a note in it is
// tried: every other session is free, and trying it would keep others out for that
// moment.
func heldBy(ctx context.Context, path string) *keeper {
	if info, err := os.Stat(path + ".lock"); err != nil || info.Size() == 0 {
		return nil
	}
	held, err := session.File(path).Hold(ctx)
	if other, ok := errors.AsType[*session.HeldError](err); ok {
		return &keeper{other.PID, other.Host}
	}
	if err == nil {
		_ = held.Release(ctx) // nothing was noted: there is nothing to save
	}
	return nil
}

// line is the session for people.
func (s listed) line() string {
	parts := []string{word(s.Path) + ":"}
	switch {
	case s.Error != "":
		return parts[0] + " cannot be read: " + s.Error
	case s.Network == "":
		parts = append(parts, "new")
	case s.Address != "":
		parts = append(parts, "emulator "+s.Address)
	default:
		parts = append(parts, map[string]string{"production": "Telegram", "test": "Telegram's test servers"}[s.Network])
	}
	user := "not signed in"
	if s.UserID != 0 {
		user = joined(", ", s.Name, fmt.Sprintf("user %d", s.UserID))
		if s.Phone != "" {
			user += " (+" + s.Phone + ")"
		}
	}
	line := strings.Join(parts, " ") + ", " + user
	if s.Held != nil {
		line += fmt.Sprintf(", held by process %d", s.Held.PID)
	}
	return line
}
