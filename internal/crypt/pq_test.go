package crypt

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestKnownNumbersFactor(t *testing.T) {
	for _, v := range vectors(t, "pq") {
		pq, p, q := v.number(t, "pq"), v.number(t, "p"), v.number(t, "q")
		if gotP, gotQ, ok := Factor(pq); !ok || gotP != p || gotQ != q {
			t.Errorf("%s: Factor(%#x) = %#x, %#x, %v, want %#x, %#x", v.name(), pq, gotP, gotQ, ok, p, q)
		}
	}
}

// Every number up to here is compared with a sieve.
func TestSmallNumbersFactorExactlyIfTheyAreTwoPrimes(t *testing.T) {
	const limit = 1 << 18
	least := make([]uint64, limit) // the least prime factor
	for i := uint64(2); i < limit; i++ {
		for j := i; j < limit; j += i {
			if least[j] == 0 {
				least[j] = i
			}
		}
	}
	for n := range uint64(limit) {
		var wantP, wantQ uint64
		want := false
		if n > 1 && n&1 == 1 {
			wantP, wantQ = least[n], n/least[n]
			want = wantQ > wantP && least[wantQ] == wantQ
		}
		p, q, ok := Factor(n)
		if ok != want || ok && (p != wantP || q != wantQ) {
			t.Fatalf("Factor(%d) = %d, %d, %v, want %v", n, p, q, ok, want)
		}
	}
}

func TestRandomProductsFactor(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		p, q := randomPrime(r, 17+r.IntN(16)), randomPrime(r, 17+r.IntN(16))
		if p == q {
			continue
		}
		gotP, gotQ, ok := Factor(p * q)
		if !ok || gotP != min(p, q) || gotQ != max(p, q) {
			t.Fatalf("Factor(%d·%d) = %d, %d, %v", p, q, gotP, gotQ, ok)
		}
	}
}

// Curves split the numbers that servers send; walks are the fallback.
func TestCurvesAndWalksSplitWhatServersSend(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		p, q := randomPrime(r, 31), randomPrime(r, 31)
		if p == q {
			continue
		}
		m := newModulus(p * q)
		if d, ok := m.curves(); !ok || d != p && d != q {
			t.Errorf("curves: got %d, %v, want %d or %d", d, ok, p, q)
		}
		if d, ok := m.walk(1); !ok || d != p && d != q {
			t.Errorf("walk: got %d, %v, want %d or %d", d, ok, p, q)
		}
	}
}

func TestSmallPrimesAreThePrimesUpToTheFirstBound(t *testing.T) {
	n := 0
	for p := uint64(2); p <= firstBound; p++ {
		if new(big.Int).SetUint64(p).ProbablyPrime(0) {
			if n >= len(smallPrimes) || smallPrimes[n] != p {
				t.Fatalf("%d is missing", p)
			}
			n++
		}
	}
	if n != len(smallPrimes) {
		t.Errorf("got %d primes, want %d", len(smallPrimes), n)
	}
}

func TestLargestProductFactors(t *testing.T) {
	const p, q uint64 = 4294967279, 4294967291 // the last two primes of 32 bits
	if gotP, gotQ, ok := Factor(p * q); !ok || gotP != p || gotQ != q {
		t.Errorf("Factor(%d·%d) = %d, %d, %v", p, q, gotP, gotQ, ok)
	}
}

func TestFactorRefusesWhatIsNotTwoPrimes(t *testing.T) {
	for name, n := range map[string]uint64{
		"zero":                         0,
		"one":                          1,
		"two":                          2,
		"an even product":              2 * 4294967291,
		"the largest number":           math.MaxUint64, // 3·5·17·257·641·65537·6700417
		"the largest prime":            math.MaxUint64 - 58,
		"a Mersenne prime":             1<<61 - 1,
		"a power of two":               1 << 63,
		"a small square":               9,
		"a square just past trial":     257 * 257,
		"the largest square":           4294967291 * 4294967291,
		"a cube":                       2097143 * 2097143 * 2097143,
		"three primes":                 1000003 * 1000033 * 1000037,
		"two small primes and a large": 257 * 269 * 4294967291, // the walk meets both small ones at once,
		"a square times a prime":       65537 * 65537 * 65539,
		"a Carmichael number":          561,
		"a large Carmichael number":    349407515342287435,
		"a strong pseudoprime to 2…7":  3215031751 * 3,
	} {
		if p, q, ok := Factor(n); ok || p != 0 || q != 0 {
			t.Errorf("%s: Factor(%d) = %d, %d, %v, want a refusal", name, n, p, q, ok)
		}
	}
}

// Strong pseudoprimes: each passes the test for several of the first bases
// (https://oeis.org/A014233). They are products of two primes all the same.
func TestPseudoprimesAreNoPrimes(t *testing.T) {
	for _, n := range []uint64{
		2047, 1373653, 25326001, 3215031751, 2152302898747, 3474749660383,
		341550071728321, 3825123056546413051,
	} {
		if isPrime(n) {
			t.Errorf("isPrime(%d)", n)
		}
		if p, q, ok := Factor(n); ok && p*q != n {
			t.Errorf("Factor(%d) = %d, %d", n, p, q)
		}
	}
}

func FuzzFactor(f *testing.F) {
	for _, n := range []uint64{0, 1, 2, 9, 15, 0x17ED48941A08F981, math.MaxUint64, 1<<61 - 1, 4294967291 * 4294967291} {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, n uint64) {
		p, q, ok := Factor(n)
		if !ok {
			// A refused number must be even, prime, a square, or have a third
			// factor. The test checks the cheap ones of these.
			if n&1 == 1 && n > 1 && !probablyPrime(n) {
				d, found := divisor(n)
				if !found {
					t.Fatalf("%d is composite, and no divisor was found", n)
				}
				if e := n / d; d != e && probablyPrime(d) && probablyPrime(e) {
					t.Fatalf("%d = %d·%d was refused", n, d, e)
				}
			}
			return
		}
		if p >= q || p*q != n || !probablyPrime(p) || !probablyPrime(q) {
			t.Fatalf("Factor(%d) = %d, %d", n, p, q)
		}
	})
}

func FuzzIsPrime(f *testing.F) {
	f.Add(uint64(1<<61 - 1))
	f.Add(uint64(3825123056546413051))
	f.Fuzz(func(t *testing.T, n uint64) {
		if n |= 1; n < 3 {
			return
		}
		if got, want := isPrime(n), probablyPrime(n); got != want {
			t.Fatalf("isPrime(%d) = %v", n, got)
		}
	})
}

// probablyPrime is exact for 64 bits.
func probablyPrime(n uint64) bool { return new(big.Int).SetUint64(n).ProbablyPrime(0) }

func randomPrime(r *rand.Rand, bits int) uint64 {
	for {
		if n := r.Uint64()>>(64-bits) | 1<<(bits-1) | 1; probablyPrime(n) {
			return n
		}
	}
}

func BenchmarkFactor(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	var products [64]uint64
	for i := range products {
		products[i] = randomPrime(r, 31) * randomPrime(r, 31)
	}
	i := 0
	for b.Loop() {
		if _, _, ok := Factor(products[i%len(products)]); !ok {
			b.Fatal(products[i%len(products)])
		}
		i++
	}
}
