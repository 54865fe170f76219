//go:build !race

package sim

// usual is how many storms are played.
const usual = 100
