package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// module is a module that is part of a program, with the files of its licence.
type module struct {
	path, version, sum string
	licence            string // SPDX identifiers, joined by AND
	texts              []string
}

// modulesOf returns the modules in a program, Go's own library first.
func modulesOf(program string) ([]module, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	std, err := licensed(module{path: "std", version: strings.TrimPrefix(info.GoVersion, "go")}, runtime.GOROOT())
	if err != nil {
		return nil, err
	}
	modules := []module{std}
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			return nil, fmt.Errorf("%s is replaced by %s: a release is built from published modules", dep.Path, dep.Replace.Path)
		}
		dir, err := sourceOf(dep.Path + "@" + dep.Version)
		if err != nil {
			return nil, err
		}
		m, err := licensed(module{path: dep.Path, version: dep.Version, sum: dep.Sum}, dir)
		if err != nil {
			return nil, err
		}
		modules = append(modules, m)
	}
	return modules, nil
}

// sourceOf returns the directory with the source of a module.
func sourceOf(module string) (string, error) {
	b, err := exec.Command("go", "mod", "download", "-json", module).Output()
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w", module, err)
	}
	var download struct{ Dir string }
	if err := json.Unmarshal(b, &download); err != nil {
		return "", err
	}
	return download.Dir, nil
}

// legal is the name of a file with a licence or a notice that has to be passed on.
var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([-._].*)?$`)

// licensed adds the licence that dir has. A module without one may not be passed on.
func licensed(m module, dir string) (module, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return m, err
	}
	var ids []string
	for _, entry := range entries {
		if entry.IsDir() || !legal.MatchString(entry.Name()) || entry.Type()&fs.ModeSymlink != 0 {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return m, err
		}
		m.texts = append(m.texts, string(bytes.TrimSpace(b)))
		if strings.HasPrefix(strings.ToLower(entry.Name()), "patents") {
			continue // which grants more than the licence
		}
		for _, match := range licensecheck.Scan(b).Match {
			if !slices.Contains(ids, match.ID) {
				ids = append(ids, match.ID)
			}
		}
	}
	slices.Sort(ids)
	m.licence = strings.Join(ids, " AND ")
	if len(ids) == 0 {
		return m, fmt.Errorf("%s %s: got no licence that is known in %d files, want one: look at %s", m.path, m.version, len(m.texts), dir)
	}
	return m, nil
}

// thirdParty is the text that accompanies the program.
func thirdParty(modules []module) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("telekey contains the following software of others, each under its own licence.\n")
	for _, m := range modules {
		line := strings.Repeat("=", 79)
		fmt.Fprintf(&b, "\n%s\n%s %s (%s)\n%s\n", line, m.path, m.version, m.licence, line)
		for _, text := range m.texts {
			fmt.Fprintf(&b, "\n%s\n", text)
		}
	}
	return b.Bytes(), nil
}
