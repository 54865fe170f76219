package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
)

// IGE, the infinite garble extension, chains both ways: every block is masked
// with the ciphertext before it on the way in and with the plaintext before it
// on the way out.
//
//	cipher[i] = AES(plain[i] ^ cipher[i-1]) ^ plain[i-1]
//	plain[i]  = AES⁻¹(cipher[i] ^ plain[i-1]) ^ cipher[i-1]
//
// The first half of the iv is the ciphertext before the first block, the second
// half the plaintext before it.
//
// A block is two machine words in the machine's byte order, which does not matter
// to xor.

// EncryptIGE encrypts src into dst by AES-256-IGE. Both have the same length, a
// multiple of 16; they are the same memory or do not overlap. Anything else is
// the caller's mistake and panics. The iv is left as it was.
//
// The one allocation is the expanded key, about 500 bytes, made anew because
// every message has a key of its own: aes.NewCipher is too large to be inlined
// ("cost 104 exceeds budget 80", says go build -gcflags=crypto/aes=-m=2), so its
// result cannot live on our stack, and a cipher of the standard library cannot be
// given another key. An AES of our own could avoid that, in assembly
// for each processor or with tables that leak the key through the cache; neither
// is worth it.
// https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector
func EncryptIGE(dst, src []byte, key, iv *[32]byte) {
	block := newCipher(dst, src, key)
	c0, c1 := words(iv[:16])
	p0, p1 := words(iv[16:])
	for i := 0; i < len(src); i += aes.BlockSize {
		b := dst[i : i+aes.BlockSize]
		s0, s1 := words(src[i:])
		putWords(b, s0^c0, s1^c1)
		block.Encrypt(b, b)
		c0, c1 = words(b)
		c0, c1 = c0^p0, c1^p1
		putWords(b, c0, c1)
		p0, p1 = s0, s1
	}
}

// DecryptIGE undoes EncryptIGE, under the same conditions.
func DecryptIGE(dst, src []byte, key, iv *[32]byte) {
	block := newCipher(dst, src, key)
	c0, c1 := words(iv[:16])
	p0, p1 := words(iv[16:])
	for i := 0; i < len(src); i += aes.BlockSize {
		b := dst[i : i+aes.BlockSize]
		s0, s1 := words(src[i:])
		putWords(b, s0^p0, s1^p1)
		block.Decrypt(b, b)
		p0, p1 = words(b)
		p0, p1 = p0^c0, p1^c1
		putWords(b, p0, p1)
		c0, c1 = s0, s1
	}
}

func newCipher(dst, src []byte, key *[32]byte) cipher.Block {
	if len(src)%aes.BlockSize != 0 || len(dst) != len(src) {
		panic(fmt.Sprintf("crypt: IGE from %d bytes into %d: want equal lengths, a multiple of %d",
			len(src), len(dst), aes.BlockSize))
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	return block
}

// words reads one block.
func words(b []byte) (uint64, uint64) {
	_ = b[15]
	return binary.NativeEndian.Uint64(b), binary.NativeEndian.Uint64(b[8:])
}

// putWords writes one block.
func putWords(b []byte, w0, w1 uint64) {
	_ = b[15]
	binary.NativeEndian.PutUint64(b, w0)
	binary.NativeEndian.PutUint64(b[8:], w1)
}
