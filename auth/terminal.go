package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/telekey/telekey/internal/input"
)

// TerminalOption changes what [Terminal] does.
type TerminalOption func(*terminal)

// Hidden has passwords read by read, which writes the prompt and reads one line
// without showing it. It has to hide what is typed before it writes the prompt: who
// answers at once, such as a program that types, would show the password otherwise.
// Without Hidden the typed text shows: the standard library cannot hide it.
func Hidden(read func(prompt string) ([]byte, error)) TerminalOption {
	return func(t *terminal) { t.hidden = read }
}

// DrawQR has login links drawn by draw, as QR codes of two screen lines a character
// or so; without it the link itself is written, for whoever draws it elsewhere.
func DrawQR(draw func(out io.Writer, link QRLink) error) TerminalOption {
	return func(t *terminal) { t.draw = draw }
}

// Terminal asks a person: it writes the questions to out and reads the answers
// from in, a line each. For a code, r has it sent in the next way, and q gives up;
// where other commands are taken the question says so. What only another program
// can answer (passkeys, challenges) is an [*UnansweredError].
//
// When in ends before a question is answered, the error is io.ErrUnexpectedEOF.
// When the context ends, Ask returns at once, but a read from in cannot be called
// off: the line that it brings answers the next question.
func Terminal(in io.Reader, out io.Writer, options ...TerminalOption) Asker {
	t := &terminal{in: in, out: out}
	for _, option := range options {
		option(t)
	}
	return t
}

type terminal struct {
	in      io.Reader
	out     io.Writer
	hidden  func(prompt string) ([]byte, error)
	draw    func(out io.Writer, link QRLink) error
	pending chan line // of a read that was not waited for
}

type line struct {
	text []byte
	err  error
}

// Ask asks q until the answer is one that the question takes.
func (t *terminal) Ask(ctx context.Context, q Question) (Answer, error) {
	if err := t.say(words(q, time.Now())); err != nil {
		return nil, err
	}
	switch q := q.(type) {
	case PhoneQuestion:
		return t.phone(ctx)
	case CodeQuestion:
		return t.code(ctx, q)
	case PasswordQuestion:
		return t.password(ctx, q)
	case NewPasswordQuestion:
		return t.newPassword(ctx, q)
	case TokenQuestion:
		return t.token(ctx)
	case EmailQuestion:
		return t.email(ctx)
	case PaymentQuestion:
		return t.paid(ctx)
	case ChallengeQuestion:
		return t.challenge(ctx)
	case ShowQR:
		return nil, t.show(q)
	case TermsQuestion:
		return t.accept(ctx)
	case NameQuestion:
		return t.name(ctx)
	}
	return nil, untypable(q)
}

// untypable is the error for what nobody can type: which program has to answer.
func untypable(q Question) error {
	if _, ok := q.(PasskeyQuestion); ok {
		return fmt.Errorf("%w: nobody can type it, an authenticator has to make it: see PasskeyAsker", &UnansweredError{q})
	}
	return fmt.Errorf("got a %T, want a question that this terminal knows", q)
}

func (t *terminal) phone(ctx context.Context) (Answer, error) {
	for {
		number, err := t.read(ctx, "Telephone number with country code: ")
		if err != nil {
			return nil, err
		}
		if number == "" {
			continue
		}
		if _, err = input.Number(number); err == nil {
			return PhoneNumber(number), nil
		}
		if err := t.say(err.Error() + "\n"); err != nil {
			return nil, err
		}
	}
}

func (t *terminal) code(ctx context.Context, q CodeQuestion) (Answer, error) {
	prompt := "Code: "
	if q.Length > 0 {
		prompt = fmt.Sprintf("Code (%d %s): ", q.Length, characters(q.Kind))
	}
	for {
		answer, err := t.read(ctx, prompt)
		switch {
		case err != nil:
			return nil, err
		case strings.EqualFold(answer, "r"):
			return Resend{}, nil
		case strings.EqualFold(answer, "q"):
			return Cancel{}, nil
		case strings.EqualFold(answer, "e") && resets(q):
			return ResetEmail{}, nil
		case q.MaySkip && strings.EqualFold(answer, "s"):
			return Skip{}, nil
		case answer != "":
			return Code(answer), nil
		}
	}
}

func (t *terminal) password(ctx context.Context, q PasswordQuestion) (Answer, error) {
	if q.MaySkip { // any line may be a password
		known, err := t.yes(ctx, "Do you know it? (y/n): ")
		if err != nil || !known {
			return Skip{}, err
		}
	}
	password, err := t.secret(ctx, "Password: ")
	if err != nil {
		return nil, err
	}
	if q.HasRecovery && string(password) == "!" {
		return Recover{}, nil
	}
	return Secret(password), nil
}

func (t *terminal) token(ctx context.Context) (Answer, error) {
	token, err := t.secret(ctx, "Token: ")
	if err != nil {
		return nil, err
	}
	return trimmed(Secret(token)), nil
}

// newPassword has it typed twice: nobody sees what is typed.
func (t *terminal) newPassword(ctx context.Context, q NewPasswordQuestion) (Answer, error) {
	if q.KeepsPassword {
		email, err := t.read(ctx, "E-mail to recover it by (may be empty): ")
		return NewPassword{Email: email}, err
	}
	for {
		first, err := t.secret(ctx, "New password: ")
		if err != nil {
			return nil, err
		}
		if q.MaySkip && string(first) == "!" {
			return Skip{}, nil
		}
		second, err := t.secret(ctx, "The same once more: ")
		if err != nil {
			clear(first)
			return nil, err
		}
		same := bytes.Equal(first, second)
		if clear(second); same {
			return t.aboutPassword(ctx, q, Secret(first))
		}
		clear(first)
		if err := t.say("These were not the same.\n"); err != nil {
			return nil, err
		}
	}
}

// aboutPassword asks for what goes with a new password.
func (t *terminal) aboutPassword(ctx context.Context, q NewPasswordQuestion, password SecretAnswer) (Answer, error) {
	n := NewPassword{Password: password}
	var err error
	n.Hint, err = t.read(ctx, "A hint to remember it by, which others can see (may be empty): ")
	if err == nil && q.TakesEmail {
		n.Email, err = t.read(ctx, "E-mail to recover it by (may be empty): ")
	}
	if err != nil {
		password.Wipe()
		return nil, err
	}
	return n, nil
}

// yes asks until the answer is one.
func (t *terminal) yes(ctx context.Context, prompt string) (bool, error) {
	for {
		answer, err := t.read(ctx, prompt)
		switch {
		case err != nil:
			return false, err
		case strings.EqualFold(answer, "y"), strings.EqualFold(answer, "yes"):
			return true, nil
		case strings.EqualFold(answer, "n"), strings.EqualFold(answer, "no"):
			return false, nil
		}
	}
}

// secret reads a line that does not show, if it can be hidden.
func (t *terminal) secret(ctx context.Context, prompt string) ([]byte, error) {
	for {
		read := t.line
		if t.hidden != nil && t.pending == nil {
			read = func() ([]byte, error) { return t.hidden(prompt) }
		} else if err := t.say(prompt); err != nil {
			return nil, err
		}
		secret, err := t.await(ctx, read)
		if t.hidden != nil && err == nil {
			err = t.say("\n") // the one that was typed did not show either
		}
		if err != nil {
			return nil, err
		}
		if len(secret) > 0 {
			return secret, nil
		}
	}
}

func (t *terminal) email(ctx context.Context) (Answer, error) {
	for {
		address, err := t.read(ctx, "E-mail address: ")
		switch {
		case err != nil:
			return nil, err
		case strings.EqualFold(address, "q"):
			return Cancel{}, nil
		case address != "":
			return Email(address), nil
		}
	}
}

func (t *terminal) challenge(ctx context.Context) (Answer, error) {
	for {
		token, err := t.read(ctx, "Token: ")
		switch {
		case err != nil:
			return nil, err
		case strings.EqualFold(token, "q"):
			return Cancel{}, nil
		case token != "":
			return ChallengeToken(token), nil
		}
	}
}

func (t *terminal) paid(ctx context.Context) (Answer, error) {
	for {
		answer, err := t.read(ctx, "Paid? (p/q): ")
		switch {
		case err != nil:
			return nil, err
		case strings.EqualFold(answer, "p"):
			return Paid{}, nil
		case strings.EqualFold(answer, "q"):
			return Cancel{}, nil
		}
	}
}

// show writes a login link, or its QR code, and does not wait for what is typed:
// that is for the next question.
func (t *terminal) show(q ShowQR) error {
	if t.draw != nil {
		return t.draw(t.out, q.Link)
	}
	return t.say(q.Link.Reveal() + "\n")
}

func (t *terminal) accept(ctx context.Context) (Answer, error) {
	accepted, err := t.yes(ctx, "Do you accept? (y/n): ")
	if err != nil {
		return nil, err
	}
	if !accepted {
		return Cancel{}, nil
	}
	return Accept{}, nil
}

func (t *terminal) name(ctx context.Context) (Answer, error) {
	for {
		first, err := t.read(ctx, "First name: ")
		if err != nil {
			return nil, err
		}
		if first == "" {
			continue
		}
		last, err := t.read(ctx, "Last name (may be empty): ")
		return Name{First: first, Last: last}, err
	}
}

// say writes to the person.
func (t *terminal) say(s string) error {
	_, err := io.WriteString(t.out, s)
	return err
}

// read asks for a line, and drops blanks around it.
func (t *terminal) read(ctx context.Context, prompt string) (string, error) {
	if err := t.say(prompt); err != nil {
		return "", err
	}
	b, err := t.await(ctx, t.line)
	return strings.TrimSpace(string(b)), err
}

// await reads in a goroutine, so that ctx can end the waiting.
func (t *terminal) await(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	if t.pending == nil {
		t.pending = make(chan line, 1)
		go func(result chan<- line) {
			b, err := read()
			result <- line{b, err}
		}(t.pending)
	}
	select {
	case l := <-t.pending:
		t.pending = nil
		if errors.Is(l.err, io.EOF) {
			l.err = fmt.Errorf("the input ended before the question was answered: %w", io.ErrUnexpectedEOF)
		}
		return l.text, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// line reads up to a line's end, byte by byte: what comes after it is for
// whoever reads next, who may be reading in another way. The buffer never grows,
// so that no copies of a password are left behind.
func (t *terminal) line() ([]byte, error) {
	b, next := make([]byte, 0, maxAnswer), make([]byte, 1)
	defer clear(next)
	for len(b) < maxAnswer {
		n, err := t.in.Read(next)
		switch {
		case n == 1 && next[0] == '\n':
			return trimReturn(b), nil
		case n == 1:
			b = append(b, next[0])
		case err == io.EOF && len(b) > 0:
			return trimReturn(b), nil
		case err != nil:
			return nil, err
		}
	}
	clear(b)
	return nil, fmt.Errorf("got a line of more than %d bytes, want a shorter answer", maxAnswer)
}

func trimReturn(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\r' {
		return b[:n-1]
	}
	return b
}
