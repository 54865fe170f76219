//go:build !linux && !darwin

package emulator

// fileLimit is how many files the process may have open; 0: it is not known.
func fileLimit() int { return 0 }
