package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/telekey/telekey/tl"
)

// writeAPI writes the files of tg: the table, the structs by namespace, the
// errors.
func writeAPI(a *api, list *errorList) map[string][]byte {
	s := newShape(a.defs)
	bodies := map[string]*bytes.Buffer{}
	body := func(name string) *bytes.Buffer {
		if bodies[name] == nil {
			bodies[name] = new(bytes.Buffer)
		}
		return bodies[name]
	}
	for _, d := range a.defs {
		if builtin[d.Name] {
			continue
		}
		if d.Function {
			s.writeMethod(body(fileName(d.Name)), d, list.throws[d.Name])
		} else {
			s.writeConstructor(body(fileName(d.Name)), d)
		}
	}
	for _, union := range slices.Sorted(maps.Keys(s.unions)) {
		if len(s.unions[union]) > 1 {
			s.writeUnion(body(fileName(union)), union)
		}
	}
	files := map[string][]byte{"schema_gen.tl": schemaText(a.defs), "errors_gen.go": list.write()}
	for name, b := range bodies {
		var imports []string
		if bytes.Contains(b.Bytes(), []byte("tl.")) {
			imports = append(imports, `"github.com/telekey/telekey/tl"`)
		}
		f := file("tg", imports...)
		f.Write(b.Bytes())
		files[name] = f.Bytes()
	}
	f := file("tg")
	fmt.Fprintf(f, "// Layer is the layer of the Telegram API that this package speaks.\nconst Layer = %d\n\n", a.layer)
	bindings(f, a.defs)
	files["structs_gen.go"] = f.Bytes()
	return files
}

func (s *shape) writeConstructor(b *bytes.Buffer, d *tl.Definition) {
	name, union := goName(d.Name), s.goType(d.Result)
	if strings.HasPrefix(union, "*") {
		s.writeStruct(b, d, fmt.Sprintf("%s is %s#%x, the only %s.", name, d.Name, d.ID, d.Result.Name))
		return
	}
	s.writeStruct(b, d, fmt.Sprintf("%s is %s#%x, one of [%s].", name, d.Name, d.ID, union))
	fmt.Fprintf(b, "func (*%s) is%s() {}\n\n", name, union)
}

func (s *shape) writeUnion(b *bytes.Buffer, union string) {
	var names []string
	for _, c := range s.unions[union] {
		names = append(names, "[*"+goName(c)+"]")
	}
	name := "Any" + goName(union)
	fmt.Fprintf(b, "// %s\ntype %s interface{ is%s() }\n\n", wrapped(name+" is the union "+union+":", names), name, name)
}

func (s *shape) writeMethod(b *bytes.Buffer, d *tl.Definition, throws []string) {
	name, answer := goName(d.Name), s.goType(d.Result)
	doc := fmt.Sprintf("%s calls %s#%x, which answers %s.", name, d.Name, d.ID, d.Result)
	if len(throws) > 0 {
		doc += "\n//\n// " + wrapped("Errors:", throws)
	}
	s.writeStruct(b, d, doc)
	fmt.Fprintf(b, "func (*%s) answers(%s) {}\n\n", name, answer)
}

// writeOwn writes the files of internal/mt.
func writeOwn(defs []*tl.Definition) map[string][]byte {
	defs = slices.Clone(defs)
	slices.SortStableFunc(defs, func(a, b *tl.Definition) int { // functions last, as a schema has them
		switch {
		case a.Function == b.Function:
			return 0
		case b.Function:
			return -1
		}
		return 1
	})
	s := newShape(defs)
	f := file("mt", `"github.com/telekey/telekey/tl"`)
	f.WriteString("// The constructor numbers.\nconst (\n")
	for _, d := range defs {
		fmt.Fprintf(f, "ID%s uint32 = %#x\n", goName(d.Name), d.ID)
	}
	f.WriteString(")\n\n")
	for _, d := range defs {
		s.writeStruct(f, d, fmt.Sprintf("%s is %s#%x.", goName(d.Name), d.Name, d.ID))
	}
	bindings(f, defs)
	return map[string][]byte{"schema_gen.tl": schemaText(defs), "messages_gen.go": f.Bytes()}
}
