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

// A lock is a file of its own beside the session, because a save replaces the
// session's file, and with it whatever lock would be on that. The operating
// system holds the lock, and lets it go when its process ends in whatever way:
// no lock is ever left over, whatever the file says. What it says is only for
// the message that others get.
//
// The file is never removed: between another program's opening it and locking
// it, a removal would leave that program with a lock on a file that nobody else
// sees, and the next one with a second lock.
type lock struct {
	file *os.File
}

var (
	errLocked  = errors.New("another open file has the lock")
	errRemoved = errors.New("somebody removed the lock file, so that another program may have the session")
)

// note is what the lock file says about its holder: one line of JSON.
type note struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

const maxNote = 1024 // bytes of it that are read

// noteHead is what a note begins with.
const noteHead = `{"pid":`

// A holder writes its note just after it has locked the file. Who comes in
// between finds none and looks again: noteTries times, noteDelay apart. (Or, if
// the last holder was killed, that one's note: a wrong name, for microseconds.)
const (
	noteTries = 5
	noteDelay = 2 * time.Millisecond
)

// acquire locks the file at path, which it makes if need be. If another holds
// it, the error is a *HeldError that lacks the session's name.
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
			// Its name may have gone between our opening and our locking it.
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

// own fails when the file was not made by telekey: others who may write to the
// directory could have put a link to another file there, which a holder would
// overwrite.
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

// sign writes who we are. Without it others do not learn who holds the session;
// it is held all the same.
func (l *lock) sign() {
	me := holder("")
	text, err := json.Marshal(note{me.PID, me.Host, me.Since.UTC().Truncate(time.Second)})
	if err == nil && l.file.Truncate(0) == nil {
		l.file.WriteAt(append(text, '\n'), 0)
	}
}

// guard fails when the name no longer leads to the file that we have locked:
// somebody removed it, and whoever comes next will lock another.
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

// release takes the note back and unlocks. Unlocking says it to the system
// itself: a child process that is being started may still share the open file.
func (l *lock) release() error {
	l.file.Truncate(0)
	return errors.Join(unlockFile(l.file), l.file.Close())
}

// readNote is what the lock file says; zero if it says nothing sensible.
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
