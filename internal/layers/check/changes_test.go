package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
)

// The schema that tg is made from is new, so tg must have the last listed form of
// each changed name.
func TestTheAPIIsWhatTheListedChangesEndIn(t *testing.T) {
	last := map[string]string{} // the name's head in the newest layer; "": gone
	for _, line := range readListed() {
		f := strings.Fields(line)
		name, _, _ := strings.Cut(f[3], "#")
		switch f[2] {
		case "+":
			last[name] = f[3]
		case "-":
			last[name] = ""
		case "~":
			last[name] = f[4]
		default:
			t.Errorf("%s: got %q, want +, - or ~", line, f[2])
		}
	}
	for name, want := range last {
		d, err := tg.Schema.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if d != nil {
			got = fmt.Sprintf("%s#%x", d.Name, d.ID)
		}
		if got != want {
			t.Errorf("%s: tg has %q, the listed changes end in %q", name, got, want)
		}
	}
	if len(last) < 100 || tg.Layer != layers.Newest {
		t.Errorf("got %d names that changed, and layer %d; want more than 100, and layer %d", len(last), tg.Layer, layers.Newest)
	}
}

func TestEveryChangeIsListedInOneLine(t *testing.T) {
	older := schema{"a", 229, map[key]string{
		{"user", false}:    "user#1 flags:# id:int = User",
		{"gone", false}:    "gone#2 = X",
		{"same", false}:    "same#3 = X",
		{"moved", false}:   "moved#4 a:int b:int = X",
		{"ipPort", false}:  "ipPort#6 = X",
		{"auth.old", true}: "auth.old#5 = X",
	}}
	newer := schema{"b", 230, map[key]string{
		{"user", false}:    "user#9 flags:# id:long min:flags.1?true = User",
		{"same", false}:    "same#3 = X",
		{"moved", false}:   "moved#8 b:int a:int = X",
		{"auth.old", true}: "auth.old#5 = X",
		{"auth.new", true}: "auth.new#7 = X",
	}}
	want := []string{
		"229 230 - gone#2",
		"229 230 ~ moved#4 moved#8",
		"229 230 ~ user#1 user#9 +id:long +min:flags.1?true -id:int",
		"229 230 + auth.new#7",
	}
	if got := changesBetween([]schema{older, newer}); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := unlisted(append(readListed(), want[3])); len(got) != 1 || !strings.Contains(got[0], "changes.txt lacks: 229 230 + auth.new#7") {
		t.Errorf("got %q, want the change that is not listed", got)
	}
	if got := unlisted(readListed()[1:]); len(got) != 1 || !strings.Contains(got[0], "the schemas lack") {
		t.Errorf("got %q, want the listed change that did not happen", got)
	}
}
