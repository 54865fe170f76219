package main

import (
	"context"
	"fmt"
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
	unit   string
	per    float64 // what the figure is divided by
	goal   string
}

const (
	ms  = 1000 // microseconds
	s   = 1e6
	kib = 1 << 10
	mb  = 1e6
)

var lines = []line{
	{"Connecting with a new key", "connect", "cpu", "ms", ms, ""},
	{"· of the connections, failed", "connect", "failed", "", 1, "none"},
	{"· proof of work in it", "factor", "cpu", "µs", 1, ""},
	{"· accepting the known prime", "prime", "cpu", "µs", 1, ""},
	{"A password's proof", "proof", "cpu", "ms", ms, ""},
	{"A call, 64 in flight", "parallel", "cpu", "µs", 1, ""},
	{"· allocations", "parallel", "allocs", "", 1, ""},
	{"· allocated", "parallel", "bytes", "B", 1, ""},
	{"· of the calls, failed", "parallel", "failed", "", 1, "none"},
	{"A call, one after the other", "sequential", "cpu", "µs", 1, ""},
	{"· allocations", "sequential", "allocs", "", 1, "5"},
	{"· of the calls, failed", "sequential", "failed", "", 1, "none"},
	{"Encrypting a message", "seal", "cpu", "µs", 1, ""},
	{"· allocations", "seal", "allocs", "", 1, "0"},
	{"An idle client, heap and stacks", "idle", "kib", "KiB", 1, "16"},
	{"· goroutines", "idle", "goroutines", "", 1, "3"},
	{"Reading 100 messages", "decode", "cpu", "µs", 1, ""},
	{"· allocations", "decode", "allocs", "", 1, ""},
	{"· allocated", "decode", "bytes", "KiB", kib, ""},
	{"Writing messages.sendMessage", "encode", "cpu", "µs", 1, ""},
	{"· allocations", "encode", "allocs", "", 1, ""},
	{"Cold build of a small sign-in", "cold", "cpu", "s", s, "10"},
	{"· memory of the compiler", "cold", "memory", "MB", mb, "400"},
	{"· stripped program", "cold", "size", "MB", mb, "8"},
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
	median, low, high := number(v.median/l.per), number(v.low/l.per), number(v.high/l.per)
	cell := median
	if l.unit != "" {
		cell += " " + l.unit
	}
	if low != median || high != median {
		cell += fmt.Sprintf(" (%s–%s)", low, high)
	}
	return cell
}

// number writes a figure with three digits that count.
func number(v float64) string {
	switch {
	case v >= 100 || v == float64(int(v)):
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	}
	return fmt.Sprintf("%.2f", v)
}

// noise is how far apart, relative to the middle, the values of a quiet figure
// are.
const noise = 0.2

// noisy names the figures whose values lay far apart.
func (r *results) noisy() string {
	var names []string
	for _, l := range lines {
		for _, program := range programs {
			v, ok := r.of(program, l.task, l.figure)
			if ok && v.median > 0 && v.high-v.low > noise*v.median {
				names = append(names, fmt.Sprintf("%s/%s/%s", program, l.task, l.figure))
			}
		}
	}
	return strings.Join(names, ", ")
}

// failures says how failed connections and calls failed.
func (r *results) failures() []string {
	var all []string
	for at, failure := range r.failure {
		if failure != "" {
			all = append(all, fmt.Sprintf("%s, %s: %q", at.program, at.task, failure))
		}
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
		"Table": table.String(), "Machine": machine(ctx), "Rounds": rounds, "Noisy": r.noisy(), "Failures": r.failures(),
		"Date": time.Now().UTC().Format(time.DateOnly), "Took": r.took.Round(time.Second), "Delay": answerDelay,
	})
	if err != nil {
		panic(err) // the text is a constant
	}
	return page.String()
}
