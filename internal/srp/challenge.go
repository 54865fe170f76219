package srp

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"

	"github.com/telekey/telekey/internal/crypt"
)

// ErrProof says that a proof was made with another password, or for another
// challenge: the two cannot be told apart.
var ErrProof = errors.New("srp: the proof does not fit the verifier and this challenge")

// Challenge is the server's side of one password check. It is a value without
// resources, safe to copy and to use from several goroutines; the zero Challenge
// accepts no proof. It prints without its secrets and marshals as its B alone.
//
// A challenge is for one proof: a client that may answer the same B repeatedly
// tries passwords as fast as the server computes.
type Challenge struct {
	// B is the client's srp_B, always 256 bytes: one client hashes it without
	// padding it first.
	B [size]byte

	// The secrets are behind two pointers. When a Challenge is an unexported field
	// of a printed struct, fmt does not call its methods: it follows one pointer
	// (for %s and %q) and prints the second as an address.
	hidden **secrets
}

type secrets struct {
	group    Group
	verifier []byte
	b        [size]byte
}

// NewChallenge draws the server's secret b from random, 256 bytes, and computes
//
//	B = k·v + g^b mod p
//
// The verifier is 256 bytes. It and the group may come from a client that set its
// password, so both are checked.
// https://core.telegram.org/api/srp#checking-the-password-with-srp
func NewChallenge(g Group, verifier []byte, random io.Reader) (c Challenge, err error) {
	if err := CheckVerifier(g, verifier); err != nil {
		return c, err
	}
	p := g.prime()
	b, power, err := g.choose(random)
	if err != nil {
		return c, err
	}
	n := g.multiplied(verifier)
	n.Add(n, new(big.Int).SetBytes(power[:])).Mod(n, p)
	// Clients refuse 0. It depends on b alone: no verifier can force it.
	if n.Sign() == 0 {
		return c, errors.New("srp: B is 0, try again")
	}
	n.FillBytes(c.B[:])
	c.hidden = new(&secrets{group: g.clone(), verifier: slices.Clone(verifier), b: b})
	return c, nil
}

// CheckVerifier validates a verifier and its group, without the arithmetic of a
// challenge.
func CheckVerifier(g Group, verifier []byte) error {
	if err := g.check(); err != nil {
		return err
	}
	if len(verifier) != size {
		return fmt.Errorf("srp: the verifier has %d bytes, want %d", len(verifier), size)
	}
	if !isInside(new(big.Int).SetBytes(verifier), g.prime()) {
		return errors.New("srp: the verifier is not between 1 and p-1: no password leads there")
	}
	return nil
}

// clone copies what a caller may change while the challenge is open.
func (g Group) clone() Group {
	g.Salt1, g.Salt2, g.P = slices.Clone(g.Salt1), slices.Clone(g.Salt2), slices.Clone(g.P)
	return g
}

// Check checks that A and M1 prove knowledge of the password. It returns nil,
// ErrProof, or an error that describes the fault in A. It compares proofs in
// constant time.
//
// A client in use (@mtproto/core up to 6.3) hashes A and S without their leading
// zeros, which makes 1 in 128 of its proofs wrong by the specification though the
// password is right. Check accepts both forms. That weakens nothing: A, of any
// length, is followed by a B of fixed length, so two different pairs never hash
// the same bytes.
// https://core.telegram.org/api/srp#checking-the-password-with-srp
func (c Challenge) Check(A, M1 []byte) error {
	if c.hidden == nil {
		return ErrProof
	}
	s := *c.hidden
	a, err := s.group.checkA(A)
	if err != nil {
		return err
	}
	padded, bare := a.FillBytes(make([]byte, size)), a.Bytes()
	S := s.shared(a, scramble(padded, c.B[:]))
	want := s.group.evidence(padded, c.B[:], S[:])

	// Without zeros in A the secret is the same, and only S may be cut.
	if len(bare) < size {
		S = s.shared(a, scramble(bare, c.B[:]))
	}
	tolerated := s.group.evidence(bare, c.B[:], new(big.Int).SetBytes(S[:]).Bytes())
	if subtle.ConstantTimeCompare(want[:], M1)|subtle.ConstantTimeCompare(tolerated[:], M1) != 1 {
		return ErrProof
	}
	return nil
}

// checkA checks that 1 < A < p-1. With A a multiple of p the secret would be 0
// for every password, and anyone could sign in.
// https://core.telegram.org/api/srp#checking-the-password-with-srp
func (g Group) checkA(A []byte) (*big.Int, error) {
	if len(A) > size {
		return nil, fmt.Errorf("srp: A has %d bytes, want %d at most", len(A), size)
	}
	a := new(big.Int).SetBytes(A)
	if !isInside(a, g.prime()) {
		return nil, fmt.Errorf("srp: A is a number of %d bits, want one between 1 and p-1", a.BitLen())
	}
	return a, nil
}

// shared is S = (A · v^u)^b mod p.
func (s *secrets) shared(a, u *big.Int) [size]byte {
	vu := crypt.Pow(s.verifier, u.Bytes(), s.group.P)
	base := new(big.Int).SetBytes(vu[:])
	base.Mul(base, a).Mod(base, s.group.prime())
	return crypt.Pow(base.Bytes(), s.b[:], s.group.P)
}

// Format prints a challenge without its secrets, for every verb.
func (c Challenge) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "srp.Challenge(redacted)") }
