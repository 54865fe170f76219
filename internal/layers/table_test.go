package layers

import (
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
)

// What a definition of the table may look like. No function of the table is
// generic, so there are no type parameters.
var (
	scalar     = `(?:int|long|double|string|bytes|int128|int256|(?:[a-z]+\.)?[A-Z]\w*)`
	kind       = `(?:` + scalar + `|Vector<` + scalar + `>)`
	definition = regexp.MustCompile(`^(?:[a-z]+\.)?[a-z]\w*#[1-9a-f][0-9a-f]{0,7}( [a-z]\w*:\S+)* = ` + kind + `;$`)
	flagsField = regexp.MustCompile(`^(flags2?):#$`)
	field      = regexp.MustCompile(`^[a-z]\w*:(?:(flags2?)\.([0-9]|[12][0-9]|3[01])\?(?:true|` + kind + `)|` + kind + `)$`)
)

func TestEveryDefinitionIsWellFormed(t *testing.T) {
	for _, e := range Entries() {
		if !definition.MatchString(e.Text) {
			t.Errorf("not a definition: %s", e.Text)
			continue
		}
		words := map[string]bool{} // the words of flags seen so far
		seen := map[string]bool{}
		for _, f := range fields(e.Text) {
			name, _, _ := strings.Cut(f, ":")
			if seen[name] {
				t.Errorf("%s has %s twice", e.Name(), name)
			}
			seen[name] = true
			if m := flagsField.FindStringSubmatch(f); m != nil {
				words[m[1]] = true
				continue
			}
			m := field.FindStringSubmatch(f)
			if m == nil {
				t.Errorf("%s has %q, want name:type or name:flags.bit?type", e.Name(), f)
			} else if m[1] != "" && !words[m[1]] {
				t.Errorf("%s has %q before %s:#", e.Name(), f, m[1])
			}
		}
	}
}

// A definition's number is the CRC32 of its text, without punctuation and
// without the bits of flags. It covers every field that has bytes of its own,
// so it reveals a mistake in the name, type or order of a field.
// https://core.telegram.org/mtproto/TL-formal
func TestEveryDefinitionHasTheNumberOfItsText(t *testing.T) {
	for _, e := range Entries() {
		_, rest, _ := strings.Cut(e.Text, "#")
		written, _, _ := strings.Cut(rest, " ")
		if want := fmt.Sprintf("%x", crc32.ChecksumIEEE([]byte(canonical(e.Text)))); written != want {
			t.Errorf("%d-%d: %s has number %s, its text gives %s", e.From, e.To, e.Name(), written, want)
		}
	}
}

var (
	numberPart = regexp.MustCompile(`#[0-9a-f]+`)
	bitField   = regexp.MustCompile(` \w+:flags2?\.\d+\?true`)
	spelling   = strings.NewReplacer("<", " ", ">", "", ";", "", ":bytes ", ":string ", "?bytes ", "?string ")
)

// canonical is the text that a definition's number is computed from.
func canonical(definition string) string {
	name, rest, _ := strings.Cut(definition, " ")
	return spelling.Replace(numberPart.ReplaceAllString(name, "") + " " + bitField.ReplaceAllString(" "+rest, "")[1:])
}

// fields returns the fields of a definition, as they are written.
func fields(definition string) []string {
	head, _, _ := strings.Cut(definition, " = ")
	return strings.Fields(head)[1:]
}

func TestRangesOfANameFollowEachOther(t *testing.T) {
	type key struct {
		name     string
		function bool
	}
	last := map[key]Entry{}
	previous := key{}
	for _, e := range Entries() {
		k := key{e.Name(), e.Function}
		if e.From < Oldest || e.To > Newest || e.From > e.To {
			t.Errorf("%s: got range %d-%d, want it within %d-%d", k.name, e.From, e.To, Oldest, Newest)
		}
		before, again := last[k]
		switch {
		case again && k != previous:
			t.Errorf("%s: its entries are not together", k.name)
		case again && e.From != before.To+1:
			t.Errorf("%s: got %d-%d after %d-%d, want it to begin at %d", k.name, e.From, e.To, before.From, before.To, before.To+1)
		case again && e.Text == before.Text:
			t.Errorf("%s: %d-%d and %d-%d are the same", k.name, before.From, before.To, e.From, e.To)
		}
		if e.To == Newest && (again || e.From == Oldest) {
			t.Errorf("%s: got %d-%d, want the form of layer %d left to the newest schema", k.name, e.From, e.To, Newest)
		}
		last[k], previous = e, k
	}
	if len(last) < 50 {
		t.Errorf("the table has %d names, want at least 50: was a part of it not read?", len(last))
	}
}

func TestFunctionsAreFunctions(t *testing.T) {
	functions := map[string]bool{}
	for _, e := range Entries() {
		functions[e.Name()] = e.Function
	}
	for name, want := range map[string]bool{
		"auth.signUp": true, "updates.getDifference": true, "messages.getDialogFilters": true,
		"user": false, "auth.sentCodePaymentRequired": false, "updateNewAuthorization": false,
	} {
		if got, ok := functions[name]; !ok || got != want {
			t.Errorf("%s: function is %v (in the table: %v), want %v", name, got, ok, want)
		}
	}
}

func TestABrokenTableIsExplained(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"user#1 = User;", `line 1: got "user#1 = User;", want a line with its layers above it`},
		{"// 158-159\n// 160-161\n", `line 2: got a second range "// 160-161"`},
		{"// 158-159\n", "the table ends after a range"},
		{"// 158-159\nuser#1 = User;\nuser#2 = User;", "line 3:"},
	} {
		if _, err := parse(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("parsing %q: got error %v, want one with %q", c.text, err, c.want)
		}
	}
}

func TestCommentsAreNotEntries(t *testing.T) {
	got, err := parse("// About 158-159.\n\n// 158-159\n// A word between.\nuser#1 = User;\n---functions---\n// 160-161\nf#2 = X;\n")
	want := []Entry{{158, 159, "user#1 = User;", false}, {160, 161, "f#2 = X;", true}}
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}
