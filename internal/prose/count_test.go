package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestClausesAreCountedInCommentsAndDocumentsAlone(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.go":              "package a\n\n// A holds what is\n// left. Nobody reads it.\nvar A = \"whoever stands\" // plain\n/* What\nhas it? */\n",
		"a_gen.go":          "package a\n\n// what is generated\n",
		"README.md":         "one\nIt goes out, by way of a door.\n",
		"node_modules/x.md": "nobody\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	comments, documents, err := count(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, readme := filepath.Join(dir, "a.go"), filepath.Join(dir, "README.md")
	if want := []string{a + ":3: A holds what is", a + ":4: left. Nobody reads it.", a + ":6: What / has it? "}; comments.lines != 5 || !slices.Equal(comments.places, want) {
		t.Errorf("comments: got %d lines, %q, want 5, %q", comments.lines, comments.places, want)
	}
	line := readme + ":2: It goes out, by way of a door."
	if want := []string{line, line}; documents.lines != 2 || !slices.Equal(documents.places, want) {
		t.Errorf("documents: got %d lines, %q, want 2, %q", documents.lines, documents.places, want)
	}
	if documents.rate() != 1000 || (tally{}).rate() != 0 {
		t.Errorf("got the rate %v", documents.rate())
	}
}
