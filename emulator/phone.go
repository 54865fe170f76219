package emulator

import (
	"fmt"
	"strings"
)

// phoneNumber is a number in its one form here: digits, no plus.
type phoneNumber string

// String returns the number as people write it; "" for a bot's, which is none.
func (p phoneNumber) String() string {
	if p == "" {
		return ""
	}
	return "+" + string(p)
}

// How many digits a number has. E.164 allows fifteen; Telegram's shortest
// countries need fewer than ten.
const (
	minDigits = 5
	maxDigits = 15
)

// parsePhone takes a number as clients send it and people write it: with or
// without plus, with spaces, dashes, dots and parentheses.
func parsePhone(s string) (phoneNumber, bool) {
	var digits strings.Builder
	for i, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits.WriteRune(c)
		case c == '+' && i == 0, strings.ContainsRune(" -.()\u00a0", c):
		default:
			return "", false
		}
		if digits.Len() > maxDigits {
			return "", false
		}
	}
	if digits.Len() < minDigits {
		return "", false
	}
	return phoneNumber(digits.String()), true
}

// checkPhone is parsePhone for those who are told what is wrong.
func checkPhone(s string) (phoneNumber, error) {
	phone, ok := parsePhone(s)
	if !ok {
		return "", fmt.Errorf("phone: got %q, want %d to %d digits", cut(s), minDigits, maxDigits)
	}
	return phone, nil
}

// testCentre returns the data centre X of a test number 99966XYYYY, or 0.
//
// Test numbers are at home in data centre X, one to three, and their code is X
// repeated.
// https://core.telegram.org/api/auth#test-accounts
func (p phoneNumber) testCentre() int {
	if len(p) != 10 || !strings.HasPrefix(string(p), "99966") {
		return 0
	}
	if x := int(p[5] - '0'); x >= 1 && x <= 3 {
		return x
	}
	return 0
}
