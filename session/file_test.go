package session_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/session/sessiontest"
)

func TestMemory(t *testing.T) {
	sessiontest.Run(t, func(*testing.T) session.Store { return new(session.Memory) })
}

func TestFile(t *testing.T) {
	sessiontest.Run(t, func(t *testing.T) session.Store { return session.File(inTempDir(t)) })
}

func TestFolder(t *testing.T) {
	sessiontest.Run(t, func(t *testing.T) session.Store {
		return session.Folder(filepath.Join(t.TempDir(), "not", "there", "yet")).Session("+9996620001")
	})
}

func TestTheFileIsForItsOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	path := inTempDir(t)
	save(t, session.File(path))
	for _, name := range []string{path, path + ".lock"} {
		if got := mode(t, name); got != 0o600 {
			t.Errorf("%s has mode %v, want 0600", filepath.Base(name), got)
		}
	}
	// A copy made by another program is often wider.
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	held := hold(t, session.File(path))
	if got := mode(t, path); got != 0o600 {
		t.Errorf("while it is held it has mode %v, want 0600", got)
	}
	held.Release(t.Context())
}

func TestHoldingWithoutSavingMakesNoFile(t *testing.T) {
	path := inTempDir(t)
	hold(t, session.File(path)).Release(t.Context())
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want no file", err)
	}
}

// A file that cannot be read is refused by name, and stays as it is.
func TestAFileThatIsNotOursIsNeverOverwritten(t *testing.T) {
	good, err := session.Marshal(sessiontest.Sample())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":           "",
		"text":            "hello",
		"another program": `{"Version":1,"Data":{}}`,
		"SQLite":          "SQLite format 3\x00",
		"truncated":       string(good[:len(good)/2]),
		"newer":           strings.Replace(string(good), `"version": 1`, `"version": 2`, 1),
		"too long":        string(good) + strings.Repeat(" ", session.MaxSize),
	} {
		t.Run(name, func(t *testing.T) {
			path := inTempDir(t)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the refusal must not keep the lock
				_, err := session.File(path).Hold(t.Context())
				broken, ok := errors.AsType[*session.FileError](err)
				if !ok {
					t.Fatalf("Hold: got %v, want a *FileError", err)
				}
				if broken.Path != path || !strings.Contains(err.Error(), filepath.Base(path)) {
					t.Errorf("got %q, want the file named", err)
				}
			}
			if now, err := os.ReadFile(path); err != nil || string(now) != text {
				t.Errorf("the file has changed (%v)", err)
			}
		})
	}
}

func TestPlacesThatCannotHoldASession(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"":                                    "the path is empty",
		dir:                                   "is not a regular file",
		filepath.Join(dir, "no", "x.session"): "make it first",
		filepath.Join(dir, "file", "x"):       "",
		os.DevNull:                            "",
	} {
		_, err := session.File(path).Hold(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", path, err, want)
		}
	}
}

// A hold through a link and a hold of the file itself exclude each other.
func TestASymbolicLinkIsTheFileItLeadsTo(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "deep", "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	link, middle, real := filepath.Join(dir, "link"), filepath.Join(dir, "middle"), filepath.Join(dir, "deep", "real", "me.session")
	symlink(t, "middle", link)
	symlink(t, filepath.Join("deep", "real", "me.session"), middle) // leads to nothing yet

	held := hold(t, session.File(link))
	if _, err := session.File(real).Hold(t.Context()); !errors.Is(err, session.ErrHeld) {
		t.Errorf("the file itself: got %v, want ErrHeld", err)
	}
	held.Release(t.Context())
	save(t, session.File(link))
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is no link any more (%v)", err)
	}
	held = hold(t, session.File(real))
	if got := held.Data().Home; got != 2 {
		t.Errorf("behind the link: got home %d, want 2", got)
	}
	held.Release(t.Context())

	// ".." is counted from where the link is, whatever way led there.
	symlink(t, filepath.Join("deep", "real"), filepath.Join(dir, "way"))
	symlink(t, filepath.Join("..", "real", "me.session"), filepath.Join(dir, "deep", "real", "up"))
	held = hold(t, session.File(filepath.Join(dir, "way", "up")))
	if got := held.Data().Home; got != 2 {
		t.Errorf("through a linked directory: got home %d, want 2", got)
	}
	held.Release(t.Context())

	symlink(t, "loop", filepath.Join(dir, "loop"))
	if _, err := session.File(filepath.Join(dir, "loop")).Hold(t.Context()); err == nil {
		t.Error("a link to itself was held")
	}
}

// A second hold in the same program, after a forgotten Close, names that program.
func TestAHolderInTheSameProgramIsNamedAsSuch(t *testing.T) {
	path := inTempDir(t)
	held := hold(t, session.File(path))
	defer held.Release(t.Context())
	_, err := session.File(path).Hold(t.Context())
	if err == nil || !strings.Contains(err.Error(), "held by this program (process ") {
		t.Errorf("got %v, want that this program holds it", err)
	}
}

// A relative path is the same file after a change of the working directory.
func TestTheWorkingDirectoryMayChange(t *testing.T) {
	home, away := t.TempDir(), t.TempDir()
	t.Chdir(home)
	held := hold(t, session.File("me.session"))
	t.Chdir(away)
	if err := held.Update(t.Context(), func(d *session.Data) error { d.Home = 2; return nil }); err != nil {
		t.Fatal(err)
	}
	held.Release(t.Context())
	if _, err := os.Stat(filepath.Join(home, "me.session")); err != nil {
		t.Error(err)
	}
}

// Without the lock file another program could hold the session, so nothing is saved.
func TestAHoldWhoseLockFileWasRemovedIsLost(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not let anybody remove it")
	}
	path := inTempDir(t)
	save(t, session.File(path))
	first := hold(t, session.File(path))
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	second := hold(t, session.File(path))
	first.Note(session.State{DC: 2, Salt: 77})
	err := first.Update(t.Context(), func(d *session.Data) error { d.Home = 5; return nil })
	if !errors.Is(err, session.ErrLost) {
		t.Errorf("the first holder's Update: got %v, want ErrLost", err)
	}
	select {
	case <-first.Lost():
	default:
		t.Error("the first holder's Lost is not closed")
	}
	if err := first.Release(t.Context()); err != nil {
		t.Errorf("the first holder's Release: %v", err)
	}
	if err := second.Update(t.Context(), func(d *session.Data) error { d.Home = 3; return nil }); err != nil {
		t.Errorf("the second holder's Update: %v", err)
	}
	second.Release(t.Context())
	second = hold(t, session.File(path))
	if got := second.Data(); got.Home != 3 || got.Keys[2].Salt == 77 {
		t.Errorf("got %v with salt %d, want the second holder's alone", got, got.Keys[2].Salt)
	}
	second.Release(t.Context())
}

// A save that the disk refuses is an error, and the session goes on as before.
func TestAnUpdateThatCannotBeWrittenChangesNothing(t *testing.T) {
	path := inTempDir(t)
	save(t, session.File(path))
	held := hold(t, session.File(path))
	defer held.Release(t.Context())
	aside := path + ".aside"
	if err := errors.Join(os.Rename(path, aside), os.MkdirAll(filepath.Join(path, "x"), 0o700)); err != nil { // nothing can be renamed to path
		t.Fatal(err)
	}
	err := held.Update(t.Context(), func(d *session.Data) error { d.Home = 5; return nil })
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error that names the file", err)
	}
	if got := held.Data().Home; got != 2 {
		t.Errorf("got home %d, want 2 as before", got)
	}
	if err := errors.Join(os.RemoveAll(path), os.Rename(aside, path)); err != nil {
		t.Fatal(err)
	}
	if err := held.Update(t.Context(), func(d *session.Data) error { d.Home = 5; return nil }); err != nil {
		t.Errorf("when the disk is well again: %v", err)
	}
}

func inTempDir(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "me.session")
}

func hold(t *testing.T, s session.Store) session.Held {
	t.Helper()
	held, err := s.Hold(t.Context())
	if err != nil {
		t.Fatalf("Hold: %v", err)
	}
	return held
}

// save stores the sample and lets the session go.
func save(t *testing.T, s session.Store) {
	t.Helper()
	held := hold(t, s)
	if err := held.Update(t.Context(), func(d *session.Data) error { *d = sessiontest.Sample(); return nil }); err != nil {
		t.Fatalf("Update: %v", err)
	}
	if err := held.Release(t.Context()); err != nil {
		t.Fatalf("Release: %v", err)
	}
}

func mode(t *testing.T, name string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func symlink(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

func TestASessionInAFileShowsItsLock(t *testing.T) {
	shelf := t.TempDir()
	path := filepath.Join(shelf, "ann.session")
	for name, c := range map[string]struct {
		store session.Store
		lock  string
	}{
		"file":   {session.File(path), path + ".lock"},
		"memory": {new(session.Memory), ""},
	} {
		held, err := c.store.Hold(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if f := session.LockFile(held); f != nil {
			got = f.Name()
		}
		if got != c.lock {
			t.Errorf("%s: got %q, want %q", name, got, c.lock)
		}
		if err := held.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
