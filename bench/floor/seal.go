package main

import (
	"crypto/aes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
)

// message holds one packet and the key that encrypts it.
type message struct {
	key    [256]byte
	packet [512]byte
}

func newMessage() *message {
	m := new(message)
	for i := range m.key {
		m.key[i] = byte(i * 7)
	}
	return m
}

// sizes: the outer head, the inner head and the shortest padding.
const (
	outer   = 24
	inner   = 32
	padding = 12
)

func size(body int) int { return outer + (inner+body+padding+15)&^15 }

// seal encrypts a message with a body of that many bytes.
// https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector
func (m *message) seal(body int) []byte {
	packet := m.packet[:size(body)]
	plain := packet[outer:]
	rand.Read(plain[inner+body:])
	msgKey := m.msgKey(plain)
	copy(packet[8:], msgKey[:])
	key, iv := m.derive(packet[8:24])
	block, _ := aes.NewCipher(key[:])
	c, p := iv[:16], iv[16:]
	var x, before [16]byte
	for b := plain; len(b) > 0; b = b[16:] {
		copy(x[:], b)
		subtle.XORBytes(b[:16], b[:16], c)
		block.Encrypt(b, b)
		subtle.XORBytes(b[:16], b[:16], p)
		before = x
		c, p = b[:16], before[:]
	}
	return packet
}

// open does the arithmetic of decrypting a message with a body of that many bytes.
func (m *message) open(body int) bool {
	packet := m.packet[:size(body)]
	plain := packet[outer:]
	key, iv := m.derive(packet[8:24])
	block, _ := aes.NewCipher(key[:])
	c, p := iv[:16], iv[16:]
	var x, before [16]byte
	for b := plain; len(b) > 0; b = b[16:] {
		copy(x[:], b)
		subtle.XORBytes(b[:16], b[:16], p)
		block.Decrypt(b, b)
		subtle.XORBytes(b[:16], b[:16], c)
		before = x
		c, p = before[:], b[:16]
	}
	msgKey := m.msgKey(plain)
	return subtle.ConstantTimeCompare(packet[8:24], msgKey[:]) == 1
}

func (m *message) msgKey(plain []byte) [16]byte {
	h := sha256.New()
	h.Write(m.key[88:120])
	h.Write(plain)
	var sum [32]byte
	h.Sum(sum[:0])
	return [16]byte(sum[8:24])
}

func (m *message) derive(msgKey []byte) (key, iv [32]byte) {
	var in [52]byte
	copy(in[copy(in[:], msgKey):], m.key[:36])
	a := sha256.Sum256(in[:])
	copy(in[copy(in[:], m.key[40:76]):], msgKey)
	b := sha256.Sum256(in[:])
	key, iv = a, b
	copy(key[8:24], b[8:24])
	copy(iv[8:24], a[8:24])
	return key, iv
}
