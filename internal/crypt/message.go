package crypt

import (
	"crypto/sha256"
	"encoding/binary"
)

// Side says who sends a message. Its value is the x of the specification: how
// far into the auth key the derivations of that direction begin, so that a
// message cannot be played back to its sender.
// https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector
type Side int

// The two directions of a connection.
const (
	FromClient Side = 0
	FromServer Side = 8
)

// MessageKey computes the msg_key of a message from its whole plaintext, padding
// included, and the token that a server sends back as quick acknowledgement of
// it (only messages from a client have one). It allocates nothing.
//
// A receiver calls it on what it has decrypted and compares the result in
// constant time with the msg_key that came with the message, before it believes
// a single byte.
// https://core.telegram.org/mtproto/security_guidelines#mtproto-encrypted-messages
func MessageKey(authKey *[256]byte, side Side, padded []byte) (msgKey [16]byte, quickAck uint32) {
	// The key covers 32 bytes of the auth key, then everything that is encrypted.
	// https://core.telegram.org/mtproto/description#message-key-msg-key
	h := sha256.New()
	h.Write(authKey[88+side : 88+side+32])
	h.Write(padded)
	var large [sha256.Size]byte
	h.Sum(large[:0])
	copy(msgKey[:], large[8:24])

	// A quick ack is the first 32 bits of the same hash, little endian, with the
	// top bit set, so that no length of a packet looks like one.
	// https://core.telegram.org/mtproto/mtproto-transports#quick-ack
	return msgKey, binary.LittleEndian.Uint32(large[:]) | 1<<31
}

// MessageAES derives the AES key and iv of one message. It allocates nothing.
//
//	a   = SHA256(msg_key + auth_key[x:x+36])
//	b   = SHA256(auth_key[40+x:40+x+36] + msg_key)
//	key = a[0:8] + b[8:24] + a[24:32]
//	iv  = b[0:8] + a[8:24] + b[24:32]
//
// https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector
func MessageAES(authKey *[256]byte, msgKey *[16]byte, side Side) (key, iv [32]byte) {
	var in [16 + 36]byte
	copy(in[:16], msgKey[:])
	copy(in[16:], authKey[side:side+36])
	a := sha256.Sum256(in[:])
	copy(in[:36], authKey[40+side:40+side+36])
	copy(in[36:], msgKey[:])
	b := sha256.Sum256(in[:])

	// The derivations are mirror images: key and iv swap the middles.
	key, iv = a, b
	copy(key[8:24], b[8:24])
	copy(iv[8:24], a[8:24])
	return key, iv
}
