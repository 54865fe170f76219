package tl

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"
)

// Raw is a value already written in TL: a whole call inside another
// (invokeWithLayer's query), or an answer whose type only the caller knows.
type Raw []byte

// Append appends v, with its constructor number in front. v is a pointer to a
// struct of the schema, a Map, or Raw.
func (s *Schema) Append(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case Map:
		return s.appendMap(dst, Type{Kind: KindQuery}, v, 0)
	case Raw:
		return append(dst, v...), nil
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.IsNil() || rv.Type().Elem().Kind() != reflect.Struct {
		return dst, fmt.Errorf("got a %T, want a pointer to a struct of the schema or a tl.Map", v)
	}
	p, err := s.planOf(rv.Type().Elem())
	if err != nil {
		return dst, err
	}
	return p.append(AppendUint32(dst, p.def.ID), rv.UnsafePointer(), 0)
}

// Decode reads one value from b into *into and wants b to end with it. into
// points to what the value is in Go: *bool for a Bool, *[]T for a vector, a
// pointer to a union's interface or to a pointer to a struct; or *Raw, which
// takes all bytes as they are.
func (s *Schema) Decode(b []byte, into any) error {
	rv := reflect.ValueOf(into)
	if rv.Kind() != reflect.Pointer || rv.IsNil() {
		return fmt.Errorf("got a %T, want a pointer to where the value goes", into)
	}
	if raw, ok := into.(*Raw); ok {
		*raw = b
		return nil
	}
	sl, err := s.slotFor(rv.Type().Elem())
	if err != nil {
		return err
	}
	r := NewReader(b)
	sl.read(r, rv.UnsafePointer(), 0)
	if r.err == nil && r.Len() > 0 {
		return fmt.Errorf("got %d bytes after the value, want none", r.Len())
	}
	return r.err
}

// Read reads one boxed value, constructor or call, and returns a pointer to
// its struct.
func (s *Schema) Read(r *Reader) any {
	p := s.readPlan(r, "")
	if p == nil {
		return nil
	}
	v := reflect.New(p.typ)
	p.read(r, v.UnsafePointer(), 0)
	if r.err != nil {
		return nil
	}
	return v.Interface()
}

// slotFor guesses the TL type from the Go type of a place for a value.
func (s *Schema) slotFor(g reflect.Type) (*slot, error) {
	if sl, ok := s.slots.Load(g); ok {
		return sl.(*slot), nil
	}
	t, err := s.typeFor(g)
	if err != nil {
		return nil, err
	}
	sl, err := s.makeSlot(t, g)
	if err == nil {
		s.slots.Store(g, sl)
	}
	return sl, err
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
func (s *Schema) readPlan(r *Reader, want string) *plan {
	at := r.off
	id := r.Uint32()
	if r.err != nil {
		return nil
	}
	p, err := s.planByID(id)
	if err == nil && p == nil {
		err = &UnknownConstructorError{ID: id, Want: want}
	}
	if err != nil {
		r.off = at
		r.Fail(err)
		return nil
	}
	return p
}

// read reads the fields of p's definition into the struct at base.
func (p *plan) read(r *Reader, base unsafe.Pointer, depth int) {
	if depth > MaxDepth {
		r.Fail(ErrNested)
	}
	var flags [maxWords]uint32
	for i := range p.steps {
		st := &p.steps[i]
		if st.kind == KindFlags {
			flags[st.word] = r.Uint32()
			continue
		}
		if st.word != Always && flags[st.word]>>st.bit&1 == 0 {
			continue
		}
		if st.slot == nil {
			p.schema.readValue(r, st.param.Type, depth+1) // and drop it
		} else {
			st.slot.read(r, unsafe.Add(base, st.offset), depth)
		}
		if r.err != nil {
			r.err = within(p.def.Name+"."+st.param.Name, r.err)
			return
		}
	}
}

// read reads a value into the place at.
func (sl *slot) read(r *Reader, at unsafe.Pointer, depth int) {
	if sl.pointer {
		v := reflect.New(sl.goType.Elem())
		*(*unsafe.Pointer)(at) = v.UnsafePointer()
		at = v.UnsafePointer()
	}
	switch sl.typ.Kind {
	case KindTrue:
		*(*bool)(at) = true
	case KindBool:
		*(*bool)(at) = r.Bool()
	case KindInt:
		*(*int32)(at) = r.Int()
	case KindLong:
		*(*int64)(at) = r.Long()
	case KindDouble:
		*(*float64)(at) = r.Double()
	case KindInt128:
		*(*Int128)(at) = r.Int128()
	case KindInt256:
		*(*Int256)(at) = r.Int256()
	case KindString:
		*(*string)(at) = r.String()
	case KindBytes:
		*(*[]byte)(at) = r.Bytes()
	case KindQuery, KindAny:
		*(*[]byte)(at) = r.Rest()
	case KindVector:
		sl.readVector(r, at, depth)
	case KindUnion, KindBare:
		sl.readStruct(r, at, depth)
	}
}

// readStruct reads a boxed or bare value into an interface or a pointer.
func (sl *slot) readStruct(r *Reader, at unsafe.Pointer, depth int) {
	start := r.off
	var p *plan
	switch {
	case sl.face != nil:
		p = sl.schema.readPlan(r, sl.typ.Name)
	default:
		var err error
		if p, err = sl.pointed(); err != nil {
			r.Fail(err)
			return
		}
		if sl.typ.Kind == KindUnion {
			sl.wantID(r, p)
		}
	}
	if p == nil || r.err != nil {
		return
	}
	var tab unsafe.Pointer
	if sl.face != nil {
		if tab = sl.face.tab(p); tab == nil {
			r.off = start
			r.Fail(&UnknownConstructorError{p.def.ID, p.def.Name, sl.typ.Name})
			return
		}
	}
	v := reflect.New(p.typ).UnsafePointer()
	p.read(r, v, depth+1)
	if sl.face != nil {
		*(*words)(at) = words{tab, v}
	} else {
		*(*unsafe.Pointer)(at) = v
	}
}

// wantID reads the number of the only constructor that may stand here.
func (sl *slot) wantID(r *Reader, p *plan) {
	start := r.off
	id := r.Uint32()
	if r.err != nil || id == p.def.ID {
		return
	}
	r.off = start
	e := &UnknownConstructorError{ID: id, Want: p.def.Result.Name}
	if d, _ := sl.schema.LookupID(id); d != nil {
		e.Name = d.Name
	}
	r.Fail(e)
}

// readVector reads a vector into a slice, which is never nil afterwards.
func (sl *slot) readVector(r *Reader, at unsafe.Pointer, depth int) {
	n := r.vector(sl.typ)
	if r.err != nil {
		return
	}
	items := reflect.MakeSlice(sl.goType, n, n).UnsafePointer()
	*(*header)(at) = header{items, n, n}
	size := sl.elem.goType.Size()
	for i := range n {
		sl.elem.read(r, unsafe.Add(items, uintptr(i)*size), depth+1)
		if r.err != nil {
			r.err = within(fmt.Sprintf("[%d]", i), r.err)
			return
		}
	}
}

// header is a slice as the runtime lays it out.
type header struct {
	data     unsafe.Pointer
	len, cap int
}

// present reports whether the optional field of st, in the struct at base, is
// set: a bool that is true; a pointer, slice or interface that is not nil. What
// an older layer has as optional and the struct holds as a plain value always is.
func (st *step) present(base unsafe.Pointer) bool {
	switch {
	case st.slot == nil:
		return false
	case st.kind == KindTrue:
		return *(*bool)(unsafe.Add(base, st.offset))
	}
	return !st.slot.nilable || *(*unsafe.Pointer)(unsafe.Add(base, st.offset)) != nil
}

// append appends the fields of p's definition from the struct at base.
func (p *plan) append(dst []byte, base unsafe.Pointer, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return dst, ErrNested
	}
	var flags [maxWords]uint32
	for i := range p.steps {
		if st := &p.steps[i]; st.word != Always && st.kind != KindFlags && st.present(base) {
			flags[st.word] |= 1 << st.bit
		}
	}
	var err error
	for i := range p.steps {
		st := &p.steps[i]
		switch {
		case st.kind == KindFlags:
			dst = AppendUint32(dst, flags[st.word])
			continue
		case st.word != Always && flags[st.word]>>st.bit&1 == 0:
			continue
		case st.slot == nil:
			dst, err = appendZero(dst, st.param.Type)
		case st.word != Always && !st.present(base):
			err = st.missing()
		default:
			dst, err = st.slot.append(dst, unsafe.Add(base, st.offset), depth)
		}
		if err != nil {
			return dst, within(p.def.Name+"."+st.param.Name, err)
		}
	}
	return dst, nil
}

// missing judges a field that is not set although its bit is: another field
// shares the bit and is.
func (st *step) missing() error {
	if st.kind == KindTrue {
		return nil
	}
	return errors.New("got nothing, want a value: a field that goes with it is set")
}

// append appends the value at the place at.
func (sl *slot) append(dst []byte, at unsafe.Pointer, depth int) ([]byte, error) {
	if sl.pointer {
		if at = *(*unsafe.Pointer)(at); at == nil {
			return dst, errMissing
		}
	}
	switch sl.typ.Kind {
	case KindTrue:
		return dst, nil
	case KindBool:
		return AppendBool(dst, *(*bool)(at)), nil
	case KindInt:
		return AppendInt(dst, *(*int32)(at)), nil
	case KindLong:
		return AppendLong(dst, *(*int64)(at)), nil
	case KindDouble:
		return AppendDouble(dst, *(*float64)(at)), nil
	case KindInt128:
		return AppendInt128(dst, *(*Int128)(at)), nil
	case KindInt256:
		return AppendInt256(dst, *(*Int256)(at)), nil
	case KindString:
		v := *(*string)(at)
		return AppendString(dst, v), tooLong(len(v))
	case KindBytes:
		v := *(*[]byte)(at)
		return AppendBytes(dst, v), tooLong(len(v))
	case KindQuery, KindAny:
		return append(dst, *(*[]byte)(at)...), nil
	case KindVector:
		return sl.appendVector(dst, at, depth)
	}
	return sl.appendStruct(dst, at, depth)
}

var errMissing = errors.New("got nothing, want a value")

// tooLong refuses a string whose length does not fit in three bytes.
func tooLong(n int) error {
	if n > MaxString {
		return fmt.Errorf("got a string of %d bytes, want at most %d", n, MaxString)
	}
	return nil
}

func (sl *slot) appendVector(dst []byte, at unsafe.Pointer, depth int) ([]byte, error) {
	h := (*header)(at)
	if !sl.typ.Bare {
		dst = AppendUint32(dst, VectorID)
	}
	dst = AppendInt(dst, int32(h.len))
	size := sl.elem.goType.Size()
	var err error
	for i := range h.len {
		if dst, err = sl.elem.append(dst, unsafe.Add(h.data, uintptr(i)*size), depth+1); err != nil {
			return dst, within(fmt.Sprintf("[%d]", i), err)
		}
	}
	return dst, nil
}

func (sl *slot) appendStruct(dst []byte, at unsafe.Pointer, depth int) ([]byte, error) {
	value := *(*unsafe.Pointer)(at)
	var p *plan
	var err error
	if sl.face == nil {
		p, err = sl.pointed()
	} else if w := (*words)(at); w.tab != nil {
		value = w.data
		p, err = sl.plan(w)
	}
	switch {
	case err != nil:
		return dst, err
	case p == nil || value == nil:
		return dst, errMissing
	}
	if sl.typ.Kind == KindUnion {
		dst = AppendUint32(dst, p.def.ID)
	}
	return p.append(dst, value, depth+1)
}
