// Command release builds the archives of a version: the command for six platforms,
// each with the licences of everything in it, a bill of materials (CycloneDX), and
// the checksums of all files.
//
//	release -version v0.1.0 -out DIRECTORY
//
// The same commit gives the same bytes: file times are the commit's, and nothing else
// depends on when or where it runs.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// platforms are those that archives are built for.
var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
}

type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "_" + p.arch }

// program is the name of the command on a platform.
func (p platform) program() string {
	if p.os == "windows" {
		return "telekey.exe"
	}
	return "telekey"
}

func main() {
	log.SetFlags(0)
	version := flag.String("version", "", "version, as v0.1.0")
	out := flag.String("out", "", "directory to write the archives to; made if it is missing")
	only := flag.String("only", "", "one platform, as linux_amd64, instead of all")
	flag.Parse()
	if !strings.HasPrefix(*version, "v") || *out == "" || flag.NArg() != 0 {
		log.Fatal("usage: release -version v0.1.0 -out DIRECTORY [-only PLATFORM], in the repository's root")
	}
	if err := run(*version, *out, *only); err != nil {
		log.Fatal(err)
	}
}

func run(version, out, only string) error {
	made, err := commitTime()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "telekey-release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	built := 0
	for _, p := range platforms {
		if only != "" && only != p.String() {
			continue
		}
		if err := archive(p, version, made, filepath.Join(work, p.String()), out); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		built++
	}
	if built == 0 {
		return fmt.Errorf("-only: got %q, want one of %v", only, platforms)
	}
	return writeChecksums(out)
}

// commitTime returns the time of the commit that is checked out, used as
// the time of the build.
//
// https://reproducible-builds.org/docs/source-date-epoch/
func commitTime() (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		b, err := exec.Command("git", "log", "-1", "--format=%ct").Output()
		if err != nil {
			return time.Time{}, fmt.Errorf("the time of the commit: %w: set SOURCE_DATE_EPOCH", err)
		}
		text = string(b)
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: got %q, want seconds since 1970", text)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// build compiles the command for a platform.
func build(p platform, version, path string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid= -X github.com/telekey/telekey/internal/cli.released="+version,
		"-o", path, "./cmd/telekey")
	cmd.Env = append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
