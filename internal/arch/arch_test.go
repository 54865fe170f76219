// Package arch holds the plan of ARCHITECTURE.md as a test: which room may see
// which, what the rooms without sockets and clocks may not touch, and why each
// dependency is there.
package arch

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/telekey/telekey"

// doors says which rooms of the module each room may import.
var doors = map[string][]string{
	"cmd/telekey": {"internal/cli"},

	"internal/cli":          {"internal/input", "internal/display", ".", "auth", "emulator", "emulator/control", "emulator/passkeys", "emulator/websocket", "passkey", "session", "dc", "transport", "tg", "tl", "internal/tdlib", "secret"},
	"emulator/control":      {"emulator", "internal/strictjson", "secret"},
	"emulator/emutest":      {".", "auth", "emulator", "session", "dc"},
	"internal/limits":       {".", "auth", "mtproto", "session", "dc", "tg", "tl"},
	"internal/sim":          {".", "auth", "emulator", "session", "dc", "transport", "tg", "tl"},
	".":                     {"internal/input", "mtproto", "tg", "tl", "session", "transport", "dc", "secret"},
	"auth":                  {"internal/input", "internal/strictjson", "tg", "tl", "session", "secret", "internal/srp", "internal/display"},
	"emulator":              {"mtproto", "tg", "tl", "dc", "internal/frame", "internal/mt", "internal/crypt", "internal/srp", "internal/layers", "internal/input", "internal/strictjson"},
	"emulator/websocket":    {},
	"emulator/passkeys":     {"emulator", "internal/strictjson", "secret"},
	"mtproto":               {"tl", "internal/mt", "internal/crypt"},
	"transport":             {"dc", "secret", "internal/frame"},
	"transport/ws":          {"transport", "dc"},
	"session":               {"internal/strictjson", "dc", "tl", "secret"},
	"session/sessiontest":   {"session", "dc"},
	"tg":                    {"tl"},
	"internal/mt":           {"tl"},
	"internal/layers":       {"tl"},
	"internal/layers/check": {"internal/layers", "internal/tltext", "tg"},
	"internal/srp":          {"internal/crypt"},
	"internal/tlgen":        {"tl", "internal/tltext"},
	"internal/tltext":       {"tl"},
	"tl":                    {"internal/display", "internal/strictjson"},
	"internal/display":      {},
	"internal/tdlib":        {"dc"},
	"dc":                    {"internal/strictjson"},
	"passkey":               {"secret", "internal/strictjson"},
	"secret":                {},
	"internal/crypt":        {},
	"internal/frame":        {},
	"internal/input":        {},
	"internal/strictjson":   {},
	"internal/arch":         {},
	"internal/prose":        {},
}

// blind are the rooms that are told the time and given their random bytes:
// what they may not import.
var blind = map[string][]string{
	"mtproto":        {"net", "os", "sync", "context", "crypto/rand", "math/rand", "math/rand/v2"},
	"internal/frame": {"net", "os", "sync", "context", "crypto/rand", "math/rand", "math/rand/v2"},
	"internal/mt":    {"net", "os", "sync", "context", "crypto/rand", "math/rand", "math/rand/v2"},
}

// file is one parsed source file of a room.
type file struct {
	room, path string
	tree       *ast.File
	fset       *token.FileSet
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// sources are the module's Go files without tests. Folders with a go.mod are
// modules of their own.
func sources(t *testing.T) []file {
	t.Helper()
	top := root(t)
	var files []file
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return ownModule(top, path, entry.Name())
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		room, err := filepath.Rel(top, filepath.Dir(path))
		files = append(files, file{filepath.ToSlash(room), path, tree, fset})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("got %d source files, want the whole module: is this run outside of it?", len(files))
	}
	return files
}

// ownModule tells WalkDir to pass by folders that are not of this module.
func ownModule(top, path, name string) error {
	if path == top {
		return nil
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	switch {
	case err == nil, strings.HasPrefix(name, "."), name == "node_modules", name == "testdata", name == "examples":
		return fs.SkipDir
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

func (f file) imports() []string {
	var paths []string
	for _, spec := range f.tree.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, `"`))
	}
	return paths
}

func TestEveryArrowIsOnThePlan(t *testing.T) {
	for _, f := range sources(t) {
		allowed, ok := doors[f.room]
		if !ok {
			t.Errorf("%s: the room %q is not on the plan: put it there and in ARCHITECTURE.md, or put the file elsewhere", f.path, f.room)
			continue
		}
		for _, path := range f.imports() {
			to, ours := strings.CutPrefix(path, module)
			if !ours {
				continue
			}
			if to = strings.TrimPrefix(to, "/"); to == "" {
				to = "."
			}
			if !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s: the plan has no door from %s to it, only to %v", f.path, to, f.room, allowed)
			}
		}
	}
}

func TestBlindRoomsSeeNoSocketAndNoClock(t *testing.T) {
	for _, f := range sources(t) {
		forbidden, ok := blind[f.room]
		if !ok {
			continue
		}
		for _, path := range f.imports() {
			if slices.Contains(forbidden, path) || strings.HasPrefix(path, "net/") {
				t.Errorf("%s imports %s, which a room without sockets, clocks and random sources may not", f.path, path)
			}
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := call.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "After", "NewTimer", "Sleep", "Tick"}, call.Sel.Name) {
				t.Errorf("%s reads the clock with time.%s: take the time as an argument", f.fset.Position(call.Pos()), call.Sel.Name)
			}
			return true
		})
	}
}

func TestOnlyTheCommandPrintsAndReadsTheEnvironment(t *testing.T) {
	for _, f := range sources(t) {
		if f.room == "cmd/telekey" || f.room == "internal/cli" || f.room == "internal/tlgen" || f.room == "internal/prose" || strings.HasPrefix(f.room, "internal/layers/") {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			name := x.Name + "." + sel.Sel.Name
			if slices.Contains([]string{"os.Getenv", "os.LookupEnv", "os.Environ", "os.Stdout", "os.Stderr", "os.Stdin", "os.Exit", "fmt.Print", "fmt.Println", "fmt.Printf"}, name) {
				t.Errorf("%s uses %s, which only the command may", f.fset.Position(sel.Pos()), name)
			}
			return true
		})
	}
}

// deps are all packages that a room reaches, itself included.
func deps(t *testing.T, room string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "./"+room)
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list -deps ./%s: %v", room, err)
	}
	return strings.Fields(string(out))
}

func TestTheLibraryReachesOnlyTheStandardLibraryAndNoHTTP(t *testing.T) {
	for _, room := range []string{".", "auth", "emulator", "passkey"} {
		for _, path := range deps(t, room) {
			first, _, _ := strings.Cut(path, "/")
			if strings.Contains(first, ".") && !strings.HasPrefix(path, module) {
				t.Errorf("%s reaches %s, want the standard library only", room, path)
			}
			if path == "net/http" || path == "crypto/tls" || path == "crypto/x509" {
				t.Errorf("%s reaches %s, which would make every small program large", room, path)
			}
		}
	}
}

func TestEveryDependencyHasItsReason(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	var direct []string
	for _, r := range mod.Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	reasons := documented(t)
	for _, path := range direct {
		if !slices.Contains(reasons, path) {
			t.Errorf("go.mod requires %s and DEPS.md has no line for it: say why it is there", path)
		}
	}
	for _, path := range reasons {
		if !slices.Contains(direct, path) {
			t.Errorf("DEPS.md explains %s, which go.mod no longer requires", path)
		}
	}
}

// documented are the modules that the first table of DEPS.md has a reason for.
func documented(t *testing.T) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(root(t), "DEPS.md"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n## ")
	var paths []string
	for line := range strings.Lines(first) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.Contains(cells[1], ".") {
			continue
		}
		if strings.TrimSpace(cells[2]) == "" {
			t.Errorf("DEPS.md: %s has no reason", cells[1])
		}
		paths = append(paths, strings.Trim(strings.TrimSpace(cells[1]), "`"))
	}
	return paths
}

// TestTheLifeOfARequestIsWhereThePlanSays keeps the table of ARCHITECTURE.md
// true: every file that it names exists.
func TestTheLifeOfARequestIsWhereThePlanSays(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for line := range strings.Lines(string(text)) {
		for i, part := range strings.Split(line, "`") {
			if i%2 == 0 || !strings.HasSuffix(part, ".go") || strings.Contains(part, " ") || strings.Contains(part, "*") {
				continue
			}
			named++
			if _, err := os.Stat(filepath.Join(root(t), filepath.FromSlash(part))); err != nil {
				t.Error(fmt.Errorf("ARCHITECTURE.md names %s: %w", part, err))
			}
		}
	}
	if named < 10 {
		t.Errorf("ARCHITECTURE.md names %d files, want the whole life of a request", named)
	}
}
