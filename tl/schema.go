package tl

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Schema is a set of definitions and, optionally, their Go structs. It reads and
// writes values as those structs and as Maps. Several goroutines may use it.
//
// A definition is parsed at its first use: of the thousands of definitions of the
// Telegram API a program needs a few dozen.
type Schema struct {
	text  string
	types []any   // nil pointers to structs, one for each definition in order; or none
	base  *Schema // the schema whose structs these are, if it is another one's view

	once   sync.Once
	broken error
	lines  []line
	byID   map[uint32]int
	byName map[string]int
	byType map[reflect.Type]int // a pointer to the struct → its line
	parsed []atomic.Pointer[Definition]

	ids   sync.Map // constructor number, uint32 → *plan
	plans sync.Map // reflect.Type of a pointer to the struct → *plan
	slots sync.Map // reflect.Type of a pointer to the whole value → *slot
	fast  fastSchema
}

// line is the place of a definition in the text.
type line struct {
	from, to int
	function bool
}

// NewSchema returns the schema that text describes, one definition a line,
// functions after a line "---functions---", comments after "//".
//
// types, if not empty, has one nil pointer to a struct for each definition, in
// the order of the text: the struct's fields are the definition's, in order,
// without the words of flags. The first use reports a malformed text.
func NewSchema(text string, types []any) *Schema { return &Schema{text: text, types: types} }

// With returns a view of s in which the definitions of text take the place of
// those of the same name: the API as an older layer had it, still read and
// written as the structs of s. A field that the structs do not have is left
// out when written and skipped when read.
func (s *Schema) With(text string) *Schema {
	base := s
	if s.base != nil {
		base = s.base
	}
	return &Schema{text: text, base: base}
}

// load builds the index, once.
func (s *Schema) load() error {
	s.once.Do(func() { s.broken = s.index() })
	return s.broken
}

func (s *Schema) index() error {
	s.byID, s.byName = map[uint32]int{}, map[string]int{}
	function := false
	for at := 0; at < len(s.text); {
		end := strings.IndexByte(s.text[at:], '\n') + at
		if end < at {
			end = len(s.text)
		}
		text := strings.TrimSpace(s.text[at:end])
		switch {
		case text == "---functions---":
			function = true
		case text == "---types---":
			function = false
		case text != "" && !strings.HasPrefix(text, "//"):
			if err := s.enter(text, line{at, end, function}); err != nil {
				return fmt.Errorf("schema: %w", err)
			}
		}
		at = end + 1
	}
	s.parsed = make([]atomic.Pointer[Definition], len(s.lines))
	return s.bind()
}

// enter notes one line by its name and number, without reading the rest of it.
func (s *Schema) enter(text string, l line) error {
	head, _, _ := strings.Cut(text, " ")
	name, number, ok := strings.Cut(head, "#")
	id, err := strconv.ParseUint(number, 16, 32)
	if !ok || err != nil {
		return fmt.Errorf("got %q, want name#number", head)
	}
	if other, taken := s.byID[uint32(id)]; taken && s.base == nil {
		return fmt.Errorf("%s: the number %x stands for line %d already", name, id, other+1)
	}
	s.byID[uint32(id)] = len(s.lines)
	s.byName[name] = len(s.lines)
	s.lines = append(s.lines, l)
	return nil
}

// bind assigns each struct to its definition.
func (s *Schema) bind() error {
	if s.base != nil {
		return s.base.load()
	}
	if len(s.types) == 0 {
		return nil
	}
	if len(s.types) != len(s.lines) {
		return fmt.Errorf("schema: got %d structs for %d definitions; generate both again", len(s.types), len(s.lines))
	}
	s.byType = make(map[reflect.Type]int, len(s.types))
	for i, p := range s.types {
		if t := reflect.TypeOf(p); t != nil {
			s.byType[t] = i
		}
	}
	return nil
}

// definition returns definition i, parsed.
func (s *Schema) definition(i int) (*Definition, error) {
	if d := s.parsed[i].Load(); d != nil {
		return d, nil
	}
	l := s.lines[i]
	d, err := ParseDefinition(s.text[l.from:l.to])
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	d.Function = l.function
	s.parsed[i].CompareAndSwap(nil, d)
	return s.parsed[i].Load(), nil
}

// Lookup returns the definition called name; nil without an error says that
// there is none.
func (s *Schema) Lookup(name string) (*Definition, error) {
	if err := s.load(); err != nil {
		return nil, err
	}
	if i, ok := s.byName[name]; ok {
		return s.definition(i)
	}
	if s.base != nil {
		return s.base.Lookup(name)
	}
	return nil, nil
}

// LookupID returns the definition whose number is id; nil without an error
// says that there is none.
func (s *Schema) LookupID(id uint32) (*Definition, error) {
	if err := s.load(); err != nil {
		return nil, err
	}
	if i, ok := s.byID[id]; ok {
		return s.definition(i)
	}
	if s.base != nil {
		return s.base.LookupID(id)
	}
	return nil, nil
}

// DefinitionOf returns the definition of v, a pointer to a struct of the schema,
// or nil for any other value.
func (s *Schema) DefinitionOf(v any) *Definition {
	t := reflect.TypeOf(v)
	if t == nil {
		return nil
	}
	p, err := s.planOf(t)
	if err != nil {
		return nil
	}
	return p.def
}

// Definitions returns all definitions, in order. It parses every line: a
// thing for tools and tests.
func (s *Schema) Definitions() ([]*Definition, error) {
	if err := s.load(); err != nil {
		return nil, err
	}
	all := make([]*Definition, len(s.lines))
	for i := range all {
		var err error
		if all[i], err = s.definition(i); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// structOf returns the type of pointers to the struct of the definition called name.
func (s *Schema) structOf(name string) reflect.Type {
	if s.base != nil {
		s = s.base
	}
	if s.load() != nil {
		return nil
	}
	i, ok := s.byName[name]
	if !ok || i >= len(s.types) || s.types[i] == nil {
		return nil
	}
	return reflect.TypeOf(s.types[i])
}
