package session

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/telekey/telekey/secret"
)

// AuthKey is an authorization key: 256 bytes that are the login itself. The zero
// AuthKey means that there is none. Copies share their bytes; [Data.Clone] copies
// them and [Data.Wipe] erases them. Compare keys with Equal.
//
// Printed, logged or encoded as JSON, in any field of any type, a key shows only
// its ID or an address; only [Marshal] stores it.
// https://core.telegram.org/mtproto/auth_key
type AuthKey struct{ bytes secret.Text }

// NewAuthKey returns the key of these bytes; all zeros give the zero AuthKey.
func NewAuthKey(b [256]byte) AuthKey {
	if b == [256]byte{} {
		return AuthKey{}
	}
	return AuthKey{secret.New(bytes.Clone(b[:]))}
}

// Bytes returns a copy of the key; all zeros for the zero AuthKey.
func (k AuthKey) Bytes() (b [256]byte) {
	copy(b[:], k.bytes.Bytes())
	return b
}

// ID is the number before each packet that identifies the key of its encryption. It
// is sent unencrypted, so it is not secret; the zero AuthKey has ID 0.
//
// It is the lower 64 bits of the key's SHA-1, that is its last eight bytes.
// https://core.telegram.org/mtproto/description#authorization-key
func (k AuthKey) ID() int64 {
	if k.IsZero() {
		return 0
	}
	sum := sha1.Sum(k.bytes.Bytes())
	return int64(binary.LittleEndian.Uint64(sum[12:]))
}

// IsZero reports whether k is the zero AuthKey or was wiped.
func (k AuthKey) IsZero() bool { return k.Bytes() == [256]byte{} }

// Equal reports whether two keys are the same.
func (k AuthKey) Equal(other AuthKey) bool { return k.bytes.Equal(other.bytes) }

// String shows the key's ID.
func (k AuthKey) String() string {
	if k.IsZero() {
		return "authkey(none)"
	}
	return fmt.Sprintf("authkey(%016x)", uint64(k.ID()))
}

// Format shows the key's ID, whatever the verb.
func (k AuthKey) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }

// LogValue shows the key's ID.
func (k AuthKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText shows the key's ID, for JSON in logs.
func (k AuthKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText returns an error: the text of a key does not contain the key.
func (k *AuthKey) UnmarshalText([]byte) error { return errRedacted }

// Token is a future auth token: Telegram issues it at log-out and at sign-in, and a
// client that sends it at the next sign-in may not need a code. It prints as a
// fingerprint, like [AuthKey].
// https://core.telegram.org/api/auth#future-auth-tokens
type Token struct{ secret.Text }

// NewToken returns a token with a copy of these bytes.
func NewToken[T ~string | ~[]byte](token T) Token { return Token{secret.New(token)} }

// Clone returns a copy that has its own bytes.
func (t Token) Clone() Token { return Token{t.Text.Clone()} }

// Equal reports whether two tokens are the same.
func (t Token) Equal(other Token) bool { return t.Text.Equal(other.Text) }

// String shows the token's length and the beginning of its hash.
func (t Token) String() string {
	sum := sha256.Sum256(t.Bytes())
	return fmt.Sprintf("token(%d bytes, %x)", t.Len(), sum[:4])
}

// Format shows what String shows, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { io.WriteString(f, t.String()) }

// LogValue shows what String shows.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText shows what String shows, for JSON in logs.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText returns an error: the text of a token does not contain the token.
func (t *Token) UnmarshalText([]byte) error { return errRedacted }

// errRedacted refuses to decode sessions with encoding/json, before a program
// loses keys by storing them that way.
var errRedacted = errors.New("keys and tokens are not in this text, only their fingerprints: " +
	"store sessions with session.Marshal and read them with session.Unmarshal")
