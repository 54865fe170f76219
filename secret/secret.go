// Package secret holds passwords, codes, tokens and keys so that printing them by
// mistake shows nothing.
//
// No verb of fmt, no encoding and no log handler shows the contents of a [Text],
// not even of one in an unexported field of another type, where fmt calls no
// method and prints what it finds. [Text.Reveal] and [Text.Bytes] return them.
package secret

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// A Text is a secret of any length. The zero Text is empty. Copies of a Text share
// their bytes: [Text.Wipe] overwrites them in all copies. Texts are compared with
// [Text.Equal], not with ==.
type Text struct {
	_ [0]func() // == would compare addresses: the compiler refuses it

	// The bytes are two pointers away. Where fmt calls no method, which is so in
	// unexported fields and for %p, it follows one pointer at most and prints the
	// second as an address.
	at **[]byte
}

// New returns text as a secret. A string is copied; bytes stay the caller's, so
// that they may lie in protected memory and can be overwritten.
func New[T ~string | ~[]byte](text T) Text {
	var both struct { // allocated at once
		at    *[]byte
		bytes []byte
	}
	both.bytes = []byte(text)
	both.at = &both.bytes
	return Text{at: &both.at}
}

// Bytes returns the secret itself, not a copy; nil if it is empty.
func (t Text) Bytes() []byte {
	if t.at == nil {
		return nil
	}
	return **t.at
}

// Reveal returns the secret as a string, which cannot be overwritten.
func (t Text) Reveal() string { return string(t.Bytes()) }

// Len returns the length in bytes.
func (t Text) Len() int { return len(t.Bytes()) }

// IsZero reports whether the secret is empty.
func (t Text) IsZero() bool { return t.Len() == 0 }

// Equal reports whether two secrets are the same. For secrets of one length it
// takes the same time whatever they are.
func (t Text) Equal(other Text) bool {
	return subtle.ConstantTimeCompare(t.Bytes(), other.Bytes()) == 1
}

// Clone returns a copy that has its own bytes.
func (t Text) Clone() Text {
	if t.at == nil {
		return Text{}
	}
	return New(bytes.Clone(t.Bytes()))
}

// Wipe overwrites the secret with zeros, in all copies.
func (t Text) Wipe() { clear(t.Bytes()) }

// redacted is all that shows of a secret.
const redacted = "secret(redacted)"

// String hides the secret.
func (t Text) String() string { return redacted }

// Format hides the secret, whatever the verb.
func (t Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue hides the secret.
func (t Text) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the secret, for JSON in logs.
func (t Text) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText refuses: a text that MarshalText returned does not have the secret.
func (t *Text) UnmarshalText([]byte) error {
	return errors.New("a secret cannot be read from text that was written for logs: make one with secret.New")
}
