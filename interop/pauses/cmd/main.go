// Command cmd runs a client's guide and adds to the line that ends each story how
// many seconds it took and its longest pause between two packets.
//
//	cmd -log EMULATOR_LOG [-explained FILE] COMMAND [ARGUMENT...]
//
// The guide prints "CLIENT: ok: STORY" at the end of each story. The emulator's log
// is written at level debug. FILE is a JSON object: the stories in which a pause over
// the limit is right, each with the reason; the reason of "*" is for all of them.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/telekey/telekey/interop/pauses"
)

// timeout is the time that all stories of a client may take.
const timeout = 5 * time.Minute

func main() {
	log := flag.String("log", "", "the emulator's log")
	explained := flag.String("explained", "", "stories with a reason for a long pause")
	flag.Parse()
	err := run(*log, *explained, flag.Args())
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(log, explained string, command []string) error {
	if len(command) == 0 {
		return errors.New("usage: cmd -log EMULATOR_LOG [-explained FILE] COMMAND [ARGUMENT...]")
	}
	reasons := map[string]string{}
	if explained != "" {
		b, err := os.ReadFile(explained)
		if err == nil {
			err = json.Unmarshal(b, &reasons)
		}
		if err != nil {
			return fmt.Errorf("explained pauses: %w", err)
		}
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := time.AfterFunc(timeout, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	work := pauses.NewWork(cmd.Process.Pid)
	var problems []error
	for line := range linesOf(out, work.Sample) {
		client, name, isStory := strings.Cut(line, ": ok: ")
		if !isStory {
			fmt.Println(line)
			continue
		}
		s := story{client: client, name: name, begin: begin, end: time.Now(), reason: cmp.Or(reasons[name], reasons["*"])}
		problems = append(problems, s.report(log, work))
		begin = s.end
	}
	return errors.Join(append(problems, cmd.Wait())...)
}

// linesOf returns the lines of out, and calls tick every few milliseconds, and
// before each line, until out ends.
func linesOf(out io.Reader, tick func()) iter.Seq[string] {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return func(yield func(string) bool) {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				tick()
			case line, ok := <-lines:
				tick()
				if !ok || !yield(line) {
					return
				}
			}
		}
	}
}

// story is one story that a client has played.
type story struct {
	client, name string
	begin, end   time.Time
	reason       string // for a long pause; "": a long one is not right
}

// report prints the story's line. A pause over the limit without a reason is shown
// as one; over three times the limit it is an error. In between, a busy machine may
// be the cause.
func (s story) report(log string, work *pauses.Work) error {
	file, err := os.Open(log)
	if err != nil {
		return err
	}
	defer file.Close()
	packets, err := pauses.ReadLog(file)
	if err == nil && len(packets) == 0 {
		err = fmt.Errorf("%s: got no packets, want the log of an emulator at level debug", log)
	}
	if err != nil {
		return err
	}
	pause, at := pauses.Longest(packets, s.begin, s.end, work.Between)
	line := fmt.Sprintf("%s: ok: %s (%.1f s, longest pause %.2f s", s.client, s.name, s.end.Sub(s.begin).Seconds(), pause.Seconds())
	switch {
	case pause <= pauses.Limit:
	case s.reason != "":
		line += ": " + s.reason
	default:
		line += fmt.Sprintf(", %.2f s after the story began: LONGER THAN %v, without a reason", at.Seconds(), pauses.Limit)
	}
	line += ")"
	fmt.Println(line)
	if pause > 3*pauses.Limit && s.reason == "" {
		return errors.New(line)
	}
	return nil
}
