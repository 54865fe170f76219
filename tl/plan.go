package tl

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A plan says where each field of a definition sits in the struct that stands
// for it. It is made once for each struct, with every check that needs types,
// so that reading and writing need none: they go through the steps and find
// each field by its offset.
type plan struct {
	schema *Schema
	def    *Definition
	typ    reflect.Type
	steps  []step
	words  int // how many words of flags it has
	home   atomic.Pointer[seat]
}

// step is one field of a definition.
type step struct {
	kind   Kind
	word   int8    // which word of flags: its own number, or the one that says if it is there; or Always
	bit    uint8   // of that word
	slot   *slot   // nil: a word of flags, or a field of an older layer that the struct does not have
	offset uintptr // of the field in the struct
	param  *Param
}

// slot is how a TL type sits in Go memory.
type slot struct {
	schema  *Schema
	typ     Type
	goType  reflect.Type
	pointer bool                 // an optional base type: *int32, *string, …
	nilable bool                 // the first word of the Go value is nil when there is none
	elem    *slot                // of a slice
	face    *face                // a union of several constructors: an interface
	one     atomic.Pointer[plan] // of the struct that a pointer points to
}

// face is an interface that stands for a union. plans remembers which struct an
// interface value's first word stands for.
type face struct {
	typ   reflect.Type
	plans sync.Map // unsafe.Pointer → *plan
}

// seat is the place of a plan in a face. Nearly every struct is seen in one
// interface only, so its plan remembers that one.
type seat struct {
	face *face
	tab  unsafe.Pointer // the first word of the interface value; nil: it does not belong there
}

// maxWords is how many words of flags a definition may have.
const maxWords = 4

// planOf returns the plan of the struct t.
func (s *Schema) planOf(t reflect.Type) (*plan, error) {
	if p, ok := s.plans.Load(t); ok {
		return p.(*plan), nil
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	base := s
	if s.base != nil {
		base = s.base
		if err := base.load(); err != nil {
			return nil, err
		}
	}
	i, ok := base.byType[t]
	if !ok {
		return nil, fmt.Errorf("got a %v, want a struct of the schema", t)
	}
	newest, err := base.definition(i)
	if err != nil {
		return nil, err
	}
	def, err := s.Lookup(newest.Name)
	if err != nil {
		return nil, err
	}
	p, err := s.makePlan(def, newest, t)
	if err != nil {
		return nil, fmt.Errorf("%s as %v: %w", def.Name, t, err)
	}
	kept, _ := s.plans.LoadOrStore(t, p)
	return kept.(*plan), nil
}

// planByID returns the plan of the struct that the number id stands for, or
// nil if the schema has no such definition or no struct for it.
func (s *Schema) planByID(id uint32) (*plan, error) {
	if err := s.load(); err != nil {
		return nil, err
	}
	place := s.placeOf(id)
	if place == nil {
		return nil, nil
	}
	if p := place.Load(); p != nil {
		return p, nil
	}
	def, err := s.LookupID(id)
	if err != nil {
		return nil, err
	}
	t := s.structOf(def.Name)
	if t == nil {
		return nil, nil
	}
	p, err := s.planOf(t)
	if err != nil || p.def.ID != id { // a number which this view has replaced
		return nil, err
	}
	place.Store(p)
	return p, nil
}

// placeOf is where the plan of a number is kept, or nil for an unknown number.
func (s *Schema) placeOf(id uint32) *atomic.Pointer[plan] {
	if i, ok := s.byID[id]; ok {
		return &s.planned[i]
	}
	if s.base != nil {
		if i, ok := s.base.byID[id]; ok {
			return &s.inherited[i]
		}
	}
	return nil
}

// pointed returns the plan of the struct that sl, a pointer, points to.
func (sl *slot) pointed() (*plan, error) {
	if p := sl.one.Load(); p != nil {
		return p, nil
	}
	p, err := sl.schema.planOf(sl.goType.Elem())
	if err == nil {
		sl.one.Store(p)
	}
	return p, err
}

// makePlan lays def over t, whose fields are those of newest in order.
func (s *Schema) makePlan(def, newest *Definition, t reflect.Type) (*plan, error) {
	fields := map[string]int{}
	for _, p := range newest.Params {
		if p.Type.Kind != KindFlags {
			fields[p.Name] = len(fields)
		}
	}
	if t.NumField() != len(fields) {
		return nil, fmt.Errorf("got %d fields, want %d", t.NumField(), len(fields))
	}
	p := &plan{schema: s, def: def, typ: t}
	words := map[int]int8{}
	for i := range def.Params {
		param := &def.Params[i]
		if param.Type.Kind == KindFlags {
			words[i] = int8(p.words)
			p.steps = append(p.steps, step{kind: KindFlags, param: param, word: int8(p.words)})
			p.words++
			continue
		}
		st := step{kind: param.Type.Kind, param: param, word: Always, bit: uint8(param.Bit)}
		if param.Flag != Always {
			st.word = words[param.Flag]
		}
		at, ok := fields[param.Name]
		if !ok || !sameType(newest, param) {
			p.steps = append(p.steps, st)
			continue
		}
		field := t.Field(at)
		var err error
		if st.slot, err = s.makeSlot(param.Type, field.Type); err != nil {
			return nil, fmt.Errorf("field %s: %w", field.Name, err)
		}
		st.offset = field.Offset
		p.steps = append(p.steps, st)
	}
	if p.words > maxWords {
		return nil, fmt.Errorf("got %d words of flags, want at most %d", p.words, maxWords)
	}
	return p, nil
}

// sameType reports whether newest has a field of param's name and type.
func sameType(newest *Definition, param *Param) bool {
	for _, p := range newest.Params {
		if p.Name == param.Name {
			return p.Type.Equal(param.Type)
		}
	}
	return false
}

var goTypes = map[Kind]reflect.Type{
	KindTrue: reflect.TypeFor[bool](), KindBool: reflect.TypeFor[bool](),
	KindInt: reflect.TypeFor[int32](), KindLong: reflect.TypeFor[int64](), KindDouble: reflect.TypeFor[float64](),
	KindInt128: reflect.TypeFor[Int128](), KindInt256: reflect.TypeFor[Int256](),
	KindString: reflect.TypeFor[string](), KindBytes: reflect.TypeFor[[]byte](),
	KindQuery: reflect.TypeFor[Raw](), KindAny: reflect.TypeFor[Raw](),
}

// makeSlot checks that the Go type g can hold the TL type t.
func (s *Schema) makeSlot(t Type, g reflect.Type) (*slot, error) {
	sl := &slot{schema: s, typ: t, goType: g}
	switch g.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Interface:
		sl.nilable = true
	}
	if want, ok := goTypes[t.Kind]; ok {
		if g.Kind() == reflect.Pointer && want.Kind() != reflect.Slice {
			sl.pointer, g = true, g.Elem()
		}
		if g != want {
			return nil, fmt.Errorf("got Go type %v for %v, want %v", sl.goType, t, want)
		}
		return sl, nil
	}
	switch {
	case t.Kind == KindVector && g.Kind() == reflect.Slice:
		var err error
		sl.elem, err = s.makeSlot(*t.Elem, g.Elem())
		return sl, err
	case t.Kind == KindUnion && g.Kind() == reflect.Interface && unsafe.Sizeof((any)(nil)) == g.Size() && g.NumMethod() > 0:
		f, _ := s.faces.LoadOrStore(g, &face{typ: g})
		sl.face = f.(*face)
		return sl, nil
	case (t.Kind == KindUnion || t.Kind == KindBare) && g.Kind() == reflect.Pointer && g.Elem().Kind() == reflect.Struct:
		return sl, nil
	}
	return nil, fmt.Errorf("got Go type %v for %v, want a slice, an interface or a pointer to a struct", g, t)
}

// tab returns the first word of an interface value of type f that holds a
// pointer to p's struct, or nil if the struct does not belong to the union.
func (f *face) tab(p *plan) unsafe.Pointer {
	if s := p.home.Load(); s != nil && s.face == f {
		return s.tab
	}
	s := &seat{face: f}
	if pointer := reflect.PointerTo(p.typ); pointer.Implements(f.typ) {
		v := reflect.New(f.typ)
		v.Elem().Set(reflect.Zero(pointer))
		s.tab = (*words)(v.UnsafePointer()).tab
		p.home.Store(s)
	}
	return s.tab
}

// plan returns the plan of the struct that w points to.
func (sl *slot) plan(w *words) (*plan, error) {
	if p, ok := sl.face.plans.Load(w.tab); ok {
		return p.(*plan), nil
	}
	v := reflect.NewAt(sl.face.typ, unsafe.Pointer(w)).Elem().Elem()
	if v.Kind() != reflect.Pointer {
		return nil, fmt.Errorf("got a Go %v, want a pointer to a struct of the schema", v.Type())
	}
	p, err := sl.schema.planOf(v.Type().Elem())
	if err == nil {
		sl.face.plans.Store(w.tab, p)
	}
	return p, err
}

// words is an interface value with methods as the runtime lays it out.
type words struct{ tab, data unsafe.Pointer }
