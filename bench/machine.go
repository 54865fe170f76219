package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
)

// circumstances are where and of what the figures were taken.
type circumstances struct {
	CPU     string
	Cores   int
	System  string
	Go      string
	Commit  string // of telekey
	Modules map[string]string
}

func machine(ctx context.Context) circumstances {
	c := circumstances{
		CPU: processor(), Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Commit: said(ctx, "git", "rev-parse", "--short=12", "HEAD"), Modules: map[string]string{},
	}
	if said(ctx, "git", "status", "--porcelain", "--", "..", ":!../docs/benchmarks.md") != "" {
		c.Commit += " with changes"
	}
	for _, name := range []string{"github.com/gotd/td", "github.com/amarnathcjd/gogram"} {
		c.Modules[name] = said(ctx, "go", "list", "-m", "-f", "{{.Version}}", name)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		c.Go = info.GoVersion
	}
	return c
}

// processor returns the name of the processor, where Linux tells it.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// said returns what a command says, or "" if it fails.
func said(ctx context.Context, name string, args ...string) string {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
