package crypt

import "math/bits"

// Factor splits pq into its two primes, the proof of work that begins a key
// exchange. It reports false for everything that is not the product of two
// different odd primes, and ends for every input: a 62-bit product takes about a
// hundred microseconds, the worst number that a server can send some tens of
// milliseconds.
//
// The number comes from the network before anything is authenticated, so the
// result is checked, not assumed.
// https://core.telegram.org/mtproto/auth_key#2-server-sends-response-of-the-form
func Factor(pq uint64) (p, q uint64, ok bool) {
	p, ok = divisor(pq)
	if !ok {
		return 0, 0, false
	}
	// The smaller one is p.
	// https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication
	p, q = min(p, pq/p), max(p, pq/p)
	if p == q || p*q != pq || !isPrime(p) || !isPrime(q) {
		return 0, 0, false
	}
	return p, q, true
}

// divisor finds a divisor of n that is neither 1 nor n. It reports false for
// even numbers, for primes, and if no walk found a divisor.
func divisor(n uint64) (uint64, bool) {
	if n&1 == 0 {
		return 0, false
	}
	// Small divisors first: they are cheap, and the walks below want a number
	// whose factors are far apart from its square.
	const small = 256
	for d := uint64(3); d < small && d < n; d += 2 {
		if n%d == 0 {
			return d, true
		}
	}
	if n < small*small || isPrime(n) {
		return 0, false
	}
	m := newModulus(n)
	// Curves are fast but may all fail; walks are slower but succeed.
	if d, ok := m.curves(); ok {
		return d, true
	}
	for c := uint64(1); c <= maxWalks; c++ {
		if d, ok := m.walk(c); ok {
			return d, true
		}
	}
	return 0, false
}

const (
	// The smallest factor of a composite is below 2^32, so a walk is expected to
	// close within about 2^17 steps. The chance that it needs more than 2^20 is
	// negligible, and the next walk is independent of it.
	maxSteps = 1 << 20
	maxWalks = 8

	// The number of differences multiplied before a greatest common divisor is
	// computed, which costs about as much as a hundred steps.
	batch = 512
)

// walk is Pollard's rho in Brent's form. The sequence x → x²+c is periodic modulo
// every factor p of n, and its period there is about √p. Two members that are
// equal modulo p, not modulo n, differ by a multiple of p that shares just that
// factor with n. The member numbered 2^k is compared with all that follow it up
// to the one numbered 2^(k+1), so nothing need be stored.
//
// Walks close for squares of primes and products of many primes as well; Factor
// checks the result.
func (m modulus) walk(c uint64) (uint64, bool) {
	y, product := m.one, m.one
	for length := 1; length <= maxSteps; length *= 2 {
		fixed := y
		for done := 0; done < length; done += batch {
			start := y
			for range min(batch, length-done) {
				y = m.step(y, c)
				product = m.mul(product, distance(fixed, y))
			}
			switch d := gcd(product, m.n); d {
			case 1:
			case m.n:
				return m.retrace(fixed, start, c)
			default:
				return d, true
			}
		}
	}
	return 0, false
}

// retrace repeats a batch in which all factors of n were found at once, one step
// at a time, up to the first factor.
func (m modulus) retrace(fixed, y, c uint64) (uint64, bool) {
	for range batch {
		y = m.step(y, c)
		if d := gcd(distance(fixed, y), m.n); d != 1 {
			return d, d != m.n
		}
	}
	return 0, false
}

// step is x²+c. Each step depends on the one before, so its latency counts: c is
// added while the reduction is computed.
func (m modulus) step(x, c uint64) uint64 {
	hi, lo := bits.Mul64(x, x)
	reduce, _ := bits.Mul64(lo*m.inv, m.n)
	d, borrow := bits.Sub64(m.add(hi, c), reduce, 0)
	return d + m.n&-borrow
}

func distance(a, b uint64) uint64 { return max(a, b) - min(a, b) }

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
