package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
	"unicode"
)

// A lock is a separate file beside the session, because a save replaces the
// session's file and would drop a lock on it. The operating system holds the lock
// and releases it when the process ends for any reason, so no stale lock remains.
// The contents of the lock file only serve the error message of other programs.
//
// The file is never removed: a removal between another program's opening and
// locking it would leave that program with a lock on an invisible file, and the
// next program with a second lock.
type lock struct {
	file *os.File
}

var (
	errLocked  = errors.New("another open file has the lock")
	errRemoved = errors.New("the lock file was removed, so that another program may have the session")
)

// note is the contents of the lock file, one line of JSON about its holder.
type note struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

const maxNote = 1024 // bytes of it that are read

// noteHead is what a note begins with.
const noteHead = `{"pid":`

// A holder writes its note just after it has locked the file. Before that, another
// program finds no note and reads again: noteTries times, noteDelay apart. If the
// last holder was killed, its note is found for some microseconds instead.
const (
	noteTries = 5
	noteDelay = 2 * time.Millisecond
)

// acquire locks the file at path, and makes it if necessary. If another program has
// locked it, the error is a *HeldError without the session's name.
func acquire(path string) (*lock, error) {
	for try := 1; ; try++ {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noFollow, 0o600)
		if err != nil {
			return nil, fmt.Errorf("cannot open the lock file: %w (the directory must be writable, and the file no link)", err)
		}
		l := &lock{file}
		if err := l.own(); err != nil {
			file.Close()
			return nil, fmt.Errorf("cannot lock %q: %w", path, err)
		}
		if err = lockFile(file); err == nil {
			// The file may have been removed between opening and locking it.
			if err = l.guard(); err == nil {
				l.sign()
				return l, nil
			}
		}
		by := readNote(file)
		file.Close()
		locked := errors.Is(err, errLocked)
		switch {
		case locked && (by.PID != 0 || try == noteTries):
			return nil, &HeldError{PID: by.PID, Host: by.Host, Since: by.Since}
		case !locked && (!errors.Is(err, errRemoved) || try == noteTries):
			return nil, fmt.Errorf("cannot lock %q: %w", path, err)
		}
		time.Sleep(noteDelay)
	}
}

// own fails when the file was not made by telekey: another user of the directory
// could have made a link to another file, which a holder would overwrite.
func (l *lock) own() error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("got a file of mode %v, want a regular one: remove it", info.Mode())
	}
	if err := ownFile(info); err != nil {
		return err
	}
	head := make([]byte, len(noteHead))
	n, err := l.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) || info.Size() > maxNote || !strings.HasPrefix(noteHead, string(head[:n])) {
		return fmt.Errorf("got a file of %d bytes that is no lock file of telekey: it is left as it is, move it elsewhere", info.Size())
	}
	return nil
}

// sign writes the note of this process. If that fails, other programs cannot name
// the holder, but the session is held all the same.
func (l *lock) sign() {
	me := holder("")
	text, err := json.Marshal(note{me.PID, me.Host, me.Since.UTC().Truncate(time.Second)})
	if err == nil && l.file.Truncate(0) == nil {
		l.file.WriteAt(append(text, '\n'), 0)
	}
}

// guard fails when the name no longer refers to the locked file: the file was
// removed, and the next program will lock another one.
func (l *lock) guard() error {
	ours, err := l.file.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(l.file.Name())
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(ours, there) {
		return fmt.Errorf("%w: %q", errRemoved, l.file.Name())
	}
	return err
}

// release erases the note and unlocks. It unlocks explicitly, because a child
// process that is being started may still share the open file.
func (l *lock) release() error {
	l.file.Truncate(0)
	return errors.Join(unlockFile(l.file), l.file.Close())
}

// readNote reads the lock file; zero if it is malformed.
func readNote(file *os.File) (n note) {
	text, err := io.ReadAll(io.NewSectionReader(file, 0, maxNote))
	if err != nil || json.Unmarshal(text, &n) != nil || n.PID < 0 {
		return note{}
	}
	for _, r := range n.Host {
		if !unicode.IsPrint(r) {
			n.Host = ""
		}
	}
	return n
}
