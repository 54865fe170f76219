package crypt

import "crypto/sha1"

// MTProto 1, the protocol before 2017, lives on in one place: the message that
// binds a temporary key to a permanent one is encrypted by its rules.
// https://core.telegram.org/mtproto/description_v1

// MessageKeyV1 computes the msg_key of a message of MTProto 1.
//
// It covers the plaintext without its padding and no part of the auth key, so
// that unlike [MessageKey] it proves nothing about what follows the message: a
// receiver checks the length of that, too.
// https://core.telegram.org/mtproto/description_v1#message-key
func MessageKeyV1(plain []byte) (msgKey [16]byte) {
	sum := sha1.Sum(plain)
	copy(msgKey[:], sum[4:])
	return msgKey
}

// MessageAESv1 derives the AES key and iv of one message of MTProto 1. With k the
// auth key and m the msg_key:
//
//	a   = SHA1(m + k[x:x+32])
//	b   = SHA1(k[32+x:48+x] + m + k[48+x:64+x])
//	c   = SHA1(k[64+x:96+x] + m)
//	d   = SHA1(m + k[96+x:128+x])
//	key = a[0:8] + b[8:20] + c[4:16]
//	iv  = a[8:20] + b[0:8] + c[16:20] + d[0:8]
//
// https://core.telegram.org/mtproto/description_v1#defining-aes-key-and-initialization-vector
func MessageAESv1(authKey *[256]byte, msgKey *[16]byte, side Side) (key, iv [32]byte) {
	k := authKey[side:]
	a := sha1Of(msgKey[:], k[:32])
	b := sha1Of(k[32:48], msgKey[:], k[48:64])
	c := sha1Of(k[64:96], msgKey[:])
	d := sha1Of(msgKey[:], k[96:128])

	copy(key[:], a[:8])
	copy(key[8:], b[8:])
	copy(key[20:], c[4:16])

	copy(iv[:], a[8:])
	copy(iv[12:], b[:8])
	copy(iv[20:], c[16:])
	copy(iv[24:], d[:8])
	return key, iv
}

// sha1Of hashes parts one after the other.
func sha1Of(parts ...[]byte) (sum [sha1.Size]byte) {
	h := sha1.New()
	for _, p := range parts {
		h.Write(p)
	}
	h.Sum(sum[:0])
	return sum
}
