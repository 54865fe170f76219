package input

import (
	"fmt"
	"strings"
	"unicode"
)

// digit returns the value of a decimal digit of any script. Unicode has them in runs
// of ten, each from its zero upwards.
//
// https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-4/#G124206
func digit(r rune) (value byte, ok bool) {
	if r >= '0' && r <= '9' {
		return byte(r - '0'), true
	}
	for _, run := range unicode.Nd.R16 {
		if lo, hi := rune(run.Lo), rune(run.Hi); lo <= r && r <= hi {
			return byte((r - lo) % 10), true
		}
	}
	for _, run := range unicode.Nd.R32 {
		if lo, hi := rune(run.Lo), rune(run.Hi); lo <= r && r <= hi {
			return byte((r - lo) % 10), true
		}
	}
	return 0, false
}

// inASCII returns a text with the digits of other scripts in ASCII.
func inASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if value, ok := digit(r); ok {
			return rune('0' + value)
		}
		return r
	}, s)
}

// separates reports whether people write r between digits: blanks, dashes, dots,
// slashes and brackets, and marks that do not show.
func separates(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029': // two lines are two numbers
		return false
	case '.', '/', '(', ')', '[', ']', '\u00b7', '\u2212', '\uff0e', '\uff0f', '\uff08', '\uff09':
		return true
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Zs, unicode.Pd) || mark(r)
}

// opens reports whether r is a bracket that opens.
func opens(r rune) bool { return r == '(' || r == '[' || r == '\uff08' }

// closes reports whether r is a bracket that closes.
func closes(r rune) bool { return r == ')' || r == ']' || r == '\uff09' }

// mark reports whether r does not show: a byte order mark, a joiner, or one of the
// marks of direction that phones copy with a number.
func mark(r rune) bool { return unicode.Is(unicode.Cf, r) || r == 0 }

// plus reports whether r is a plus sign.
func plus(r rune) bool { return r == '+' || r == '\uff0b' }

// blank reports whether r is a blank or a mark.
func blank(r rune) bool { return unicode.IsSpace(r) || mark(r) }

// Trim drops blanks and marks around a text.
func Trim(s string) string { return strings.TrimFunc(s, blank) }

// named is a character as errors say it.
func named(r rune) string {
	if unicode.IsGraphic(r) {
		return fmt.Sprintf("%q (%U)", r, r)
	}
	return fmt.Sprintf("%U", r)
}
