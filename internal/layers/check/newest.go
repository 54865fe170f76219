package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
)

// followed are the packages that carry schemas, each at the newest version that
// was looked at.
var followed = []string{
	"cargo:vaegram@0.1.0",
	"cargo:grammers-tl-types@0.11.0",
	"go:github.com/gotd/td@v0.162.0",
	"npm:@mtcute/core@0.31.0",
}

// asked are the commands that print a package's versions, by registry.
var asked = map[string][]string{
	"cargo": {"cargo", "info", "--quiet"},
	"npm":   {"npm", "view", "--json"},
	"go":    {"go", "list", "-m", "-versions"},
}

// newest asks the registries for newer versions of the followed packages, and
// prints the changes in each. No newer package does not mean no newer layer:
// packages may follow Telegram weeks later.
func newest(dir string, out io.Writer) error {
	for _, spec := range followed {
		fmt.Fprintf(out, "%s: %s\n", spec, follow(spec, dir, output))
	}
	return nil
}

// command runs a program and returns what it prints.
type command func(name string, args ...string) (string, error)

func output(name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Stderr = os.Stderr
	b, err := c.Output()
	return string(b), err
}

// follow describes the newest version of one package in its registry.
func follow(spec, dir string, run command) string {
	kind, rest, _ := strings.Cut(spec, ":")
	at := strings.LastIndexByte(rest, '@')
	name, have := rest[:at], rest[at+1:]
	args := append(slices.Clone(asked[kind][1:]), name)
	if kind == "npm" {
		args = append(args, "version")
	}
	text, err := run(asked[kind][0], args...)
	if err != nil {
		return fmt.Sprintf("not told: %s: %v", asked[kind][0], err)
	}
	last := lastVersion(kind, text)
	switch {
	case last == "":
		return fmt.Sprintf("not told: %s printed no version", asked[kind][0])
	case compareVersions(last, have) <= 0:
		return fmt.Sprintf("not told: the registry lists no newer version, its last is %s", last)
	}
	next := kind + ":" + name + "@" + last
	folder := filepath.Join(dir, strings.NewReplacer("/", "_", "@", "_", ":", "_").Replace(next))
	if _, err := run("./internal/tlgen/fetch", "-unpinned", next, folder); err != nil {
		return fmt.Sprintf("%s is listed, and was not fetched: %v", last, err)
	}
	schemas, err := find(folder)
	if err != nil || len(schemas) == 0 {
		return fmt.Sprintf("%s is listed; its schema was not read: %v", last, cmp.Or(err, fmt.Errorf("no such file")))
	}
	return last + " has " + news(schemas[len(schemas)-1])
}

var (
	infoVersion = regexp.MustCompile(`(?m)^version: (\S+)(?: \(latest (\S+?)\))?`)
	anyVersion  = regexp.MustCompile(`v?[0-9]+\.[0-9]+\.[0-9]+\S*`)
)

// compareVersions compares two versions number by number and ignores a suffix such
// as -beta.
func compareVersions(a, b string) int {
	return slices.Compare(numbersOf(a), numbersOf(b))
}

func numbersOf(version string) (numbers []int) {
	version, _, _ = strings.Cut(strings.TrimPrefix(version, "v"), "-")
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part)
		numbers = append(numbers, n)
	}
	return numbers
}

// lastVersion finds the newest version in what a registry's client prints.
func lastVersion(kind, text string) string {
	if kind == "cargo" {
		if m := infoVersion.FindStringSubmatch(text); m != nil {
			return cmp.Or(m[2], m[1])
		}
		return ""
	}
	if all := anyVersion.FindAllString(strings.Trim(strings.TrimSpace(text), `"`), -1); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// news returns the layer of a schema and, if that layer is newer than ours, its
// changes that affect signing in.
func news(s schema) string {
	if s.layer <= layers.Newest {
		return fmt.Sprintf("layer %d, not newer than %d", s.layer, layers.Newest)
	}
	ours := schema{"tg", layers.Newest, map[key]string{}}
	all, err := tg.Schema.Definitions()
	if err != nil {
		return err.Error()
	}
	for _, d := range all {
		ours.forms[key{d.Name, d.Function}] = form(d.String())
	}
	lines := []string{fmt.Sprintf("layer %d. Of what signing in touches, it changes:", s.layer)}
	names := maps.Clone(ours.forms)
	maps.Copy(names, s.forms)
	for _, k := range slices.SortedFunc(maps.Keys(names), key.compare) {
		was, is := ours.forms[k], s.forms[k]
		if was == is || !watched(k, cmp.Or(is, was)) {
			continue
		}
		one := func(layer int, f string) schema {
			if f == "" {
				return schema{layer: layer}
			}
			return schema{layer: layer, forms: map[key]string{k: f}}
		}
		lines = append(lines, "  "+strings.Join(changesOf(one(layers.Newest, was), one(s.layer, is)), ""))
	}
	if len(lines) == 1 {
		lines = append(lines, "  nothing")
	}
	return strings.Join(lines, "\n")
}
