//go:build !purego

package tl

import (
	"fmt"
	"math/bits"
	"reflect"
	"unsafe"
)

// read reads the fields of p's definition into the struct at base, which is zero.
func (p *plan) read(d *decoder, base unsafe.Pointer, depth int) {
	if depth > MaxDepth {
		d.Fail(ErrNested)
	}
	set := flags{always: ^uint32(0)}
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
			set[st.bit%uint8(len(set))] = d.Uint32()
			p.words[st.bit].read(set[st.bit%uint8(len(set))], base)
		case KindInt:
			*(*int32)(at) = d.Int()
		case KindLong:
			*(*int64)(at) = d.Long()
		case KindString:
			*(*string)(at) = d.text()
		case KindUnion:
			st.slot.readUnion(d, (*iface)(at), depth)
		case kindAbsent:
			p.schema.readValue(&d.Reader, p.def.Params[st.param].Type, depth+1) // and drop it
		default:
			st.slot.read(d, at, depth)
		}
		if d.err != nil {
			d.err = within(p.name(st), d.err)
			return
		}
	}
}

// read sets the bools of the struct at base that word says are true.
func (w *flagWord) read(word uint32, base unsafe.Pointer) {
	for left := word & w.bools; left != 0; left &= left - 1 {
		*(*bool)(unsafe.Add(base, w.at[bits.TrailingZeros32(left)&31].offset)) = true
	}
}

// text reads a string into memory that the value's strings share.
func (d *decoder) text() string {
	b := d.lend()
	return d.arena.string(b, d.Len())
}

// read reads a value into the place at.
func (sl *slot) read(d *decoder, at unsafe.Pointer, depth int) {
	if sl.pointed {
		value := d.take(sl.fast.pointed)
		*(*unsafe.Pointer)(at) = value
		at = value
	}
	switch sl.typ.Kind {
	case KindTrue:
		*(*bool)(at) = true
	case KindBool:
		*(*bool)(at) = d.Bool()
	case KindInt:
		*(*int32)(at) = d.Int()
	case KindLong:
		*(*int64)(at) = d.Long()
	case KindDouble:
		*(*float64)(at) = d.Double()
	case KindInt128:
		*(*Int128)(at) = d.Int128()
	case KindInt256:
		*(*Int256)(at) = d.Int256()
	case KindString:
		*(*string)(at) = d.text()
	case KindBytes:
		*(*[]byte)(at) = d.Bytes()
	case KindQuery, KindAny:
		*(*[]byte)(at) = d.Rest()
	case KindVector:
		sl.readVector(d, at, depth)
	case KindUnion, KindBare:
		sl.readStruct(d, at, depth)
	}
}

// readStruct reads a boxed or bare value into an interface or a pointer.
func (sl *slot) readStruct(d *decoder, at unsafe.Pointer, depth int) {
	if sl.union {
		sl.readUnion(d, (*iface)(at), depth)
		return
	}
	p, err := sl.plan()
	if err != nil {
		d.Fail(err)
		return
	}
	if sl.typ.Kind == KindUnion {
		sl.wantID(d, p)
	}
	if d.err == nil {
		v := d.take(p.fast.cell)
		p.read(d, v, depth+1)
		*(*unsafe.Pointer)(at) = v
	}
}

// readUnion reads a value of one of several constructors into an interface.
func (sl *slot) readUnion(d *decoder, into *iface, depth int) {
	start := d.off
	id := d.Uint32()
	p := sl.fast.last.Load()
	if p == nil || p.id != id {
		if p = sl.schema.planFor(d, start, id, sl.typ.Name); p == nil {
			return
		}
		sl.fast.last.Store(p)
	}
	tab := sl.tab(p)
	if tab == nil {
		d.failAt(start, &UnknownConstructorError{p.id, p.def.Name, sl.typ.Name})
		return
	}
	v := d.take(p.fast.cell)
	p.read(d, v, depth+1)
	*into = iface{tab, v}
}

// readVector reads a vector into a slice, which is never nil afterwards.
func (sl *slot) readVector(d *decoder, at unsafe.Pointer, depth int) {
	n := d.vector(sl.typ)
	if d.err != nil {
		return
	}
	if !d.charge(n * int(sl.elem.fast.size)) {
		return
	}
	items, size := sl.elem.items(n), sl.elem.fast.size
	*(*header)(at) = header{items, n, n}
	for i := range n {
		at := unsafe.Add(items, uintptr(i)*size)
		if sl.elem.union {
			sl.elem.readUnion(d, (*iface)(at), depth+1)
		} else {
			sl.elem.read(d, at, depth+1)
		}
		if d.err != nil {
			d.err = within(fmt.Sprintf("[%d]", i), d.err)
			return
		}
	}
}

// items returns memory for n values of sl's Go type. What the garbage collector
// must know of it is where the pointers are: that is all that the types here share
// with sl's.
func (sl *slot) items(n int) unsafe.Pointer {
	switch sl.typ.Kind {
	case KindUnion, KindBare:
		if sl.union {
			return unsafe.Pointer(unsafe.SliceData(make([]iface, n)))
		}
		return unsafe.Pointer(unsafe.SliceData(make([]unsafe.Pointer, n)))
	case KindInt:
		return unsafe.Pointer(unsafe.SliceData(make([]int32, n)))
	case KindLong:
		return unsafe.Pointer(unsafe.SliceData(make([]int64, n)))
	case KindString:
		return unsafe.Pointer(unsafe.SliceData(make([]string, n)))
	}
	return reflect.MakeSlice(reflect.SliceOf(sl.goType), n, n).UnsafePointer()
}

// header is a slice as the runtime lays it out.
type header struct {
	data     unsafe.Pointer
	len, cap int
}
