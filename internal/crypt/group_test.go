package crypt

import (
	"bytes"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestKnownPrimeIsThatOfTheSamples(t *testing.T) {
	v := vectors(t, "auth_key")[0]
	if want := v.bytes(t, "dh_prime"); !bytes.Equal(Prime(), want) {
		t.Errorf("Prime() = %x, want %x", Prime(), want)
	}
	Prime()[0] = 0 // changes a copy
	if err := CheckGroup(Prime(), 3); err != nil {
		t.Errorf("the known prime: %v", err)
	}
}

// It was never tested by CheckGroup, so here it is once.
func TestKnownPrimeIsSafe(t *testing.T) {
	if err := checkPrime([]byte(prime)); err != nil {
		t.Error(err)
	}
}

func TestKnownPrimeIsNotTested(t *testing.T) {
	if err := CheckGroup(Prime(), 3); err != nil {
		t.Fatal(err)
	}
	if tested.has(Prime()) {
		t.Error("the known prime went through the long test")
	}
}

func TestForeignPrimesAreTestedOnceAndRemembered(t *testing.T) {
	for _, v := range vectors(t, "group") {
		p, safe := v.bytes(t, "p"), v["safe"].(bool)
		err := CheckGroup(p, 4) // 4 is a square for every prime
		if safe != (err == nil) {
			t.Errorf("%s: %v, want safe: %v", v.name(), err, safe)
		}
		if tested.has(p) != safe {
			t.Errorf("%s: remembered %v, want %v", v.name(), tested.has(p), safe)
		}
	}
}

func TestPrimeMustHaveExactly2048Bits(t *testing.T) {
	p := Prime()
	for name, p := range map[string][]byte{
		"nothing":         nil,
		"one byte":        {23},
		"2047 bits":       new(big.Int).Rsh(new(big.Int).SetBytes(p), 1).FillBytes(make([]byte, 256)),
		"2056 bits":       append(slices.Clone(p), 1),
		"a leading zero":  append([]byte{0}, p...),
		"255 bytes":       p[1:],
		"a huge number":   bytes.Repeat(p, 1000),
		"256 zero bytes":  make([]byte, 256),
		"cut at the back": p[:255],
	} {
		if err := CheckGroup(p, 3); err == nil || !strings.Contains(err.Error(), "want 2048 in 256") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCompositeIsRefused(t *testing.T) {
	p := new(big.Int).SetBytes([]byte(prime))
	// The next numbers with the remainder that 3 wants.
	for range 4 {
		p.Sub(p, big.NewInt(12))
		if err := CheckGroup(p.Bytes(), 3); err == nil || !strings.Contains(err.Error(), "composite") {
			t.Errorf("%x: %v, want a complaint", p, err)
		}
	}
}

func TestGeneratorsOfTheKnownPrime(t *testing.T) {
	p := new(big.Int).SetBytes([]byte(prime))
	for g := -3; g < 12; g++ {
		// A square modulo a prime has the Jacobi symbol 1.
		want := g >= 2 && g <= 7 && big.Jacobi(big.NewInt(int64(g)), p) == 1
		if err := CheckGroup([]byte(prime), g); (err == nil) != want {
			t.Errorf("g = %d: %v, want it accepted: %v", g, err, want)
		}
	}
}

// The table of remainders is compared with squares computed by hand, modulo small
// primes that are 3 modulo 4, as safe primes are.
// https://core.telegram.org/mtproto/auth_key#dh-key-exchange-complete
func TestRemaindersTellSquares(t *testing.T) {
	primes, squares := 0, map[int]int{}
	for n := int64(11); n < 10000; n += 4 {
		p := big.NewInt(n)
		if !p.ProbablyPrime(0) {
			continue
		}
		primes++
		for g := 2; g <= 7; g++ {
			want := big.Jacobi(big.NewInt(int64(g)), p) == 1
			if got := checkGenerator(p.Bytes(), g) == nil; got != want {
				t.Errorf("g = %d, p = %d: accepted %v, want %v", g, n, got, want)
			}
			if want {
				squares[g]++
			}
		}
	}
	for g := 2; g <= 7; g++ {
		// 4 is a square for all of them, each other one for some.
		if squares[g] == 0 || (g == 4) != (squares[g] == primes) {
			t.Errorf("g = %d is a square for %d of %d primes: nothing was compared", g, squares[g], primes)
		}
	}
}

func TestMemoryOfPrimesIsConsulted(t *testing.T) {
	p := Prime()
	p[255] -= 12
	if err := CheckGroup(p, 4); err == nil {
		t.Fatal("a composite was accepted")
	}
	tested.add(p) // as if it had passed
	defer clear(tested.good[:])
	if err := CheckGroup(p, 4); err != nil {
		t.Errorf("a prime that was remembered was tested again: %v", err)
	}
}

func TestMemoryOfPrimesIsBounded(t *testing.T) {
	var m primes
	p := func(i int) []byte { return bytes.Repeat([]byte{byte(i + 1)}, keyBytes) }
	for i := range len(m.good) + 1 {
		m.add(p(i))
		if !m.has(p(i)) {
			t.Errorf("prime %d was not remembered", i)
		}
	}
	if m.has(p(0)) {
		t.Error("the oldest was not forgotten")
	}
	if !m.has(p(1)) {
		t.Error("more than the oldest was forgotten")
	}
}

func TestManyMayCheckAtOnce(t *testing.T) {
	var m primes
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			p := bytes.Repeat([]byte{byte(i + 1)}, keyBytes)
			m.add(p)
			if !m.has(p) {
				t.Errorf("prime %d was not remembered", i)
			}
		})
	}
	all.Wait()
}

func BenchmarkCheckPrime(b *testing.B) {
	for b.Loop() {
		if err := checkPrime([]byte(prime)); err != nil {
			b.Fatal(err)
		}
	}
}
