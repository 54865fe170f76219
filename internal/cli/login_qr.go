package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/telekey/telekey/auth"
)

// qrScreen shows login links as QR codes: on the terminal, in a file, or both. The
// link itself is written nowhere: who reads it before it is accepted is let in.
type qrScreen struct {
	file string   // "": none
	out  *os.File // a terminal; nil: none
	next auth.Asker
	rows int // of the terminal that the last code takes
}

// qrScreen shows QR codes in a file, if one is named, and on standard error, if
// that is a terminal.
func (p *program) qrScreen(file string, next auth.Asker) *qrScreen {
	s := &qrScreen{file: file, next: next}
	if f, ok := p.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.out = f
	}
	return s
}

// Ask shows a link, and leaves other questions to others.
func (s *qrScreen) Ask(ctx context.Context, q auth.Question) (auth.Answer, error) {
	show, ok := q.(auth.ShowQR)
	switch {
	case !ok:
		return s.next.Ask(ctx, q)
	case s.file == "" && s.out == nil:
		return nil, &auth.UnansweredError{Question: q}
	}
	m, err := newMatrix(show.Link.Reveal())
	if err != nil {
		return nil, err
	}
	if s.file != "" {
		if err := replace(s.file, m.svg(), 0o600); err != nil {
			return nil, config("--qr-svg: %v", err)
		}
	}
	if s.out == nil {
		return nil, nil
	}
	return nil, s.draw(ctx, show, m)
}

// draw lets auth say the words and puts the code below them, in place of the one
// before.
func (s *qrScreen) draw(ctx context.Context, q auth.ShowQR, m matrix) error {
	width, _, err := term.GetSize(int(s.out.Fd()))
	if err != nil {
		width = 0 // not known
	}
	if width > 0 && width < m.size() {
		return config("the terminal has %d columns and the QR code takes %d: make it wider, or give --qr-svg", width, m.size())
	}
	var text bytes.Buffer
	if s.rows > 0 {
		text.Write(up(s.rows))
	}
	above := text.Len()
	draw := func(out io.Writer, _ auth.QRLink) error {
		s.rows = rows(text.String()[above:], width) + (m.size()+1)/2
		return m.draw(out)
	}
	if _, err := auth.Terminal(strings.NewReader(""), &text, auth.DrawQR(draw)).Ask(ctx, q); err != nil {
		return err
	}
	_, err = s.out.Write(text.Bytes())
	return err
}

// up moves the cursor to the first of the last rows and clears the screen from
// there.
func up(rows int) []byte { return fmt.Appendf(nil, "\x1b[%dA\x1b[J", rows) }

// rows is how many rows of a terminal a text takes, which is wrapped where it is
// too wide.
func rows(text string, width int) int {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if length := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); width > 0 && length > width {
			n += (length - 1) / width
		}
	}
	return n
}

// remove takes the file away: what it shows counts no more.
func (s *qrScreen) remove() error {
	if s.file == "" {
		return nil
	}
	if err := os.Remove(s.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return config("--qr-svg: %v", err)
	}
	return nil
}
