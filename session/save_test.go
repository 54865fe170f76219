package session

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A process that is killed between two calls of a save leaves what it has done
// so far, and the next Hold finds a session.
func TestASaveMayBeKilledAfterEachStep(t *testing.T) {
	for _, home := range []int{0, 1} { // no file yet, or an older one
		for killed := range len((&saving{}).steps()) + 1 {
			t.Run(fmt.Sprintf("from %d, killed after step %d", home, killed), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "me.session")
				if home != 0 {
					if err := (&saving{disk: systemDisk{}, path: path, data: sessionAt(t, home)}).run(); err != nil {
						t.Fatal(err)
					}
				}
				kill(t, &saving{disk: systemDisk{}, path: path, data: sessionAt(t, 2)}, killed)

				held, err := File(path).Hold(t.Context())
				if err != nil {
					t.Fatalf("Hold: %v", err)
				}
				if left, _ := filepath.Glob(path + ".*.tmp"); len(left) != 0 {
					t.Errorf("the keys in %q are still there", left)
				}
				if got := held.Data().Home; got != home && got != 2 {
					t.Errorf("got home %d, want the old %d or the new 2", got, home)
				}
				if err := held.Update(t.Context(), func(d *Data) error { d.Home = 3; return nil }); err != nil {
					t.Errorf("the next save: %v", err)
				}
				if err := held.Release(t.Context()); err != nil {
					t.Error(err)
				}
				if left, _ := filepath.Glob(path + "*"); len(left) != 2 {
					t.Errorf("got %q, want the session and its lock", left)
				}
			})
		}
	}
}

// kill does the first steps of a save, and in the step after them at most a part
// of the writing.
func kill(t *testing.T, s *saving, steps int) {
	t.Helper()
	for _, step := range s.steps()[:steps] {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	if steps < len(s.steps()) && s.steps()[steps].name == "write" {
		s.file.Write(s.data[:len(s.data)/2])
	}
	if s.file != nil {
		s.file.Close()
	}
}

// After a power failure unsynced data may be on the disk in part, in full or not at
// all, in any order. crashDisk enumerates all possible disks. Each must hold the
// old session or the new one; after a finished save, the new one.
func TestThePowerMayFailAfterEachStep(t *testing.T) {
	for cut := range len((&saving{}).steps()) + 1 {
		for _, old := range []int{0, 1} {
			for problem := range powerCut(t, old, cut, "") {
				t.Errorf("from %d, after step %d: %s", old, cut, problem)
			}
		}
	}
}

// The test above is worth something only if it sees a save that forgets a step.
func TestThePowerFailureTestSeesAMissingStep(t *testing.T) {
	for _, missing := range []string{"sync", "sync the directory", "rename"} {
		problems := 0
		for cut := range len((&saving{}).steps()) {
			problems += len(powerCut(t, 1, cut, missing))
		}
		if problems == 0 {
			t.Errorf("a save without the step %q passes", missing)
		}
	}
}

// powerCut saves home 2 over old (0: no file), with the power failing after cut
// steps, and returns the faults of the possible disks.
func powerCut(t *testing.T, old, cut int, missing string) (problems map[string]bool) {
	t.Helper()
	const path = "dir/me.session"
	d := newCrashDisk()
	if old != 0 {
		d.found[path] = &crashFile{written: sessionAt(t, old)}
		d.found[path].synced = len(d.found[path].written)
		d.seen = maps.Clone(d.found)
	}
	s := &saving{disk: d, path: path, data: sessionAt(t, 2)}
	steps := slices.DeleteFunc(s.steps(), func(st step) bool { return st.name == missing })
	cut = min(cut, len(steps))
	for _, step := range steps[:cut] {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	if cut < len(steps) && steps[cut].name == "write" {
		s.file.Write(s.data[:10])
	}
	problems = make(map[string]bool)
	d.disks(func(names map[string][]byte) {
		b, there := names[path]
		got, err := Unmarshal(b)
		switch {
		case !there && (old != 0 || cut == len(steps)):
			problems["the session is gone"] = true
		case !there:
		case err != nil:
			problems[err.Error()] = true
		case got.Home != 2 && (got.Home != old || cut == len(steps)):
			problems[fmt.Sprintf("got home %d", got.Home)] = true
		}
	})
	return problems
}

// A save that is refused by the disk leaves the old session and no rubbish.
func TestASaveThatFailsLeavesTheOldSession(t *testing.T) {
	full := errors.New("no space left")
	last := len((&saving{}).steps()) - 1
	for failing := range last + 1 {
		d := newCrashDisk()
		const path = "dir/me.session"
		if err := (&saving{disk: d, path: path, data: sessionAt(t, 1)}).run(); err != nil {
			t.Fatal(err)
		}
		d.failIn, d.fail = failing+1, full
		err := (&saving{disk: d, path: path, data: sessionAt(t, 2)}).run()
		if !errors.Is(err, full) {
			t.Errorf("call %d fails: got %v, want the disk's error", failing, err)
		}
		if len(d.seen) != 1 {
			t.Errorf("call %d fails: got the files %v, want the session alone", failing, slices.Collect(maps.Keys(d.seen)))
		}
		// Only the last step comes after the rename: there the new session is in
		// place, and not surely for good.
		want := 1
		if failing == last {
			want = 2
		}
		if got, err := Unmarshal(d.seen[path].written); err != nil || got.Home != want {
			t.Errorf("call %d fails: got home %d, %v, want %d", failing, got.Home, err, want)
		}
	}
}

// sessionAt is a stored session with a key, at home in a data centre.
func sessionAt(t *testing.T, home int) []byte {
	t.Helper()
	b, err := Marshal(Data{Home: home, Keys: map[int]Key{home: {Auth: NewAuthKey([256]byte{1})}}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// crashDisk is a disk that promises no more than POSIX does: bytes are safe after
// Sync, names after SyncDir, and until then anything may have happened to them.
type crashDisk struct {
	seen    map[string]*crashFile               // as the programs see it
	found   map[string]*crashFile               // as it is found after a power cut at the earliest
	pending []func(names map[string]*crashFile) // changes of names that are not synced
	failIn  int                                 // calls until one fails; 0: none
	fail    error
}

type crashFile struct {
	disk    *crashDisk
	written []byte
	synced  int
}

func newCrashDisk() *crashDisk {
	return &crashDisk{seen: make(map[string]*crashFile), found: make(map[string]*crashFile)}
}

func (d *crashDisk) call() error {
	d.failIn--
	if d.failIn == 0 {
		return d.fail
	}
	return nil
}

func (d *crashDisk) change(do func(names map[string]*crashFile)) {
	do(d.seen)
	d.pending = append(d.pending, do)
}

func (d *crashDisk) Remove(name string) error {
	if err := d.call(); err != nil {
		return err
	}
	d.change(func(names map[string]*crashFile) { delete(names, name) })
	return nil
}

func (d *crashDisk) Sweep(path string) error {
	if err := d.call(); err != nil {
		return err
	}
	for name := range d.seen {
		if isUnfinished(name, path) {
			d.change(func(names map[string]*crashFile) { delete(names, name) })
		}
	}
	return nil
}

func (d *crashDisk) Create(path string) (writtenFile, string, error) {
	if err := d.call(); err != nil {
		return nil, "", err
	}
	name := path + ".1.tmp"
	if d.seen[name] != nil {
		return nil, "", fs.ErrExist
	}
	f := &crashFile{disk: d}
	d.change(func(names map[string]*crashFile) { names[name] = f })
	return f, name, nil
}

func (d *crashDisk) Rename(from, to string) error {
	if err := d.call(); err != nil {
		return err
	}
	f := d.seen[from]
	if f == nil {
		return fs.ErrNotExist
	}
	d.change(func(names map[string]*crashFile) { names[to] = f; delete(names, from) })
	return nil
}

func (d *crashDisk) SyncDir(dir string) error {
	if err := d.call(); err != nil {
		return err
	}
	d.found, d.pending = maps.Clone(d.seen), nil
	return nil
}

func (f *crashFile) Write(b []byte) (int, error) {
	if err := f.disk.call(); err != nil {
		return 0, err
	}
	f.written = append(f.written, b...)
	return len(b), nil
}

func (f *crashFile) Sync() error {
	if err := f.disk.call(); err != nil {
		return err
	}
	f.synced = len(f.written)
	return nil
}

func (f *crashFile) Close() error { return f.disk.call() }

// disks visits every possible disk after a power failure: any of the
// pending changes done or not, and of the unsynced bytes none, half or all.
func (d *crashDisk) disks(visit func(map[string][]byte)) {
	for choice := range 1 << len(d.pending) {
		names := maps.Clone(d.found)
		for i, change := range d.pending {
			if choice>>i&1 == 1 {
				change(names)
			}
		}
		for part := range 3 {
			disk := make(map[string][]byte)
			for name, f := range names {
				disk[name] = f.written[:f.synced+(len(f.written)-f.synced)*part/2]
			}
			visit(disk)
		}
	}
}

// The lock file is only for people, so nothing in it may harm.
func TestAStrangeNoteInTheLockFileIsIgnored(t *testing.T) {
	long := fmt.Appendf(nil, `{"pid":5,"host":"%s"}`, bytes.Repeat([]byte("a"), 2000))
	for text, want := range map[string]note{
		"":                              {},
		"\x00\x01":                      {},
		`{"pid":-4}`:                    {},
		`{"pid":"7"}`:                   {},
		string(long):                    {},
		`{"pid":7,"host":"a\u001b[2J"}`: {PID: 7},
		`{"pid":7,"host":"box"}`:        {PID: 7, Host: "box"},
	} {
		path := filepath.Join(t.TempDir(), "note")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := readNote(f); got != want {
			t.Errorf("%.40q: got %+v, want %+v", text, got, want)
		}
		f.Close()
	}
}

func TestOnlyTheSessionsOwnUnfinishedFilesAreRemoved(t *testing.T) {
	for name, want := range map[string]bool{
		"me.session.123.tmp": true, "me.session.tmp": true, // of an earlier version
		"me.session": false, "me.session.lock": false, "me.session2.123.tmp": false, "me.session.1.123.tmp": false,
		"me.session.x.tmp": false, "me.session..tmp": false, "other.session.123.tmp": false, "me.session123.tmp": false,
	} {
		if got := isUnfinished(name, "me.session"); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// Another user of a shared folder cannot guess the name of a new file, and anything
// but a file that already has such a name is neither used nor removed.
func TestTheNameOfANewFileCannotBeTakenBefore(t *testing.T) {
	dir := t.TempDir()
	path, target := filepath.Join(dir, "me.session"), filepath.Join(dir, "important.txt")
	if err := os.WriteFile(target, []byte("keep me"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path + ".tmp", path + ".123.tmp"} {
		if err := os.Symlink(target, name); err != nil {
			t.Skipf("this system makes no links: %v", err)
		}
	}
	names := map[string]bool{}
	for range 3 {
		file, name, err := systemDisk{}.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
		names[name] = true
	}
	if err := (&saving{disk: systemDisk{}, path: path, data: sessionAt(t, 2)}).run(); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(target); string(b) != "keep me" || len(names) != 3 {
		t.Errorf("got %q behind the links and the names %v, want the file as it was and three names", b, names)
	}
	if left, _ := filepath.Glob(path + ".*.tmp"); len(left) != 1 {
		t.Errorf("got %q left, want the link alone", left)
	}
}
