package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/telekey/telekey/bench/task"
)

// signIn is a program of about ten lines that signs a person in with a library.
type signIn struct {
	program string
	dir     string // of the module
	pkg     string
}

var signIns = []signIn{
	{"telekey", "..", "./examples/signin"},
	{"gotd", ".", "./signin/gotd"},
	{"gogram", ".", "./signin/gogram"},
}

// coldBuild builds a program with an empty cache. The standard library is built
// before the count begins: it is everybody's.
func coldBuild(ctx context.Context, p signIn) (result task.Result, err error) {
	dir, err := os.MkdirTemp("", "telekey-cold")
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	goDo := func(args ...string) (*exec.Cmd, string, error) {
		cmd := exec.CommandContext(ctx, "go", args...)
		var out, complaint bytes.Buffer
		cmd.Dir, cmd.Stdout, cmd.Stderr = p.dir, &out, &complaint
		cmd.Env = append(os.Environ(), "GOCACHE="+filepath.Join(dir, "cache"))
		if err := cmd.Run(); err != nil {
			return cmd, "", fmt.Errorf("go %s: %w: %.1000s", args[0], err, complaint.String())
		}
		return cmd, out.String(), nil
	}
	_, standard, err := goDo("list", "-deps", "-f", "{{if .Standard}}{{.ImportPath}}{{end}}", p.pkg)
	if err != nil {
		return result, err
	}
	if _, _, err := goDo(append([]string{"build", "-trimpath"}, strings.Fields(standard)...)...); err != nil {
		return result, err
	}
	binary := filepath.Join(dir, "signin")
	cmd, _, err := goDo("build", "-trimpath", "-ldflags=-s -w", "-o", binary, p.pkg)
	if err != nil {
		return result, err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return result, err
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	// The largest of go's processes, in KiB.
	memory := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	result.Figures = map[string]float64{
		"cpu":    float64(cpu) / float64(time.Microsecond),
		"memory": float64(memory) * 1024,
		"size":   float64(info.Size()),
	}
	return result, nil
}
