package crypt

import (
	"bytes"
	"crypto/sha1"
	"testing"
)

func TestMessageKeysOfMTProto1AgreeWithOtherPrograms(t *testing.T) {
	keys, derived := 0, 0
	for _, v := range vectors(t, "kdf_v1") {
		if v.has("payload") {
			keys++
			if msgKey, want := MessageKeyV1(v.bytes(t, "payload")), v.bytes(t, "msg_key"); !bytes.Equal(msgKey[:], want) {
				t.Errorf("%s: msg_key %x, want %x", v.name(), msgKey, want)
			}
			continue
		}
		derived++
		key, iv := MessageAESv1(v.authKey(t), (*[16]byte)(v.bytes(t, "msg_key")), FromClient)
		if want := v.bytes(t, "aes_key"); !bytes.Equal(key[:], want) {
			t.Errorf("%s: AES key %x, want %x", v.name(), key, want)
		}
		if want := v.bytes(t, "aes_iv"); !bytes.Equal(iv[:], want) {
			t.Errorf("%s: AES iv %x, want %x", v.name(), iv, want)
		}
	}
	if keys == 0 || derived == 0 {
		t.Errorf("got %d message keys and %d derivations to compare, want both", keys, derived)
	}
}

// The vectors are of messages from a client. From a server everything is taken
// eight bytes further on: a key shifted by as much gives the same.
// https://core.telegram.org/mtproto/description_v1#defining-aes-key-and-initialization-vector
func TestMTProto1ReadsTheKeyFurtherOnFromAServer(t *testing.T) {
	v := vectors(t, "kdf_v1")[0]
	authKey, msgKey := v.authKey(t), (*[16]byte)(v.bytes(t, "msg_key"))
	var shifted [256]byte
	copy(shifted[8:], authKey[:])
	key, iv := MessageAESv1(&shifted, msgKey, FromServer)
	wantKey, wantIV := MessageAESv1(authKey, msgKey, FromClient)
	if key != wantKey || iv != wantIV {
		t.Errorf("got %x and %x, want %x and %x", key, iv, wantKey, wantIV)
	}
	if key, iv = MessageAESv1(authKey, msgKey, FromServer); key == wantKey || iv == wantIV {
		t.Error("the same keys in both directions: a message could be played back to its sender")
	}
}

// https://core.telegram.org/mtproto/description_v1#message-key
func TestTheMessageKeyOfMTProto1IsTheEndOfAHash(t *testing.T) {
	plain := []byte("anything")
	sum := sha1.Sum(plain)
	if got := MessageKeyV1(plain); !bytes.Equal(got[:], sum[len(sum)-16:]) {
		t.Errorf("got %x, want the last 16 bytes of %x", got, sum)
	}
}
