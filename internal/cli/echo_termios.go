//go:build linux || solaris || aix

package cli

import "golang.org/x/sys/unix"

// echoOff stops the terminal from showing what is typed.
func echoOff(fd int) error {
	state, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	state.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(fd, unix.TCSETS, state)
}
