package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/telekey/telekey/auth"
)

// terminal is standard input if somebody sits there, or nil.
func (p *program) terminal() *os.File {
	if f, ok := p.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}

// person asks whoever sits at the terminal, and is nil if nobody does. Standard
// output is for the result, so questions go to standard error. end puts the
// terminal right again: an interrupted question for a secret leaves it silent.
func (p *program) person() (asker auth.Asker, end func()) {
	f := p.terminal()
	if f == nil {
		return nil, func() {}
	}
	fd := int(f.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		before = nil
	}
	hidden := auth.Hidden(func() ([]byte, error) { return term.ReadPassword(fd) })
	return auth.Terminal(f, p.err, hidden), func() {
		if before != nil {
			term.Restore(fd, before)
		}
	}
}

// missing says which flag would have answered a question, where there is nobody
// to ask.
func missing(q auth.Question) string {
	switch q := q.(type) {
	case auth.PhoneQuestion:
		return "there is no phone number and no terminal to ask at: give --phone"
	case auth.CodeQuestion:
		return fmt.Sprintf("Telegram has sent a code (%s) and there is no terminal to ask at: run telekey login on one, or on a network of your own give --code", q.Kind)
	case auth.PasswordQuestion:
		return "the account has two-step verification and there is no terminal to ask at: give --password-file"
	case auth.TermsQuestion, auth.NameQuestion:
		return "the number has no account yet and there is no terminal to ask at: give --accept-tos and --first-name to make one"
	}
	return fmt.Sprintf("Telegram asks for something (%T) and there is no terminal to ask at: run telekey login on one", q)
}

// maxPassword bounds what is read for a password, in bytes.
const maxPassword = 4096

// readPassword reads the first line of a file; of standard input, for "-".
func (p *program) readPassword(name string) (auth.Secret, error) {
	in := p.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, config("--password-file: %v", err)
		}
		defer f.Close()
		in = f
	} else if p.terminal() != nil {
		return nil, usage("--password-file - would show the password on the terminal: leave it out and the password is asked for")
	}
	line, err := bufio.NewReader(io.LimitReader(in, maxPassword+1)).ReadBytes('\n')
	if err != nil && err != io.EOF {
		return nil, config("--password-file: %v", err)
	}
	password := bytes.TrimRight(line, "\r\n")
	if len(password) == 0 || len(password) > maxPassword {
		return nil, config("--password-file: got a first line of %d bytes, want 1 to %d", len(password), maxPassword)
	}
	return password, nil
}
