package cli

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// readHidden writes a prompt and reads a line that does not show. The echo is off
// before the prompt is written: a program that answers prompts answers at once. It is
// changed no more until the line is read, so that after an interrupt, where nothing
// waits for the line, the terminal stays as person has restored it.
func readHidden(in *os.File, out io.Writer, prompt string) ([]byte, error) {
	fd := int(in.Fd())
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
	return hiddenLine(in)
}

// hiddenLine reads up to the end of a line. The buffer does not grow, so that no copy
// of a secret is left behind.
func hiddenLine(in io.Reader) ([]byte, error) {
	line, next := make([]byte, 0, maxSecret), make([]byte, 1)
	defer clear(next)
	for len(line) < maxSecret {
		n, err := in.Read(next)
		switch {
		case n == 1 && next[0] == '\n', err == io.EOF && len(line) > 0:
			if end := len(line) - 1; end >= 0 && line[end] == '\r' {
				line = line[:end]
			}
			return line, nil
		case n == 1:
			line = append(line, next[0])
		case err != nil:
			return nil, err
		}
	}
	clear(line)
	return nil, fmt.Errorf("got a line of %d bytes or more, want a shorter answer", maxSecret)
}
