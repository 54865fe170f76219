package tl

import (
	"fmt"
	"math"
	"reflect"
	"sync/atomic"
	"unsafe"
)

// A plan says where each field of a definition sits in the struct that stands
// for it. It is made once for each struct, with every check that needs types,
// so that reading and writing need none: they go through the steps and find
// each field by its offset.
type plan struct {
	id     uint32 // of def
	words  uint32 // how many words of flags it has
	trues  []step // the fields that are only a bit
	steps  []step // all others, and the words of flags, in wire order
	schema *Schema
	def    *Definition
	cell   *cell // of the struct
	home   atomic.Pointer[seat]
}

// step is one field of a definition.
type step struct {
	kind   Kind
	word   uint8  // which word of flags: its own number, or the one that says if it is there; or always
	bit    uint8  // of that word
	param  uint8  // its place in the definition
	offset uint32 // of the field in the struct
	slot   *slot  // nil: a word of flags, or a field that the struct does not have
}

// Kinds of step beside those of types.
const (
	kindPointer = KindAny + 1 + iota // an optional base type: *int32, *string, …
	kindAbsent                       // a field of an older layer that the struct does not have
)

// flags are the words of flags of one value.
type flags [maxWords + 1]uint32

const (
	maxWords = 4        // how many words of flags a definition may have
	always   = maxWords // the word in front of which no flag stands: all its bits are set
)

// has reports whether the field of st is there.
func (f *flags) has(st *step) bool { return f[st.word%(maxWords+1)]>>(st.bit&31)&1 != 0 }

// slot is how a TL type sits in Go memory.
type slot struct {
	schema  *Schema
	typ     Type
	goType  reflect.Type
	size    uintptr              // of goType
	nilable bool                 // the first word of the Go value is nil when there is none
	pointed *cell                // of what an optional base type points to
	elem    *slot                // of a slice
	face    unsafe.Pointer       // a union of several constructors: which interface it is
	one     atomic.Pointer[plan] // of the struct that a pointer points to
}

// seat is the place of a plan in an interface. Nearly every struct is seen in one
// interface only, so its plan remembers that one.
type seat struct {
	face unsafe.Pointer
	tab  unsafe.Pointer // the first word of the interface value; nil: it does not belong there
}

// planOf returns the plan of the struct that values of type t point to.
func (s *Schema) planOf(t reflect.Type) (*plan, error) {
	if p := s.plans.find(word(t)); p != nil {
		return p, nil
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
		return nil, fmt.Errorf("got a %v, want a pointer to a struct of the schema", t)
	}
	newest, err := base.definition(i)
	if err != nil {
		return nil, err
	}
	def, err := s.Lookup(newest.Name)
	if err != nil {
		return nil, err
	}
	p, err := s.makePlan(def, newest, t.Elem())
	if err != nil {
		return nil, fmt.Errorf("%s as %v: %w", def.Name, t.Elem(), err)
	}
	return s.plans.keep(word(t), p), nil
}

// planByID returns the plan of the struct that the number id stands for, or
// nil if the schema has no such definition or no struct for it.
func (s *Schema) planByID(id uint32) (*plan, error) {
	if p := s.ids.find(uintptr(id)); p != nil {
		return p, nil
	}
	def, err := s.LookupID(id)
	if err != nil || def == nil {
		return nil, err
	}
	t := s.structOf(def.Name)
	if t == nil {
		return nil, nil
	}
	p, err := s.planOf(t)
	if err != nil || p.id != id { // a number which this view has replaced
		return nil, err
	}
	return s.ids.keep(uintptr(id), p), nil
}

// plan returns the plan of the struct that sl, a pointer, points to.
func (sl *slot) plan() (*plan, error) {
	if p := sl.one.Load(); p != nil {
		return p, nil
	}
	p, err := sl.schema.planOf(sl.goType)
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
	if len(def.Params) > 256 || t.Size() > math.MaxUint32 {
		return nil, fmt.Errorf("got %d parameters, want at most 256", len(def.Params))
	}
	p := &plan{schema: s, def: def, id: def.ID, cell: newCell(t)}
	words := map[int]uint8{}
	for i := range def.Params {
		param := &def.Params[i]
		st := step{kind: param.Type.Kind, word: always, bit: uint8(param.Bit), param: uint8(i)}
		if param.Type.Kind == KindFlags {
			st.word = uint8(p.words)
			words[i] = st.word
			p.words++
		}
		if param.Flag != Always {
			st.word = words[param.Flag]
		}
		if at, ok := fields[param.Name]; ok && st.kind != KindFlags && sameType(newest, param) {
			if err := s.place(&st, param.Type, t.Field(at)); err != nil {
				return nil, err
			}
		} else if st.kind != KindFlags {
			st.kind = kindAbsent
		}
		if st.kind == KindTrue {
			p.trues = append(p.trues, st)
		} else {
			p.steps = append(p.steps, st)
		}
	}
	if p.words > maxWords {
		return nil, fmt.Errorf("got %d words of flags, want at most %d", p.words, maxWords)
	}
	return p, nil
}

// place binds st, of type t, to a field of the struct.
func (s *Schema) place(st *step, t Type, field reflect.StructField) error {
	var err error
	if st.slot, err = s.makeSlot(t, field.Type); err != nil {
		return fmt.Errorf("field %s: %w", field.Name, err)
	}
	st.offset = uint32(field.Offset)
	if st.slot.pointed != nil {
		st.kind = kindPointer
	}
	return nil
}

// name is how errors name the field of st.
func (p *plan) name(st *step) string { return p.def.Name + "." + p.def.Params[st.param].Name }

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
	sl := &slot{schema: s, typ: t, goType: g, size: g.Size()}
	switch g.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Interface:
		sl.nilable = true
	}
	if want, ok := goTypes[t.Kind]; ok {
		if g.Kind() == reflect.Pointer && want.Kind() != reflect.Slice && g.Elem() == want {
			sl.pointed = baseCells[want]
			return sl, nil
		}
		if g != want {
			return nil, fmt.Errorf("got Go type %v for %v, want %v", g, t, want)
		}
		return sl, nil
	}
	switch {
	case t.Kind == KindVector && g.Kind() == reflect.Slice:
		var err error
		sl.elem, err = s.makeSlot(*t.Elem, g.Elem())
		return sl, err
	case t.Kind == KindUnion && g.Kind() == reflect.Interface && unsafe.Sizeof((any)(nil)) == g.Size() && g.NumMethod() > 0:
		sl.face = (*words)(unsafe.Pointer(&g)).data
		return sl, nil
	case (t.Kind == KindUnion || t.Kind == KindBare) && g.Kind() == reflect.Pointer && g.Elem().Kind() == reflect.Struct:
		return sl, nil
	}
	return nil, fmt.Errorf("got Go type %v for %v, want a slice, an interface or a pointer to a struct", g, t)
}

// tab returns the first word of an interface value of sl's type that holds a
// pointer to p's struct, or nil if the struct does not belong to the union.
func (sl *slot) tab(p *plan) unsafe.Pointer {
	if s := p.home.Load(); s != nil && s.face == sl.face {
		return s.tab
	}
	s := &seat{face: sl.face}
	if pointer := reflect.PointerTo(p.cell.typ); pointer.Implements(sl.goType) {
		v := reflect.New(sl.goType)
		v.Elem().Set(reflect.Zero(pointer))
		s.tab = (*words)(v.UnsafePointer()).tab
		p.home.Store(s)
	}
	return s.tab
}

// planIn returns the plan of the struct that an interface value of sl's type
// points to whose first word is tab. The value itself is not looked at: it may
// be on a stack.
func (sl *slot) planIn(tab unsafe.Pointer) (*plan, error) {
	if p := sl.schema.plans.find(uintptr(tab)); p != nil {
		return p, nil
	}
	empty := &words{tab: tab}
	t := reflect.NewAt(sl.goType, unsafe.Pointer(empty)).Elem().Elem().Type()
	if t.Kind() != reflect.Pointer {
		return nil, fmt.Errorf("got a Go %v, want a pointer to a struct of the schema", t)
	}
	p, err := sl.schema.planOf(t)
	if err != nil {
		return nil, err
	}
	return sl.schema.plans.keep(uintptr(tab), p), nil
}

// words is an interface value as the runtime lays it out. The first word of one
// without methods is the type, of one with methods a table made for both types.
// Neither is ever moved or freed.
type words struct{ tab, data unsafe.Pointer }

// word is the first word of an interface value without methods that holds a t.
func word(t reflect.Type) uintptr { return uintptr((*words)(unsafe.Pointer(&t)).data) }
