package auth

import (
	"fmt"
	"io"
	"log/slog"
)

// Code is what Telegram sent to prove that a number or an address is one's own.
// It is text, because some codes are words. However it is printed, logged or
// made JSON, it does not show; string(c) is the code itself.
type Code string

// String hides the code.
func (c Code) String() string { return "code(redacted)" }

// Format hides the code, whatever the verb.
func (c Code) Format(f fmt.State, _ rune) { redact(f, c.String()) }

// LogValue hides the code.
func (c Code) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText hides the code, for JSON in logs.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Secret is a password: bytes, so that they can be wiped, which a string cannot.
// It is UTF-8 as it was typed; Telegram normalises nothing. However it is
// printed, logged or made JSON, neither it nor its length shows.
type Secret []byte

// Wipe overwrites the secret.
func (s Secret) Wipe() { clear(s) }

// String hides the secret.
func (s Secret) String() string { return "secret(redacted)" }

// Format hides the secret, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { redact(f, s.String()) }

// LogValue hides the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret, for JSON in logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String hides the assertion.
func (a Assertion) String() string { return "assertion(redacted)" }

// Format hides the assertion, whatever the verb.
func (a Assertion) Format(f fmt.State, _ rune) { redact(f, a.String()) }

// LogValue hides the assertion.
func (a Assertion) LogValue() slog.Value { return slog.StringValue(a.String()) }

// MarshalText hides the assertion, for JSON in logs.
func (a Assertion) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// redact writes what stands for a secret. fmt offers nowhere to return an error.
func redact(f fmt.State, text string) { _, _ = io.WriteString(f, text) }
