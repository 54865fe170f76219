package crypt

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"slices"
	"testing"
)

// The worked examples of https://core.telegram.org/mtproto/samples-auth_key

func TestSampleExchangeEndsWithItsKey(t *testing.T) {
	for _, v := range vectors(t, "auth_key") {
		authKey := v.authKey(t)
		newNonce, serverNonce := v.nonces(t)

		id := binary.LittleEndian.AppendUint64(nil, uint64(KeyID(authKey)))
		if want := v.bytes(t, "auth_key_id"); !bytes.Equal(id, want) {
			t.Errorf("%s: key id %x, want %x", v.name(), id, want)
		}
		aux := AuxHash(authKey)
		if want := v.bytes(t, "auth_key_aux_hash"); !bytes.Equal(aux[:], want) {
			t.Errorf("%s: aux hash %x, want %x", v.name(), aux, want)
		}
		for n, field := range []string{"new_nonce_hash1", "new_nonce_hash2", "new_nonce_hash3"} {
			got := NewNonceHash(newNonce, byte(n+1), aux)
			if want := v.bytes(t, field); !bytes.Equal(got[:], want) {
				t.Errorf("%s: %s %x, want %x", v.name(), field, got, want)
			}
		}
		salt := binary.LittleEndian.AppendUint64(nil, uint64(FirstSalt(newNonce, serverNonce)))
		if want := v.bytes(t, "server_salt"); !bytes.Equal(salt, want) {
			t.Errorf("%s: salt %x, want %x", v.name(), salt, want)
		}
	}
}

func TestSampleExchangeHasItsTemporaryKey(t *testing.T) {
	for _, v := range vectors(t, "auth_key") {
		key, iv := TempAES(v.nonces(t))
		if want := v.bytes(t, "tmp_aes_key"); !bytes.Equal(key[:], want) {
			t.Errorf("%s: key %x, want %x", v.name(), key, want)
		}
		if want := v.bytes(t, "tmp_aes_iv"); !bytes.Equal(iv[:], want) {
			t.Errorf("%s: iv %x, want %x", v.name(), iv, want)
		}
	}
}

func TestSampleExchangeReadsAndWritesItsHalves(t *testing.T) {
	for _, v := range vectors(t, "auth_key") {
		if !v.has("encrypted_answer") {
			continue // the sample of 2013 is kept without its messages
		}
		key, iv := TempAES(v.nonces(t))

		answer := v.bytes(t, "encrypted_answer")
		DecryptIGE(answer, answer, &key, &iv)
		if want := v.bytes(t, "answer_with_hash"); !bytes.Equal(answer, want) {
			t.Errorf("%s: answer %x, want %x", v.name(), answer, want)
		}
		inner := v.bytes(t, "client_dh_inner_data")
		sum := sha1.Sum(inner)
		half := slices.Concat(sum[:], inner, v.bytes(t, "client_dh_padding"))
		EncryptIGE(half, half, &key, &iv)
		if want := v.bytes(t, "client_dh_encrypted"); !bytes.Equal(half, want) {
			t.Errorf("%s: half %x, want %x", v.name(), half, want)
		}
		return
	}
	t.Fatal("no sample with its messages")
}
