package tl

import (
	"fmt"
	"reflect"
	"sync/atomic"
)

// slot maps a TL type to a Go type.
type slot struct {
	schema  *Schema
	typ     Type
	goType  reflect.Type
	nilable bool                 // the Go value is nil when there is none
	pointed bool                 // an optional base type, behind a pointer
	union   bool                 // a union of several constructors, in an interface
	elem    *slot                // of a slice
	one     atomic.Pointer[plan] // of the struct that a pointer points to
	fast    fastSlot
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
	sl := &slot{schema: s, typ: t, goType: g}
	switch g.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Interface:
		sl.nilable = true
	}
	if err := sl.check(t, g); err != nil {
		return nil, err
	}
	sl.fast = newFastSlot(sl)
	return sl, nil
}

func (sl *slot) check(t Type, g reflect.Type) error {
	if want, ok := goTypes[t.Kind]; ok {
		sl.pointed = g.Kind() == reflect.Pointer && want.Kind() != reflect.Slice && g.Elem() == want
		if g != want && !sl.pointed {
			return fmt.Errorf("got Go type %v for %v, want %v", g, t, want)
		}
		return nil
	}
	switch {
	case t.Kind == KindVector && g.Kind() == reflect.Slice:
		var err error
		sl.elem, err = sl.schema.makeSlot(*t.Elem, g.Elem())
		return err
	case t.Kind == KindUnion && g.Kind() == reflect.Interface && g.NumMethod() > 0:
		sl.union = true
		return nil
	case (t.Kind == KindUnion || t.Kind == KindBare) && g.Kind() == reflect.Pointer && g.Elem().Kind() == reflect.Struct:
		return nil
	}
	return fmt.Errorf("got Go type %v for %v, want a slice, an interface or a pointer to a struct", g, t)
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

// planIn returns the plan of the struct that a pointer of type t, in an interface
// of sl's type, points to.
func (sl *slot) planIn(t reflect.Type) (*plan, error) {
	if t.Kind() != reflect.Pointer {
		return nil, fmt.Errorf("got a Go %v, want a pointer to a struct of the schema", t)
	}
	return sl.schema.planOf(t)
}
