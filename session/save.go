package session

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// disk is the part of a file system that a save needs. Tests replace it by one that
// stops between any two calls.
type disk interface {
	Remove(name string) error                                      // no error if there is none
	Sweep(path string) error                                       // removes the files of interrupted saves to path
	Create(path string) (file writtenFile, name string, err error) // a new file beside path, mode 0600, of a random name
	Rename(from, to string) error                                  // replaces to
	SyncDir(dir string) error                                      // makes the names in it durable
}

type writtenFile interface {
	io.Writer
	Sync() error
	Close() error
}

// saving is one save of bytes to a path, through a new file beside it.
type saving struct {
	disk disk
	path string
	data []byte
	file writtenFile
	name string // of file
}

// step is one system call, or a sequence that acts like one.
type step struct {
	name string
	do   func() error
}

// steps replace the file at path whole or not at all. At every moment the path
// leads either to the old file or to the new one, and both are complete:
//
//   - The new file's bytes are on the disk before its name is the session's.
//     Without that a power cut may leave the new name on an empty file.
//   - The name changes by a rename, which is atomic.
//   - The directory is synced before the save returns. Without that a power cut
//     may restore the old file.
//
// The next save removes the new file of an interrupted one: only the holder of the
// lock saves. Its name is random, so that no other user can take it first.
func (s *saving) steps() []step {
	return []step{
		{"remove the file of an interrupted save", func() error { return s.disk.Sweep(s.path) }},
		{"create", func() (err error) { s.file, s.name, err = s.disk.Create(s.path); return err }},
		{"write", func() error { _, err := s.file.Write(s.data); return err }},
		{"sync", func() error { return s.file.Sync() }},
		{"close", func() error { f := s.file; s.file = nil; return f.Close() }},
		{"rename", func() error { return s.disk.Rename(s.name, s.path) }},
		{"sync the directory", func() error { return s.disk.SyncDir(filepath.Dir(s.path)) }},
	}
}

// isUnfinished reports whether a name, beside the session's, is that of the new file
// of a save: the session's, a number and .tmp. Saves of other sessions in the folder
// are not among them.
func isUnfinished(name, session string) bool {
	middle, isNew := strings.CutSuffix(name, ".tmp")
	number, isOurs := strings.CutPrefix(middle, session)
	if !isNew || !isOurs {
		return false
	}
	digits := strings.TrimPrefix(number, ".")
	return number == "" || digits != number && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// run does the steps up to the first that fails, and then cleans up.
func (s *saving) run() error {
	for _, step := range s.steps() {
		if err := step.do(); err != nil {
			if s.file != nil {
				s.file.Close()
			}
			if s.name != "" {
				s.disk.Remove(s.name)
			}
			return fmt.Errorf("cannot save session %q: %s: %w", s.path, step.name, err)
		}
	}
	return nil
}

// systemDisk is the disk of the operating system.
type systemDisk struct{}

func (systemDisk) Remove(name string) error {
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

func (d systemDisk) Sweep(path string) error {
	dir, session := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Type().IsRegular() && isUnfinished(entry.Name(), session) {
			err = errors.Join(err, d.Remove(filepath.Join(dir, entry.Name())))
		}
	}
	return err
}

func (systemDisk) Create(path string) (writtenFile, string, error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp") // O_EXCL, mode 0600
	if err != nil {
		return nil, "", err
	}
	return file, file.Name(), nil
}

func (systemDisk) Rename(from, to string) error { return rename(from, to) }

func (systemDisk) SyncDir(dir string) error { return syncDir(dir) }
