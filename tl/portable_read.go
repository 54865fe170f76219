package tl

import (
	"fmt"
	"reflect"
)

// portableDecode reads a value into the place that into points to, by reflection.
func (s *Schema) portableDecode(d *decoder, into any) error {
	sl, err := s.slotFor(reflect.TypeOf(into))
	if err != nil {
		return err
	}
	place := reflect.ValueOf(into)
	if place.IsNil() {
		return fmt.Errorf("got a nil %v, want a pointer to where the value goes", place.Type())
	}
	sl.readValue(d, place.Elem(), 0)
	return nil
}

// portableRead reads a boxed value and returns a pointer to its struct.
func (s *Schema) portableRead(d *decoder) any {
	p := s.readPlan(d, "")
	if p == nil {
		return nil
	}
	v := reflect.New(p.typ)
	p.readValue(d, v.Elem(), 0)
	if d.err != nil {
		return nil
	}
	return v.Interface()
}

// readValue reads the fields of p's definition into the struct v, which is zero.
func (p *plan) readValue(d *decoder, v reflect.Value, depth int) {
	if depth > MaxDepth {
		d.Fail(ErrNested)
	}
	set := flags{always: ^uint32(0)}
	for i := range p.steps {
		st := &p.steps[i]
		if set[st.word]>>st.bit&1 == 0 {
			continue
		}
		switch st.kind {
		case KindFlags:
			set[st.bit] = d.Uint32()
			p.words[st.bit].setBools(set[st.bit], v)
		case kindAbsent:
			p.schema.readValue(&d.Reader, p.def.Params[st.param].Type, depth+1) // and drop it
		default:
			st.slot.readValue(d, v.Field(int(st.field)), depth)
		}
		if d.err != nil {
			d.err = within(p.name(st), d.err)
			return
		}
	}
}

// setBools sets the bools of the struct v that word says are true.
func (w *flagWord) setBools(word uint32, v reflect.Value) {
	for bit, m := range w.at {
		if word&w.bools>>bit&1 != 0 {
			v.Field(int(m.field)).SetBool(true)
		}
	}
}

// readValue reads a value into v, which has sl's Go type.
func (sl *slot) readValue(d *decoder, v reflect.Value, depth int) {
	if sl.pointed {
		if !d.charge(int(v.Type().Elem().Size())) {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch sl.typ.Kind {
	case KindTrue:
		v.SetBool(true)
	case KindBool:
		v.SetBool(d.Bool())
	case KindInt:
		v.SetInt(int64(d.Int()))
	case KindLong:
		v.SetInt(d.Long())
	case KindDouble:
		v.SetFloat(d.Double())
	case KindInt128:
		v.Set(reflect.ValueOf(d.Int128()))
	case KindInt256:
		v.Set(reflect.ValueOf(d.Int256()))
	case KindString:
		v.SetString(d.String())
	case KindBytes:
		v.SetBytes(d.Bytes())
	case KindQuery, KindAny:
		v.SetBytes(d.Rest())
	case KindVector:
		sl.readItems(d, v, depth)
	case KindUnion, KindBare:
		sl.readPointer(d, v, depth)
	}
}

// readItems reads a vector into a slice, which is never nil afterwards.
func (sl *slot) readItems(d *decoder, v reflect.Value, depth int) {
	n := d.vector(sl.typ)
	if d.err != nil || !d.charge(n*int(v.Type().Elem().Size())) {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		sl.elem.readValue(d, v.Index(i), depth+1)
		if d.err != nil {
			d.err = within(fmt.Sprintf("[%d]", i), d.err)
			return
		}
	}
}

// readPointer reads a boxed or bare value into an interface or a pointer.
func (sl *slot) readPointer(d *decoder, v reflect.Value, depth int) {
	start := d.off
	p, err := (*plan)(nil), error(nil)
	if sl.union {
		if p = sl.schema.readPlan(d, sl.typ.Name); p == nil {
			return
		}
		if !reflect.PointerTo(p.typ).Implements(sl.goType) {
			d.failAt(start, &UnknownConstructorError{p.id, p.def.Name, sl.typ.Name})
			return
		}
	} else if p, err = sl.plan(); err != nil {
		d.Fail(err)
		return
	} else if sl.typ.Kind == KindUnion {
		sl.wantID(d, p)
	}
	if d.err != nil || !d.charge(int(p.typ.Size())) {
		return
	}
	value := reflect.New(p.typ)
	p.readValue(d, value.Elem(), depth+1)
	v.Set(value)
}
