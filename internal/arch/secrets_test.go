package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// libraries are the packages whose types other programs hold and print. Package tg
// is not among them: its structs are what Telegram is sent, see SECURITY.md.
var libraries = []string{
	".", "auth", "dc", "emulator", "emulator/control", "emulator/emutest", "emulator/passkeys", "emulator/websocket",
	"mtproto", "passkey", "secret", "session", "session/sessiontest", "tl", "transport", "transport/ws", "internal/srp",
}

// secretName matches the names of fields that hold secrets.
var secretName = regexp.MustCompile(`(?i)keys?$|password|token|secret|codes?$|apphash|proof|private|exponent|^body$|^answer$|^request$`)

// loader loads the module's packages. What it imports from elsewhere is empty: only
// our own types matter here.
type loader struct {
	top  string
	fset *token.FileSet
	done map[string]*types.Package
}

func (l *loader) Import(path string) (*types.Package, error) {
	if p := l.done[path]; p != nil {
		return p, nil
	}
	rel, ours := strings.CutPrefix(path, module)
	if !ours || path == module+"/tg" {
		p := types.NewPackage(path, path[strings.LastIndex(path, "/")+1:])
		p.MarkComplete()
		l.done[path] = p
		return p, nil
	}
	names, err := filepath.Glob(filepath.Join(l.top, rel, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(l.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	// Errors are expected: the packages from elsewhere are empty.
	conf := types.Config{Importer: l, Error: func(error) {}, IgnoreFuncBodies: true}
	p, _ := conf.Check(path, l.fset, files, nil)
	l.done[path] = p
	return p, nil
}

// bytesOrText reports whether values of t are text or bytes in the clear, or lists
// of them.
func bytesOrText(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0
	case *types.Slice:
		return types.Identical(u.Elem(), types.Typ[types.Byte]) || bytesOrText(u.Elem())
	case *types.Array:
		return types.Identical(u.Elem(), types.Typ[types.Byte]) || bytesOrText(u.Elem())
	case *types.Map:
		return bytesOrText(u.Key()) || bytesOrText(u.Elem())
	case *types.Pointer:
		return bytesOrText(u.Elem())
	}
	return false
}

// typeName is a type's name as the lists of this test spell it.
func typeName(n *types.TypeName) string { return n.Pkg().Name() + "." + n.Name() }

// hides reports whether n is one of the types that keep bytes two pointers away.
func hides(n *types.TypeName) bool {
	return n.Pkg() != nil && (typeName(n) == "secret.Text" || strings.HasPrefix(n.Name(), "hidden"))
}

// holds reports whether values of t hold secrets, at whatever depth.
func holds(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		return holds(types.Unalias(t), seen)
	case *types.Named:
		return hides(t.Obj()) || holds(t.Underlying(), seen)
	case *types.Pointer:
		return holds(t.Elem(), seen)
	case *types.Slice:
		return holds(t.Elem(), seen)
	case *types.Array:
		return holds(t.Elem(), seen)
	case *types.Map:
		return holds(t.Key(), seen) || holds(t.Elem(), seen)
	case *types.Struct:
		for f := range t.Fields() {
			if holds(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}

// eachStruct calls do for all structs that the libraries declare.
func eachStruct(t *testing.T, do func(*types.TypeName, *types.Struct)) {
	t.Helper()
	l := &loader{root(t), token.NewFileSet(), map[string]*types.Package{}}
	for _, lib := range libraries {
		if _, err := os.Stat(filepath.Join(l.top, lib)); err != nil {
			t.Fatal(err)
		}
		p, err := l.Import(strings.TrimSuffix(module+"/"+lib, "/."))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range p.Scope().Names() {
			n, ok := p.Scope().Lookup(name).(*types.TypeName)
			if !ok || n.IsAlias() {
				continue
			}
			if s, ok := n.Type().Underlying().(*types.Struct); ok {
				do(n, s)
			}
		}
	}
}

// A field whose name says that it is a secret is a secret.Text, or lies behind two
// pointers, or has its reason on the list.
func TestNoFieldHoldsASecretInTheClear(t *testing.T) {
	met := map[string]bool{}
	eachStruct(t, func(n *types.TypeName, s *types.Struct) {
		for f := range s.Fields() {
			if !secretName.MatchString(f.Name()) || !bytesOrText(f.Type()) {
				continue
			}
			name := typeName(n) + "." + f.Name()
			met[name] = true
			if inTheClear[name] == "" {
				t.Errorf("%s holds text or bytes in the clear: make it a secret.Text, or say in the list inTheClear why it is none", name)
			}
		}
	})
	for name := range inTheClear {
		if !met[name] {
			t.Errorf("the list inTheClear has %s, which is not there any more", name)
		}
	}
}

// All exported types that hold secrets are printed by TestNoVerbShowsAPlantedSecret.
func TestEveryTypeWithSecretsIsPrinted(t *testing.T) {
	var want []string
	eachStruct(t, func(n *types.TypeName, _ *types.Struct) {
		if n.Exported() && n.Pkg().Name() != "srp" && holds(n.Type(), map[types.Type]bool{}) {
			want = append(want, typeName(n))
		}
	})
	if len(want) < 30 {
		t.Fatalf("got %d types with secrets, want all: %v", len(want), want)
	}
	slices.Sort(want)
	got := slices.Sorted(maps.Keys(printed))
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s holds secrets: add it to the list printed", name)
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("the list printed has %s, which holds no secret", name)
		}
	}
}
