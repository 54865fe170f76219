package cli

import (
	"io"

	"golang.org/x/term"
)

// readHidden writes a prompt and reads a line that does not show. The echo is off
// before the prompt is written: a program that answers prompts answers at once.
// ReadPassword puts the terminal back into the state that it finds, which is without
// the echo, too; so the echo comes back here, and with an interrupt in person.
func readHidden(fd int, out io.Writer, prompt string) ([]byte, error) {
	before, err := term.GetState(fd)
	if err == nil {
		err = echoOff(fd)
	}
	if err != nil {
		return nil, config("the terminal cannot hide what is typed: %v", err)
	}
	defer term.Restore(fd, before)
	if _, err := io.WriteString(out, prompt); err != nil {
		return nil, err
	}
	return term.ReadPassword(fd)
}
