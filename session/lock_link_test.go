//go:build unix

package session_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/telekey/telekey/session"
)

// Who may write to the directory could put the lock file there first, as a link to
// what they want to be overwritten.
func TestALockOverwritesNoOtherFile(t *testing.T) {
	const text = "important"
	for name, put := range map[string]func(important, lock string) error{
		"a link":         os.Symlink,
		"a second name":  os.Link,
		"another's file": func(_, lock string) error { return os.WriteFile(lock, []byte(text), 0o600) },
		"a directory":    func(_, lock string) error { return os.Mkdir(lock, 0o700) },
	} {
		dir := t.TempDir()
		path, important := filepath.Join(dir, "me.session"), filepath.Join(dir, "important.txt")
		if err := os.WriteFile(important, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := put(important, path+".lock"); err != nil {
			t.Fatal(err)
		}
		if held, err := session.File(path).Hold(t.Context()); err == nil {
			held.Release(t.Context())
			t.Errorf("%s: got the session, want an error", name)
		}
		for _, file := range []string{important, path + ".lock"} {
			if b, err := os.ReadFile(file); err == nil && string(b) != text {
				t.Errorf("%s: %s is now %q, want it unchanged", name, file, b)
			}
		}
	}
}
