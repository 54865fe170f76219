//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package session

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// noFollow makes opening fail if the name is a link.
const noFollow = syscall.O_NOFOLLOW

// ownFile fails for a file of another user, or with another name beside this one.
func ownFile(info os.FileInfo) error {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	if user := os.Geteuid(); user != 0 && int64(s.Uid) != int64(user) {
		return fmt.Errorf("got a file of user %d, want one of user %d: remove it, or use another directory", s.Uid, user)
	}
	if s.Nlink > 1 {
		return fmt.Errorf("got a file with %d names, want one: remove it", s.Nlink)
	}
	return nil
}

// lockFile locks the whole file for this os.File alone: a second os.File is refused
// even in the same process, unlike with fcntl's locks.
func lockFile(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		default:
			return os.NewSyscallError("flock", err)
		}
	}
}

func unlockFile(f *os.File) error {
	return os.NewSyscallError("flock", syscall.Flock(int(f.Fd()), syscall.LOCK_UN))
}

func rename(from, to string) error { return os.Rename(from, to) }

// syncDir makes the names in a directory durable. Some network file systems do
// not know how and say EINVAL; their server decides then.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
