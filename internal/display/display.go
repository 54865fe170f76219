// Package display makes text from the network harmless for a terminal: it cannot
// move the cursor, colour the screen, turn the writing direction around or begin a
// line of its own.
package display

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Line returns s in one line: line ends and tabs are blanks, and what does not print
// is left out, except joiners, which emoji and several scripts need.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case shown(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, s)
}

// Lines is Line for text that may have several, such as terms of service.
func Lines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = Line(lines[i])
	}
	return strings.Join(lines, "\n")
}

// JSON returns the JSON text b with what does not print as \u escapes: DEL, the C1
// controls, bidi controls and the like, which encoding/json leaves as they are. It
// is the same JSON. Beyond ASCII, JSON has characters in strings alone.
func JSON(b []byte) []byte {
	if !bytes.ContainsFunc(b, escaped) {
		return b
	}
	var out bytes.Buffer
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch high, low := utf16.EncodeRune(r); {
		case r == utf8.RuneError || !escaped(r):
			out.Write(b[:size])
		case r > 0xffff:
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		b = b[size:]
	}
	return out.Bytes()
}

// escaped says what JSON escapes; line ends and tabs stand between values.
func escaped(r rune) bool { return r >= 0x7f && !shown(r) }

// shown says what is left as it is: what prints, blanks of every width, joiners.
func shown(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) || r == zeroWidthNonJoiner || r == zeroWidthJoiner
}
