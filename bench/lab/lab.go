// Package lab builds the client programs of the benchmark, starts the emulator
// that they connect to, and runs their tasks, each in a process of its own.
package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/telekey/telekey/bench/task"
	"github.com/telekey/telekey/dc"
)

// Lab is a running emulator and the programs that use it.
type Lab struct {
	dir     string // of programs built and files written
	server  *exec.Cmd
	input   io.Closer // the server ends with it
	network string    // file
	echo    net.Listener
	relays  []net.Listener
}

// module is where the programs are. Builds are done in a folder of it.
const module = "github.com/telekey/telekey/bench"

// Open builds the programs and the server, and starts the server. Answers reach clients
// the given time after the emulator has sent them; zero: at once, without a relay
// in between.
func Open(ctx context.Context, delay time.Duration, programs ...string) (*Lab, error) {
	dir, err := os.MkdirTemp("", "telekey-bench")
	if err != nil {
		return nil, err
	}
	l := &Lab{dir: dir}
	if err := l.open(ctx, delay, programs); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func (l *Lab) open(ctx context.Context, delay time.Duration, programs []string) error {
	for _, program := range append(programs, "server") {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", l.path(program), module+"/"+program)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", program, err, out)
		}
	}
	var err error
	if l.echo, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	go serve(l.echo, func(c net.Conn) { late(c, c, delay) })
	if err := l.start(ctx); err != nil {
		return err
	}
	if delay > 0 {
		return l.relay(delay)
	}
	return nil
}

func (l *Lab) path(name string) string { return filepath.Join(l.dir, name) }

// startTime is how long the emulator may take to be ready.
const startTime = 10 * time.Second

func (l *Lab) start(ctx context.Context) error {
	l.network = l.path("network.json")
	l.server = exec.CommandContext(ctx, l.path("server"), l.network)
	l.server.Stderr = os.Stderr
	var err error
	if l.input, err = l.server.StdinPipe(); err != nil {
		return err
	}
	if err := l.server.Start(); err != nil {
		return err
	}
	for end := time.Now().Add(startTime); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(l.network); err == nil {
			return nil
		}
	}
	return errors.New("the emulator did not start")
}

// relay puts a relay before each data centre and writes a network file that leads
// to it.
func (l *Lab) relay(delay time.Duration) error {
	n, err := dc.ReadFile(l.network)
	if err != nil {
		return err
	}
	for i := range n.DCs {
		relay, err := newRelay(n.DCs[i].Addr, delay)
		if err != nil {
			return err
		}
		l.relays = append(l.relays, relay)
		n.DCs[i].Addr = relay.Addr().String()
	}
	b, err := json.Marshal(n)
	if err != nil {
		return err
	}
	l.network = l.path("relayed.json")
	return os.WriteFile(l.network, b, 0o600)
}

// taskTime bounds one run of a task.
const taskTime = 3 * time.Minute

// Run runs a task of a program.
func (l *Lab) Run(ctx context.Context, program, name string, count int) (task.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, taskTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, l.path(program), name, strconv.Itoa(count), l.network, l.echo.Addr().String())
	var out, complaint bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = l.dir, &out, &complaint // some write files where they are
	if err := cmd.Run(); err != nil {
		return task.Result{}, fmt.Errorf("%s %s: %w: %.1000s", program, name, err, complaint.String())
	}
	var result task.Result
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		return task.Result{}, fmt.Errorf("%s %s: got %.200q, want a result: %w", program, name, out.String(), err)
	}
	return result, nil
}

// Close ends the emulator and removes the built programs.
func (l *Lab) Close() {
	if l.input != nil {
		l.input.Close()
		l.server.Wait()
	}
	if l.echo != nil {
		l.echo.Close()
	}
	for _, relay := range l.relays {
		relay.Close()
	}
	os.RemoveAll(l.dir)
}
