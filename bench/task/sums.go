package task

import (
	"bytes"
	"fmt"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/srp"
)

// Password is a password and what a server tells of it.
type Password struct {
	Password     string
	Salt1, Salt2 []byte
	G            int
	P, B         []byte
}

// Proof returns the task of proving a password. The first proof is checked as a
// server does.
func Proof(prove func(Password) (A, M1 []byte, err error)) Func {
	return func(in Input) (Result, error) {
		challenge, p, err := challenge()
		if err != nil {
			return Result{}, err
		}
		A, M1, err := prove(p)
		if err == nil {
			err = challenge.Check(A, M1)
		}
		if err != nil {
			return Result{}, err
		}
		return Repeat(func() error {
			_, _, err := prove(p)
			return err
		})(in)
	}
}

// challenge asks for a password, with the known prime. The random bytes are
// constants: every run does the same sums.
func challenge() (c srp.Challenge, p Password, err error) {
	p = Password{
		Password: "correct horse battery staple",
		Salt1:    bytes.Repeat([]byte{0x5a}, 40), Salt2: bytes.Repeat([]byte{0xa5}, 16),
		G: 3, P: KnownPrime(),
	}
	group := srp.Group{Salt1: p.Salt1, Salt2: p.Salt2, G: p.G, P: p.P}
	verifier, err := srp.Verifier(group, []byte(p.Password))
	if err != nil {
		return c, p, err
	}
	c, err = srp.NewChallenge(group, verifier, bytes.NewReader(bytes.Repeat([]byte{0x77}, 256)))
	p.B = c.B[:]
	return c, p, err
}

// KnownPrime returns the prime that all of Telegram uses.
func KnownPrime() []byte { return crypt.Prime() }

// products of two primes as servers send them: 62 or 63 bits, the primes near
// each other.
var products = []uint64{
	0x17ed48941a08f981, // the one in Telegram's example of a key exchange
	1073741827 * 1879048201, 1229782991 * 1431655777, 1610612741 * 2013265921, 1503238603 * 1717986953,
}

// Factor returns the task of splitting each product in turn: the proof of work of
// a key exchange.
func Factor(split func(pq uint64) (p, q uint64, err error)) Func {
	return func(in Input) (Result, error) {
		for _, n := range products {
			if p, q, err := split(n); err != nil || p*q != n || p == 1 || q == 1 {
				return Result{}, fmt.Errorf("got %d times %d for %d, %v", p, q, n, err)
			}
		}
		i := 0
		return Repeat(func() error {
			_, _, err := split(products[i%len(products)])
			i++
			return err
		})(in)
	}
}

// Prime returns the task of deciding whether the known prime and 3 may be used.
func Prime(check func(p []byte, g int) error) Func {
	p := KnownPrime()
	return Repeat(func() error { return check(p, 3) })
}

// SealedBody is how long the body of the message is that the task seal encrypts.
const SealedBody = 128
