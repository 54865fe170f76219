//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd || windows)

package cli

// echoOff leaves it to ReadPassword to hide what is typed, after the prompt.
func echoOff(int) error { return nil }
