package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

// ErrNoValgrind says that instructions cannot be counted here.
var ErrNoValgrind = errors.New("valgrind is not installed")

// Instructions returns how many machine instructions one repetition of a task
// takes: what a run of more repetitions takes beyond a run of fewer, as valgrind
// counts them. On one processor and without garbage collections the count hardly
// varies; it depends on the Go version and on what the processor can do, of which
// valgrind passes on AES-NI and AVX2 and not the instructions for SHA.
func (l *Lab) Instructions(ctx context.Context, program, name string, few, many int) (float64, error) {
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		return 0, ErrNoValgrind
	}
	var counts [2]float64
	for i, n := range []int{few, many} {
		if counts[i], err = l.callgrind(ctx, valgrind, program, name, n); err != nil {
			return 0, err
		}
	}
	return (counts[1] - counts[0]) / float64(many-few), nil
}

var collected = regexp.MustCompile(`Collected : (\d+)`)

func (l *Lab) callgrind(ctx context.Context, valgrind, program, name string, n int) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, taskTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null",
		l.path(program), name, strconv.Itoa(n), l.network, l.echo.Addr().String())
	cmd.Dir = l.dir
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1") // signals confuse it
	var report bytes.Buffer
	cmd.Stderr = &report
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("valgrind on %s %s: %w: %.1000s", program, name, err, report.String())
	}
	found := collected.FindSubmatch(report.Bytes())
	if found == nil {
		return 0, fmt.Errorf("valgrind on %s %s: got no count: %.1000s", program, name, report.String())
	}
	return strconv.ParseFloat(string(found[1]), 64)
}
