package crypt

import "math/bits"

// Lenstra's method of elliptic curves, in Montgomery's form, for numbers of one
// word. The points of a curve modulo a factor p of n form a group, of about as
// many elements as p. A multiple of a point that is the group's zero modulo p and
// not modulo n yields p; that happens when the number of elements is a product of
// small primes, which differs from curve to curve. So curves tries many curves
// with low bounds. Two primes of 31 bits need a few; Pollard's rho takes at least
// twice as long.
//
// Curves and bounds are constants, so factoring a number is deterministic.

const (
	maxCurves = 40

	// A multiple of every prime power up to firstBound, times any one prime up
	// to secondBound, is tried on each curve.
	firstBound  = 200
	secondBound = 9000
	giant       = 60 // the step between multiples in the second half
)

// smallPrimes are the primes up to firstBound.
var smallPrimes = [...]uint64{
	2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
	101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193,
	197, 199,
}

// babies are the numbers below half of giant that a prime can be away from a
// multiple of it.
var babies = [...]uint64{1, 7, 11, 13, 17, 19, 23, 29}

// point is a point of a curve up to its sign: X/Z is its first coordinate, both
// in Montgomery's form, and Z is zero for the group's zero.
type point struct{ x, z uint64 }

// curve is a curve modulo n, represented by (A+2)/4.
type curve struct {
	modulus
	a24 uint64
}

// curves tries one curve after the other until one yields a divisor.
func (m modulus) curves() (uint64, bool) {
	two := m.add(m.one, m.one)
	c := curve{m, m.add(two, m.one)}
	for range maxCurves {
		c.a24 = m.add(c.a24, m.one)
		// A point with this coordinate is on the curve or on its twist, which is as
		// good.
		if d, ok := c.try(point{two, m.one}); ok {
			return d, true
		}
	}
	return 0, false
}

// try looks for a divisor on one curve.
func (c *curve) try(p point) (uint64, bool) {
	for _, prime := range smallPrimes {
		for power := prime; power <= firstBound; power *= prime {
			p = c.times(p, prime)
		}
	}
	if d := gcd(p.z, c.n); d != 1 {
		return d, d != c.n
	}
	var near [len(babies)]point
	for i, n := range babies {
		near[i] = c.times(p, n)
	}
	step := c.times(p, giant)
	before, at := step, c.double(step)
	product := c.one
	for n := 2 * giant; n <= secondBound; n += giant {
		// at and near[i] differ by a prime, or lie apart by one, when their
		// coordinates are the same.
		for i := range near {
			product = c.mul(product, c.sub(c.mul(at.x, near[i].z), c.mul(near[i].x, at.z)))
		}
		before, at = at, c.sum(at, step, before)
	}
	d := gcd(product, c.n)
	return d, d != 1 && d != c.n
}

// times returns k·p by Montgomery's ladder; k is not zero.
func (c *curve) times(p point, k uint64) point {
	if k == 1 {
		return p
	}
	low, high := p, c.double(p)
	for bit := bits.Len64(k) - 2; bit >= 0; bit-- {
		between := c.sum(low, high, p)
		if k>>bit&1 == 1 {
			low, high = between, c.double(high)
		} else {
			low, high = c.double(low), between
		}
	}
	return low
}

func (c *curve) double(p point) point {
	s, d := c.add(p.x, p.z), c.sub(p.x, p.z)
	s, d = c.mul(s, s), c.mul(d, d)
	t := c.sub(s, d)
	return point{c.mul(s, d), c.mul(t, c.add(d, c.mul(c.a24, t)))}
}

// sum returns a+b, given a-b.
func (c *curve) sum(a, b, difference point) point {
	u := c.mul(c.sub(a.x, a.z), c.add(b.x, b.z))
	v := c.mul(c.add(a.x, a.z), c.sub(b.x, b.z))
	s, d := c.add(u, v), c.sub(u, v)
	return point{c.mul(difference.z, c.mul(s, s)), c.mul(difference.x, c.mul(d, d))}
}
