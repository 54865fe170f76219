package crypt

import (
	"bytes"
	"math/big"
	"strings"
	"testing"
)

func TestSharesOfTheSampleAreGood(t *testing.T) {
	for _, v := range vectors(t, "auth_key") {
		if !v.has("g_a") {
			continue
		}
		for _, field := range []string{"g_a", "g_b"} {
			if err := CheckShare(v.bytes(t, field), v.bytes(t, "dh_prime")); err != nil {
				t.Errorf("%s: %s: %v", v.name(), field, err)
			}
		}
		return
	}
	t.Fatal("no sample with shares")
}

// https://core.telegram.org/mtproto/security_guidelines#g-a-and-g-b-validation
func TestSharesKeepTheirDistanceFromBothEnds(t *testing.T) {
	p := new(big.Int).SetBytes([]byte(prime))
	margin := new(big.Int).Lsh(big.NewInt(1), 1984)
	plus := func(x *big.Int, n int64) []byte { return new(big.Int).Add(x, big.NewInt(n)).Bytes() }
	high := new(big.Int).Sub(p, margin)

	for name, x := range map[string][]byte{
		"nothing":              nil,
		"zero":                 {0},
		"one":                  {1},
		"two":                  {2},
		"below the margin":     plus(margin, -1),
		"above the margin":     plus(high, 1),
		"p-2":                  plus(p, -2),
		"p-1":                  plus(p, -1),
		"p":                    p.Bytes(),
		"p+1":                  plus(p, 1),
		"all ones":             bytes.Repeat([]byte{0xff}, 256),
		"more bytes than p":    append(p.Bytes(), 1),
		"zeros beyond p's own": append(make([]byte, 2), plus(high, 0)...),
	} {
		if err := CheckShare(x, []byte(prime)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	for _, x := range [][]byte{nil, {1}, plus(p, -1), plus(p, 1)} {
		if err := CheckShare(x, []byte(prime)); err == nil || !strings.Contains(err.Error(), "between 1 and p-1") {
			t.Errorf("%x: %v, want the first rule to speak", x, err)
		}
	}
	for name, x := range map[string][]byte{
		"the lower margin":     margin.Bytes(),
		"the same, 256 bytes":  margin.FillBytes(make([]byte, 256)),
		"the upper margin":     high.Bytes(),
		"something in between": plus(margin, 12345),
	} {
		if err := CheckShare(x, []byte(prime)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPowersAgreeWithOtherPrograms(t *testing.T) {
	zero := false
	for _, v := range vectors(t, "pow") {
		base := []byte{byte(v["g"].(float64))}
		got := Pow(base, v.bytes(t, "exp"), v.bytes(t, "p"))
		if want := v.bytes(t, "power"); !bytes.Equal(got[:], want) {
			t.Errorf("%s: %x, want %x", v.name(), got, want)
		}
		zero = zero || got[0] == 0
	}
	if !zero {
		t.Error("no power with a leading zero among the vectors")
	}
}

func TestBothSidesComeToOneKey(t *testing.T) {
	g, a, b := []byte{3}, make([]byte, 256), make([]byte, 256)
	_, _ = noise(6).Read(a)
	_, _ = noise(7).Read(b)
	ga, gb := Pow(g, a, Prime()), Pow(g, b, Prime())
	if k1, k2 := Pow(gb[:], a, Prime()), Pow(ga[:], b, Prime()); k1 != k2 {
		t.Errorf("%x on one side, %x on the other", k1, k2)
	}
}

func TestPowIsWrittenWithLeadingZeros(t *testing.T) {
	want := [256]byte{255: 8}
	if got := Pow([]byte{2}, []byte{3}, Prime()); got != want {
		t.Errorf("2^3 = %x", got)
	}
}

func TestPowWantsAModulus(t *testing.T) {
	for name, m := range map[string][]byte{
		"none": nil, "zero": make([]byte, 256), "too long": append(Prime(), 1),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			Pow([]byte{3}, []byte{1}, m)
		}()
	}
}

func BenchmarkPow(b *testing.B) {
	exp := bytes.Repeat([]byte{0xa5}, 256)
	base := Pow([]byte{3}, exp, Prime())
	for b.Loop() {
		Pow(base[:], exp, Prime())
	}
}
