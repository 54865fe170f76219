package crypt

import (
	"crypto/rsa"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"testing"
)

// vector is one entry of testdata/vectors.json: values that other programs or
// documents gave, each with its source.
type vector map[string]any

// vectors returns the entries of one kind, and fails if it finds none: a test
// without vectors would pass without a comparison.
func vectors(t testing.TB, kind string) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all, found []vector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v["kind"] == kind {
			found = append(found, v)
		}
	}
	if len(found) == 0 {
		t.Fatalf("no vectors of kind %q", kind)
	}
	return found
}

func (v vector) name() string { return v["name"].(string) }

func (v vector) has(field string) bool { return v[field] != nil }

func (v vector) text(field string) string { return v[field].(string) }

func (v vector) bytes(t testing.TB, field string) []byte {
	t.Helper()
	s, ok := v[field].(string)
	if !ok {
		t.Fatalf("%s: no field %q", v.name(), field)
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatalf("%s: %s: %v", v.name(), field, err)
	}
	return b
}

func (v vector) number(t testing.TB, field string) uint64 {
	return new(big.Int).SetBytes(v.bytes(t, field)).Uint64()
}

func (v vector) nonces(t testing.TB) (newNonce *[32]byte, serverNonce *[16]byte) {
	return (*[32]byte)(v.bytes(t, "new_nonce")), (*[16]byte)(v.bytes(t, "server_nonce"))
}

func (v vector) authKey(t testing.TB) *[256]byte { return (*[256]byte)(v.bytes(t, "auth_key")) }

func (v vector) side() Side {
	if v.text("side") == "server" {
		return FromServer
	}
	return FromClient
}

// der decodes a PKCS #1 key with encoding/asn1: this package does not import x509.
func (v vector) der(t testing.TB, field string, into any) {
	t.Helper()
	block, _ := pem.Decode([]byte(v.text(field)))
	if block == nil {
		t.Fatalf("%s: %s is no PEM", v.name(), field)
		return
	}
	if _, err := asn1.Unmarshal(block.Bytes, into); err != nil {
		t.Fatalf("%s: %v", v.name(), err)
	}
}

func (v vector) publicKey(t testing.TB) *rsa.PublicKey {
	var k struct {
		N *big.Int
		E int
	}
	v.der(t, "pem", &k)
	return &rsa.PublicKey{N: k.N, E: k.E}
}

func (v vector) privateKey(t testing.TB) *rsa.PrivateKey {
	var k struct {
		Version           int
		N                 *big.Int
		E                 int
		D, P, Q           *big.Int
		DP, DQ, QInverted *big.Int
	}
	v.der(t, "private_key_pem", &k)
	return &rsa.PrivateKey{
		PublicKey:   rsa.PublicKey{N: k.N, E: k.E},
		D:           k.D,
		Primes:      []*big.Int{k.P, k.Q},
		Precomputed: rsa.PrecomputedValues{Dp: k.DP, Dq: k.DQ, Qinv: k.QInverted},
	}
}
