package mtproto

import (
	"fmt"
	"io"

	"github.com/telekey/telekey/internal/crypt"
)

// Key is an auth key: 256 bytes that client and server share and nobody else.
// Copies of a Key are the same key; the zero Key is none.
//
// A Key prints as its id, whatever the verb, and marshals as it, too: who wants
// the bytes must ask for Bytes.
// https://core.telegram.org/mtproto/description#authorization-key-auth-key
type Key struct {
	id     KeyID
	secret *hiddenKey
}

// hiddenKey is behind two pointers. Of a struct with a Key in a field that is not
// exported, fmt prints no method's words but what it finds: behind one pointer
// the bytes, if the verb is wrong; behind two an address.
type hiddenKey struct{ bytes *[256]byte }

// NewKey returns the key of these bytes.
func NewKey(b [256]byte) Key { return Key{id: KeyID(crypt.KeyID(&b)), secret: &hiddenKey{&b}} }

// ParseKey returns the key of stored bytes, which must be 256.
func ParseKey(b []byte) (Key, error) {
	// Leading zeros belong to the key: its id is a hash of all 256 bytes.
	// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
	if len(b) != 256 {
		return Key{}, fmt.Errorf("mtproto: got an auth key of %d bytes, want 256; one stored without its leading zeros lacks them on the left", len(b))
	}
	return NewKey([256]byte(b)), nil
}

// ID returns the key's name on the wire; 0 for no key.
func (k Key) ID() KeyID { return k.id }

// IsZero says that k is no key.
func (k Key) IsZero() bool { return k.secret == nil }

// bytes returns the secret itself; k is a key.
func (k Key) bytes() *[256]byte { return k.secret.bytes }

// Bytes returns a copy of the secret; nil for no key.
func (k Key) Bytes() []byte {
	if k.IsZero() {
		return nil
	}
	return append(make([]byte, 0, 256), k.bytes()[:]...)
}

// Wipe overwrites the secret in every copy of k. Nothing can be encrypted or
// opened with it any more.
func (k Key) Wipe() {
	if !k.IsZero() {
		clear(k.bytes()[:])
	}
}

// String returns a fingerprint that may be shown to anyone.
func (k Key) String() string {
	if k.IsZero() {
		return "no auth key"
	}
	return "auth key " + k.id.String()
}

// Format prints the fingerprint under every verb.
func (k Key) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }

// MarshalText returns the fingerprint: JSON of logs does not hold the secret.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
