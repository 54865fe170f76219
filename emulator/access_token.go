package emulator

import (
	"fmt"
	"io"
	"log/slog"
)

// AccessToken is a secret that signs somebody in: a bot, or a web page that an
// application opened. However it is printed, logged or made JSON, it does not
// show; string(t) is the token itself.
type AccessToken string

// String hides the token.
func (t AccessToken) String() string {
	if t == "" {
		return ""
	}
	return "token(redacted)"
}

// Format hides the token, whatever the verb.
func (t AccessToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// LogValue hides the token.
func (t AccessToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText hides the token, for JSON in logs.
func (t AccessToken) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
