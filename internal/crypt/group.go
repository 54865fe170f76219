package crypt

import (
	"errors"
	"fmt"
	"math/big"
	"sync"
)

// prime is the Diffie-Hellman prime that Telegram has always used, for auth keys
// and for passwords.
// https://core.telegram.org/mtproto/security_guidelines#validation-of-dh-parameters
const prime = "" +
	"\xc7\x1c\xae\xb9\xc6\xb1\xc9\x04\x8e\x6c\x52\x2f\x70\xf1\x3f\x73\x98\x0d\x40\x23\x8e\x3e\x21\xc1\x49\x34\xd0\x37\x56\x3d\x93\x0f" +
	"\x48\x19\x8a\x0a\xa7\xc1\x40\x58\x22\x94\x93\xd2\x25\x30\xf4\xdb\xfa\x33\x6f\x6e\x0a\xc9\x25\x13\x95\x43\xae\xd4\x4c\xce\x7c\x37" +
	"\x20\xfd\x51\xf6\x94\x58\x70\x5a\xc6\x8c\xd4\xfe\x6b\x6b\x13\xab\xdc\x97\x46\x51\x29\x69\x32\x84\x54\xf1\x8f\xaf\x8c\x59\x5f\x64" +
	"\x24\x77\xfe\x96\xbb\x2a\x94\x1d\x5b\xcd\x1d\x4a\xc8\xcc\x49\x88\x07\x08\xfa\x9b\x37\x8e\x3c\x4f\x3a\x90\x60\xbe\xe6\x7c\xf9\xa4" +
	"\xa4\xa6\x95\x81\x10\x51\x90\x7e\x16\x27\x53\xb5\x6b\x0f\x6b\x41\x0d\xba\x74\xd8\xa8\x4b\x2a\x14\xb3\x14\x4e\x0e\xf1\x28\x47\x54" +
	"\xfd\x17\xed\x95\x0d\x59\x65\xb4\xb9\xdd\x46\x58\x2d\xb1\x17\x8d\x16\x9c\x6b\xc4\x65\xb0\xd6\xff\x9c\xa3\x92\x8f\xef\x5b\x9a\xe4" +
	"\xe4\x18\xfc\x15\xe8\x3e\xbe\xa0\xf8\x7f\xa9\xff\x5e\xed\x70\x05\x0d\xed\x28\x49\xf4\x7b\xf9\x59\xd9\x56\x85\x0c\xe9\x29\x85\x1f" +
	"\x0d\x81\x15\xf6\x35\xb1\x05\xee\x2e\x4e\x15\xd0\x4b\x24\x54\xbf\x6f\x4f\xad\xf0\x34\xb1\x04\x03\x11\x9c\xd8\xe3\xb9\x2f\xcc\x5b"

// Prime returns a copy of Telegram's prime, 256 bytes, which CheckGroup accepts
// without testing it. Every client accepts it with the generator 3.
func Prime() []byte { return []byte(prime) }

// CheckGroup checks a group, p and g, that the other side chose for an agreement
// on a secret. It accepts safe primes of exactly 2048 bits whose
// squares g generates. The known prime is compared byte by byte; any other prime
// is tested, which takes a few tenths of a second, and cached if it passes.
//
// A server that could choose a bad group would learn the secret, the auth key or
// the password.
// https://core.telegram.org/mtproto/auth_key#dh-key-exchange-complete
func CheckGroup(p []byte, g int) error {
	// 2^2047 < p < 2^2048.
	// https://core.telegram.org/mtproto/security_guidelines#validation-of-dh-parameters
	if len(p) != keyBytes || p[0]&0x80 == 0 {
		return fmt.Errorf("crypt: the prime has %d bits in %d bytes, want 2048 in 256", new(big.Int).SetBytes(p).BitLen(), len(p))
	}
	if err := checkGenerator(p, g); err != nil {
		return err
	}
	if string(p) == prime || tested.has(p) {
		return nil
	}
	if err := checkPrime(p); err != nil {
		return err
	}
	tested.add(p)
	return nil
}

// checkGenerator checks that g is a square modulo p, and so generates the
// subgroup of order (p-1)/2, which leaks nothing of an exponent. By quadratic
// reciprocity this follows from a remainder of p.
// https://core.telegram.org/mtproto/auth_key#dh-key-exchange-complete
func checkGenerator(p []byte, g int) error {
	// Every modulus of the table divides 840.
	r := 0
	for _, b := range p {
		r = (r<<8 | int(b)) % 840
	}
	ok := false
	switch g {
	case 2:
		ok = r%8 == 7
	case 3:
		ok = r%3 == 2
	case 4: // 2·2
		ok = true
	case 5:
		ok = r%5 == 1 || r%5 == 4
	case 6:
		ok = r%24 == 19 || r%24 == 23
	case 7:
		ok = r%7 == 3 || r%7 == 5 || r%7 == 6
	default:
		return fmt.Errorf("crypt: the generator is %d, want 2 to 7", g)
	}
	if !ok {
		return fmt.Errorf("crypt: %d does not generate the squares of this prime (its remainder by 840 is %d)", g, r)
	}
	return nil
}

// rounds of Miller and Rabin's test per prime. Their bases follow from the number
// tested, so that a number could be made to pass them; it would also have to be
// the first ever found to pass the Lucas test which ProbablyPrime adds.
const rounds = 32

// checkPrime makes sure that p is a safe prime: that (p-1)/2 is prime too.
// Otherwise the group may have small subgroups, where secrets can be guessed.
// https://core.telegram.org/mtproto/security_guidelines#validation-of-dh-parameters
func checkPrime(p []byte) error {
	n := new(big.Int).SetBytes(p)
	if !n.ProbablyPrime(rounds) {
		return errors.New("crypt: the prime is composite, want a safe prime")
	}
	if !n.Rsh(n, 1).ProbablyPrime(rounds) {
		return errors.New("crypt: p is prime but (p-1)/2 is composite, want a safe prime")
	}
	return nil
}

// tested caches the last few primes that passed, so that a server with a prime of
// its own costs one test and not one per connection. Primes that failed are not
// cached: most fail within milliseconds, and they would evict good ones.
var tested primes

type primes struct {
	mu   sync.Mutex
	good [8][keyBytes]byte // zeros in unused entries
	next int
}

func (t *primes) has(p []byte) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.good {
		if string(t.good[i][:]) == string(p) {
			return true
		}
	}
	return false
}

func (t *primes) add(p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	copy(t.good[t.next][:], p)
	t.next = (t.next + 1) % len(t.good)
}
