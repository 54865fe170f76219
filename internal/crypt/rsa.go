package crypt

import (
	"crypto/rsa"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"math/big"
)

// keyBytes is the size of every number of the key exchange: RSA moduli, the
// Diffie-Hellman prime and shares, the auth key.
const keyBytes = 256

// Fingerprint names a server's public key in resPQ: the last 8 bytes of the SHA1
// of its two numbers, each written as a TL string.
// https://core.telegram.org/mtproto/auth_key#2-server-sends-response-of-the-form
func Fingerprint(pub *rsa.PublicKey) int64 {
	b := appendString(nil, pub.N.Bytes())
	b = appendString(b, big.NewInt(int64(pub.E)).Bytes())
	sum := sha1.Sum(b)
	return int64(binary.LittleEndian.Uint64(sum[12:]))
}

// appendString writes a TL string. It repeats code of package tl, because this
// package imports no other package of the module.
// https://core.telegram.org/mtproto/serialize#base-types
func appendString(b, s []byte) []byte {
	start := len(b)
	if n := len(s); n < 254 {
		b = append(b, byte(n))
	} else {
		b = append(b, 254, byte(n), byte(n>>8), byte(n>>16))
	}
	b = append(b, s...)
	for (len(b)-start)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// checkPublic checks that a key has the size that both paddings need.
func checkPublic(pub *rsa.PublicKey) error {
	if n := pub.N.BitLen(); n != 8*keyBytes {
		return fmt.Errorf("crypt: the RSA modulus has %d bits, want %d", n, 8*keyBytes)
	}
	return nil
}

// encryptRSA is RSA without padding: m^e mod n.
func encryptRSA(m *big.Int, pub *rsa.PublicKey) []byte {
	c := new(big.Int).Exp(m, big.NewInt(int64(pub.E)), pub.N)
	return c.FillBytes(make([]byte, keyBytes))
}

// decryptRSA undoes encryptRSA; c is below the modulus. With a key of two primes
// it works modulo each of them, a quarter of the effort, and joins the halves by
// Garner's formula. Its time depends on the key: precise measurements may leak
// something about a key that this server made for itself.
func decryptRSA(c *big.Int, key *rsa.PrivateKey) *[keyBytes]byte {
	m := new(big.Int)
	crt := key.Precomputed
	if len(key.Primes) == 2 && crt.Dp != nil && crt.Dq != nil && crt.Qinv != nil {
		p, q := key.Primes[0], key.Primes[1]
		mq := new(big.Int).Exp(c, crt.Dq, q)
		m.Exp(c, crt.Dp, p)
		m.Sub(m, mq).Mul(m, crt.Qinv).Mod(m, p)
		m.Mul(m, q).Add(m, mq)
	} else {
		m.Exp(c, key.D, key.N)
	}
	var block [keyBytes]byte
	m.FillBytes(block[:])
	return &block
}
