package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/telekey/telekey/tl"
)

// builtin are definitions that the codec knows by itself: they have no struct.
var builtin = map[string]bool{
	"boolTrue": true, "boolFalse": true, "true": true, "vector": true, "error": true, "null": true,
}

// shape holds the facts about the whole schema that the structs need.
type shape struct {
	defs   []*tl.Definition
	unions map[string][]string // constructors by type
	byName map[string]*tl.Definition
}

func newShape(defs []*tl.Definition) *shape {
	s := &shape{defs, map[string][]string{}, map[string]*tl.Definition{}}
	for _, d := range defs {
		s.byName[d.Name] = d
		if !d.Function && !builtin[d.Name] {
			s.unions[d.Result.Name] = append(s.unions[d.Result.Name], d.Name)
		}
	}
	return s
}

// goType is the Go type of a field or an answer: see the package comment of tg.
func (s *shape) goType(t tl.Type) string {
	switch t.Kind {
	case tl.KindTrue, tl.KindBool:
		return "bool"
	case tl.KindInt:
		return "int32"
	case tl.KindLong:
		return "int64"
	case tl.KindDouble:
		return "float64"
	case tl.KindInt128:
		return "tl.Int128"
	case tl.KindInt256:
		return "tl.Int256"
	case tl.KindString:
		return "string"
	case tl.KindBytes:
		return "[]byte"
	case tl.KindQuery, tl.KindAny:
		return "tl.Raw"
	case tl.KindVector:
		return "[]" + s.goType(*t.Elem)
	case tl.KindBare:
		return "*" + goName(t.Name)
	}
	if one := s.unions[t.Name]; len(one) == 1 {
		return "*" + goName(one[0])
	}
	return "Any" + goName(t.Name)
}

// fieldType is goType for a field that may be left out.
func (s *shape) fieldType(p tl.Param) string {
	g := s.goType(p.Type)
	if p.Flag == tl.Always || p.Type.Kind == tl.KindTrue {
		return g
	}
	switch p.Type.Kind {
	case tl.KindInt, tl.KindLong, tl.KindDouble, tl.KindString, tl.KindBool, tl.KindInt128, tl.KindInt256:
		return "*" + g
	}
	return g
}

// writeStruct writes the struct of d.
func (s *shape) writeStruct(b *bytes.Buffer, d *tl.Definition, doc string) {
	fmt.Fprintf(b, "// %s\ntype %s struct {\n", doc, goName(d.Name))
	for _, p := range d.Params {
		if p.Type.Kind == tl.KindFlags {
			continue
		}
		fmt.Fprintf(b, "%s %s", goName(p.Name), s.fieldType(p))
		if p.Flag != tl.Always && p.Type.Kind != tl.KindTrue {
			b.WriteString(" // optional")
		}
		b.WriteString("\n")
	}
	b.WriteString("}\n\n")
}

// wrapped breaks a list into comment lines.
func wrapped(first string, list []string) string {
	lines := []string{first}
	for i, item := range list {
		if i < len(list)-1 {
			item += ","
		} else {
			item += "."
		}
		if last := len(lines) - 1; len(lines[last])+len(item) < 76 {
			lines[last] += " " + item
		} else {
			lines = append(lines, item)
		}
	}
	return strings.Join(lines, "\n// ")
}

// bindings writes the list that ties the lines of the schema to the structs.
func bindings(b *bytes.Buffer, defs []*tl.Definition) {
	b.WriteString("// structs stand for the lines of the schema, in the same order.\nvar structs = []any{\n")
	for _, d := range defs {
		if builtin[d.Name] {
			b.WriteString("nil,\n")
		} else {
			fmt.Fprintf(b, "(*%s)(nil),\n", goName(d.Name))
		}
	}
	b.WriteString("}\n")
}

// schemaText is the table: one line of TL for each definition.
func schemaText(defs []*tl.Definition) []byte {
	b := new(bytes.Buffer)
	functions := false
	for _, d := range defs {
		if d.Function && !functions {
			functions = true
			b.WriteString("---functions---\n")
		}
		fmt.Fprintln(b, d)
	}
	return b.Bytes()
}
