// Command bench measures telekey beside two other MTProto libraries for Go, gotd
// and gogram, in one run, and writes docs/benchmarks.md.
//
//	go run . [-rounds 5] [-cold=false] [-only connect,idle] [-o ../docs/benchmarks.md]
//
// Run it in its own folder, on a machine that does nothing else. The libraries
// take turns, task by task and round by round, so that what disturbs the machine
// disturbs them alike; each task runs in a process of its own. With -cold, which
// is the default, a small program of each library is built with an empty cache
// at the end: for one of them that takes minutes and 5 GB of memory.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/telekey/telekey/bench/lab"
)

// answerDelay is how long answers are held back on their way to the clients.
const answerDelay = time.Millisecond

func main() {
	rounds := flag.Int("rounds", 5, "how often each task runs")
	cold := flag.Bool("cold", true, "measure cold builds, too")
	only := flag.String("only", "", "tasks to run, separated by commas; then the table goes to standard output")
	out := flag.String("o", "../docs/benchmarks.md", "file to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *rounds, *cold, *only, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, cold bool, only, out string) error {
	begun := time.Now()
	tasks := tasks
	if only != "" {
		wanted := strings.Split(only, ",")
		tasks = slices.DeleteFunc(slices.Clone(tasks), func(t measured) bool { return !slices.Contains(wanted, t.name) })
	}
	progress("building the programs")
	l, err := lab.Open(ctx, answerDelay, programs...)
	if err != nil {
		return err
	}
	defer l.Close()
	r := newResults()
	for round := range rounds {
		for _, t := range tasks {
			for _, program := range programs {
				if err := r.measure(ctx, l, program, t, fmt.Sprintf("round %d of %d", round+1, rounds)); err != nil {
					return err
				}
			}
		}
	}
	if cold {
		for _, p := range signIns {
			progress("building %s with an empty cache", p.program)
			cost, err := coldBuild(ctx, p)
			if err != nil {
				return err
			}
			r.add(p.program, "cold", cost)
		}
	}
	r.took = time.Since(begun)
	text := report(ctx, r, rounds)
	if only != "" {
		fmt.Print(text)
		return nil
	}
	return os.WriteFile(out, []byte(text), 0o644)
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
