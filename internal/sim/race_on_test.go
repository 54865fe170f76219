//go:build race

package sim

// usual is how many storms are played. The race detector takes its time.
const usual = 25
