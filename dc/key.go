package dc

import (
	"crypto/rsa"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Public keys are exchanged as PEM in the form that Telegram publishes them
// in, PKCS #1. Most tools write another form, PKIX, which is accepted as well. The
// package parses both itself: crypto/x509 would add all of X.509 to every program.

const (
	pkcs1 = "RSA PUBLIC KEY"
	pkix  = "PUBLIC KEY"
)

// rsaEncryption is the object identifier of RSA keys (RFC 8017, A.1).
var rsaEncryption = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}

// pkcs1Key is the RSAPublicKey of RFC 8017, A.1.1.
type pkcs1Key struct {
	N *big.Int
	E int
}

// pkixKey is the SubjectPublicKeyInfo of RFC 5280, 4.1.
type pkixKey struct {
	Algorithm struct {
		ID         asn1.ObjectIdentifier
		Parameters asn1.RawValue `asn1:"optional"`
	}
	Key asn1.BitString
}

// parseKey reads the only PEM block in text. Validate checks the key.
func parseKey(text string) (*rsa.PublicKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("got no PEM block, want one that begins with -----BEGIN %s-----", pkcs1)
	}
	if strings.TrimSpace(string(rest)) != "" {
		return nil, errors.New("got more behind the first PEM block, want one key in each string")
	}
	der := block.Bytes
	switch block.Type {
	case pkcs1:
	case pkix:
		var key pkixKey
		if err := unmarshalAll(der, &key); err != nil {
			return nil, err
		}
		if !key.Algorithm.ID.Equal(rsaEncryption) {
			return nil, fmt.Errorf("got a public key of algorithm %v, want RSA", key.Algorithm.ID)
		}
		der = key.Key.RightAlign()
	default:
		return nil, fmt.Errorf("got a PEM block %q, want %q or %q", block.Type, pkcs1, pkix)
	}
	var key pkcs1Key
	if err := unmarshalAll(der, &key); err != nil {
		return nil, err
	}
	return &rsa.PublicKey{N: key.N, E: key.E}, nil
}

// unmarshalAll reads DER that ends where its value ends.
func unmarshalAll(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err != nil {
		return fmt.Errorf("the PEM block does not hold an RSA public key: %w", err)
	}
	if len(rest) > 0 {
		return fmt.Errorf("the PEM block goes on for %d bytes behind its key", len(rest))
	}
	return nil
}

// marshalKey returns the key as PKCS #1.
func marshalKey(key *rsa.PublicKey) []byte {
	der, err := asn1.Marshal(pkcs1Key{key.N, key.E})
	if err != nil {
		panic("dc: two integers cannot be encoded: " + err.Error())
	}
	return der
}

// formatKey writes what parseKey reads.
func formatKey(key *rsa.PublicKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: pkcs1, Bytes: marshalKey(key)}))
}
