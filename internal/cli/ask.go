package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/display"
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
	hidden := auth.Hidden(func(prompt string) ([]byte, error) { return readHidden(f, p.err, prompt) })
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
		return fmt.Sprintf("Telegram has sent a code (%s) and there is no terminal to ask at: run telekey on one, or give --code-file", q.Kind)
	case auth.PasswordQuestion:
		return "the account has two-step verification and there is no terminal to ask at: give --password-file"
	case auth.NewPasswordQuestion:
		return "the account is to have a new password and there is no terminal to ask at: give --new-password-file"
	case auth.ShowQR:
		return "there is no terminal to draw the QR code on: run telekey on one, or give --qr-svg"
	case auth.TokenQuestion:
		return "there is no token and no terminal to ask at: give --bot-token-file or --web-token-file"
	case auth.EmailQuestion:
		return "Telegram wants an e-mail address to send codes to and there is no terminal to ask at: give --email"
	case auth.PaymentQuestion:
		return fmt.Sprintf("Telegram wants a payment before it sends %s a code and there is no terminal to ask at: run telekey login on one", q.Phone)
	case auth.ChallengeQuestion:
		return fmt.Sprintf("Telegram wants a proof against robots (%s) and there is no terminal to ask at: run telekey login on one", q.Kind)
	case auth.TermsQuestion, auth.NameQuestion:
		return "the number has no account yet and there is no terminal to ask at: give --accept-tos and --first-name to make one"
	}
	return fmt.Sprintf("Telegram asks for something (%T) and there is no terminal to ask at: run telekey on one", q)
}

// confirm has a word typed by somebody who is sure.
func (p *program) confirm(ctx context.Context, word, what string) error {
	fmt.Fprintf(p.err, "This will %s %s for good. To go on, type %s: ", word, display.Line(what), word)
	typed := make(chan string, 1)
	go func() { typed <- p.readLine() }()
	select {
	case line := <-typed:
		if strings.TrimSpace(line) != word {
			return &fault{exit: exitOther, Type: typeCancelled, Message: "not confirmed: nothing was done"}
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readLine reads no further than the end of the line: what comes after it is for
// the next question.
func (p *program) readLine() string {
	var line []byte
	next := make([]byte, 1)
	for len(line) < maxSecret {
		n, err := p.in.Read(next)
		if n == 1 && next[0] != '\n' {
			line = append(line, next[0])
		} else if n == 1 || err != nil {
			break
		}
	}
	return string(line)
}
