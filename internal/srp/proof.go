package srp

import (
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/telekey/telekey/internal/crypt"
)

// Proof computes the client's answer to a password question: A, exactly 256
// bytes, and M1, 32 bytes, for inputCheckPasswordSRP. It takes PBKDF2 and three
// powers, and reads 256 bytes from random.
//
// Everything but the password comes from the server, which is not trusted: Proof
// returns an error for a group or a gB that would reveal the password, before it
// computes anything from the password. The caller owns the password; Proof wipes
// values derived from it as far as Go allows, which excludes the copies made by
// math/big and PBKDF2.
// https://core.telegram.org/api/srp#checking-the-password-with-srp
func Proof(g Group, gB, password []byte, random io.Reader) (A, M1 []byte, err error) {
	if err := g.check(); err != nil {
		return nil, nil, err
	}
	b, err := g.checkB(gB)
	if err != nil {
		return nil, nil, err
	}
	secret, share, err := g.choose(random)
	if err != nil {
		return nil, nil, err
	}
	defer clear(secret[:])
	B := b.FillBytes(make([]byte, size))
	// Without u the proof would not depend on the password.
	u := scramble(share[:], B)
	if u.Sign() == 0 {
		return nil, nil, errors.New("srp: u is 0, ask account.getPassword for another B")
	}

	x, err := Hash(password, g.Salt1, g.Salt2)
	if err != nil {
		return nil, nil, err
	}
	v := g.pow(x[:])
	t, exp := g.unmask(b, v[:]), exponent(secret[:], x[:], u)
	S := crypt.Pow(t, exp, g.P)
	m1 := g.evidence(share[:], B, S[:])
	for _, derived := range [][]byte{x[:], v[:], t, exp, S[:]} {
		clear(derived)
	}
	return share[:], m1[:], nil
}

// checkB checks that 0 < B < p. A random B is shorter than 248 bytes once in 2^64.
// https://core.telegram.org/api/srp#checking-the-password-with-srp
func (g Group) checkB(gB []byte) (*big.Int, error) {
	if len(gB) < size-8 || len(gB) > size {
		return nil, fmt.Errorf("srp: B has %d bytes, want %d to %d", len(gB), size-8, size)
	}
	b := new(big.Int).SetBytes(gB)
	if b.Sign() == 0 || b.Cmp(g.prime()) >= 0 {
		return nil, fmt.Errorf("srp: B is a number of %d bits, want one between 0 and p", b.BitLen())
	}
	return b, nil
}

// unmask is t = B - k·v mod p, which is g^b if the server has our verifier.
func (g Group) unmask(b *big.Int, v []byte) []byte {
	t := g.multiplied(v)
	return t.Sub(b, t).Mod(t, g.prime()).FillBytes(make([]byte, size))
}

// exponent is a + u·x. It is not reduced: p-1 is not prime, and every
// implementation uses the exact sum.
func exponent(a, x []byte, u *big.Int) []byte {
	e := new(big.Int).SetBytes(x)
	e.Mul(e, u).Add(e, new(big.Int).SetBytes(a))
	b := e.Bytes()
	clear(e.Bits())
	return b
}
