package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

// File keeps a session in a file: JSON, readable by its owner alone (mode 0600; a
// file that others can read is tightened when it is held; on Windows it inherits
// what the directory allows). A save replaces the file whole or not at all. The
// file is made by the first save; its directory must be there.
//
// The lock is the file path + ".lock" (see HeldError); it stays when the session
// is released. If another program removes it while the session is held, the next
// Update loses the hold. For a path that is a symbolic link, File replaces and
// locks the target of the link. A relative path starts at the directory that is
// current when Hold is called.
func File(path string) Store { return file{path, systemDisk{}} }

// Remove deletes the session file at path, unless another program holds it: then the
// error is ErrHeld. It does not sign out: the login stays in the account's list of
// devices. Removing a missing file succeeds.
func Remove(ctx context.Context, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return file{path, systemDisk{}}.remove()
}

// LockFile returns the open lock file of a session in a [File] or [Folder], and nil
// for other sessions. A command that inherits it keeps the session locked while it
// runs, even if h's program is killed: on Unix a lock lasts while any process has
// the locked file open. Release releases the session all the same. The caller must
// not close the file.
func LockFile(h Held) *os.File {
	if h, ok := h.(*hold); ok {
		if at, ok := h.at.(*filePlace); ok {
			return at.lock.file
		}
	}
	return nil
}

type file struct {
	path string
	disk disk
}

func (s file) Hold(ctx context.Context) (Held, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	at, err := s.lock()
	if err != nil {
		return nil, err
	}
	data, err := at.load()
	if err != nil {
		return nil, errors.Join(err, at.free())
	}
	return newHold(at, data), nil
}

// lock finds the file and locks it.
func (s file) lock() (*filePlace, error) {
	path, err := resolve(s.path)
	if err != nil {
		return nil, fmt.Errorf("session %q: %w", s.path, err)
	}
	lock, err := acquire(path + ".lock")
	if held, ok := errors.AsType[*HeldError](err); ok {
		held.Session = strconv.Quote(path)
		return nil, held
	}
	if err != nil {
		return nil, fmt.Errorf("session %q: %w", path, err)
	}
	return &filePlace{path, s.disk, lock}, nil
}

// remove deletes the session, unless it is held.
func (s file) remove() error {
	at, err := s.lock()
	if err != nil {
		return err
	}
	err = errors.Join(
		s.disk.Remove(at.path),
		s.disk.Sweep(at.path),
		s.disk.SyncDir(filepath.Dir(at.path)))
	return errors.Join(err, at.free())
}

// maxLinks is how many symbolic links may lead from one to the next.
const maxLinks = 40

// resolve returns the absolute path of the file itself: renaming over a symbolic
// link would replace the link and leave its target unchanged.
func resolve(path string) (string, error) {
	if path == "" {
		return "", errors.New("the path is empty: name a file")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for range maxLinks {
		dir := filepath.Dir(path)
		if info, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("there is no directory %q: make it first, or use another path", dir)
		} else if err != nil {
			return "", err
		} else if !info.IsDir() {
			return "", fmt.Errorf("%q is not a directory: use another path", dir)
		}
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			return path, regular(path, info)
		}
		if path, err = follow(path); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("got more than %d symbolic links one after another", maxLinks)
}

// follow returns the target of a symbolic link, which need not exist.
func follow(link string) (string, error) {
	to, err := os.Readlink(link)
	if err != nil || filepath.IsAbs(to) {
		return to, err
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(link))
	return filepath.Join(dir, to), err
}

// regular refuses directories, devices and pipes.
func regular(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%q is not a regular file (%v): use another path", path, info.Mode().Type())
	}
	return nil
}

// filePlace is a session's file, locked.
type filePlace struct {
	path string
	disk disk
	lock *lock
}

func (p *filePlace) String() string { return strconv.Quote(p.path) }

func (p *filePlace) guard() error { return p.lock.guard() }

func (p *filePlace) free() error { return p.lock.release() }

func (p *filePlace) save(d Data) error {
	b, err := Marshal(d)
	if err != nil {
		return fmt.Errorf("session %v: %w", p, err)
	}
	defer clear(b)
	return (&saving{disk: p.disk, path: p.path, data: b}).run()
}

// load reads the file; a missing file is an empty session. It also protects the keys
// from other users: in the file, and in the remains of an interrupted save.
func (p *filePlace) load() (Data, error) {
	if err := p.disk.Sweep(p.path); err != nil {
		return Data{}, fmt.Errorf("session %v: cannot remove what an interrupted save left: %w", p, err)
	}
	f, err := os.Open(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return Data{}, nil
	}
	if err != nil {
		return Data{}, fmt.Errorf("cannot read session: %w", err)
	}
	defer f.Close()
	if err := tighten(f); err != nil {
		return Data{}, fmt.Errorf("session %v: %w", p, err)
	}
	b, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	defer func() { clear(b) }()
	if err != nil {
		return Data{}, fmt.Errorf("cannot read session: %w", err)
	}
	d, err := Unmarshal(b)
	if e, ok := errors.AsType[*FileError](err); ok {
		e.Path = p.path
	}
	return d, err
}

// tighten removes the permissions of the group and of others.
func tighten(f *os.File) error {
	info, err := f.Stat()
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	if err := f.Chmod(0o600); err != nil {
		return fmt.Errorf("others can read its keys (mode %v) and that cannot be changed: %w: give it mode 0600",
			info.Mode().Perm(), err)
	}
	return nil
}
