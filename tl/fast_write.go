//go:build !purego

package tl

import (
	"fmt"
	"unsafe"
)

// append appends the fields of p's definition from the struct at base.
func (p *plan) append(dst []byte, base unsafe.Pointer, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return dst, ErrNested
	}
	set := flags{always: ^uint32(0)}
	for i := range p.words {
		set[i%len(set)] = p.words[i].gather(base)
	}
	var err error
	for i := 0; i < len(p.steps); i++ {
		st := &p.steps[i]
		word := set[st.word%uint8(len(set))]
		if word&st.run == 0 {
			i = int(st.end) - 1
			continue
		}
		if word>>(st.bit&31)&1 == 0 {
			continue
		}
		at := unsafe.Add(base, st.offset)
		switch st.kind {
		case KindFlags:
			dst = AppendUint32(dst, set[st.bit%uint8(len(set))])
		case KindInt:
			dst = AppendInt(dst, *(*int32)(at))
		case KindLong:
			dst = AppendLong(dst, *(*int64)(at))
		case KindUnion:
			dst, err = st.slot.appendStruct(dst, at, depth)
		case kindShared:
			dst, err = st.appendShared(dst, at, depth)
		case kindAbsent:
			dst, err = appendZero(dst, p.def.Params[st.param].Type)
		default:
			dst, err = st.slot.append(dst, at, depth)
		}
		if err != nil {
			return dst, within(p.name(st), err)
		}
	}
	return dst, nil
}

// gather returns the word of flags for the struct at base. A bit that several
// fields share is set by any of them.
func (w *flagWord) gather(base unsafe.Pointer) uint32 {
	word := w.fixed
	for i := range w.trues {
		m := &w.trues[i]
		word |= uint32(*(*uint8)(unsafe.Add(base, m.offset))) << (m.bit & 31)
	}
	for i := range w.values {
		m := &w.values[i]
		if *(*unsafe.Pointer)(unsafe.Add(base, m.offset)) != nil {
			word |= 1 << (m.bit & 31)
		}
	}
	return word
}

// appendShared appends an optional field that may be missing although its bit is
// set: then another field has set it.
func (st *step) appendShared(dst []byte, at unsafe.Pointer, depth int) ([]byte, error) {
	if *(*unsafe.Pointer)(at) == nil {
		return dst, errPartner
	}
	return st.slot.append(dst, at, depth)
}

// append appends the value at the place at.
func (sl *slot) append(dst []byte, at unsafe.Pointer, depth int) ([]byte, error) {
	if sl.pointed {
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

func (sl *slot) appendVector(dst []byte, at unsafe.Pointer, depth int) ([]byte, error) {
	h := (*header)(at)
	if !sl.typ.Bare {
		dst = AppendUint32(dst, VectorID)
	}
	dst = AppendInt(dst, int32(h.len))
	var err error
	for i := range h.len {
		if dst, err = sl.elem.append(dst, unsafe.Add(h.data, uintptr(i)*sl.elem.fast.size), depth+1); err != nil {
			return dst, within(fmt.Sprintf("[%d]", i), err)
		}
	}
	return dst, nil
}

func (sl *slot) appendStruct(dst []byte, at unsafe.Pointer, depth int) ([]byte, error) {
	value := *(*unsafe.Pointer)(at)
	var p *plan
	var err error
	if !sl.union {
		p, err = sl.plan()
	} else if w := (*iface)(at); w.tab != nil {
		value = w.data
		p, err = sl.planOfTab(w.tab)
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
