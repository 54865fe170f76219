package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/telekey/telekey/internal/tltext"
	"github.com/telekey/telekey/tl"
)

// api is the schema of the Telegram API.
type api struct {
	layer int
	defs  []*tl.Definition
}

// entry is one definition as the package's JSON has it.
type entry struct {
	Kind, Name, Type string
	ID               uint32
	Arguments        []struct {
		Name, Type    string
		TypeModifiers modifiers
	}
	TypeModifiers modifiers
}

type modifiers struct {
	Predicate                          string
	IsVector, IsBareVector, IsBareType bool
}

// older are MTProto's own messages that the package leaves out: forms which
// only older clients and servers send.
//
//go:embed older.tl
var older string

// readAPI reads the API from a file in the TL language.
func readAPI(path string) (*api, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s, err := tltext.Read(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if s.Layer == 0 {
		return nil, fmt.Errorf(`%s: got no layer, want a line "// LAYER N"`, path)
	}
	var constructors, functions []*tl.Definition
	for _, d := range s.Definitions {
		if d.Function {
			functions = append(functions, d)
		} else {
			constructors = append(constructors, d)
		}
	}
	return &api{s.Layer, append(constructors, functions...)}, nil
}

// readOwn reads MTProto's own messages from the JSON of @mtcute/core.
func readOwn(path string) ([]*tl.Definition, error) {
	var doc []entry
	if err := readJSON(path, &doc); err != nil {
		return nil, err
	}
	defs, err := definitions(doc)
	if err != nil {
		return nil, err
	}
	more, err := tl.NewSchema(older, nil).Definitions()
	if err != nil {
		return nil, err
	}
	defs = append(defs, more...)
	for _, d := range defs {
		if err := tltext.Check(d); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return defs, nil
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// definitions writes each entry as a line of TL and reads that, so that the
// generator and the schema that it writes cannot disagree.
func definitions(entries []entry) ([]*tl.Definition, error) {
	var constructors, functions []*tl.Definition
	for _, e := range entries {
		if strings.HasPrefix(e.Name, "mtcute.") { // the package's own inventions
			continue
		}
		d, err := tl.ParseDefinition(e.line())
		if err != nil {
			return nil, err
		}
		if d.Function = e.Kind == "method"; d.Function {
			functions = append(functions, d)
		} else {
			constructors = append(constructors, d)
		}
	}
	return append(constructors, functions...), nil
}

func (e entry) line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s#%x", strings.TrimPrefix(e.Name, "mt_"), e.ID)
	for _, a := range e.Arguments {
		fmt.Fprintf(&b, " %s:", a.Name)
		if a.TypeModifiers.Predicate != "" {
			fmt.Fprintf(&b, "%s?", a.TypeModifiers.Predicate)
		}
		b.WriteString(typeName(a.Type, a.TypeModifiers))
	}
	return b.String() + " = " + typeName(e.Type, e.TypeModifiers) + ";"
}

// typeName writes a type as TL does. The package calls longs that fit in a
// double int53.
func typeName(name string, m modifiers) string {
	name = strings.TrimPrefix(name, "mt_")
	if name == "int53" {
		name = "long"
	}
	if m.IsBareType {
		name = "%" + name
	}
	switch {
	case m.IsBareVector:
		return "vector<" + name + ">"
	case m.IsVector:
		return "Vector<" + name + ">"
	}
	return name
}
