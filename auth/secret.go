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

// LoginLink is what a device that is signed in accepts to sign another one in:
// see [ShowQR] and [AcceptLogin]. However it is printed, logged or made JSON, it
// does not show; string(l) is the link itself.
type LoginLink string

// String hides the login link.
func (l LoginLink) String() string { return "login link(redacted)" }

// Format hides the login link, whatever the verb.
func (l LoginLink) Format(f fmt.State, _ rune) { redact(f, l.String()) }

// LogValue hides the login link.
func (l LoginLink) LogValue() slog.Value { return slog.StringValue(l.String()) }

// MarshalText hides the login link, for JSON in logs.
func (l LoginLink) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// GoogleToken is the OpenID Connect id token by which Google says that a mailbox
// is somebody's. It prints as a redaction, like [Code].
type GoogleToken string

// String hides the google token.
func (t GoogleToken) String() string { return "google token(redacted)" }

// Format hides the google token, whatever the verb.
func (t GoogleToken) Format(f fmt.State, _ rune) { redact(f, t.String()) }

// LogValue hides the google token.
func (t GoogleToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText hides the google token, for JSON in logs.
func (t GoogleToken) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// AppleToken is the OpenID Connect id token by which Apple says that a mailbox is
// somebody's. It prints as a redaction, like [Code].
type AppleToken string

// String hides the apple token.
func (t AppleToken) String() string { return "apple token(redacted)" }

// Format hides the apple token, whatever the verb.
func (t AppleToken) Format(f fmt.State, _ rune) { redact(f, t.String()) }

// LogValue hides the apple token.
func (t AppleToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText hides the apple token, for JSON in logs.
func (t AppleToken) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// ChallengeToken is the answer to a [ChallengeQuestion]: what Google or Apple give
// to a program that they vouch for. It prints as a redaction, like [Code].
type ChallengeToken string

// String hides the challenge token.
func (t ChallengeToken) String() string { return "challenge token(redacted)" }

// Format hides the challenge token, whatever the verb.
func (t ChallengeToken) Format(f fmt.State, _ rune) { redact(f, t.String()) }

// LogValue hides the challenge token.
func (t ChallengeToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText hides the challenge token, for JSON in logs.
func (t ChallengeToken) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// String hides the proof.
func (p DeviceProof) String() string { return "device proof(redacted)" }

// Format hides the proof, whatever the verb.
func (p DeviceProof) Format(f fmt.State, _ rune) { redact(f, p.String()) }

// LogValue hides the proof.
func (p DeviceProof) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText hides the proof, for JSON in logs.
func (p DeviceProof) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// redact writes what stands for a secret. fmt offers nowhere to return an error.
func redact(f fmt.State, text string) { _, _ = io.WriteString(f, text) }
