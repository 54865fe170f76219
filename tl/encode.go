package tl

import (
	"errors"
	"fmt"
	"unsafe"
)

// append appends the fields of p's definition from the struct at base.
func (p *plan) append(dst []byte, base unsafe.Pointer, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return dst, ErrNested
	}
	set := p.flags(base)
	var err error
	for i := range p.steps {
		st := &p.steps[i]
		if !set.has(st) && st.kind != KindFlags {
			continue
		}
		at := unsafe.Add(base, st.offset)
		switch st.kind {
		case KindFlags:
			dst = AppendUint32(dst, set[st.word])
		case KindInt:
			dst = AppendInt(dst, *(*int32)(at))
		case KindLong:
			dst = AppendLong(dst, *(*int64)(at))
		case kindAbsent:
			dst, err = appendZero(dst, p.def.Params[st.param].Type)
		default:
			if st.word != always && !st.present(base) {
				err = errPartner
			} else {
				dst, err = st.slot.append(dst, at, depth)
			}
		}
		if err != nil {
			return dst, within(p.name(st), err)
		}
	}
	return dst, nil
}

// flags returns p's words of flags for the struct at base. A bit that several
// fields share is set by any of them.
func (p *plan) flags(base unsafe.Pointer) (set flags) {
	set[always] = ^uint32(0)
	if p.words == 0 {
		return set
	}
	for i := range p.trues {
		if st := &p.trues[i]; *(*bool)(unsafe.Add(base, st.offset)) {
			set[st.word] |= 1 << (st.bit & 31)
		}
	}
	for i := range p.steps {
		if st := &p.steps[i]; st.word < always && st.kind != KindFlags && st.present(base) {
			set[st.word] |= 1 << (st.bit & 31)
		}
	}
	return set
}

// present reports whether the optional field of st, in the struct at base, is
// set: a pointer, slice or interface that is not nil. What an older layer has as
// optional and the struct holds as a plain value always is.
func (st *step) present(base unsafe.Pointer) bool {
	if st.kind == kindAbsent {
		return false
	}
	return !st.slot.nilable || *(*unsafe.Pointer)(unsafe.Add(base, st.offset)) != nil
}

var (
	errMissing = errors.New("got nothing, want a value")
	errPartner = errors.New("got nothing, want a value: a field that goes with it is set")
)

// append appends the value at the place at.
func (sl *slot) append(dst []byte, at unsafe.Pointer, depth int) ([]byte, error) {
	if sl.pointed != nil {
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
	var err error
	for i := range h.len {
		if dst, err = sl.elem.append(dst, unsafe.Add(h.data, uintptr(i)*sl.elem.size), depth+1); err != nil {
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
		p, err = sl.plan()
	} else if w := (*words)(at); w.tab != nil {
		value = w.data
		p, err = sl.planIn(w.tab)
	}
	switch {
	case err != nil:
		return dst, err
	case p == nil || value == nil:
		return dst, errMissing
	}
	if sl.typ.Kind == KindUnion {
		dst = AppendUint32(dst, p.id)
	}
	return p.append(dst, value, depth+1)
}
