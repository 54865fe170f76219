package tl

import (
	"fmt"
	"math"
	"reflect"
	"slices"
)

// A plan maps the fields of a definition to those of its struct. It is made once
// for each struct, with every check that needs types, so that reading and writing
// need none.
//
// Two codecs follow it: the portable one (portable_read.go, portable_write.go) finds
// fields by reflection, the fast one (fast.go and others) by their offsets. The build
// tag purego leaves out the fast one.
type plan struct {
	id     uint32 // of def
	steps  []step // in wire order
	words  []flagWord
	schema *Schema
	def    *Definition
	typ    reflect.Type // the struct
	fast   fastPlan
}

// step is one field of a definition, except those that are only a bit.
type step struct {
	kind   Kind
	word   uint8  // the word of flags that says if it is there, or always
	bit    uint8  // of that word; of a word of flags, its number
	param  uint8  // its place in the definition
	run    uint32 // the bits of the optional fields from here up to another word's
	end    uint32 // the step after those
	offset uint32 // of the field in the struct
	field  uint32 // its number in the struct
	slot   *slot  // nil: a word of flags, or a field that the struct does not have
}

// Kinds of step beside those of types. KindUnion is only an interface there.
const (
	kindPointer = KindAny + 1 + iota // an optional base type (*int32, *string, …), or a union's only struct
	kindShared                       // a field that shares its bit with another one
	kindAbsent                       // a field of an older layer that the struct does not have
)

// flagWord says where the bits of a word of flags come from.
type flagWord struct {
	fixed  uint32   // bits of fields that the struct always has
	bools  uint32   // bits of fields that are nothing else
	at     [32]mark // the bool of such a bit
	trues  []mark   // the same the other way around
	values []mark   // optional fields: set if the first word of the Go value is not nil
}

// mark is a bit and the field of the struct that it goes with.
type mark struct {
	offset uint32
	field  uint32
	bit    uint8
}

// flags are the words of flags of one value. That they are a power of two lets
// the compiler see that no index is out of range.
type flags [8]uint32

const (
	maxWords = 4        // how many words of flags a definition may have
	always   = maxWords // the word of fields without a flag: all its bits are set
)

// planOf returns the plan of the struct that values of type t point to.
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
	kept, _ := s.plans.LoadOrStore(t, p)
	return kept.(*plan), nil
}

// planByID returns the plan of the struct with the constructor number id, or nil if
// the schema has no such definition or no struct for it. s.ids caches the plans of
// earlier calls.
func (s *Schema) planByID(id uint32) (*plan, error) {
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
	kept, _ := s.ids.LoadOrStore(id, p)
	return kept.(*plan), nil
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
	p := &plan{schema: s, def: def, id: def.ID, typ: t, fast: newFastPlan(t)}
	words := map[int]uint8{}
	for i := range def.Params {
		param := &def.Params[i]
		st := step{kind: param.Type.Kind, word: always, bit: uint8(param.Bit), param: uint8(i)}
		if st.kind == KindFlags {
			st.bit = uint8(len(p.words))
			words[i] = st.bit
			p.words = append(p.words, flagWord{})
			p.steps = append(p.steps, st)
			continue
		}
		if param.Flag != Always {
			st.word = words[param.Flag]
		}
		st.kind = kindAbsent
		if at, ok := fields[param.Name]; ok && sameType(newest, param) {
			if err := s.place(&st, param.Type, t.Field(at)); err != nil {
				return nil, err
			}
			st.field = uint32(at)
		}
		p.add(st)
	}
	if len(p.words) > maxWords {
		return nil, fmt.Errorf("got %d words of flags, want at most %d", len(p.words), maxWords)
	}
	p.findShared()
	p.findRuns()
	return p, nil
}

// add notes how the field of st is read and written, and where its bit comes from.
func (p *plan) add(st step) {
	if st.word == always || st.kind == kindAbsent {
		p.steps = append(p.steps, st)
		return
	}
	w, m := &p.words[st.word], mark{st.offset, st.field, st.bit}
	switch {
	case st.kind == KindTrue:
		w.trues = append(w.trues, m)
	case st.slot.nilable:
		w.values = append(w.values, m)
	default:
		w.fixed |= 1 << st.bit
	}
	if st.kind == KindTrue && w.bools>>st.bit&1 == 0 {
		w.bools |= 1 << st.bit
		w.at[st.bit] = m
		return
	}
	p.steps = append(p.steps, st)
}

// findShared finds the fields whose bit says that another field is there, too.
func (p *plan) findShared() {
	for i := range p.steps {
		st := &p.steps[i]
		if st.word == always || st.kind == kindAbsent || !st.slot.nilable {
			continue
		}
		w := &p.words[st.word]
		used := w.fixed >> st.bit & 1
		for _, m := range slices.Concat(w.trues, w.values) {
			if m.bit == st.bit {
				used++
			}
		}
		if used > 1 {
			st.kind = kindShared
		}
	}
}

// findRuns finds the steps that can be left out at once when none of their bits
// is set: most fields of most values are not there.
func (p *plan) findRuns() {
	for i := len(p.steps) - 1; i >= 0; i-- {
		st := &p.steps[i]
		st.run, st.end = 1<<st.bit, uint32(i+1)
		if st.word != always && st.end < uint32(len(p.steps)) && p.steps[st.end].word == st.word {
			next := &p.steps[st.end]
			st.run, st.end = st.run|next.run, next.end
		}
	}
}

// place binds st, of type t, to a field of the struct.
func (s *Schema) place(st *step, t Type, field reflect.StructField) error {
	var err error
	if st.slot, err = s.makeSlot(t, field.Type); err != nil {
		return fmt.Errorf("field %s: %w", field.Name, err)
	}
	st.kind, st.offset = t.Kind, uint32(field.Offset)
	if st.slot.pointed || st.kind == KindUnion && !st.slot.union {
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
