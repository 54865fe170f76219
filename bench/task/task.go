// Package task is shared by the client programs of the benchmark: it holds the tasks
// and measures their costs. A program implements a task with its library; this
// package measures all of them alike.
//
// A program runs one task and ends:
//
//	client TASK COUNT NETWORK ECHO
//
// NETWORK is the network file of the emulator, ECHO the address of a server that
// sends back what it gets. On standard output it writes one line, a [Result] in
// JSON.
package task

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"github.com/telekey/telekey/dc"
)

// Result is the cost of a task.
type Result struct {
	// Figures by name: cpu (microseconds of user and system time), allocs and
	// bytes, each for one repetition; size in bytes; memory (bytes) and
	// goroutines of one idle client.
	Figures map[string]float64 `json:"figures,omitempty"`
	Tried   int                `json:"tried,omitempty"`   // connections or calls
	Failed  int                `json:"failed,omitempty"`  // of those
	Failure string             `json:"failure,omitempty"` // the first of them
	Missing bool               `json:"missing,omitempty"` // the library does not offer this
}

// Input is the input of a task.
type Input struct {
	Count   int // how often to do it, or how many clients to open
	Network dc.Network
	Echo    string
}

// Func does a task.
type Func func(Input) (Result, error)

// Main is a client program: it does the task that the command line names.
func Main(tasks map[string]Func) {
	result, err := run(tasks, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0) // clients may still be open: there is nothing to close gracefully
}

func run(tasks map[string]Func, args []string) (Result, error) {
	if len(args) != 4 {
		return Result{}, fmt.Errorf("got %d arguments, want TASK COUNT NETWORK ECHO", len(args))
	}
	count, err := strconv.Atoi(args[1])
	if err != nil || count < 1 {
		return Result{}, fmt.Errorf("got the count %q, want a positive number", args[1])
	}
	do := tasks[args[0]]
	if do == nil {
		return Result{Missing: true}, nil
	}
	in := Input{Count: count, Echo: args[3]}
	if args[2] != "" {
		if in.Network, err = dc.ReadFile(args[2]); err != nil {
			return Result{}, err
		}
	}
	return do(in)
}
