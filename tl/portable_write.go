package tl

import (
	"fmt"
	"reflect"
)

// portableAppend appends a pointer to a struct, which it reads by reflection.
func (s *Schema) portableAppend(dst []byte, v any) ([]byte, error) {
	value := reflect.ValueOf(v)
	p, err := s.planOf(reflect.TypeOf(v))
	if err != nil {
		return dst, err
	}
	if value.IsNil() {
		return dst, fmt.Errorf("got a nil %v, want a pointer to a struct", value.Type())
	}
	return p.appendValue(AppendUint32(dst, p.id), value.Elem(), 0)
}

// appendValue appends the fields of p's definition from the struct v.
func (p *plan) appendValue(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return dst, ErrNested
	}
	set := flags{always: ^uint32(0)}
	for i := range p.words {
		set[i] = p.words[i].gatherValue(v)
	}
	var err error
	for i := range p.steps {
		st := &p.steps[i]
		if set[st.word]>>st.bit&1 == 0 {
			continue
		}
		switch st.kind {
		case KindFlags:
			dst = AppendUint32(dst, set[st.bit])
		case kindAbsent:
			dst, err = appendZero(dst, p.def.Params[st.param].Type)
		case kindShared:
			if v.Field(int(st.field)).IsNil() {
				err = errPartner
				break
			}
			fallthrough
		default:
			dst, err = st.slot.appendValue(dst, v.Field(int(st.field)), depth)
		}
		if err != nil {
			return dst, within(p.name(st), err)
		}
	}
	return dst, nil
}

// gatherValue returns the word of flags for the struct v.
func (w *flagWord) gatherValue(v reflect.Value) uint32 {
	word := w.fixed
	for _, m := range w.trues {
		if v.Field(int(m.field)).Bool() {
			word |= 1 << m.bit
		}
	}
	for _, m := range w.values {
		if !v.Field(int(m.field)).IsNil() {
			word |= 1 << m.bit
		}
	}
	return word
}

// appendValue appends v, a value of sl's Go type.
func (sl *slot) appendValue(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if sl.pointed {
		if v.IsNil() {
			return dst, errMissing
		}
		v = v.Elem()
	}
	switch sl.typ.Kind {
	case KindTrue:
		return dst, nil
	case KindBool:
		return AppendBool(dst, v.Bool()), nil
	case KindInt:
		return AppendInt(dst, int32(v.Int())), nil
	case KindLong:
		return AppendLong(dst, v.Int()), nil
	case KindDouble:
		return AppendDouble(dst, v.Float()), nil
	case KindInt128:
		return AppendInt128(dst, v.Interface().(Int128)), nil
	case KindInt256:
		return AppendInt256(dst, v.Interface().(Int256)), nil
	case KindString:
		return AppendString(dst, v.String()), tooLong(v.Len())
	case KindBytes:
		return AppendBytes(dst, v.Bytes()), tooLong(v.Len())
	case KindQuery, KindAny:
		return append(dst, v.Bytes()...), nil
	case KindVector:
		return sl.appendItems(dst, v, depth)
	}
	return sl.appendPointer(dst, v, depth)
}

func (sl *slot) appendItems(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if !sl.typ.Bare {
		dst = AppendUint32(dst, VectorID)
	}
	dst = AppendInt(dst, int32(v.Len()))
	var err error
	for i := range v.Len() {
		if dst, err = sl.elem.appendValue(dst, v.Index(i), depth+1); err != nil {
			return dst, within(fmt.Sprintf("[%d]", i), err)
		}
	}
	return dst, nil
}

// appendPointer appends the struct that v, an interface or a pointer, points to.
func (sl *slot) appendPointer(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if v.IsNil() {
		return dst, errMissing
	}
	p, err := (*plan)(nil), error(nil)
	if sl.union {
		v = v.Elem()
		p, err = sl.planIn(v.Type())
	} else {
		p, err = sl.plan()
	}
	switch {
	case err != nil:
		return dst, err
	case v.IsNil():
		return dst, errMissing
	}
	if sl.typ.Kind == KindUnion {
		dst = AppendUint32(dst, p.id)
	}
	return p.appendValue(dst, v.Elem(), depth+1)
}
