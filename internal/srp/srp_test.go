package srp

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"testing"
)

// vector is one entry of testdata/srp.json: what other programs computed from
// the same numbers, with its source.
type vector struct {
	Name, Source string
	Password     string
	G            int
	P            octets
	Salt1, Salt2 octets
	SRPB         octets `json:"srp_B"`
	B            octets `json:"b"` // the server's secret behind SRPB, if it is known
	RandomA      octets `json:"random_a"`
	X, Verifier  octets
	A, M1        octets

	// Bare holds the values of the one client that does not pad, where they differ.
	Bare *struct {
		Source string
		A, M1  octets
	}
}

// octets are bytes written as hex.
type octets []byte

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.AppendDecode(nil, text)
	return err
}

func (v vector) group() Group { return Group{Salt1: v.Salt1, Salt2: v.Salt2, G: v.G, P: v.P} }

// challenge returns the challenge that the vector's proof answers.
func (v vector) challenge(t testing.TB) Challenge {
	t.Helper()
	c, err := NewChallenge(v.group(), v.Verifier, bytes.NewReader(v.B))
	if err != nil {
		t.Fatalf("%s: %v", v.Name, err)
	}
	return c
}

func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/srp.json")
	if err != nil {
		t.Fatal(err)
	}
	// Names are matched in either case, and "b" is not "srp_B": that is why the
	// fields are spelt out above.
	var all []vector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no vectors")
	}
	return all
}

// complete returns the vectors that know the server's secret.
func complete(t testing.TB) (known []vector) {
	t.Helper()
	for _, v := range vectors(t) {
		if v.B != nil {
			known = append(known, v)
		}
	}
	if len(known) == 0 {
		t.Fatal("no vectors with the server's secret")
	}
	return known
}

// noise is a source of the same bytes in every run.
func noise(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

// zeros never ends and holds nothing.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
