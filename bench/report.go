package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/template"
	"time"
)

// line is one line of the table: a figure of a task.
type line struct {
	title  string
	task   string
	figure string // "failed": how many connections or calls did
	form   func(float64) string
	goal   string
}

var lines = []line{
	{"Connecting with a new key", "connect", "cpu", duration, ""},
	{"· of the connections, failed", "connect", "failed", nil, "none"},
	{"· proof of work in it", "factor", "cpu", duration, ""},
	{"· accepting the known prime", "prime", "cpu", duration, ""},
	{"A password's proof", "proof", "cpu", duration, ""},
	{"A call, 64 in flight", "parallel", "cpu", duration, ""},
	{"· allocations", "parallel", "allocs", number, ""},
	{"· allocated", "parallel", "bytes", size, ""},
	{"· of the calls, failed", "parallel", "failed", nil, "none"},
	{"A call, one after the other", "sequential", "cpu", duration, ""},
	{"· allocations", "sequential", "allocs", number, "5"},
	{"· of the calls, failed", "sequential", "failed", nil, "none"},
	{"Encrypting a message", "seal", "cpu", duration, ""},
	{"· allocations", "seal", "allocs", number, "0"},
	{"An idle client, heap and stacks", "idle", "memory", size, "16 KiB"},
	{"· goroutines", "idle", "goroutines", number, "3"},
	{"Reading 100 messages", "decode", "cpu", duration, ""},
	{"· allocations", "decode", "allocs", number, ""},
	{"· allocated", "decode", "bytes", size, ""},
	{"Writing messages.sendMessage", "encode", "cpu", duration, ""},
	{"· allocations", "encode", "allocs", number, ""},
	{"Cold build of a small sign-in", "cold", "cpu", duration, "10 s"},
	{"· memory of the compiler", "cold", "memory", size, "390 MiB"},
	{"· stripped program", "cold", "size", size, "7.6 MiB"},
}

// text writes the cell of a line and a program.
func (r *results) text(l line, program string) string {
	if at := (place{program, l.task}); l.figure == "failed" {
		if r.tried[at] == 0 {
			return "–"
		}
		return fmt.Sprintf("%d of %d", r.failed[at], r.tried[at])
	}
	v, ok := r.of(program, l.task, l.figure)
	if !ok {
		return "–"
	}
	median, low, high := l.form(v.median), l.form(v.low), l.form(v.high)
	if low == median && high == median {
		return median
	}
	if v.noisy() {
		median += " ~"
	}
	return fmt.Sprintf("%s (%s–%s)", median, bare(low, high), high)
}

// bare leaves out low's unit if high has the same.
func bare(low, high string) string {
	number, unit, _ := strings.Cut(low, " ")
	if unit != "" && strings.HasSuffix(high, " "+unit) {
		return number
	}
	return low
}

// duration writes microseconds.
func duration(v float64) string { return scaled(v, 1000, "µs", "ms", "s") }

// size writes bytes.
func size(v float64) string { return scaled(v, 1024, "B", "KiB", "MiB", "GiB") }

func scaled(v, step float64, units ...string) string {
	for v >= step && len(units) > 1 {
		v, units = v/step, units[1:]
	}
	return number(v) + " " + units[0]
}

// number writes three digits that count; what the runtime does by itself shows as
// a hundredth here and there, and is left out.
func number(v float64) string {
	whole := math.Round(v)
	switch {
	case v >= 99.95 || math.Abs(v-whole) < 0.02 && whole > 0:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	case v < 0.005:
		return "0"
	}
	return fmt.Sprintf("%.2f", v)
}

// noisy reports that the values lie more than a fifth of the middle one apart.
func (s spread) noisy() bool { return s.high-s.low > 0.2*s.median }

// failures says how failed connections and calls failed, and which runs did.
func (r *results) failures() []string {
	var all []string
	for at, failure := range r.failure {
		if failure != "" {
			all = append(all, fmt.Sprintf("Failed first, %s, %s: %q.", at.program, at.task, failure))
		}
	}
	for at, n := range r.crashed {
		all = append(all, fmt.Sprintf("Crashed, %s, %s: %d runs, whose figures are missing.", at.program, at.task, n))
	}
	slices.Sort(all)
	return all
}

// report writes the page.
func report(ctx context.Context, r *results, rounds int) string {
	var table strings.Builder
	for _, l := range lines {
		cells := []string{l.title}
		for _, program := range programs {
			cells = append(cells, r.text(l, program))
		}
		if strings.Trim(strings.Join(cells[1:], ""), "–") == "" {
			continue // not measured
		}
		fmt.Fprintf(&table, "| %s | %s |\n", strings.Join(cells, " | "), l.goal)
	}
	var page strings.Builder
	err := template.Must(template.New("").Parse(pageText)).Execute(&page, map[string]any{
		"Table": table.String(), "Machine": machine(ctx), "Rounds": rounds, "Failures": r.failures(),
		"Date": time.Now().UTC().Format(time.DateOnly), "Took": r.took.Round(time.Second), "Delay": answerDelay,
	})
	if err != nil {
		panic(err) // the text is a constant
	}
	return page.String()
}
