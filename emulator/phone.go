package emulator

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/telekey/telekey/internal/input"
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

// minDigits is how many digits a number has at least: Telegram's own shortest, 42777,
// has five.
const minDigits = 5

// parsePhone takes a number as clients send it: digits of ASCII, with or without plus
// and separators. Clients have no prefix such as 00 to send: Telegram's apps take what
// people type apart first (inferred).
func parsePhone(s string) (phoneNumber, bool) {
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return "", false
		}
	}
	if strings.HasPrefix(strings.TrimLeft(s, "+ -.()"), "0") {
		return "", false
	}
	digits, err := input.Number(s)
	return phoneNumber(digits), err == nil && len(digits) >= minDigits
}

// checkPhone takes a number as people write it.
func checkPhone(s string) (phoneNumber, error) {
	digits, err := input.Number(s)
	switch {
	case err != nil:
		return "", fmt.Errorf("phone: got %q: %s", cut(s), strings.TrimPrefix(err.Error(), "got "))
	case len(digits) < minDigits:
		return "", fmt.Errorf("phone: got %q, want %d to %d digits", cut(s), minDigits, input.MaxDigits)
	}
	return phoneNumber(digits), nil
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
