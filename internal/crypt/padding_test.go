package crypt

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestOtherProgramsPaddingOpens(t *testing.T) {
	for _, v := range vectors(t, "rsa_pad") {
		got, err := RSAOpen(v.bytes(t, "encrypted"), v.privateKey(t))
		if want := v.bytes(t, "decrypted_with_padding"); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: opened %x, %v, want %x", v.name(), got, err, want)
		}
	}
	for _, v := range vectors(t, "rsa_sha1") {
		got, err := RSAOpen(v.bytes(t, "encrypted"), v.privateKey(t))
		if want := v.bytes(t, "data"); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: opened %x, %v, want %x", v.name(), got, err, want)
		}
	}
}

// The test recovers the other program's random bytes from its ciphertext; with
// them RSAPad and RSALegacy must produce the same ciphertext.
func TestPaddingIsThatOfOtherPrograms(t *testing.T) {
	for _, v := range vectors(t, "rsa_pad") {
		key, data, want := v.privateKey(t), v.bytes(t, "data"), v.bytes(t, "encrypted")
		block := decryptRSA(new(big.Int).SetBytes(want), key)
		sum := sha256.Sum256(block[32:])
		tempKey := make([]byte, 32)
		subtle.XORBytes(tempKey, block[:32], sum[:])
		random := slices.Concat(v.bytes(t, "decrypted_with_padding")[len(data):], tempKey)

		got, err := RSAPad(data, &key.PublicKey, bytes.NewReader(random))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: sealed %x, %v, want %x", v.name(), got, err, want)
		}
	}
	for _, v := range vectors(t, "rsa_sha1") {
		key, data, want := v.privateKey(t), v.bytes(t, "data"), v.bytes(t, "encrypted")
		block := decryptRSA(new(big.Int).SetBytes(want), key)

		got, err := RSALegacy(data, &key.PublicKey, bytes.NewReader(block[1+20+len(data):]))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: sealed %x, %v, want %x", v.name(), got, err, want)
		}
	}
}

func TestEveryLengthOfDataComesBack(t *testing.T) {
	key, random := testKey(t), noise(1)
	for n := 0; n <= 144; n += 12 {
		data := make([]byte, n)
		_, _ = random.Read(data)
		c, err := RSAPad(data, &key.PublicKey, random)
		if err != nil || len(c) != 256 {
			t.Fatalf("RSAPad of %d bytes: %d bytes, %v", n, len(c), err)
		}
		got, err := RSAOpen(c, key)
		if err != nil || len(got) != 192 || !bytes.Equal(got[:n], data) {
			t.Fatalf("RSA_PAD of %x came back as %x, %v", data, got, err)
		}
	}
	for n := 4; n <= 232; n += 12 {
		data := make([]byte, n)
		_, _ = random.Read(data)
		c, err := RSALegacy(data, &key.PublicKey, random)
		if err != nil || len(c) != 256 {
			t.Fatalf("RSALegacy of %d bytes: %d bytes, %v", n, len(c), err)
		}
		if got, err := RSAOpen(c, key); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%x came back as %x, %v", data, got, err)
		}
	}
}

func TestCiphertextMayLackItsLeadingZeros(t *testing.T) {
	key, random := testKey(t), noise(2)
	for {
		c, err := RSALegacy([]byte("data"), &key.PublicKey, random)
		if err != nil {
			t.Fatal(err)
		}
		if c[0] != 0 {
			continue
		}
		if got, err := RSAOpen(bytes.TrimLeft(c, "\x00"), key); err != nil || string(got) != "data" {
			t.Errorf("opened %q, %v", got, err)
		}
		return
	}
}

// The first temporary key is chosen so that its block is above the modulus.
func TestBlockAboveTheModulusGetsAnotherKey(t *testing.T) {
	key := testKey(t)
	random := noise(3)
	var plain [padded]byte
	var high, low [32]byte
	for found := 0; found != 3; {
		var k [32]byte
		_, _ = random.Read(k[:])
		if m := new(big.Int).SetBytes(sealPad(&plain, &k)[:]); m.Cmp(key.N) >= 0 {
			high, found = k, found|1
		} else {
			low, found = k, found|2
		}
	}
	feed := func(keys ...[]byte) io.Reader {
		return bytes.NewReader(slices.Concat(append([][]byte{make([]byte, padded)}, keys...)...))
	}
	got, err := RSAPad(nil, &key.PublicKey, feed(high[:], high[:], low[:]))
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := RSAPad(nil, &key.PublicKey, feed(low[:])); !bytes.Equal(got, want) {
		t.Error("the third key did not make the block")
	}
	if _, err := RSAPad(nil, &key.PublicKey, feed(high[:])); !errors.Is(err, io.EOF) {
		t.Errorf("random bytes ended in the search: %v, want %v", err, io.EOF)
	}
	stuck := io.MultiReader(bytes.NewReader(make([]byte, padded)), &repeat{high[:]})
	if _, err := RSAPad(nil, &key.PublicKey, stuck); err == nil {
		t.Error("a source that repeats itself was not noticed")
	}
}

func TestPaddingRefusesWhatDoesNotFit(t *testing.T) {
	pub := &testKey(t).PublicKey
	small := &rsa.PublicKey{N: new(big.Int).Rsh(pub.N, 1), E: pub.E}
	fail := iotest.ErrReader(errors.New("no entropy"))
	for _, c := range []struct {
		name string
		err  func() ([]byte, error)
		says string
	}{
		{"too long", func() ([]byte, error) { return RSAPad(make([]byte, 145), pub, noise(4)) }, "145"},
		{"small key", func() ([]byte, error) { return RSAPad(nil, small, noise(4)) }, "2047"},
		{"no random", func() ([]byte, error) { return RSAPad(nil, pub, fail) }, "no entropy"},
		{"older, too long", func() ([]byte, error) { return RSALegacy(make([]byte, 236), pub, noise(4)) }, "236"},
		{"older, no object", func() ([]byte, error) { return RSALegacy(make([]byte, 5), pub, noise(4)) }, "5"},
		{"older, nothing", func() ([]byte, error) { return RSALegacy(nil, pub, noise(4)) }, "0"},
		{"older, small key", func() ([]byte, error) { return RSALegacy(make([]byte, 4), small, noise(4)) }, "2047"},
		{"older, no random", func() ([]byte, error) { return RSALegacy(make([]byte, 4), pub, fail) }, "no entropy"},
	} {
		got, err := c.err()
		if err == nil || got != nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %x, %v, want an error with %q", c.name, got, err, c.says)
		}
	}
}

func TestOpeningFailsInOneWay(t *testing.T) {
	key, random := testKey(t), noise(5)
	good, err := RSAPad([]byte("data"), &key.PublicKey, random)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(good)
	flipped[100] ^= 1
	// A block of the older scheme whose first byte is not zero.
	var block [keyBytes]byte
	legacy, err := RSALegacy([]byte("data"), &key.PublicKey, random)
	if err != nil {
		t.Fatal(err)
	}
	block = *decryptRSA(new(big.Int).SetBytes(legacy), key)
	block[0] = 1
	marked := encryptRSA(new(big.Int).SetBytes(block[:]), &key.PublicKey)

	for name, c := range map[string][]byte{
		"nothing":       nil,
		"zeros":         make([]byte, 256),
		"one":           {1},
		"a flipped bit": flipped,
		"cut":           good[:255],
		"a zero before": append([]byte{0}, good...),
		"a byte after":  append(slices.Clone(good), 0),
		"plus modulus":  plusModulus(t, key),
		"above modulus": key.N.Bytes(),
		"all ones":      bytes.Repeat([]byte{0xff}, 256),
		"marked":        marked,
		"very long":     make([]byte, 1<<20),
	} {
		if data, err := RSAOpen(c, key); err != ErrOpen || data != nil {
			t.Errorf("%s: %x, %v, want %v", name, data, err, ErrOpen)
		}
	}
}

// plusModulus returns a ciphertext that would open if it were reduced.
func plusModulus(t *testing.T, key *rsa.PrivateKey) []byte {
	random := noise(6)
	for {
		c, err := RSAPad([]byte("data"), &key.PublicKey, random)
		if err != nil {
			t.Fatal(err)
		}
		if sum := new(big.Int).Add(new(big.Int).SetBytes(c), key.N); sum.BitLen() <= 2048 {
			return sum.Bytes()
		}
	}
}

func FuzzRSAOpen(f *testing.F) {
	key := testKey(f)
	for _, kind := range []string{"rsa_pad", "rsa_sha1"} {
		f.Add(vectors(f, kind)[0].bytes(f, "encrypted"))
	}
	f.Add([]byte{})
	f.Add(key.N.Bytes())
	f.Fuzz(func(t *testing.T, c []byte) {
		// Both as ciphertext and as the block within: random ciphertexts do not
		// decrypt to a valid block.
		data, err := RSAOpen(c, key)
		if err != nil && (err != ErrOpen || data != nil) {
			t.Fatalf("%x, %v", data, err)
		}
		var block [keyBytes]byte
		copy(block[:], c)
		if _, ok := openPad(&block); ok {
			t.Fatal("a block without the key's hash opened")
		}
		if object, ok := openLegacy(&block); ok != (len(object) > 0 && block[0] == 0) {
			t.Fatalf("%x, %v", object, ok)
		}
	})
}

func BenchmarkRSAOpen(b *testing.B) {
	key := testKey(b)
	c := vectors(b, "rsa_pad")[0].bytes(b, "encrypted")
	for b.Loop() {
		if _, err := RSAOpen(c, key); err != nil {
			b.Fatal(err)
		}
	}
}

// testKey is the private key of the vectors.
func testKey(t testing.TB) *rsa.PrivateKey { return vectors(t, "rsa_pad")[0].privateKey(t) }

// noise is a source of the same bytes in every run.
func noise(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

// repeat gives the same bytes for ever.
type repeat struct{ b []byte }

func (r *repeat) Read(p []byte) (int, error) { return copy(p, r.b), nil }
