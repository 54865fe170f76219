package crypt

import (
	"errors"
	"fmt"
	"math/big"
)

// CheckShare decides whether a number received as the other side's g^a may be
// raised to our exponent. The prime has passed CheckGroup; the share may lack
// leading zeros.
func CheckShare(share, p []byte) error {
	if len(share) > len(p) {
		return fmt.Errorf("crypt: a share of %d bytes, want at most the %d of the prime", len(share), len(p))
	}
	x, n := new(big.Int).SetBytes(share), new(big.Int).SetBytes(p)

	// The powers of 0, 1 and p-1 are known for every exponent.
	// https://core.telegram.org/mtproto/auth_key#dh-key-exchange-complete
	one := big.NewInt(1)
	last := new(big.Int).Sub(n, one)
	if x.Cmp(one) <= 0 || x.Cmp(last) >= 0 {
		return errors.New("crypt: the share is not between 1 and p-1")
	}

	// A number this close to either end was chosen on purpose: a random one is
	// that close once in 2^64. The range includes both ends.
	// https://core.telegram.org/mtproto/security_guidelines#g-a-and-g-b-validation
	margin := new(big.Int).Lsh(one, 8*keyBytes-64)
	if x.Cmp(margin) < 0 {
		return fmt.Errorf("crypt: the share has only %d bits, want 2^1984 at least", x.BitLen())
	}
	if over := n.Sub(n, x); over.Cmp(margin) < 0 {
		return fmt.Errorf("crypt: the share is only a number of %d bits below p, want 2^1984 at least", over.BitLen())
	}
	return nil
}

// Pow returns base^exp mod m with all its leading zeros: a key that begins with
// zeros is still 256 bytes long. The modulus has passed CheckGroup; a modulus of
// zero, or of more than 256 bytes, is the caller's mistake and panics.
// https://core.telegram.org/mtproto/auth_key#dh-key-exchange-complete
func Pow(base, exp, m []byte) (power [256]byte) {
	b, e, n := new(big.Int).SetBytes(base), new(big.Int).SetBytes(exp), new(big.Int).SetBytes(m)
	if n.Sign() == 0 || len(m) > keyBytes {
		panic(fmt.Sprintf("crypt: a power modulo a number of %d bits, want 1 to %d", n.BitLen(), 8*keyBytes))
	}
	b.Exp(b, e, n).FillBytes(power[:])
	// Wipe the copies of the secret that can be wiped: the exponent and the result.
	clear(e.Bits())
	clear(b.Bits())
	return power
}
