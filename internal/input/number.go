package input

import (
	"errors"
	"fmt"
	"strings"
)

// MaxDigits is how many digits E.164 allows a phone number, country code and all. How
// few there may be depends on the country, and is Telegram's to judge.
const MaxDigits = 15

// Number reads a phone number in the international form, and returns its digits in
// ASCII. Digits may be of any script; separators are dropped; 00 in front stands for
// the plus sign.
//
// https://www.itu.int/rec/T-REC-E.164
func Number(s string) (string, error) {
	var digits strings.Builder
	signed, place, bracket := false, 0, 0
	for _, r := range Trim(s) {
		place++
		value, ok := digit(r)
		switch {
		case ok:
			digits.WriteByte('0' + value)
		case plus(r) && !signed && digits.Len() == 0:
			signed = true
		case !separates(r):
			return "", fmt.Errorf("got the character %s at place %d of the number, want digits with the country code in front, as in +9996621234", named(r), place)
		case opens(r):
			bracket = digits.Len()
		case closes(r) && digits.String()[bracket:] == "0":
			return "", errors.New("got a number with (0) in it, want it without: this 0 is dialled within the country only")
		}
	}
	return international(digits.String(), signed)
}

// international checks the digits of a number.
func international(digits string, signed bool) (string, error) {
	rest, prefixed := strings.CutPrefix(digits, "00")
	if prefixed && !signed {
		digits = rest
	}
	switch n := len(digits); {
	case n == 0:
		return "", errors.New("got a number without a digit, want one with its country code, as in +9996621234")
	case digits[0] == '0':
		return "", errors.New("got a number that begins with 0, want the country code in front, as in +9996621234: no country code begins with 0")
	case n > MaxDigits:
		return "", fmt.Errorf("got a number of %d digits, want at most %d", n, MaxDigits)
	}
	return digits, nil
}
