package crypt

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"testing"
)

func TestMessageKeysAgreeWithOtherPrograms(t *testing.T) {
	for _, v := range slices.Concat(vectors(t, "msg_key"), vectors(t, "message")) {
		authKey := v.authKey(t)
		msgKey, _ := MessageKey(authKey, v.side(), v.bytes(t, "plaintext"))
		if want := v.bytes(t, "msg_key"); !bytes.Equal(msgKey[:], want) {
			t.Errorf("%s: msg_key %x, want %x", v.name(), msgKey, want)
		}
		key, iv := MessageAES(authKey, &msgKey, v.side())
		if want := v.bytes(t, "aes_key"); !bytes.Equal(key[:], want) {
			t.Errorf("%s: AES key %x, want %x", v.name(), key, want)
		}
		if want := v.bytes(t, "aes_iv"); !bytes.Equal(iv[:], want) {
			t.Errorf("%s: AES iv %x, want %x", v.name(), iv, want)
		}
	}
}

func TestMessagesOfOtherProgramsOpenAndSeal(t *testing.T) {
	for _, v := range vectors(t, "message") {
		authKey, plain, cipher := v.authKey(t), v.bytes(t, "plaintext"), v.bytes(t, "encrypted")

		sealed := make([]byte, len(plain))
		msgKey := seal(sealed, plain, authKey, v.side())
		if !bytes.Equal(sealed, cipher) {
			t.Errorf("%s: sealed %x, want %x", v.name(), sealed, cipher)
		}
		key, iv := MessageAES(authKey, &msgKey, v.side())
		DecryptIGE(sealed, cipher, &key, &iv)
		if !bytes.Equal(sealed, plain) {
			t.Errorf("%s: opened %x, want %x", v.name(), sealed, plain)
		}
	}
}

func TestMessageDoesNotOpenAsTheOtherSides(t *testing.T) {
	v := vectors(t, "message")[0]
	client, _ := MessageKey(v.authKey(t), FromClient, v.bytes(t, "plaintext"))
	server, _ := MessageKey(v.authKey(t), FromServer, v.bytes(t, "plaintext"))
	if client == server {
		t.Error("the same msg_key in both directions: a message could be played back to its sender")
	}
}

// https://core.telegram.org/mtproto/mtproto-transports#quick-ack
func TestQuickAckIsTheBeginningOfTheSameHash(t *testing.T) {
	for _, v := range vectors(t, "message") {
		authKey, plain := v.authKey(t), v.bytes(t, "plaintext")
		at := map[Side]int{FromClient: 88, FromServer: 96}[v.side()]
		large := sha256.Sum256(slices.Concat(authKey[at:at+32], plain))
		if msgKey := v.bytes(t, "msg_key"); !bytes.Equal(large[8:24], msgKey) {
			t.Fatalf("%s: this is not the hash of the msg_key", v.name())
		}
		_, got := MessageKey(authKey, v.side(), plain)
		if got>>31 != 1 {
			t.Errorf("%s: token %08x lacks its top bit", v.name(), got)
		}
		if want := binary.LittleEndian.Uint32(large[:4]); got&^(1<<31) != want&^(1<<31) {
			t.Errorf("%s: token %08x, want %08x", v.name(), got, want)
		}
	}
}

func TestSealingAllocatesTheExpandedKeyAlone(t *testing.T) {
	authKey, msg := new([256]byte), make([]byte, 1024)
	if n := testing.AllocsPerRun(100, func() {
		msgKey, _ := MessageKey(authKey, FromClient, msg)
		MessageAES(authKey, &msgKey, FromClient)
	}); n != 0 {
		t.Errorf("the keys of a message take %v allocations, want none", n)
	}
	if n := testing.AllocsPerRun(100, func() { seal(msg, msg, authKey, FromClient) }); n > 1 {
		t.Errorf("sealing takes %v allocations, want 1 at most", n)
	}
	if n := testing.AllocsPerRun(100, func() { DecryptIGE(msg, msg, &[32]byte{}, &[32]byte{}) }); n > 1 {
		t.Errorf("decrypting takes %v allocations, want 1 at most", n)
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, size := range []int{128, 1024, 64 << 10} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			authKey, msg := new([256]byte), make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				seal(msg, msg, authKey, FromClient)
			}
		})
	}
}

// seal encrypts a padded plaintext as a connection does.
func seal(dst, padded []byte, authKey *[256]byte, side Side) [16]byte {
	msgKey, _ := MessageKey(authKey, side, padded)
	key, iv := MessageAES(authKey, &msgKey, side)
	EncryptIGE(dst, padded, &key, &iv)
	return msgKey
}
