package tl

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Map is a value of the schema by names: "_" is the constructor's or method's
// name, the other keys are its fields as the schema spells them. Optional fields
// may be missing; a Map has no words of flags.
//
// In a Map that is read, an int is an int32, a long an int64, a double a
// float64, bytes are a []byte, a vector is a []any, and a value of a union is a
// Map. A Map that is written may use any Go integer, and []T for []any.
type Map map[string]any

// name returns m["_"].
func (m Map) name() string {
	name, _ := m["_"].(string)
	return name
}

// ReadValue reads a value of type t: see Map for what it is in Go.
func (s *Schema) ReadValue(r *Reader, t Type) any { return s.readValue(r, t, 0) }

func (s *Schema) readValue(r *Reader, t Type, depth int) any {
	if depth > MaxDepth {
		r.Fail(ErrNested)
	}
	if r.err != nil {
		return nil
	}
	switch t.Kind {
	case KindTrue:
		return true
	case KindInt, KindFlags:
		return r.Int()
	case KindLong:
		return r.Long()
	case KindDouble:
		return r.Double()
	case KindInt128:
		v := r.Int128()
		return v[:]
	case KindInt256:
		v := r.Int256()
		return v[:]
	case KindString:
		return r.String()
	case KindBytes:
		return r.Bytes()
	case KindBool:
		return r.Bool()
	case KindVector:
		return s.readItems(r, t, depth)
	case KindBare:
		return s.readBare(r, t.Name, depth)
	case KindAny:
		return s.readAny(r, depth)
	}
	return s.readBoxed(r, t, depth)
}

// The memory charged for a vector's item and for a Map by its number of fields:
// about their size on a 64-bit machine.
const (
	itemMemory  = 16
	mapMemory   = 96
	fieldMemory = 48
)

func (s *Schema) readItems(r *Reader, t Type, depth int) any {
	n := r.vector(t)
	if !r.charge(n * itemMemory) {
		return nil
	}
	items := make([]any, n)
	for i := range items {
		items[i] = s.readValue(r, *t.Elem, depth+1)
		if r.err != nil {
			r.err = within(fmt.Sprintf("[%d]", i), r.err)
			return nil
		}
	}
	return items
}

func (s *Schema) readBare(r *Reader, name string, depth int) any {
	d, err := s.Lookup(name)
	if err == nil && d == nil {
		err = fmt.Errorf("the schema has no constructor %s", name)
	}
	if err != nil {
		r.Fail(err)
		return nil
	}
	return s.readFields(r, d, depth)
}

// readAny reads an answer whose type is not known: Bool and Vector look like
// any other constructor then. The items of such a vector are boxed.
func (s *Schema) readAny(r *Reader, depth int) any {
	ahead := *r
	switch ahead.Uint32() {
	case VectorID:
		return s.readItems(r, Type{Kind: KindVector, Elem: &Type{Kind: KindAny}}, depth)
	case boolTrue, boolFalse:
		return r.Bool()
	}
	return s.readBoxed(r, Type{Kind: KindAny}, depth)
}

// readBoxed reads a constructor number and the fields that follow it.
func (s *Schema) readBoxed(r *Reader, t Type, depth int) any {
	start := r.off
	id := r.Uint32()
	if r.err != nil {
		return nil
	}
	d, err := s.LookupID(id)
	switch {
	case err != nil:
	case d == nil:
		err = &UnknownConstructorError{ID: id, Want: t.Name}
	case t.Kind == KindUnion && (d.Function || !d.Result.Equal(t)),
		t.Kind == KindQuery && !d.Function, t.Kind == KindAny && d.Function:
		err = &UnknownConstructorError{ID: id, Name: d.Name, Want: t.String()}
	}
	if err != nil {
		r.failAt(start, err)
		return nil
	}
	return s.readFields(r, d, depth)
}

func (s *Schema) readFields(r *Reader, d *Definition, depth int) any {
	if !r.charge(mapMemory) {
		return nil
	}
	m := Map{"_": d.Name}
	words := make(map[int]uint32, maxWords)
	for i, p := range d.Params {
		if p.Type.Kind == KindFlags {
			words[i] = r.Uint32()
			continue
		}
		if p.Flag != Always && words[p.Flag]>>p.Bit&1 == 0 {
			continue
		}
		r.charge(fieldMemory)
		m[p.Name] = s.readValue(r, p.Type, depth+1)
		if r.err != nil {
			r.err = within(d.Name+"."+p.Name, r.err)
			return nil
		}
	}
	return m
}

// AppendValue appends v as a value of type t.
func (s *Schema) AppendValue(dst []byte, t Type, v any) ([]byte, error) {
	return s.appendValue(dst, t, v, 0)
}

func (s *Schema) appendValue(dst []byte, t Type, v any, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return dst, ErrNested
	}
	switch t.Kind {
	case KindInt, KindFlags:
		n, err := wholeNumber(v, math.MinInt32, math.MaxInt32)
		return AppendInt(dst, int32(n)), err
	case KindLong:
		n, err := wholeNumber(v, math.MinInt64, math.MaxInt64)
		return AppendLong(dst, n), err
	case KindDouble:
		f, err := fraction(v)
		return AppendDouble(dst, f), err
	case KindInt128:
		return appendFixed(dst, v, 16)
	case KindInt256:
		return appendFixed(dst, v, 32)
	case KindVector:
		return s.appendItems(dst, t, v, depth)
	case KindString:
		if v, ok := v.(string); ok {
			return AppendString(dst, v), tooLong(len(v))
		}
	case KindBytes:
		if v, ok := v.([]byte); ok {
			return AppendBytes(dst, v), tooLong(len(v))
		}
	case KindBool:
		if v, ok := v.(bool); ok {
			return AppendBool(dst, v), nil
		}
	case KindUnion, KindBare, KindQuery, KindAny:
		return s.appendBoxed(dst, t, v, depth)
	}
	return dst, wrongGo(v, t)
}

// wrongGo says that v is not the Go value of a t.
func wrongGo(v any, t Type) error {
	if v == nil {
		return errMissing
	}
	return fmt.Errorf("got a Go %T, want the Go value of the type %v", v, t)
}

// appendBoxed appends a Map, or a struct of the schema, where t wants one.
func (s *Schema) appendBoxed(dst []byte, t Type, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case Map:
		return s.appendMap(dst, t, v, depth)
	case map[string]any:
		return s.appendMap(dst, t, v, depth)
	case Raw:
		return append(dst, v...), nil
	}
	if d := s.DefinitionOf(v); d != nil && t.Kind != KindBare {
		if err := belongs(d, t); err != nil {
			return dst, err
		}
		return s.Append(dst, v)
	}
	return dst, wrongGo(v, t)
}

// belongs checks that d may stand where t is wanted.
func belongs(d *Definition, t Type) error {
	switch {
	case t.Kind == KindUnion && (d.Function || !d.Result.Equal(t)):
		return fmt.Errorf("got %s, want a %s", d.Name, t.Name)
	case t.Kind == KindBare && d.Name != t.Name:
		return fmt.Errorf("got %s, want %s", d.Name, t.Name)
	}
	return nil
}

func (s *Schema) appendMap(dst []byte, t Type, m Map, depth int) ([]byte, error) {
	name := m.name()
	if name == "" && t.Kind == KindBare {
		name = t.Name
	}
	d, err := s.Lookup(name)
	switch {
	case err != nil:
		return dst, err
	case name == "":
		return dst, fmt.Errorf(`got a map without "_", want the name of a constructor there`)
	case d == nil:
		return dst, fmt.Errorf("got the name %q, want one that the schema has", name)
	}
	if err := belongs(d, t); err != nil {
		return dst, err
	}
	if err := noOthers(d, m); err != nil {
		return dst, err
	}
	if t.Kind != KindBare {
		dst = AppendUint32(dst, d.ID)
	}
	return s.appendFields(dst, d, m, depth)
}

// noOthers refuses keys that d has no field for: a typing mistake that would
// otherwise be left out in silence.
func noOthers(d *Definition, m Map) error {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if key != "_" && !slices.ContainsFunc(d.Params, func(p Param) bool { return p.Name == key && p.Type.Kind != KindFlags }) {
			return fmt.Errorf("%s has no field %q, it has: %s", d.Name, key, d.fieldNames())
		}
	}
	return nil
}

func (d *Definition) fieldNames() string {
	var names []string
	for _, p := range d.Params {
		if p.Type.Kind != KindFlags {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func (s *Schema) appendFields(dst []byte, d *Definition, m Map, depth int) ([]byte, error) {
	words := make(map[int]uint32, maxWords)
	for _, p := range d.Params {
		if p.Flag != Always && given(p, m) {
			words[p.Flag] |= 1 << p.Bit
		}
	}
	var err error
	for i, p := range d.Params {
		switch {
		case p.Type.Kind == KindFlags:
			dst = AppendUint32(dst, words[i])
			continue
		case p.Flag != Always && words[p.Flag]>>p.Bit&1 == 0:
			continue
		case p.Type.Kind == KindTrue:
			err = wantBool(m[p.Name])
		default:
			dst, err = s.appendValue(dst, p.Type, m[p.Name], depth+1)
		}
		if err != nil {
			return dst, within(d.Name+"."+p.Name, err)
		}
	}
	return dst, nil
}

// wantBool refuses a flag that is set to anything but a bool.
func wantBool(v any) error {
	if _, ok := v.(bool); !ok && v != nil {
		return fmt.Errorf("got a Go %T, want a bool", v)
	}
	return nil
}

// given reports whether m sets the optional field p.
func given(p Param, m Map) bool {
	v := m[p.Name]
	if p.Type.Kind == KindTrue {
		set, ok := v.(bool)
		return v != nil && (set || !ok)
	}
	return v != nil
}

// appendZero appends the zero value of t: for a field that an older layer wants
// and the structs do not have.
func appendZero(dst []byte, t Type) ([]byte, error) {
	switch t.Kind {
	case KindTrue:
		return dst, nil
	case KindInt, KindFlags:
		return AppendInt(dst, 0), nil
	case KindLong, KindDouble:
		return AppendLong(dst, 0), nil
	case KindString, KindBytes:
		return AppendString(dst, ""), nil
	case KindBool:
		return AppendBool(dst, false), nil
	case KindVector:
		if !t.Bare {
			dst = AppendUint32(dst, VectorID)
		}
		return AppendInt(dst, 0), nil
	}
	return dst, fmt.Errorf("got no value for the %v that this layer wants", t)
}
