package crypt

import "math/bits"

// modulus does arithmetic modulo an odd number of up to 64 bits in Montgomery's
// form: a is stored as a·2^64 mod n, and a product costs three multiplications and
// no division, so that a step of Factor takes a few nanoseconds.
type modulus struct {
	n   uint64 // odd, at least 3
	inv uint64 // n · inv ≡ 1 mod 2^64
	one uint64 // 2^64 mod n: 1 in Montgomery's form
	sq  uint64 // 2^128 mod n: turns a number into its form
}

func newModulus(n uint64) modulus {
	inv := n // right to 3 bits, because odd squares are 1 mod 8
	for range 5 {
		inv *= 2 - n*inv // Newton: twice as many bits each time, 96 in the end
	}
	one := -n % n // 2^64 - n ≡ 2^64
	_, sq := bits.Div64(one, 0, n)
	return modulus{n: n, inv: inv, one: one, sq: sq}
}

// mul multiplies two numbers below n, both in Montgomery's form.
func (m modulus) mul(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	reduce, _ := bits.Mul64(lo*m.inv, m.n) // its low half is lo: the two cancel
	d, borrow := bits.Sub64(hi, reduce, 0)
	return d + m.n&-borrow
}

// add adds two numbers below n.
func (m modulus) add(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry != 0 || sum >= m.n {
		sum -= m.n
	}
	return sum
}

// sub subtracts two numbers below n.
func (m modulus) sub(a, b uint64) uint64 {
	d, borrow := bits.Sub64(a, b, 0)
	return d + m.n&-borrow
}

// pow raises a number in Montgomery's form.
func (m modulus) pow(a, exp uint64) uint64 {
	r := m.one
	for ; exp > 0; exp >>= 1 {
		if exp&1 == 1 {
			r = m.mul(r, a)
		}
		a = m.mul(a, a)
	}
	return r
}

// isPrime decides whether an odd number from 3 on is prime. Miller and Rabin's
// test is exact below 3.3·10^24 when its bases are the first twelve primes
// (Sorenson and Webster, https://arxiv.org/abs/1509.00864), so no number can be
// constructed to pass it.
func isPrime(n uint64) bool {
	m := newModulus(n)
	for _, base := range [...]uint64{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37} {
		if base%n != 0 && !m.passes(m.mul(base%n, m.sq)) {
			return false
		}
	}
	return true
}

// passes is one round of the test. With n-1 = d·2^s, the powers of a base to
// d, 2d, 4d … reach 1 modulo a prime only from 1 or -1.
func (m modulus) passes(base uint64) bool {
	s := bits.TrailingZeros64(m.n - 1)
	x := m.pow(base, (m.n-1)>>s)
	if x == m.one {
		return true
	}
	for range s {
		if x == m.n-m.one {
			return true
		}
		x = m.mul(x, x)
	}
	return false
}
