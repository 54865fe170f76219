// Package check compares telekey's own client in the benchmark with limits on
// figures that can be counted and are equal on every machine. It measures no time
// and does not compile the other libraries.
package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/telekey/telekey/bench/lab"
)

// own is the program of ours.
const own = "telekey"

// counts are per repetition of a task; the limits are a little above the figures
// measured when they were set. A change that raises a figure on purpose raises its
// limit.
var counts = []struct {
	task   string
	repeat int
	figure string
	limit  float64
}{
	{"connect", 20, "allocs", 470},
	{"proof", 3, "allocs", 125},
	{"parallel", 20000, "allocs", 5},
	{"parallel", 20000, "bytes", 1500},
	{"sequential", 5000, "allocs", 5},
	{"sequential", 5000, "bytes", 1500},
	{"seal", 1000, "allocs", 1},
	{"factor", 100, "allocs", 0},
	{"prime", 1000, "allocs", 0},
	{"decode", 500, "allocs", 75},
	{"decode", 500, "bytes", 61000},
	{"encode", 5000, "allocs", 0},
	{"idle", 200, "memory", 17 << 10},
	{"idle", 200, "goroutines", 2},
}

func TestAllocationsStayWithinTheirLimits(t *testing.T) {
	l := open(t)
	for _, c := range counts {
		result, err := l.Run(t.Context(), own, c.task, c.repeat)
		if err != nil {
			t.Fatal(err)
		}
		if result.Failed > 0 {
			t.Errorf("%s: %d of %d failed, the first: %s", c.task, result.Failed, result.Tried, result.Failure)
		}
		// What the runtime does by itself shows as a fraction of an allocation.
		got, ok := result.Figures[c.figure]
		if !ok || got >= c.limit+0.5 {
			t.Errorf("%s: got %.2f %s, want at most %v", c.task, got, c.figure, c.limit)
		}
		t.Logf("%s: %.2f %s (limit %v)", c.task, got, c.figure, c.limit)
	}
}

// instructions are in thousands per repetition, as valgrind counts them on amd64.
var instructions = []struct {
	task      string
	few, many int
	limit     float64
}{
	{"seal", 100, 1100, 18},
	{"decode", 10, 60, 220},
	{"encode", 100, 1100, 1.7},
	{"factor", 5, 55, 500},
	{"prime", 100, 1100, 6},
	{"proof", 1, 2, 1_000_000},
	{"sequential", 100, 1100, 66},
	{"parallel", 1000, 6000, 57},
	{"connect", 1, 4, 132_000},
}

func TestInstructionsStayWithinTheirLimits(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skipf("the limits are for amd64, this is %s", runtime.GOARCH)
	}
	l := open(t)
	for _, c := range instructions {
		got, err := l.Instructions(t.Context(), own, c.task, c.few, c.many)
		if errors.Is(err, lab.ErrNoValgrind) && os.Getenv("CI") == "" {
			fmt.Fprintln(os.Stderr, "\nNOT CHECKED: how many instructions things take. valgrind is not installed, and it is what counts them. Allocations are checked all the same.")
			t.Skip("instructions are not counted")
		}
		if err != nil {
			t.Fatal(err)
		}
		if got /= 1000; got > c.limit {
			t.Errorf("%s: got %.1f thousand instructions, want at most %v", c.task, got, c.limit)
		}
		t.Logf("%s: %.1f thousand instructions (limit %v)", c.task, got, c.limit)
	}
}

func open(t *testing.T) *lab.Lab {
	t.Helper()
	// Without a delay: one goroutine that calls is never waited for.
	l, err := lab.Open(context.Background(), 0, own)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}
