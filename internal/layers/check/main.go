// Check compares the table of older layers with published schemas of them.
//
//	go run ./internal/layers/check -packages   # names the packages that hold the schemas
//	go run ./internal/layers/check DIR         # compares the table with those unpacked in DIR
//	go run ./internal/layers/check -changes DIR > internal/layers/check/changes.txt
//	go run ./internal/layers/check -newest DIR # asks the registries for newer ones
//
// It needs schemas from the network, so go test does not run it. Every name of the
// table must have, in the layer of every schema, the number, fields, order of
// fields and bits that the table gives. A watched definition outside the table
// must never have changed. From layer 228 on the schemas come from four projects,
// and the changes from each to the next must be those of changes.txt. Check prints
// a line for each difference and then exits with status 1.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/telekey/telekey/internal/layers"
)

// packages are the packages with the schemas, by layer. The versions of
// telegram are those whose schema and number of the layer agree: some releases
// have one without the other.
var packages = map[int]string{
	158: "npm:telegram@2.17.10",
	160: "npm:telegram@2.19.4",
	165: "npm:telegram@2.19.8",
	166: "npm:telegram@2.19.10",
	167: "npm:@mtcute/tl@167.0.0",
	174: "npm:telegram@2.20.10",
	177: "npm:telegram@2.20.15",
	179: "npm:@mtcute/tl@179.0.0",
	181: "npm:@mtcute/tl@181.0.0",
	184: "npm:telegram@2.23.10",
	185: "npm:@mtcute/tl@185.1.0",
	189: "npm:@mtcute/tl@189.0.0",
	193: "npm:telegram@2.26.16",
	198: "npm:telegram@2.26.22",
	204: "npm:@mtcute/tl@204.0.0",
	216: "npm:@mtcute/tl@216.0.0",
	218: "npm:@mtcute/tl@218.0.1",
	220: "npm:@mtcute/tl@220.0.0",
	221: "npm:@mtcute/tl@221.0.0",
	223: "npm:@mtcute/tl@223.0.0",
	228: "npm:@mtcute/core@0.31.0",
	229: "go:github.com/gotd/td@v0.162.0",
	230: "cargo:grammers-tl-types@0.11.0",
	232: "cargo:vaegram@0.1.0",
}

// strays are the forms of a single schema that other schemas of its layer
// contradict.
var strays = map[string]string{
	"221 messageService":    "a bit legacy_ios, gone in 223",
	"204 premiumGiftOption": "left over: nothing has mentioned its type since 200",
}

func main() {
	list := flag.Bool("packages", false, "print the packages that hold the schemas")
	write := flag.Bool("changes", false, "print what changed between the newest layers, for changes.txt")
	ask := flag.Bool("newest", false, "ask the registries for newer schemas, unpack them in the folder and print what signing in notices of them")
	flag.Parse()
	if *list {
		for _, layer := range slices.Sorted(maps.Keys(packages)) {
			fmt.Println(packages[layer])
		}
		return
	}
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "check: got no folder, want the one in which the packages are unpacked (-packages names them)")
		os.Exit(2)
	}
	task := run
	switch {
	case *write:
		task = writeChanges
	case *ask:
		task = newest
	}
	if err := task(flag.Arg(0), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
}

func run(dir string, out io.Writer) error {
	schemas, err := find(dir)
	if err != nil {
		return err
	}
	found := map[int]schema{}
	for _, s := range schemas {
		found[s.layer] = s
	}
	for _, layer := range slices.Sorted(maps.Keys(packages)) {
		if _, ok := found[layer]; !ok {
			return fmt.Errorf("%s: no schema of layer %d, want %s unpacked there", dir, layer, packages[layer])
		}
	}
	newest := found[layers.Newest]
	differences := append(unknownTypes(newest), unlisted(changesBetween(schemas))...)
	for _, s := range schemas {
		differences = append(differences, compare(s, newest)...)
		differences = append(differences, changed(s, newest)...)
	}
	for _, d := range differences {
		fmt.Fprintln(out, d)
	}
	if len(differences) > 0 {
		return fmt.Errorf("the table and %d schemas differ in %d places", len(schemas), len(differences))
	}
	fmt.Fprintf(out, "the table agrees with %d schemas, from layer %d to %d: %d names, %d definitions\n",
		len(schemas), layers.Oldest, layers.Newest, len(covered()), len(layers.Entries()))
	return nil
}

// covered returns the table's entries by name.
func covered() map[key][]layers.Entry {
	names := map[key][]layers.Entry{}
	for _, e := range layers.Entries() {
		k := key{e.Name(), e.Function}
		names[k] = append(names[k], e)
	}
	return names
}

// compare returns where the table differs from a schema, in the schema's layer.
func compare(s, newest schema) (differences []string) {
	names := covered()
	for _, k := range slices.SortedFunc(maps.Keys(names), key.compare) {
		if strays[fmt.Sprint(s.layer, " ", k.name)] != "" {
			continue
		}
		want, got := inTable(names[k], s.layer, newest.forms[k]), s.forms[k]
		if got != want {
			differences = append(differences, fmt.Sprintf("layer %d: %s differs\n  table:  %s\n  schema: %s (%s)",
				s.layer, k.name, cmp.Or(want, "none"), cmp.Or(got, "none"), s.path))
		}
	}
	return differences
}

// inTable returns the form that a name has in a layer according to its entries:
// none before the first, the newest schema's after the last.
func inTable(entries []layers.Entry, layer int, newest string) string {
	if layer < entries[0].From {
		return ""
	}
	for _, e := range entries {
		if layer <= e.To {
			return form(e.Text)
		}
	}
	return newest
}

// changed returns the watched names that a schema has in another form than the
// newest one, and that the table does not have.
func changed(s, newest schema) (differences []string) {
	names := covered()
	for _, k := range slices.SortedFunc(maps.Keys(newest.forms), key.compare) {
		if _, ok := names[k]; ok || !watched(k, newest.forms[k]) {
			continue
		}
		if was, now := s.forms[k], newest.forms[k]; was != "" && was != now {
			differences = append(differences, fmt.Sprintf("layer %d: %s has changed, want it in the table\n  then: %s (%s)\n  now:  %s",
				s.layer, k.name, was, s.path, now))
		}
	}
	return differences
}

// unknownTypes returns the types that the table mentions without a constructor.
func unknownTypes(newest schema) (differences []string) {
	made := map[string]bool{}
	for k, f := range newest.forms {
		if !k.function {
			made[result(f)] = true
		}
	}
	for _, e := range layers.Entries() {
		if !e.Function {
			made[result(form(e.Text))] = true
		}
	}
	for _, e := range layers.Entries() {
		for _, name := range mentioned(e.Text) {
			if !made[name] {
				differences = append(differences, fmt.Sprintf("%d-%d: %s mentions %s, which no constructor makes", e.From, e.To, e.Name(), name))
			}
		}
	}
	return differences
}

// compare orders names: constructors before functions, each by name.
func (k key) compare(other key) int {
	if k.function != other.function {
		if other.function {
			return -1
		}
		return 1
	}
	return strings.Compare(k.name, other.name)
}
