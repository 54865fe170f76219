//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd || solaris || aix || windows)

package cli

import (
	"errors"
	"runtime"
)

// echoOff is not known on this system.
func echoOff(int) error { return errors.New("telekey does not know how on " + runtime.GOOS) }
