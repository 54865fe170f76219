package crypt

import (
	"crypto/sha1"
	"encoding/binary"
)

// KeyID is the identifier of an auth key, the auth_key_id that begins every
// encrypted message: the last 8 bytes of the key's SHA1.
// https://core.telegram.org/mtproto/description#key-identifier-auth-key-id
func KeyID(authKey *[256]byte) int64 {
	sum := sha1.Sum(authKey[:])
	return int64(binary.LittleEndian.Uint64(sum[12:]))
}

// AuxHash is the other end of the same SHA1, its first 8 bytes. It goes into the
// hashes that prove the key, and is the retry_id of an exchange begun again.
// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
func AuxHash(authKey *[256]byte) (aux [8]byte) {
	sum := sha1.Sum(authKey[:])
	copy(aux[:], sum[:])
	return aux
}

// NewNonceHash is the server's proof that it has the same key: new_nonce_hash1
// with dh_gen_ok, 2 with dh_gen_retry and 3 with dh_gen_fail. The number n is
// hashed between the nonce and the key's AuxHash; of the SHA1 the last 16 bytes
// count.
// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
func NewNonceHash(newNonce *[32]byte, n byte, aux [8]byte) (hash [16]byte) {
	var in [32 + 1 + 8]byte
	copy(in[:], newNonce[:])
	in[32] = n
	copy(in[33:], aux[:])
	sum := sha1.Sum(in[:])
	copy(hash[:], sum[4:])
	return hash
}

// TempAES derives the AES key and iv under which server and client send their
// halves of the Diffie-Hellman exchange. With n the new nonce, s the server's:
//
//	key = SHA1(n + s) + SHA1(s + n)[0:12]
//	iv  = SHA1(s + n)[12:20] + SHA1(n + n) + n[0:4]
//
// https://core.telegram.org/mtproto/auth_key#6-server-responds-with
func TempAES(newNonce *[32]byte, serverNonce *[16]byte) (key, iv [32]byte) {
	var in [64]byte
	ns := sha1.Sum(append(append(in[:0], newNonce[:]...), serverNonce[:]...))
	sn := sha1.Sum(append(append(in[:0], serverNonce[:]...), newNonce[:]...))
	nn := sha1.Sum(append(append(in[:0], newNonce[:]...), newNonce[:]...))
	copy(key[:20], ns[:])
	copy(key[20:], sn[:12])
	copy(iv[:8], sn[12:])
	copy(iv[8:28], nn[:])
	copy(iv[28:], newNonce[:4])
	return key, iv
}

// FirstSalt is the server salt that a new key begins with: the first 8 bytes of
// both nonces, xored.
// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
func FirstSalt(newNonce *[32]byte, serverNonce *[16]byte) int64 {
	return int64(binary.LittleEndian.Uint64(newNonce[:]) ^ binary.LittleEndian.Uint64(serverNonce[:]))
}
