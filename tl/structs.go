package tl

import (
	"fmt"
	"reflect"
	"runtime"
	"unsafe"
)

// Raw is a value already written in TL: a whole call inside another
// (invokeWithLayer's query), or an answer whose type only the caller knows.
type Raw []byte

// Append appends v, with its constructor number in front. v is a pointer to a
// struct of the schema, or Raw; [Schema.AppendMap] appends a Map.
//
// Nothing of v is kept, and the compiler knows it: a literal that is only
// written costs no allocation.
func (s *Schema) Append(dst []byte, v any) ([]byte, error) {
	if raw, ok := v.(Raw); ok {
		return append(dst, raw...), nil
	}
	value := (*iface)(unsafe.Pointer(&v))
	p := s.plans.find(uintptr(value.tab))
	if p == nil {
		var err error
		if p, err = s.planOf(reflect.TypeOf(v)); err != nil {
			return dst, err
		}
	}
	if value.data == nil {
		return dst, fmt.Errorf("got a nil %v, want a pointer to a struct", reflect.TypeOf(v))
	}
	dst, err := p.append(AppendUint32(dst, p.id), unseen(value.data), 0)
	runtime.KeepAlive(v)
	return dst, err
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
// A block stays in memory as long as anything in it is referred to, with all that
// the rest of it refers to. One message that is kept may thus keep a good part of
// the answer that it came in; written and read again it stands alone. For a string
// there is strings.Clone.
func (s *Schema) Decode(b []byte, into any) error {
	if raw, ok := into.(*Raw); ok && raw != nil {
		*raw = b
		return nil
	}
	place := (*iface)(unsafe.Pointer(&into))
	sl := s.slots.find(uintptr(place.tab))
	if sl == nil {
		var err error
		if sl, err = s.slotFor(reflect.TypeOf(into)); err != nil {
			return err
		}
	}
	if place.data == nil {
		return fmt.Errorf("got a nil %v, want a pointer to where the value goes", reflect.TypeOf(into))
	}
	d := decoder{Reader: Reader{b: b}}
	sl.read(&d, unseen(place.data), 0)
	runtime.KeepAlive(into)
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

func (s *Schema) read(d *decoder) any {
	p := s.readPlan(d, "")
	if p == nil {
		return nil
	}
	v := reflect.New(p.cell.typ)
	p.read(d, v.UnsafePointer(), 0)
	if d.err != nil {
		return nil
	}
	return v.Interface()
}

// unseen returns p as a pointer of which the compiler does not know where it
// comes from, so that what it points to may lie on the stack of a caller. Who
// uses it promises that no copy of it outlives the call: reading and writing
// structs store it nowhere and put it into no error.
func unseen(p unsafe.Pointer) unsafe.Pointer {
	address := uintptr(p)
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}

// slotFor guesses the TL type from the Go type of a pointer to where a value goes.
func (s *Schema) slotFor(pointer reflect.Type) (*slot, error) {
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
	return s.slots.keep(typeWord(pointer), sl), nil
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
