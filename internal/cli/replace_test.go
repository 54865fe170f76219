package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// A file that others made first, under a name that they can guess, must not get
// what is written, nor keep its mode.
func TestAFileIsReplacedUnderARandomName(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "qr.svg")
	guessed := filepath.Join(dir, fmt.Sprintf(".qr.svg.%d", os.Getpid()))
	for _, there := range []string{path, guessed} {
		if err := os.WriteFile(there, []byte("theirs"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := replace(path, []byte("a login link"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(guessed); string(b) != "theirs" {
		t.Errorf("the file that was there has %q, want it unchanged", b)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	if b, _ := os.ReadFile(path); string(b) != "a login link" {
		t.Errorf("got %q, want what was written", b)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("got %d files, want no temporary one left", len(entries))
	}
}
