package session

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// disk is what a save needs of a file system. Tests put one behind it that stops
// between any two calls.
type disk interface {
	Remove(name string) error                // no error if there is none
	Create(name string) (writtenFile, error) // mode 0600; an error if there is one already
	Rename(from, to string) error            // replaces to
	SyncDir(dir string) error                // makes the names in it durable
}

type writtenFile interface {
	io.Writer
	Sync() error
	Close() error
}

// saving is one save: of bytes, to a path, by way of a new file beside it.
type saving struct {
	disk disk
	path string
	data []byte
	file writtenFile
}

// step is one call of the system, or as good as one.
type step struct {
	name string
	do   func() error
}

// steps replace the file at path whole or not at all. At every moment the path
// leads either to the old file or to the new one, and both are complete:
//
//   - The new file's bytes are on the disk before its name is the session's.
//     Without that a power cut may leave the new name on an empty file.
//   - The name changes by a rename, which has no middle.
//   - The directory is synced before the save is called done. Without that a
//     power cut may bring the old file back.
//
// What a save left behind when it was interrupted is removed by the next one.
// The new file always has the same name: only the holder of the lock saves.
func (s *saving) steps() []step {
	fresh := unfinished(s.path)
	return []step{
		{"remove what an interrupted save left", func() error { return s.disk.Remove(fresh) }},
		{"create", func() (err error) { s.file, err = s.disk.Create(fresh); return err }},
		{"write", func() error { _, err := s.file.Write(s.data); return err }},
		{"sync", func() error { return s.file.Sync() }},
		{"close", func() error { f := s.file; s.file = nil; return f.Close() }},
		{"rename", func() error { return s.disk.Rename(fresh, s.path) }},
		{"sync the directory", func() error { return s.disk.SyncDir(filepath.Dir(s.path)) }},
	}
}

// unfinished is the name under which a save writes.
func unfinished(path string) string { return path + ".tmp" }

// run does the steps up to the first that fails, and then cleans up.
func (s *saving) run() error {
	for _, step := range s.steps() {
		if err := step.do(); err != nil {
			if s.file != nil {
				s.file.Close()
			}
			s.disk.Remove(unfinished(s.path))
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

func (systemDisk) Create(name string) (writtenFile, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (systemDisk) Rename(from, to string) error { return rename(from, to) }

func (systemDisk) SyncDir(dir string) error { return syncDir(dir) }
