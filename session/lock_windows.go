package session

import (
	"errors"
	"os"
	"syscall"
	"time"
	"unsafe"
)

var (
	kernel32     = syscall.NewLazyDLL("kernel32.dll")
	lockFileEx   = kernel32.NewProc("LockFileEx")
	unlockFileEx = kernel32.NewProc("UnlockFileEx")
)

// Flags and errors of LockFileEx.
// https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-lockfileex
const (
	lockFailImmediately = 1
	lockExclusive       = 2

	errLockViolation    syscall.Errno = 33
	errSharingViolation syscall.Errno = 32
)

// lockedByte is the locked byte. Windows prevents other processes from reading a
// locked range, and they must read the note at the beginning, so the byte is far
// beyond the end.
func lockedByte() *syscall.Overlapped {
	return &syscall.Overlapped{OffsetHigh: 1 << 30}
}

// noFollow and ownFile have nothing to do: this system does not say it through os.
const noFollow = 0

func ownFile(os.FileInfo) error { return nil }

func lockFile(f *os.File) error {
	ok, _, err := lockFileEx.Call(f.Fd(), lockExclusive|lockFailImmediately, 0, 1, 0,
		uintptr(unsafe.Pointer(lockedByte())))
	switch {
	case ok != 0:
		return nil
	case errors.Is(err, errLockViolation) || errors.Is(err, syscall.ERROR_IO_PENDING):
		return errLocked
	}
	return os.NewSyscallError("LockFileEx", err)
}

func unlockFile(f *os.File) error {
	ok, _, err := unlockFileEx.Call(f.Fd(), 0, 1, 0, uintptr(unsafe.Pointer(lockedByte())))
	if ok != 0 {
		return nil
	}
	return os.NewSyscallError("UnlockFileEx", err)
}

// A virus scanner or an indexer that looks at a new file keeps it from being
// renamed for a moment.
const (
	renameTries = 20
	renameDelay = 50 * time.Millisecond
)

func rename(from, to string) error {
	for try := 1; ; try++ {
		err := os.Rename(from, to)
		busy := errors.Is(err, errSharingViolation) || errors.Is(err, syscall.ERROR_ACCESS_DENIED)
		if !busy || try == renameTries {
			return err
		}
		time.Sleep(renameDelay)
	}
}

// syncDir has nothing to do: Windows has no such call, and NTFS keeps a journal
// of its names.
func syncDir(string) error { return nil }
