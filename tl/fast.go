//go:build !purego

package tl

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// The fast codec finds a field by its offset, makes interface values from their two
// words, and takes the memory of a value in blocks. It depends on how the runtime
// lays out interfaces and slices; FuzzPortable holds it equal to the portable one.

// fastPlan is what the fast codec needs of a plan.
type fastPlan struct {
	cell *cell                 // of the struct
	home *atomic.Pointer[seat] // nearly every struct is in one interface only
}

func newFastPlan(t reflect.Type) fastPlan { return fastPlan{newCell(t), new(atomic.Pointer[seat])} }

// fastSlot is what the fast codec needs of a slot.
type fastSlot struct {
	size    uintptr               // of the Go type
	pointed *cell                 // of what an optional base type points to
	face    unsafe.Pointer        // which interface a union is
	last    *atomic.Pointer[plan] // of the constructor that was read or written last
}

func newFastSlot(sl *slot) fastSlot {
	f := fastSlot{size: sl.goType.Size()}
	switch {
	case sl.pointed:
		f.pointed = baseCells[sl.goType.Elem()]
	case sl.union:
		f.face, f.last = (*iface)(unsafe.Pointer(&sl.goType)).data, new(atomic.Pointer[plan])
	}
	return f
}

// fastSchema finds plans and slots by the first words of interface values.
type fastSchema struct {
	plans sync.Map // unsafe.Pointer → *plan
	slots sync.Map // unsafe.Pointer → *slot
}

// seat is the place of a plan in an interface.
type seat struct {
	face unsafe.Pointer
	tab  unsafe.Pointer // the first word of the interface value
}

// iface is an interface value as the runtime lays it out. The first word of one
// without methods is the type, of one with methods a table made for both types.
// Neither is ever moved or freed.
type iface struct{ tab, data unsafe.Pointer }

// append appends a pointer to a struct. The compiler must not see where v goes, or
// every literal that is written would be allocated.
func (s *Schema) append(dst []byte, v any) ([]byte, error) {
	value := (*iface)(unsafe.Pointer(&v))
	tab := unseen(value.tab)
	var p *plan
	if found, ok := s.fast.plans.Load(tab); ok {
		p = found.(*plan)
	} else {
		var err error
		if p, err = s.planOf(reflect.TypeOf(v)); err != nil {
			return dst, err
		}
		s.fast.plans.Store(tab, p)
	}
	if value.data == nil {
		return dst, fmt.Errorf("got a nil %v, want a pointer to a struct", reflect.TypeOf(v))
	}
	dst, err := p.append(AppendUint32(dst, p.id), unseen(value.data), 0)
	runtime.KeepAlive(v)
	return dst, err
}

// decode reads a value into the place that into points to.
func (s *Schema) decode(d *decoder, into any) error {
	place := (*iface)(unsafe.Pointer(&into))
	tab := unseen(place.tab)
	var sl *slot
	if found, ok := s.fast.slots.Load(tab); ok {
		sl = found.(*slot)
	} else {
		var err error
		if sl, err = s.slotFor(reflect.TypeOf(into)); err != nil {
			return err
		}
		s.fast.slots.Store(tab, sl)
	}
	if place.data == nil {
		return fmt.Errorf("got a nil %v, want a pointer to where the value goes", reflect.TypeOf(into))
	}
	sl.read(d, unseen(place.data), 0)
	runtime.KeepAlive(into)
	return nil
}

// read reads a boxed value and returns a pointer to its struct.
func (s *Schema) read(d *decoder) any {
	p := s.readPlan(d, "")
	if p == nil {
		return nil
	}
	v := reflect.New(p.typ)
	p.read(d, v.UnsafePointer(), 0)
	if d.err != nil {
		return nil
	}
	return v.Interface()
}

// unseen returns p as a pointer of which the compiler does not know the origin, so
// that it may point to the stack of a caller. No copy of it may outlive the call:
// reading and writing structs store it nowhere and put it into no error.
func unseen(p unsafe.Pointer) unsafe.Pointer {
	address := uintptr(p)
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}

// tab returns the first word of an interface value of sl's type that holds a
// pointer to p's struct, or nil if the struct does not belong to the union.
func (sl *slot) tab(p *plan) unsafe.Pointer {
	if s := p.fast.home.Load(); s != nil && s.face == sl.fast.face {
		return s.tab
	}
	return sl.newTab(p)
}

func (sl *slot) newTab(p *plan) unsafe.Pointer {
	pointer := reflect.PointerTo(p.typ)
	if !pointer.Implements(sl.goType) {
		return nil
	}
	v := reflect.New(sl.goType)
	v.Elem().Set(reflect.Zero(pointer))
	s := &seat{sl.fast.face, (*iface)(v.UnsafePointer()).tab}
	p.fast.home.Store(s)
	return s.tab
}

// planOfTab returns the plan of the struct that an interface value of sl's type
// points to whose first word is tab. The value itself is not looked at: it may
// be on a stack.
func (sl *slot) planOfTab(tab unsafe.Pointer) (*plan, error) {
	if p := sl.fast.last.Load(); p != nil {
		if s := p.fast.home.Load(); s != nil && s.tab == tab {
			return p, nil
		}
	}
	if found, ok := sl.schema.fast.plans.Load(tab); ok {
		p := found.(*plan)
		sl.fast.last.Store(p)
		return p, nil
	}
	empty := &iface{tab: tab}
	p, err := sl.planIn(reflect.NewAt(sl.goType, unsafe.Pointer(empty)).Elem().Elem().Type())
	if err != nil {
		return nil, err
	}
	sl.schema.fast.plans.Store(tab, p)
	sl.tab(p)
	return p, nil
}
