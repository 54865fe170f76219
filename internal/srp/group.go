// Package srp proves knowledge of a two-step verification password without
// sending it. It implements both sides of Telegram's variant of SRP-6a.
//
// The client computes a Proof from the parameters in account.password; the server
// keeps a verifier, sends a Challenge and checks the proof. The package does not
// know TL, accounts or attempts: the caller must use a challenge once and limit
// the number of attempts.
//
// In the names of the specification: x is the password's hash, v = g^x the
// verifier, a and b the secrets of client and server, A and B what they send, S
// the secret they share in the end, M1 the proof. All numbers are modulo p, and
// N(n) below is n as 256 bytes.
// https://core.telegram.org/api/srp#checking-the-password-with-srp
package srp

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/telekey/telekey/internal/crypt"
)

// size is the length of every number that is hashed or sent.
const size = 256

// Group is the algorithm that hashes and checks an account's password,
// passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow. Nothing in it
// is secret. G and P come from the other side; every use checks them with
// crypt.CheckGroup.
type Group struct {
	Salt1, Salt2 []byte
	G            int
	P            []byte
}

// iterations of PBKDF2 make password guessing slow, and this package as well.
const iterations = 100000

// Hash turns a password, UTF-8 as it was typed, into the exponent x. It takes
// some 50 to 100 ms. The password stays the caller's, to wipe as well.
//
//	SH(data, salt) = SHA256(salt + data + salt)
//	PH1 = SH(SH(password, salt1), salt2)
//	x   = SH(PBKDF2-HMAC-SHA512(PH1, salt1, 100000), salt2)
//
// https://core.telegram.org/api/srp#checking-the-password-with-srp
func Hash(password, salt1, salt2 []byte) (x [32]byte, err error) {
	once := saltedHash(password, salt1)
	ph1 := saltedHash(once[:], salt2)
	// Key wants a string and copies it once more: those copies cannot be wiped.
	key, err := pbkdf2.Key(sha512.New, string(ph1[:]), salt1, iterations, sha512.Size)
	if err != nil {
		return x, fmt.Errorf("srp: hash the password: %w", err)
	}
	x = saltedHash(key, salt2)
	clear(once[:])
	clear(ph1[:])
	clear(key)
	return x, nil
}

func saltedHash(data, salt []byte) [32]byte { return hash(salt, data, salt) }

func hash(parts ...[]byte) (sum [32]byte) {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	h.Sum(sum[:0])
	return sum
}

// Verifier returns the server's replacement of the password, v = g^x mod p as 256
// bytes: the new_password_hash of account.updatePasswordSettings. It allows an
// offline search for the password, so it must be kept secret.
// https://core.telegram.org/api/srp#setting-a-new-2fa-password
func Verifier(g Group, password []byte) ([]byte, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	x, err := Hash(password, g.Salt1, g.Salt2)
	if err != nil {
		return nil, err
	}
	v := g.pow(x[:])
	clear(x[:])
	return v[:], nil
}

// check validates the group as a key exchange does, with the same cache of primes.
// In a group chosen by the server the proof would reveal the password.
// https://core.telegram.org/mtproto/security_guidelines#validation-of-dh-parameters
func (g Group) check() error {
	if err := crypt.CheckGroup(g.P, g.G); err != nil {
		return fmt.Errorf("srp: the password's group: %w", err)
	}
	return nil
}

func (g Group) prime() *big.Int { return new(big.Int).SetBytes(g.P) }

// generator is N(g): g is one of 2 to 7.
func (g Group) generator() [size]byte { return [size]byte{size - 1: byte(g.G)} }

// pow is g^exp mod p.
func (g Group) pow(exp []byte) [size]byte { return crypt.Pow([]byte{byte(g.G)}, exp, g.P) }

// multiplied is k·v, with k = H(N(p) + N(g)): the term that masks g^b in B.
// https://core.telegram.org/api/srp#checking-the-password-with-srp
func (g Group) multiplied(v []byte) *big.Int {
	n := g.generator()
	k := hash(g.P, n[:])
	return new(big.Int).Mul(new(big.Int).SetBytes(k[:]), new(big.Int).SetBytes(v))
}

// scramble is u = H(A + B).
func scramble(A, B []byte) *big.Int {
	u := hash(A, B)
	return new(big.Int).SetBytes(u[:])
}

// evidence is M1, the proof. It hashes A and S as given: padded to 256 bytes by
// every client but one, see Challenge.Check.
//
//	M1 = H(H(N(p)) ^ H(N(g)) + H(salt1) + H(salt2) + A + N(B) + H(S))
//
// https://core.telegram.org/api/srp#checking-the-password-with-srp
func (g Group) evidence(A, B, S []byte) [32]byte {
	n := g.generator()
	group, base := hash(g.P), hash(n[:])
	for i := range group {
		group[i] ^= base[i]
	}
	salt1, salt2, key := hash(g.Salt1), hash(g.Salt2), hash(S)
	return hash(group[:], salt1[:], salt2[:], A, B, key[:])
}

// isInside reports whether 1 < n < p-1: the powers of the numbers outside are known
// for every exponent.
// https://core.telegram.org/mtproto/auth_key#dh-key-exchange-complete
func isInside(n, p *big.Int) bool {
	one := big.NewInt(1)
	return n.Cmp(one) > 0 && n.Cmp(new(big.Int).Sub(p, one)) < 0
}

// maxTries bounds the choice of a secret: the first is bad once in 2^2047, so a
// second bad one means that the random source is broken.
const maxTries = 4

// choose draws a secret exponent of 2048 bits from random and returns it with
// its power of g, the client's a and A or the server's b and g^b.
func (g Group) choose(random io.Reader) (secret, power [size]byte, err error) {
	p := g.prime()
	for range maxTries {
		if _, err := io.ReadFull(random, secret[:]); err != nil {
			return secret, power, fmt.Errorf("srp: random bytes for the secret exponent: %w", err)
		}
		power = g.pow(secret[:])
		if isInside(new(big.Int).SetBytes(power[:]), p) {
			return secret, power, nil
		}
	}
	return secret, power, errors.New("srp: the random source repeats itself, want one like crypto/rand.Reader")
}
