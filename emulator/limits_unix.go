//go:build linux || darwin

package emulator

import "syscall"

// fileLimit is how many files the process may have open; 0: it is not known.
func fileLimit() int {
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) != nil {
		return 0
	}
	return int(min(r.Cur, 1<<30))
}
