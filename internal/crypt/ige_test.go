package crypt

import (
	"bytes"
	"crypto/aes"
	"crypto/subtle"
	"slices"
	"testing"
)

func TestIGEAgreesWithOtherPrograms(t *testing.T) {
	for _, v := range vectors(t, "aes_ige") {
		key, iv := (*[32]byte)(v.bytes(t, "key")), (*[32]byte)(v.bytes(t, "iv"))
		plain, cipher := v.bytes(t, "plain"), v.bytes(t, "cipher")

		got := make([]byte, len(plain))
		EncryptIGE(got, plain, key, iv)
		if !bytes.Equal(got, cipher) {
			t.Errorf("%s: encrypted %x, want %x", v.name(), got, cipher)
		}
		DecryptIGE(got, cipher, key, iv)
		if !bytes.Equal(got, plain) {
			t.Errorf("%s: decrypted %x, want %x", v.name(), got, plain)
		}
	}
}

func TestIGEWorksInPlace(t *testing.T) {
	for _, v := range vectors(t, "aes_ige") {
		key, iv := (*[32]byte)(v.bytes(t, "key")), (*[32]byte)(v.bytes(t, "iv"))
		plain, cipher := v.bytes(t, "plain"), v.bytes(t, "cipher")

		b := slices.Clone(plain)
		EncryptIGE(b, b, key, iv)
		if !bytes.Equal(b, cipher) {
			t.Errorf("%s: encrypted in place %x, want %x", v.name(), b, cipher)
		}
		DecryptIGE(b, b, key, iv)
		if !bytes.Equal(b, plain) {
			t.Errorf("%s: decrypted in place %x, want %x", v.name(), b, plain)
		}
	}
}

func TestIGELeavesItsArguments(t *testing.T) {
	key, iv := &[32]byte{1, 2, 3}, &[32]byte{4, 5, 6}
	src := bytes.Repeat([]byte{7}, 64)
	EncryptIGE(make([]byte, 64), src, key, iv)
	DecryptIGE(make([]byte, 64), src, key, iv)
	if *key != [32]byte{1, 2, 3} || *iv != [32]byte{4, 5, 6} || !bytes.Equal(src, bytes.Repeat([]byte{7}, 64)) {
		t.Error("key, iv or source were written to")
	}
}

func TestIGEWantsWholeBlocksOfOneLength(t *testing.T) {
	for _, n := range [][2]int{{15, 15}, {17, 17}, {16, 32}, {32, 16}, {0, 16}} {
		for name, f := range map[string]func(dst, src []byte, key, iv *[32]byte){
			"EncryptIGE": EncryptIGE, "DecryptIGE": DecryptIGE,
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s from %d bytes into %d: no panic", name, n[1], n[0])
					}
				}()
				f(make([]byte, n[0]), make([]byte, n[1]), new([32]byte), new([32]byte))
			}()
		}
	}
}

// encryptSlowly is IGE as it is defined, block after block.
func encryptSlowly(plain []byte, key, iv *[32]byte) []byte {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(plain))
	cipherBefore, plainBefore := iv[:16], iv[16:]
	for i := 0; i < len(plain); i += 16 {
		p, c := plain[i:i+16], out[i:i+16]
		subtle.XORBytes(c, p, cipherBefore)
		block.Encrypt(c, c)
		subtle.XORBytes(c, c, plainBefore)
		cipherBefore, plainBefore = c, p
	}
	return out
}

func FuzzIGE(f *testing.F) {
	f.Add([]byte("sixteen bytes = one block of AES"), []byte("key"), []byte("iv"))
	f.Fuzz(func(t *testing.T, plain, k, i []byte) {
		plain = plain[:len(plain)&^15]
		var key, iv [32]byte
		copy(key[:], k)
		copy(iv[:], i)

		got := make([]byte, len(plain))
		EncryptIGE(got, plain, &key, &iv)
		if want := encryptSlowly(plain, &key, &iv); !bytes.Equal(got, want) {
			t.Fatalf("encrypted %x, want %x", got, want)
		}
		DecryptIGE(got, got, &key, &iv)
		if !bytes.Equal(got, plain) {
			t.Fatalf("%x came back as %x", plain, got)
		}
	})
}

func BenchmarkIGE(b *testing.B) {
	buf := make([]byte, 64<<10)
	key, iv := &[32]byte{1}, &[32]byte{2}
	for name, f := range map[string]func(dst, src []byte, key, iv *[32]byte){
		"encrypt": EncryptIGE, "decrypt": DecryptIGE,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(buf)))
			b.ReportAllocs()
			for b.Loop() {
				f(buf, buf, key, iv)
			}
		})
	}
}
