package passkey

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Open returns the authenticator that is kept in a file: JSON, readable by its
// owner alone (mode 0600; a file that others can read is tightened). It is saved
// whenever a passkey is made, used or removed, and replaced whole or not at all.
// The first save makes the file if it is missing; its directory must exist.
//
// Only one process at a time may use a file: two would count uses separately, and
// a site that compares counts would treat one as a copy.
//
// Errors: [*FileError] for the contents of the file, or the system's.
func Open(path string) (*Authenticator, error) {
	credentials, err := load(path)
	if err != nil {
		return nil, err
	}
	a := New(credentials...)
	a.save = func(credentials []Credential) error { return save(path, credentials) }
	return a, nil
}

// load reads the file; none is none.
func load(path string) ([]Credential, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read passkeys: %w", err)
	}
	defer f.Close()
	if err := tighten(f); err != nil {
		return nil, fmt.Errorf("passkeys %q: %w", path, err)
	}
	b, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	defer func() { clear(b) }()
	if err != nil {
		return nil, fmt.Errorf("cannot read passkeys: %w", err)
	}
	credentials, err := Unmarshal(b)
	if e, ok := errors.AsType[*FileError](err); ok {
		e.Path = path
	}
	return credentials, err
}

// tighten takes the group's and everybody's rights away.
func tighten(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("got a file of mode %v, want a regular one", info.Mode())
	}
	if runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := f.Chmod(0o600); err != nil {
		return fmt.Errorf("others can read its keys (mode %v) and that cannot be changed: %w: give it mode 0600", info.Mode().Perm(), err)
	}
	return nil
}

// save replaces the file. The new one is written beside it and durable before it
// takes the name, so that the name always leads to a file that is complete.
func save(path string, credentials []Credential) error {
	b, err := Marshal(credentials)
	if err != nil {
		return err
	}
	defer clear(b)
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to // replace what a link leads to, not the link
	}
	fresh, err := write(filepath.Dir(path), b)
	if err == nil {
		if err = os.Rename(fresh, path); err != nil {
			_ = os.Remove(fresh) // err is what matters
		}
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("cannot save passkeys %q: %w", path, err)
	}
	return nil
}

// write makes a new file, which os.CreateTemp gives mode 0600.
func write(dir string, b []byte) (name string, err error) {
	f, err := os.CreateTemp(dir, ".passkeys-*.tmp")
	if err != nil {
		return "", err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name()) // err is what matters
		return "", err
	}
	return f.Name(), nil
}

// syncDir makes a new name durable, where a system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
