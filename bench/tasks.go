package main

import (
	"context"
	"slices"
	"time"

	"github.com/telekey/telekey/bench/lab"
	"github.com/telekey/telekey/bench/task"
)

// programs are the columns of the table.
var programs = []string{"telekey", "gotd", "gogram", "floor"}

// measured is a task and how often it is done in one run of a program.
type measured struct {
	name  string
	count int
	slow  map[string]int // counts for those who take much longer
}

var tasks = []measured{
	{"connect", 60, map[string]int{"gotd": 4}},
	{"proof", 8, map[string]int{"gotd": 3}},
	{"parallel", 20000, nil},
	{"sequential", 1500, nil},
	{"idle", 200, nil},
	{"decode", 3000, map[string]int{"gogram": 1000}},
	{"encode", 50000, nil},
	{"factor", 400, map[string]int{"gotd": 5}},
	{"prime", 10000, map[string]int{"gotd": 3}},
	{"seal", 50000, nil},
}

// results are what tasks have cost.
type results struct {
	figures map[cell][]float64
	tried   map[place]int
	failed  map[place]int
	failure map[place]string
	crashed map[place]int // runs
	took    time.Duration
}

// place is a task of a program, cell one figure of it.
type (
	place struct{ program, task string }
	cell  struct {
		place
		figure string
	}
)

// measure runs a task of a program and keeps the figures.
func (r *results) measure(ctx context.Context, l *lab.Lab, program string, t measured, when string) error {
	count := t.count
	if slow, ok := t.slow[program]; ok {
		count = slow
	}
	result, err := l.Run(ctx, program, t.name, count)
	switch {
	case err != nil && (program == "telekey" || ctx.Err() != nil):
		return err
	case err != nil: // a library that crashes has one value less, and it is said
		progress("%s: %v", when, err)
		r.crashed[place{program, t.name}]++
		return nil
	case result.Missing:
		return nil
	}
	progress("%s: %s %s %v", when, program, t.name, result.Figures)
	r.add(program, t.name, result)
	return nil
}

func (r *results) add(program, name string, result task.Result) {
	at := place{program, name}
	for figure, value := range result.Figures {
		c := cell{at, figure}
		r.figures[c] = append(r.figures[c], value)
	}
	r.tried[at] += result.Tried
	if r.failed[at] += result.Failed; r.failure[at] == "" {
		r.failure[at] = result.Failure
	}
}

// spread is the middle one of some values, and the extremes.
type spread struct{ median, low, high float64 }

// of returns the spread of a figure; false if it was not measured.
func (r *results) of(program, name, figure string) (spread, bool) {
	values := slices.Sorted(slices.Values(r.figures[cell{place{program, name}, figure}]))
	n := len(values)
	if n == 0 {
		return spread{}, false
	}
	return spread{(values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]}, true
}

func newResults() *results {
	return &results{figures: map[cell][]float64{}, tried: map[place]int{}, failed: map[place]int{}, failure: map[place]string{}, crashed: map[place]int{}}
}
