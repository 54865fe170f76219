package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/telekey/telekey/internal/layers"
)

// published returns a schema of a layer that agrees with the table.
func published(layer int, newest schema) schema {
	s := schema{"published", layer, map[key]string{}}
	for k, entries := range covered() {
		if f := inTable(entries, layer, newest.forms[k]); f != "" {
			s.forms[k] = f
		}
	}
	return s
}

func newestSchema() schema {
	s := schema{"newest", layers.Newest, map[key]string{}}
	for k, entries := range covered() {
		if last := entries[len(entries)-1]; last.To == layers.Newest {
			s.forms[k] = form(last.Text)
		} else if k.name != "premiumGiftOption" && k.name != "userStories" {
			s.forms[k] = k.name + "#1 flags:# = X"
		}
	}
	return s
}

func TestASchemaThatAgreesHasNoDifference(t *testing.T) {
	newest := newestSchema()
	for _, layer := range []int{158, 190, 215, 228, 232} {
		if d := compare(published(layer, newest), newest); len(d) > 0 {
			t.Errorf("layer %d: got %q, want no difference", layer, d)
		}
	}
}

func TestASlipIsNamed(t *testing.T) {
	newest := newestSchema()
	user := key{"user", false}
	for what, slip := range map[string]func(string) string{
		"another number": func(f string) string { return strings.Replace(f, "user#4b46c37e", "user#4b46c37f", 1) },
		"another order": func(f string) string {
			return strings.Replace(f, "first_name:flags.1?string last_name:flags.2?string", "last_name:flags.2?string first_name:flags.1?string", 1)
		},
		"a bit more": func(f string) string { return strings.Replace(f, " = ", " z:flags2.31?true = ", 1) },
		"not there":  func(string) string { return "" },
	} {
		s := published(198, newest)
		s.forms[user] = slip(s.forms[user])
		if d := compare(s, newest); len(d) != 1 || !strings.Contains(d[0], "layer 198: user differs") {
			t.Errorf("%s: got %q, want one difference that names user and the layer", what, d)
		}
	}
}

func TestAWatchedNameThatChangedMustBeInTheTable(t *testing.T) {
	old := schema{"old", 158, map[key]string{
		{"dcOption", false}:      "dcOption#1 id:int = DcOption",
		{"auth.signOut", true}:   "auth.signOut#1 = Bool",
		{"messageAction", false}: "messageAction#1 = MessageAction",
		{"nearestDc", false}:     "nearestDc#1 = NearestDc",
	}}
	newest := schema{"new", 228, map[key]string{
		{"dcOption", false}:      "dcOption#2 id:long = DcOption",
		{"auth.signOut", true}:   "auth.signOut#2 = Bool",
		{"messageAction", false}: "messageAction#2 = MessageAction",
		{"nearestDc", false}:     "nearestDc#1 = NearestDc",
	}}
	got := changed(old, newest)
	if len(got) != 2 || !strings.Contains(got[0], "dcOption has changed") || !strings.Contains(got[1], "auth.signOut has changed") {
		t.Errorf("got %q, want dcOption and auth.signOut, and neither what is not watched nor what is the same", got)
	}
}

func TestBothKindsOfFileAreReadAlike(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("a/api-schema.json", `{"l": 170, "e": [
		{"kind": "class", "name": "x", "id": 255, "type": "X", "arguments": [
			{"name": "flags", "type": "#"},
			{"name": "b", "type": "true", "typeModifiers": {"predicate": "flags.1"}},
			{"name": "id", "type": "int53"},
			{"name": "v", "type": "string", "typeModifiers": {"predicate": "flags.0", "isVector": true}}]},
		{"kind": "method", "name": "n.get", "id": 1, "type": "X", "typeModifiers": {"isVector": true}, "arguments": []}]}`)
	write("b/AllTLObjects.js", "exports.LAYER = 171;\n")
	write("b/apiTl.js", "module.exports = `\nx#ff flags:# id:long b:flags.1?true v:flags.0?Vector<string> = X;\n---functions---\nn.get#1 = Vector<X>;\n`;")
	schemas, err := find(dir)
	if err != nil || len(schemas) != 2 || schemas[0].layer != 170 || schemas[1].layer != 171 {
		t.Fatalf("got %v, %v, want layers 170 and 171", schemas, err)
	}
	for k, want := range map[key]string{
		{"x", false}:    "x#ff flags:# id:long v:flags.0?Vector<string> b:flags.1?true = X",
		{"n.get", true}: "n.get#1 = Vector<X>",
	} {
		for _, s := range schemas {
			if s.forms[k] != want || len(s.forms) != 2 {
				t.Errorf("%s: got %q, want %q for %s", s.path, s.forms[k], want, k.name)
			}
		}
	}
	write("c/api.tl", "passwordKdfAlgoUnknown#d45ab096 = PasswordKdfAlgo;\n---functions---\nauth.logOut#3e72ba19 = auth.LoggedOut;\n// LAYER 172\n")
	if s, err := find(dir); err != nil || len(s) != 3 || s[2].layer != 172 || s[2].forms[key{"auth.logOut", true}] != "auth.logOut#3e72ba19 = auth.LoggedOut" {
		t.Errorf("got %v, %v, want the schema of layer 172 as well", s, err)
	}
	write("d/_testdata/api.tl", "x")
	if err := run(dir, t.Output()); err == nil || !strings.Contains(err.Error(), "no schema of layer 158, want npm:telegram@2.17.10") {
		t.Errorf("got %v, want the package that is missing", err)
	}
}
