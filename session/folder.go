package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// suffix is what the files of a folder end in.
const suffix = ".session"

// maxName bounds the name of a session in a folder.
const maxName = 64

// Folder keeps many sessions in one directory, each as [File] does in the file
// name + ".session". The directory is made, for its owner alone, when the first
// session in it is held.
//
// A name has 1 to 64 of a–z, 0–9 and . _ - + @ and begins with a letter, a digit
// or +, so that phone numbers and mail addresses will do. Capitals are refused:
// on some file systems Ann and ann would be one session.
func Folder(dir string) Shelf { return folder(dir) }

type folder string

func (f folder) Session(name string) Store { return folded{f, name} }

// folded is one session of a folder.
type folded struct {
	in   folder
	name string
}

func (s folded) Hold(ctx context.Context) (Held, error) {
	if err := checkName(s.name); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(string(s.in), 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the directory of the sessions: %w", err)
	}
	return s.file().Hold(ctx)
}

func (s folded) file() file {
	return file{filepath.Join(string(s.in), s.name+suffix), systemDisk{}}
}

func (f folder) List(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot list sessions: %w", err)
	}
	var names []string
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if ok && checkName(name) == nil && !e.IsDir() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func (f folder) Remove(ctx context.Context, name string) error {
	if err := errors.Join(ctx.Err(), checkName(name)); err != nil {
		return err
	}
	if _, err := os.Stat(string(f)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return folded{f, name}.file().remove()
}

// checkName refuses a name that is not a plain file name on every system.
func checkName(name string) error {
	problem := ""
	switch {
	case len(name) < 1 || len(name) > maxName:
		problem = fmt.Sprintf("has %d bytes, want 1 to %d", len(name), maxName)
	case strings.ContainsFunc(name, func(r rune) bool { return !inName(r) }):
		problem = "may have only a-z, 0-9 and . _ - + @"
	case strings.ContainsRune("._-@", rune(name[0])):
		problem = "must begin with a letter, a digit or +"
	case device(name):
		problem = "is a device on Windows"
	default:
		return nil
	}
	return fmt.Errorf("session name %.80q %s: use another name", name, problem)
}

func inName(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("._-+@", r)
}

// device reports whether Windows opens a device under that name, whatever
// follows its first dot.
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions
func device(name string) bool {
	name, _, _ = strings.Cut(name, ".")
	if len(name) == 4 && (strings.HasPrefix(name, "com") || strings.HasPrefix(name, "lpt")) {
		return '0' <= name[3] && name[3] <= '9'
	}
	return slices.Contains([]string{"con", "prn", "aux", "nul"}, name)
}
