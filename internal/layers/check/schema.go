package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/telekey/telekey/internal/tltext"
)

// A schema is one published schema of one layer.
type schema struct {
	path  string
	layer int
	forms map[key]string
}

// A key names a constructor or a function.
type key struct {
	name     string
	function bool
}

// readers read schemas by the names of their files: api-schema.json of mtcute's
// packages, apiTl.js of the package telegram, and plain TL text.
var readers = map[string]func(string) (schema, error){
	"api-schema.json": readJSON, "apiTl.js": readText, "api.tl": readTL, "telegram.tl": readTL,
}

// find reads every schema below a folder.
func find(dir string) ([]schema, error) {
	var schemas []schema
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "_testdata" {
			return fs.SkipDir
		}
		read := readers[d.Name()]
		if read == nil {
			return nil
		}
		s, err := read(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		schemas = append(schemas, s)
		return nil
	})
	slices.SortFunc(schemas, func(a, b schema) int { return a.layer - b.layer })
	return schemas, err
}

// readJSON reads an api-schema.json.
func readJSON(path string) (schema, error) {
	var file struct {
		Layer   int `json:"l"`
		Entries []struct {
			Kind, Name, Type string
			ID               uint32
			Arguments        []argument
			TypeModifiers    modifiers
		} `json:"e"`
	}
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &file)
	}
	if err != nil {
		return schema{}, err
	}
	s := schema{path, file.Layer, map[key]string{}}
	for _, e := range file.Entries {
		var text strings.Builder
		fmt.Fprintf(&text, "%s#%x", e.Name, e.ID)
		for _, a := range e.Arguments {
			fmt.Fprintf(&text, " %s:%s", a.Name, a.TypeModifiers.write(a.Type))
		}
		fmt.Fprintf(&text, " = %s;", e.TypeModifiers.write(e.Type))
		s.forms[key{e.Name, e.Kind == "method"}] = form(text.String())
	}
	return s, nil
}

type argument struct {
	Name, Type    string
	TypeModifiers modifiers
}

type modifiers struct {
	Predicate              string
	IsVector, IsBareVector bool
}

// write writes a type with its modifiers as the TL language does. A long that
// is an identifier is called int53 in these files.
func (m modifiers) write(kind string) string {
	if kind == "int53" {
		kind = "long"
	}
	if m.IsVector {
		kind = "Vector<" + kind + ">"
	}
	if m.IsBareVector {
		kind = "vector<" + kind + ">"
	}
	if m.Predicate != "" {
		kind = m.Predicate + "?" + kind
	}
	return kind
}

// notAPI are definitions that a schema of the API has beside it: of the transport,
// of configurations fetched by DNS, forms that a project keeps under names of its own.
// So are all names of mtcute's own and those of Telegram's tests (test.…).
var notAPI = set(`error boolTrue boolFalse true vector null ipPort ipPortSecret accessPointRule help.configSimple
	inputPeerPhotoFileLocationLegacy inputStickerSetThumbLegacy`)

// readTL reads TL text, and checks the number of every definition.
func readTL(path string) (schema, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return schema{}, err
	}
	read, err := tltext.Read(string(text))
	if err != nil {
		return schema{}, err
	}
	if read.Layer == 0 {
		return schema{}, fmt.Errorf(`got no line "// LAYER N"`)
	}
	s := schema{path, read.Layer, map[key]string{}}
	for _, d := range read.Definitions {
		s.forms[key{d.Name, d.Function}] = form(d.String())
	}
	return s, nil
}

var (
	layerLine      = regexp.MustCompile(`LAYER = (\d+)`)
	definitionLine = regexp.MustCompile(`(?m)^([\w.]+)#[0-9a-f]+ .*;`)
)

// readText reads an apiTl.js, a schema in the TL language within a string. The
// number of its layer is in AllTLObjects.js beside it.
func readText(path string) (schema, error) {
	objects, err := os.ReadFile(filepath.Join(filepath.Dir(path), "AllTLObjects.js"))
	if err != nil {
		return schema{}, err
	}
	m := layerLine.FindSubmatch(objects)
	if m == nil {
		return schema{}, fmt.Errorf("got no LAYER in the AllTLObjects.js beside it")
	}
	layer, _ := strconv.Atoi(string(m[1]))
	text, err := os.ReadFile(path)
	if err != nil {
		return schema{}, err
	}
	constructors, functions, ok := strings.Cut(string(text), "---functions---")
	if !ok {
		return schema{}, fmt.Errorf("got no ---functions---")
	}
	s := schema{path, layer, map[key]string{}}
	for _, m := range definitionLine.FindAllStringSubmatch(constructors, -1) {
		s.forms[key{m[1], false}] = form(m[0])
	}
	for _, m := range definitionLine.FindAllStringSubmatch(functions, -1) {
		s.forms[key{m[1], true}] = form(m[0])
	}
	return s, nil
}

// form brings a definition into the form in which equal ones are equal: the
// fields in their order, then the bits of flags, which have no bytes and so no
// order, then the result. Type parameters are left out.
func form(definition string) string {
	definition, _, _ = strings.Cut(definition, ";")
	head, kind, _ := strings.Cut(definition, " = ")
	var fields, bits []string
	for _, f := range strings.Fields(head) {
		switch {
		case strings.HasPrefix(f, "{") || strings.HasSuffix(f, "}"):
		case strings.HasSuffix(f, "?true"):
			bits = append(bits, f)
		default:
			fields = append(fields, f)
		}
	}
	slices.Sort(bits)
	return strings.Join(append(fields, bits...), " ") + " = " + kind
}

// result returns the type that a form makes.
func result(form string) string {
	_, kind, _ := strings.Cut(form, " = ")
	return kind
}

var boxed = regexp.MustCompile(`[:?<]((?:[a-z]+\.)?[A-Z]\w*)`)

// mentioned returns the types that a definition's fields have, without the
// vectors around them and without Bool.
func mentioned(definition string) (types []string) {
	for _, m := range boxed.FindAllStringSubmatch(definition, -1) {
		if m[1] != "Vector" && m[1] != "Bool" {
			types = append(types, m[1])
		}
	}
	return types
}
