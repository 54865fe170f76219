package tl

import (
	"fmt"
	"reflect"
	"sync/atomic"
	"unsafe"
)

// slot is how a TL type sits in Go memory.
type slot struct {
	schema  *Schema
	typ     Type
	goType  reflect.Type
	size    uintptr              // of goType
	nilable bool                 // the first word of the Go value is nil when there is none
	pointed *cell                // of what an optional base type points to
	elem    *slot                // of a slice
	face    unsafe.Pointer       // a union of several constructors: which interface it is
	one     atomic.Pointer[plan] // of the struct that a pointer points to
}

// seat is the place of a plan in an interface. Nearly every struct is seen in one
// interface only, so its plan remembers that one.
type seat struct {
	face unsafe.Pointer
	tab  unsafe.Pointer // the first word of the interface value
}

var goTypes = map[Kind]reflect.Type{
	KindTrue: reflect.TypeFor[bool](), KindBool: reflect.TypeFor[bool](),
	KindInt: reflect.TypeFor[int32](), KindLong: reflect.TypeFor[int64](), KindDouble: reflect.TypeFor[float64](),
	KindInt128: reflect.TypeFor[Int128](), KindInt256: reflect.TypeFor[Int256](),
	KindString: reflect.TypeFor[string](), KindBytes: reflect.TypeFor[[]byte](),
	KindQuery: reflect.TypeFor[Raw](), KindAny: reflect.TypeFor[Raw](),
}

// makeSlot checks that the Go type g can hold the TL type t.
func (s *Schema) makeSlot(t Type, g reflect.Type) (*slot, error) {
	sl := &slot{schema: s, typ: t, goType: g, size: g.Size()}
	switch g.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Interface:
		sl.nilable = true
	}
	if want, ok := goTypes[t.Kind]; ok {
		if g.Kind() == reflect.Pointer && want.Kind() != reflect.Slice && g.Elem() == want {
			sl.pointed = baseCells[want]
			return sl, nil
		}
		if g != want {
			return nil, fmt.Errorf("got Go type %v for %v, want %v", g, t, want)
		}
		return sl, nil
	}
	switch {
	case t.Kind == KindVector && g.Kind() == reflect.Slice:
		var err error
		sl.elem, err = s.makeSlot(*t.Elem, g.Elem())
		return sl, err
	case t.Kind == KindUnion && g.Kind() == reflect.Interface && unsafe.Sizeof((any)(nil)) == g.Size() && g.NumMethod() > 0:
		sl.face = (*iface)(unsafe.Pointer(&g)).data
		return sl, nil
	case (t.Kind == KindUnion || t.Kind == KindBare) && g.Kind() == reflect.Pointer && g.Elem().Kind() == reflect.Struct:
		return sl, nil
	}
	return nil, fmt.Errorf("got Go type %v for %v, want a slice, an interface or a pointer to a struct", g, t)
}

// plan returns the plan of the struct that sl, a pointer, points to.
func (sl *slot) plan() (*plan, error) {
	if p := sl.one.Load(); p != nil {
		return p, nil
	}
	p, err := sl.schema.planOf(sl.goType)
	if err == nil {
		sl.one.Store(p)
	}
	return p, err
}

// tab returns the first word of an interface value of sl's type that holds a
// pointer to p's struct, or nil if the struct does not belong to the union.
func (sl *slot) tab(p *plan) unsafe.Pointer {
	if s := p.home.Load(); s != nil && s.face == sl.face {
		return s.tab
	}
	return sl.newTab(p)
}

func (sl *slot) newTab(p *plan) unsafe.Pointer {
	pointer := reflect.PointerTo(p.cell.typ)
	if !pointer.Implements(sl.goType) {
		return nil
	}
	v := reflect.New(sl.goType)
	v.Elem().Set(reflect.Zero(pointer))
	s := &seat{sl.face, (*iface)(v.UnsafePointer()).tab}
	p.home.Store(s)
	return s.tab
}

// planIn returns the plan of the struct that an interface value of sl's type
// points to whose first word is tab. The value itself is not looked at: it may
// be on a stack.
func (sl *slot) planIn(tab unsafe.Pointer) (*plan, error) {
	if p := sl.schema.plans.find(uintptr(tab)); p != nil {
		return p, nil
	}
	empty := &iface{tab: tab}
	t := reflect.NewAt(sl.goType, unsafe.Pointer(empty)).Elem().Elem().Type()
	if t.Kind() != reflect.Pointer {
		return nil, fmt.Errorf("got a Go %v, want a pointer to a struct of the schema", t)
	}
	p, err := sl.schema.planOf(t)
	if err != nil {
		return nil, err
	}
	return sl.schema.plans.keep(uintptr(tab), p), nil
}

// iface is an interface value as the runtime lays it out. The first word of one
// without methods is the type, of one with methods a table made for both types.
// Neither is ever moved or freed.
type iface struct{ tab, data unsafe.Pointer }

// typeWord is the first word of an interface value without methods that holds a t.
func typeWord(t reflect.Type) uintptr { return uintptr((*iface)(unsafe.Pointer(&t)).data) }
