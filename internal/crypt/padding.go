package crypt

import (
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
)

// The block of 256 bytes that goes into RSA, in its two forms:
//
//	RSA_PAD  32 temp_key ^ SHA256(body) · 224 body
//	         body: AES-256-IGE under temp_key, iv 0, of
//	         192 data and random bytes, reversed · 32 SHA256(temp_key + data and random bytes)
//	older    1 zero · 20 SHA1(data) · data · filler up to 256
const (
	padded  = 192
	maxData = 144 // leaves space for at least 48 random bytes
	body    = padded + sha256.Size

	legacyStart = 1 + sha1.Size
	maxLegacy   = keyBytes - legacyStart
)

// maxTries bounds the search for a block below the modulus. A key of 2048 bits
// admits at least every second block, so a random source that fails this often
// repeats itself.
const maxTries = 128

// errRandom is for readers that give bytes but no randomness.
var errRandom = errors.New("crypt: the random source repeats itself, want one like crypto/rand.Reader")

// ErrOpen is the only error of RSAOpen: the sender must not learn which check
// failed.
var ErrOpen = errors.New("crypt: the RSA ciphertext holds no data that this key can open")

// RSAPad encrypts data, at most 144 bytes, to a server's key and returns exactly
// 256 bytes. It reads the padding from random, 192 bytes less the data, and then
// 32 bytes for every try at a block below the modulus, mostly one.
// https://core.telegram.org/mtproto/auth_key#41-rsa-paddata-server-public-key-mentioned-above-is-implemented-as-follows
func RSAPad(data []byte, pub *rsa.PublicKey, random io.Reader) ([]byte, error) {
	if len(data) > maxData {
		return nil, fmt.Errorf("crypt: RSA_PAD of %d bytes, want at most %d", len(data), maxData)
	}
	if err := checkPublic(pub); err != nil {
		return nil, err
	}
	var plain [padded]byte
	copy(plain[:], data)
	if _, err := io.ReadFull(random, plain[len(data):]); err != nil {
		return nil, fmt.Errorf("crypt: random bytes for RSA_PAD: %w", err)
	}
	// RSA cannot recover a block that is not below the modulus: try another
	// temporary key, which makes another block.
	for range maxTries {
		var tempKey [32]byte
		if _, err := io.ReadFull(random, tempKey[:]); err != nil {
			return nil, fmt.Errorf("crypt: random bytes for RSA_PAD: %w", err)
		}
		block := sealPad(&plain, &tempKey)
		if m := new(big.Int).SetBytes(block[:]); m.Cmp(pub.N) < 0 {
			return encryptRSA(m, pub), nil
		}
	}
	return nil, errRandom
}

// RSALegacy encrypts data in the padding before RSA_PAD, which some clients still
// use. The data is a TL object: its length is a multiple of 4, at most 232 bytes.
// RSALegacy reads padding up to 235 bytes from random.
func RSALegacy(data []byte, pub *rsa.PublicKey, random io.Reader) ([]byte, error) {
	if len(data) == 0 || len(data)%4 != 0 || len(data) > maxLegacy {
		return nil, fmt.Errorf("crypt: %d bytes to encrypt, want a TL object of 4 to %d", len(data), maxLegacy&^3)
	}
	if err := checkPublic(pub); err != nil {
		return nil, err
	}
	var block [keyBytes]byte
	sum := sha1.Sum(data)
	copy(block[1:], sum[:])
	n := copy(block[legacyStart:], data)
	if _, err := io.ReadFull(random, block[legacyStart+n:]); err != nil {
		return nil, fmt.Errorf("crypt: random bytes for RSA: %w", err)
	}
	return encryptRSA(new(big.Int).SetBytes(block[:]), pub), nil
}

// RSAOpen decrypts a ciphertext of RSAPad or RSALegacy, on the server's side. For
// RSA_PAD the data is the client's object and the random bytes after it, always
// 192 together; for the older scheme it is the object alone, because its hash
// determines its end. A ciphertext may lack leading zeros. Every failure is
// ErrOpen.
func RSAOpen(ciphertext []byte, key *rsa.PrivateKey) (data []byte, err error) {
	if err := checkPublic(&key.PublicKey); err != nil {
		return nil, err
	}
	c := new(big.Int).SetBytes(ciphertext[:min(len(ciphertext), keyBytes)])
	if len(ciphertext) > keyBytes || c.Cmp(key.N) >= 0 {
		return nil, ErrOpen
	}
	// Both forms are always tried, so that refusing takes as long as accepting.
	block := decryptRSA(c, key)
	plain, isPad := openPad(block)
	object, isLegacy := openLegacy(block)
	switch {
	case isPad:
		return plain, nil
	case isLegacy:
		return object, nil
	}
	return nil, ErrOpen
}

// sealPad makes the block of RSA_PAD.
func sealPad(plain *[padded]byte, tempKey *[32]byte) *[keyBytes]byte {
	var block [keyBytes]byte
	mask, sealed := block[:32], block[32:]
	copy(sealed, plain[:])
	slices.Reverse(sealed[:padded])
	sum := hashPad(tempKey, plain)
	copy(sealed[padded:], sum[:])
	EncryptIGE(sealed, sealed, tempKey, new([32]byte))
	sum = sha256.Sum256(sealed)
	subtle.XORBytes(mask, tempKey[:], sum[:])
	return &block
}

// openPad undoes sealPad.
func openPad(block *[keyBytes]byte) ([]byte, bool) {
	var tempKey [32]byte
	sum := sha256.Sum256(block[32:])
	subtle.XORBytes(tempKey[:], block[:32], sum[:])

	var opened [body]byte
	DecryptIGE(opened[:], block[32:], &tempKey, new([32]byte))
	plain := (*[padded]byte)(opened[:])
	slices.Reverse(plain[:])
	sum = hashPad(&tempKey, plain)
	return plain[:], subtle.ConstantTimeCompare(sum[:], opened[padded:]) == 1
}

func hashPad(tempKey *[32]byte, plain *[padded]byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write(tempKey[:])
	h.Write(plain[:])
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}

// openLegacy finds the object in a block of the older scheme. The block does not
// contain its length, and bytes must not be parsed as TL before they are verified;
// so openLegacy compares the hash at each of the 58 lengths that an object can have.
func openLegacy(block *[keyBytes]byte) ([]byte, bool) {
	want, rest := block[1:legacyStart], block[legacyStart:]
	length := 0
	h := sha1.New()
	var sum [sha1.Size]byte
	for n := 4; n <= len(rest); n += 4 {
		h.Write(rest[n-4 : n])
		same := subtle.ConstantTimeCompare(h.Sum(sum[:0]), want)
		length = subtle.ConstantTimeSelect(same, n, length)
	}
	return rest[:length], block[0] == 0 && length > 0
}
