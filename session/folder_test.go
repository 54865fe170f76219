package session_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/telekey/telekey/session"
)

func TestAFolderKeepsAccountsApart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "accounts")
	shelf := session.Folder(dir)
	if names, err := shelf.List(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("before the first: got %v, %v, want none", names, err)
	}
	for _, name := range []string{"work", "+9996620001", "ann@example.org"} {
		save(t, shelf.Session(name))
	}
	for _, other := range []string{"notes.txt", "Work.session", ".session", "work.session.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, other), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "directory.session"), 0o700); err != nil {
		t.Fatal(err)
	}
	held := hold(t, shelf.Session("work"))
	other := hold(t, shelf.Session("home")) // held, and not saved
	want := []string{"+9996620001", "ann@example.org", "work"}
	if names, err := shelf.List(t.Context()); err != nil || !slices.Equal(names, want) {
		t.Errorf("got %q, %v, want %q", names, err, want)
	}
	held.Release(t.Context())
	other.Release(t.Context())
}

func TestAHeldSessionIsNotRemoved(t *testing.T) {
	shelf := session.Folder(filepath.Join(t.TempDir(), "accounts"))
	if err := shelf.Remove(t.Context(), "work"); err != nil {
		t.Errorf("without a directory: %v", err)
	}
	save(t, shelf.Session("work"))
	held := hold(t, shelf.Session("work"))
	if err := shelf.Remove(t.Context(), "work"); !errors.Is(err, session.ErrHeld) {
		t.Errorf("while it is held: got %v, want ErrHeld", err)
	}
	held.Release(t.Context())
	for range 2 {
		if err := shelf.Remove(t.Context(), "work"); err != nil {
			t.Errorf("Remove: %v", err)
		}
	}
	if names, _ := shelf.List(t.Context()); len(names) != 0 {
		t.Errorf("got %q, want none", names)
	}
	held = hold(t, shelf.Session("work"))
	if got := held.Data(); got.User != nil || got.Keys != nil {
		t.Errorf("after Remove: got %v, want an empty session", got)
	}
	held.Release(t.Context())
}

// A name never leads out of the folder, nor to the same file as another name.
func TestNamesThatAFolderCannotHave(t *testing.T) {
	dir := t.TempDir()
	shelf := session.Folder(filepath.Join(dir, "accounts"))
	for _, name := range []string{
		"", ".", "..", "../up", "a/b", `a\b`, "a:b", "/etc/x", ".hidden", "-flag", "Ann", "å", "a b", "a\x00", "a\n",
		"con", "nul.x", "com1", strings.Repeat("a", 65),
	} {
		if _, err := shelf.Session(name).Hold(t.Context()); err == nil || !strings.Contains(err.Error(), "use another name") {
			t.Errorf("Hold %q: got %v, want the name refused", name, err)
		}
		if err := shelf.Remove(t.Context(), name); err == nil {
			t.Errorf("Remove %q: got no error", name)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("got %v, want nothing made for names that are refused", entries)
	}
	for _, name := range []string{"a", "0", "a.b", "a-b_c", "console", "com", "+1", strings.Repeat("a", 64)} {
		hold(t, shelf.Session(name)).Release(t.Context())
	}
}
