package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// errorList holds the documented errors: their codes by type, and the methods that
// raise them.
type errorList struct {
	codes  map[string]int
	throws map[string][]string
}

func readErrors(path string) (*errorList, error) {
	var doc struct {
		Errors map[string]struct{ Code int }
		Throws map[string][]string
	}
	if err := readJSON(path, &doc); err != nil {
		return nil, err
	}
	list := &errorList{map[string]int{}, map[string][]string{}}
	for _, name := range slices.Sorted(maps.Keys(doc.Errors)) {
		kind := errorType(name)
		if _, taken := list.codes[kind]; !taken || kind == name { // AUTH_RESTART before AUTH_RESTART_%d
			list.codes[kind] = doc.Errors[name].Code
		}
	}
	for method, names := range doc.Throws {
		for _, name := range names {
			list.throws[method] = append(list.throws[method], errorType(name))
		}
		slices.Sort(list.throws[method])
		list.throws[method] = slices.Compact(list.throws[method])
	}
	return list, nil
}

var placeholder = regexp.MustCompile(`_?%[ds]`)

// errorType is an error's name without the place of its argument, as tg.Error
// has it: FLOOD_WAIT_%d is FLOOD_WAIT.
func errorType(name string) string { return placeholder.ReplaceAllString(name, "") }

func (l *errorList) write() []byte {
	f := file("tg")
	f.WriteString("// The types of Telegram's errors, for errors.Is, each with its code.\nconst (\n")
	for _, name := range slices.Sorted(maps.Keys(l.codes)) {
		var words []string
		for _, w := range strings.Split(strings.ToLower(name), "_") {
			words = append(words, goName(w))
		}
		fmt.Fprintf(f, "Err%s ErrorType = %q // %d\n", strings.Join(words, ""), name, l.codes[name])
	}
	f.WriteString(")\n")
	return f.Bytes()
}
