package srp

import (
	"bytes"
	"errors"
	"math/big"
	"strings"
	"testing"
	"testing/iotest"
)

func TestProofsAreThoseOfOtherPrograms(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			password := []byte(v.Password)
			A, M1, err := Proof(v.group(), v.SRPB, password, bytes.NewReader(v.RandomA))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(A, v.A) {
				t.Errorf("A = %x, want %x", A, v.A)
			}
			if !bytes.Equal(M1, v.M1) {
				t.Errorf("M1 = %x, want %x", M1, v.M1)
			}
			if string(password) != v.Password {
				t.Error("the caller's password was written to")
			}
		})
	}
}

func TestProofPadsAShortB(t *testing.T) {
	v := vectors(t)[1]
	short := bytes.Repeat([]byte{0x5a}, 248)
	A1, M1, err1 := Proof(v.group(), short, []byte(v.Password), noise(1))
	A2, M2, err2 := Proof(v.group(), append(make([]byte, 8), short...), []byte(v.Password), noise(1))
	if err1 != nil || err2 != nil || !bytes.Equal(A1, A2) || !bytes.Equal(M1, M2) {
		t.Errorf("%x, %v for 248 bytes, %x, %v for the same in 256", M1, err1, M2, err2)
	}
}

func TestProofRefusesABadB(t *testing.T) {
	v := vectors(t)[1]
	p := new(big.Int).SetBytes(v.P)
	for name, gB := range map[string][]byte{
		"nothing":      nil,
		"zero":         make([]byte, 256),
		"p":            v.P,
		"p+1":          new(big.Int).Add(p, big.NewInt(1)).Bytes(),
		"all ones":     bytes.Repeat([]byte{0xff}, 256),
		"247 bytes":    bytes.Repeat([]byte{1}, 247),
		"257 bytes":    append([]byte{0}, v.SRPB...),
		"a small kind": {1},
	} {
		A, M1, err := Proof(v.group(), gB, []byte(v.Password), noise(1))
		if err == nil || A != nil || M1 != nil || !strings.Contains(err.Error(), "B ") {
			t.Errorf("%s: %x, %x, %v, want a complaint about B", name, A, M1, err)
		}
	}
}

// With a = 0 the client would send A = 1, and its proof would prove nothing.
func TestSecretWithAKnownPowerIsDrawnAnew(t *testing.T) {
	v := vectors(t)[1]
	random := append(make([]byte, 256), v.RandomA...)
	A, M1, err := Proof(v.group(), v.SRPB, []byte(v.Password), bytes.NewReader(random))
	if err != nil || !bytes.Equal(A, v.A) || !bytes.Equal(M1, v.M1) {
		t.Errorf("A = %x, M1 = %x, %v, want the proof of the second draw", A, M1, err)
	}
	if _, _, err := Proof(v.group(), v.SRPB, []byte(v.Password), zeros{}); err == nil {
		t.Error("a source of zeros was good enough")
	}
}

func TestProofNeedsRandomBytes(t *testing.T) {
	v := vectors(t)[1]
	broken := errors.New("no entropy")
	if _, _, err := Proof(v.group(), v.SRPB, []byte(v.Password), iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("%v, want %v", err, broken)
	}
	if _, err := NewChallenge(v.group(), v.Verifier, iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("%v, want %v", err, broken)
	}
}

// A proof costs what the hash of the password costs and three powers: compare
// with BenchmarkHash here and BenchmarkPow in internal/crypt.
func BenchmarkProof(b *testing.B) {
	v := vectors(b)[1]
	for b.Loop() {
		if _, _, err := Proof(v.group(), v.SRPB, []byte(v.Password), bytes.NewReader(v.RandomA)); err != nil {
			b.Fatal(err)
		}
	}
}
