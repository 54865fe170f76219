package passkey

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/telekey/telekey/secret"
)

// es256 is ECDSA on P-256 with SHA-256 among COSE's algorithms.
// https://www.iana.org/assignments/cose/cose.xhtml#algorithms
const es256 = -7

// PrivateKey is the private key of a credential: a number, 32 bytes, the most
// significant first. All zeros means no key.
//
// Printed, logged or encoded as JSON, in any field of any type, a key shows only a
// fingerprint of its public key or an address; only [Marshal] stores it. Copies
// share their bytes.
type PrivateKey struct{ number secret.Text }

// keySize is the length of a private key in bytes.
const keySize = 32

// NewPrivateKey returns the key of these bytes; all zeros are no key.
func NewPrivateKey(b [keySize]byte) PrivateKey {
	if b == [keySize]byte{} {
		return PrivateKey{}
	}
	return PrivateKey{secret.New(bytes.Clone(b[:]))}
}

// Equal reports whether two keys are the same.
func (k PrivateKey) Equal(other PrivateKey) bool { return k.number.Equal(other.number) }

func newKey() (PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("cannot make a key: %w", err)
	}
	b, err := key.Bytes()
	if err != nil {
		return PrivateKey{}, fmt.Errorf("cannot make a key: %w", err)
	}
	defer clear(b)
	return NewPrivateKey([keySize]byte(b)), nil
}

// parse returns the key for package ecdsa. Not every number is a valid key.
func (k PrivateKey) parse() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), k.number.Bytes())
	if err != nil {
		return nil, errors.New("got a number that is no private key of P-256")
	}
	return key, nil
}

// point is the public key.
func (k PrivateKey) point() (x, y []byte, err error) {
	key, err := k.parse()
	if err != nil {
		return nil, nil, err
	}
	b, err := key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		return nil, nil, err
	}
	return b[1:33], b[33:], nil
}

// sign signs the data of a ceremony. The signature is in DER and deterministic
// (RFC 6979): it needs no random bytes, which have exposed keys elsewhere.
//
// https://www.w3.org/TR/webauthn-3/#sctn-signature-attestation-types
func (k PrivateKey) sign(authData, clientData []byte) ([]byte, error) {
	key, err := k.parse()
	if err != nil {
		return nil, err
	}
	client := sha256.Sum256(clientData)
	sum := sha256.Sum256(append(authData[:len(authData):len(authData)], client[:]...))
	return key.Sign(nil, sum[:], crypto.SHA256)
}

// String shows the beginning of the public key's hash.
func (k PrivateKey) String() string {
	x, y, err := k.point()
	if err != nil {
		return "passkey(none)"
	}
	sum := sha256.Sum256(append(x, y...))
	return fmt.Sprintf("passkey(%x)", sum[:4])
}

// Format shows what String shows, whatever the verb.
func (k PrivateKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue shows what String shows.
func (k PrivateKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText shows what String shows, for JSON in logs.
func (k PrivateKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText returns an error: the text of a key does not contain the key.
func (k *PrivateKey) UnmarshalText([]byte) error { return errRedacted }

// errRedacted refuses to decode passkeys with encoding/json, before a program
// loses keys by storing them that way.
var errRedacted = errors.New("the key is not in this text, only its fingerprint: " +
	"store passkeys with passkey.Marshal and read them with passkey.Unmarshal")
