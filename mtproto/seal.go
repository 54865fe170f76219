package mtproto

import (
	"crypto/subtle"
	"encoding/binary"
	"io"

	"github.com/telekey/telekey/internal/crypt"
)

// An encrypted packet:
//
//	8 key id · 16 message key · encrypted
//
// and what is encrypted:
//
//	8 salt · 8 session · 8 id · 4 seq · 4 length · body · 12–1024 random bytes
//
// https://core.telegram.org/mtproto/description#encrypted-message-encrypted-data
const (
	sealedHead = 8 + 16
	plainHead  = 8 + 8 + 8 + 4 + 4
	minPadding = 12
	maxPadding = 1024
	blockSize  = 16
)

// head is what stands before the body of an encrypted message.
type head struct {
	salt    Salt
	session SessionID
	id      MsgID
	seq     int32
}

// sealedSize is how long a packet with a body of n bytes becomes.
func sealedSize(n int) int { return sealedHead + (plainHead+n+minPadding+blockSize-1)&^(blockSize-1) }

// appendHead appends room for the outer head, and the inner head for a body of
// n bytes, which the caller appends next.
func appendHead(dst []byte, h head, n int) []byte {
	dst = append(dst, make([]byte, sealedHead)...)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(h.salt))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(h.session))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(h.id))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(h.seq))
	return binary.LittleEndian.AppendUint32(dst, uint32(n))
}

// seal pads and encrypts, in place, a packet that consists of appendHead's
// bytes and a body. If it has the capacity of sealedSize, seal allocates nothing
// but what AES does for its key.
func seal(packet []byte, key Key, side crypt.Side, random io.Reader) []byte {
	padded := sealedSize(len(packet) - sealedHead - plainHead)
	from := len(packet)
	for len(packet) < padded {
		packet = append(packet, 0)
	}
	fill(random, packet[from:])

	// The message key covers the padding too.
	// https://core.telegram.org/mtproto/description#message-key-msg-key
	plain := packet[sealedHead:]
	msgKey, _ := crypt.MessageKey(key.bytes(), side, plain)
	binary.LittleEndian.PutUint64(packet, uint64(key.id))
	copy(packet[8:], msgKey[:])
	aesKey, iv := crypt.MessageAES(key.bytes(), &msgKey, side)
	crypt.EncryptIGE(plain, plain, &aesKey, &iv)
	return packet
}

// errNotOurs is the one error of everything that can go wrong before the message
// key has been checked. It does not tell what it was.
var errNotOurs error = &ViolationError{
	What: "message key",
	Got:  "a packet that this key does not open",
	Want: "a message that its message key fits",
	Link: "mtproto/security_guidelines#mtproto-encrypted-messages",
}

// open decrypts a packet in place and returns its head, its body, which is a
// part of the packet, and the token of its quick acknowledgement. Nothing is
// returned unless everything that can be known about a message by itself is
// right.
func open(packet []byte, key Key, side crypt.Side) (h head, body []byte, quick uint32, err error) {
	// The auth key id must be that of the key in use.
	// https://core.telegram.org/mtproto/security_guidelines#mtproto-encrypted-messages
	if id, ok := PacketKey(packet); ok && id != key.id {
		return h, nil, 0, violation("auth key id", "mtproto/security_guidelines#mtproto-encrypted-messages", id, key.id)
	}
	plain, quick, ok := decrypt(packet, key, side)
	if !ok {
		return h, nil, 0, errNotOurs
	}

	h.salt = Salt(binary.LittleEndian.Uint64(plain))
	h.session = SessionID(binary.LittleEndian.Uint64(plain[8:]))
	h.id = MsgID(binary.LittleEndian.Uint64(plain[16:]))
	h.seq = int32(binary.LittleEndian.Uint32(plain[24:]))
	length := int32(binary.LittleEndian.Uint32(plain[28:]))
	rest := plain[plainHead:]

	// The length is not negative, is a multiple of four, and stays within the
	// message.
	// https://core.telegram.org/mtproto/security_guidelines#checking-message-length
	const link = "mtproto/security_guidelines#checking-message-length"
	if length < 0 || length%4 != 0 || int(length) > len(rest) {
		return h, nil, 0, violation("message length", link, length, "a multiple of 4 within the message")
	}
	// What follows the message is 12 to 1024 bytes of padding.
	// https://core.telegram.org/mtproto/security_guidelines#checking-message-length
	if padding := len(rest) - int(length); padding < minPadding || padding > maxPadding {
		return h, nil, 0, violation("padding", link, padding, "12 to 1024 bytes")
	}
	return h, rest[:length:length], quick, nil
}

// decrypt opens the packet and compares its message key.
//
// The key is computed from the plaintext with its padding and compared, in the
// same time whatever the difference, before any of it is used. A packet that is
// too short or of an odd size is treated as one whose key differs: the rule
// wants both answered alike.
// https://core.telegram.org/mtproto/security_guidelines#mtproto-encrypted-messages
func decrypt(packet []byte, key Key, side crypt.Side) (plain []byte, quick uint32, ok bool) {
	size := len(packet) - sealedHead
	if size < plainHead+minPadding || size%blockSize != 0 || key.IsZero() {
		return nil, 0, false
	}
	plain = packet[sealedHead:]
	msgKey := [16]byte(packet[8:sealedHead])
	aesKey, iv := crypt.MessageAES(key.bytes(), &msgKey, side)
	crypt.DecryptIGE(plain, plain, &aesKey, &iv)
	want, quick := crypt.MessageKey(key.bytes(), side, plain)
	return plain, quick, subtle.ConstantTimeCompare(want[:], msgKey[:]) == 1
}

// PacketKey returns the id of the key that a packet says it is encrypted with:
// 0 for the messages of a key exchange. It reports false for packets too short
// to have one.
func PacketKey(packet []byte) (KeyID, bool) {
	if len(packet) < 8 {
		return 0, false
	}
	return KeyID(binary.LittleEndian.Uint64(packet)), true
}

// fill reads random bytes. There is no going on without them.
func fill(random io.Reader, b []byte) {
	if _, err := io.ReadFull(random, b); err != nil {
		panic("mtproto: the random source failed: " + err.Error())
	}
}

// random64 reads a random number.
func random64(random io.Reader) int64 {
	var b [8]byte
	fill(random, b[:])
	return int64(binary.LittleEndian.Uint64(b[:]))
}
