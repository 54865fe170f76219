package crypt

import (
	"bytes"
	"crypto/rsa"
	"math/big"
	"strconv"
	"testing"
)

func TestFingerprintsOfTelegramsKeys(t *testing.T) {
	for _, v := range vectors(t, "rsa_fingerprint") {
		pub := v.publicKey(t)
		if want := v.bytes(t, "modulus"); !bytes.Equal(pub.N.Bytes(), want) {
			t.Fatalf("%s: modulus %x, want %x", v.name(), pub.N, want)
		}
		got := Fingerprint(pub)
		if want := v.text("fingerprint_signed"); strconv.FormatInt(got, 10) != want {
			t.Errorf("%s: fingerprint %d, want %s", v.name(), got, want)
		}
		if want := v.number(t, "fingerprint"); uint64(got) != want {
			t.Errorf("%s: fingerprint %x, want %x", v.name(), got, want)
		}
	}
}

func TestPrivateKeyWithoutItsHalvesDecryptsTheSame(t *testing.T) {
	v := vectors(t, "rsa_pad")[0]
	key, c := v.privateKey(t), new(big.Int).SetBytes(v.bytes(t, "encrypted"))
	bare := &rsa.PrivateKey{PublicKey: key.PublicKey, D: key.D}
	if a, b := decryptRSA(c, key), decryptRSA(c, bare); *a != *b {
		t.Errorf("%x by the primes, %x without them", *a, *b)
	}
}
