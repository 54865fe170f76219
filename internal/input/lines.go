package input

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// Lines reads a text line by line, and no further than the line that is asked for: it
// may come through a pipe. A byte order mark at its start is encoding, not text. It
// may be UTF-8, or UTF-16 with a byte order mark, as Windows PowerShell writes it.
type Lines struct {
	in   *bufio.Reader
	most int
	unit func() (rune, error) // reads one unit of UTF-16; nil: the text is UTF-8
	read bool                 // the byte order mark was looked for
}

// NewLines reads lines of at most so many bytes.
func NewLines(in io.Reader, most int) *Lines {
	return &Lines{in: bufio.NewReaderSize(in, 16), most: most}
}

// Next returns the next line without its end, or io.EOF. The bytes are the caller's.
func (l *Lines) Next() ([]byte, error) {
	if !l.read {
		l.read = true
		if err := l.begin(); err != nil {
			return nil, err
		}
	}
	line, err := l.bytes()
	if err != nil {
		clear(line)
		return nil, err
	}
	line = bytes.TrimSuffix(line, []byte("\r"))
	switch {
	case bytes.IndexByte(line, 0) >= 0:
		err = errors.New("got a line with a zero byte, want text: save it as UTF-8")
	case !utf8.Valid(line):
		err = errors.New("got a line that is not UTF-8: save it as UTF-8")
	}
	if err != nil {
		clear(line)
		return nil, err
	}
	return line, nil
}

// begin reads the byte order mark.
//
// https://www.unicode.org/faq/utf_bom.html#bom4
func (l *Lines) begin() error {
	first, err := l.in.Peek(1)
	if err != nil {
		return err
	}
	length := map[byte]int{0xef: 3, 0xff: 2, 0xfe: 2}[first[0]]
	mark, _ := l.in.Peek(length) // what is shorter is no mark
	switch {
	case length == 3 && string(mark) == "\xef\xbb\xbf":
	case length == 2 && string(mark) == "\xff\xfe":
		l.unit = func() (rune, error) { return l.pair(0, 8) }
	case length == 2 && string(mark) == "\xfe\xff":
		l.unit = func() (rune, error) { return l.pair(8, 0) }
	default:
		return nil
	}
	_, err = l.in.Discard(length)
	return err
}

// bytes reads up to the end of a line, as UTF-8. The buffer does not grow, so that no
// copy of a secret is left behind.
func (l *Lines) bytes() ([]byte, error) {
	line := make([]byte, 0, l.most+utf8.UTFMax)
	for {
		var err error
		if l.unit != nil {
			line, err = l.appendRune(line)
		} else if b, e := l.in.ReadByte(); e == nil {
			line = append(line, b)
		} else {
			err = e
		}
		end := len(line) > 0 && line[len(line)-1] == '\n'
		switch {
		case err == io.EOF && len(line) > 0:
			return line, nil
		case err != nil:
			return line, err
		case end:
			return line[:len(line)-1], nil
		case len(line) > l.most+1: // one for a carriage return
			return line, fmt.Errorf("got more than %d bytes in a line", l.most)
		}
	}
}

// appendRune reads a character of UTF-16.
func (l *Lines) appendRune(line []byte) ([]byte, error) {
	r, err := l.unit()
	if err == nil && utf16.IsSurrogate(r) {
		second, e := l.unit()
		if r, err = utf16.DecodeRune(r, second), e; e == nil && r == utf8.RuneError {
			err = errors.New("got half of a character of UTF-16: save the text as UTF-8")
		}
	}
	if err != nil {
		return line, err
	}
	return utf8.AppendRune(line, r), nil
}

// pair reads two bytes, each shifted to its place.
func (l *Lines) pair(first, second int) (rune, error) {
	a, err := l.in.ReadByte()
	if err != nil {
		return 0, err
	}
	b, err := l.in.ReadByte()
	if err == io.EOF {
		err = errors.New("got half of a character of UTF-16: save the text as UTF-8")
	}
	return rune(a)<<first | rune(b)<<second, err
}

// TrimBytes drops blanks and marks around a token. It returns a part of b.
func TrimBytes(b []byte) []byte {
	return bytes.TrimFunc(b, blank)
}
