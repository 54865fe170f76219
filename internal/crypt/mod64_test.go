package crypt

import (
	"math"
	"math/big"
	"testing"
)

func TestMontgomerysFormAgreesWithLongArithmetic(t *testing.T) {
	for _, n := range []uint64{3, 5, 257, 1<<32 + 1, 1<<61 - 1, 1<<63 + 1, math.MaxUint64 - 58, math.MaxUint64} {
		m := newModulus(n)
		for _, a := range []uint64{0, 1, 2, n / 3, n / 2, n - 2, n - 1} {
			for _, b := range []uint64{0, 1, 2, n / 3, n / 2, n - 2, n - 1} {
				bigN, bigA, bigB := unsigned(n), unsigned(a), unsigned(b)
				sum := new(big.Int).Add(bigA, bigB)
				if got, want := m.add(a, b), sum.Mod(sum, bigN).Uint64(); got != want {
					t.Fatalf("%d + %d mod %d = %d, want %d", a, b, n, got, want)
				}
				product := new(big.Int).Mul(bigA, bigB)
				// Into the form, multiplied, and out again by multiplying with 1.
				got := m.mul(m.mul(m.mul(a, m.sq), m.mul(b, m.sq)), 1)
				if want := product.Mod(product, bigN).Uint64(); got != want {
					t.Fatalf("%d · %d mod %d = %d, want %d", a, b, n, got, want)
				}
				power := new(big.Int).Exp(bigA, bigB, bigN).Uint64()
				if got := m.mul(m.pow(m.mul(a, m.sq), b), 1); got != power {
					t.Fatalf("%d ^ %d mod %d = %d, want %d", a, b, n, got, power)
				}
			}
		}
	}
}

func unsigned(n uint64) *big.Int { return new(big.Int).SetUint64(n) }
