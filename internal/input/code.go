package input

import "strings"

// Code reads a code that is made of digits, or most likely is. If it has digits and
// separators alone, in any script, they are its digits in ASCII. Anything else is
// returned as it is, without blanks around it: dropping a letter would make another
// code of it.
func Code(s string) string {
	var digits strings.Builder
	for _, r := range Trim(s) {
		value, ok := digit(r)
		switch {
		case ok:
			digits.WriteByte('0' + value)
		case !separates(r) && !plus(r):
			return Trim(s)
		}
	}
	if digits.Len() == 0 {
		return Trim(s)
	}
	return digits.String()
}

// Digits returns the digits of a text, of any script, and drops everything else.
func Digits(s string) string {
	var digits strings.Builder
	for _, r := range s {
		if value, ok := digit(r); ok {
			digits.WriteByte('0' + value)
		}
	}
	return digits.String()
}
