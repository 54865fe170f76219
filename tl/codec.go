package tl

import (
	"errors"
	"fmt"
	"reflect"
)

// decoder reads one value into structs.
type decoder struct {
	Reader
	arena arena
}

// Raw is a value already written in TL: a whole call inside another
// (invokeWithLayer's query), or an answer whose type only the caller knows.
type Raw []byte

// Append appends v, with its constructor number in front. v is a pointer to a
// struct of the schema, or Raw; [Schema.AppendMap] appends a Map.
//
// Append keeps no part of v, and the compiler knows it: a literal that is only
// written costs no allocation.
func (s *Schema) Append(dst []byte, v any) ([]byte, error) {
	if raw, ok := v.(Raw); ok {
		return append(dst, raw...), nil
	}
	return s.append(dst, v)
}

// AppendMap appends m, a constructor or a whole call.
func (s *Schema) AppendMap(dst []byte, m Map) ([]byte, error) {
	return s.appendMap(dst, Type{Kind: KindQuery}, m, 0)
}

// Decode reads one value from b into *into and wants b to end with it. into
// points to what the value is in Go: *bool for a Bool, *[]T for a vector, a
// pointer to a union's interface or to a pointer to a struct; or *Raw, which
// takes all bytes as they are.
//
// The value shares no memory with b, Raw aside, but its parts do so with each
// other: structs of a kind and strings lie together in blocks of at most 4 KiB.
// A block stays in memory as long as anything in it is referenced, with everything
// that the rest of it references. One message may thus keep a large part of its
// response in memory; encode and decode the message to copy it. Copy a string with
// strings.Clone.
func (s *Schema) Decode(b []byte, into any) error {
	if raw, ok := into.(*Raw); ok && raw != nil {
		*raw = b
		return nil
	}
	d := decoder{Reader: Reader{b: b}}
	if err := s.decode(&d, into); err != nil {
		return err
	}
	return d.end()
}

// end returns the error of a value that must use all bytes.
func (d *decoder) end() error {
	if d.err == nil && d.Len() > 0 {
		return fmt.Errorf("got %d bytes after the value, want none", d.Len())
	}
	return d.err
}

// Read reads one boxed value, constructor or call, and returns a pointer to
// its struct. Its parts share memory as those of [Schema.Decode] do.
func (s *Schema) Read(r *Reader) any {
	d := decoder{Reader: *r}
	v := s.read(&d)
	*r = d.Reader
	return v
}

// slotFor guesses the TL type from the Go type of a pointer to where a value goes.
func (s *Schema) slotFor(pointer reflect.Type) (*slot, error) {
	if sl, ok := s.slots.Load(pointer); ok {
		return sl.(*slot), nil
	}
	if pointer == nil || pointer.Kind() != reflect.Pointer {
		return nil, fmt.Errorf("got a %v, want a pointer to where the value goes", pointer)
	}
	g := pointer.Elem()
	t, err := s.typeFor(g)
	if err != nil {
		return nil, err
	}
	sl, err := s.makeSlot(t, g)
	if err != nil {
		return nil, err
	}
	kept, _ := s.slots.LoadOrStore(pointer, sl)
	return kept.(*slot), nil
}

func (s *Schema) typeFor(g reflect.Type) (Type, error) {
	for _, k := range []Kind{KindBool, KindInt, KindLong, KindDouble, KindString, KindBytes} {
		if goTypes[k] == g {
			return Type{Kind: k}, nil
		}
	}
	switch g.Kind() {
	case reflect.Slice:
		elem, err := s.typeFor(g.Elem())
		return Type{Kind: KindVector, Elem: &elem}, err
	case reflect.Interface, reflect.Pointer:
		return Type{Kind: KindUnion, Name: g.String()}, nil
	}
	return Type{}, fmt.Errorf("got Go type %v, want one that holds a TL value", g)
}

// readPlan reads a constructor number and returns the plan of its struct.
func (s *Schema) readPlan(d *decoder, want string) *plan {
	at := d.off
	return s.planFor(d, at, d.Uint32(), want)
}

// planFor returns the plan of the struct that the number id, read at an offset,
// belongs to.
func (s *Schema) planFor(d *decoder, at int, id uint32, want string) *plan {
	if d.err != nil {
		return nil
	}
	if p, ok := s.ids.Load(id); ok {
		return p.(*plan)
	}
	p, err := s.planByID(id)
	if err == nil && p == nil {
		err = &UnknownConstructorError{ID: id, Want: want}
	}
	if err != nil {
		d.failAt(at, err)
	}
	return p
}

// wantID reads the number of the only constructor allowed here.
func (sl *slot) wantID(d *decoder, p *plan) {
	start := d.off
	id := d.Uint32()
	if d.err != nil || id == p.id {
		return
	}
	e := &UnknownConstructorError{ID: id, Want: p.def.Result.Name}
	if other, _ := sl.schema.LookupID(id); other != nil {
		e.Name = other.Name
	}
	d.failAt(start, e)
}

var (
	errMissing = errors.New("got nothing, want a value")
	errPartner = errors.New("got nothing, want a value: a field that goes with it is set")
)

// tooLong refuses a string whose length does not fit in three bytes.
func tooLong(n int) error {
	if n > MaxString {
		return fmt.Errorf("got a string of %d bytes, want at most %d", n, MaxString)
	}
	return nil
}
