//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package session

import (
	"errors"
	"os"
	"runtime"
)

// Without a system lock two programs could use one key, so File returns an error on
// systems without locks; Memory and stores in databases work.

// noFollow and ownFile do nothing: package os does not offer the checks here.
const noFollow = 0

func ownFile(os.FileInfo) error { return nil }

func lockFile(*os.File) error {
	return errors.New("telekey knows no file lock on " + runtime.GOOS + ": use another store")
}

func unlockFile(*os.File) error { return nil }

func rename(from, to string) error { return os.Rename(from, to) }

func syncDir(string) error { return nil }
