package tl

import (
	"fmt"
	"math"
	"reflect"
)

// wholeNumber takes any Go number that is whole and between low and high.
func wholeNumber(v any, low, high int64) (int64, error) {
	rv := reflect.ValueOf(v)
	var n int64
	switch {
	case v == nil:
		return 0, errMissing
	case rv.CanInt():
		n = rv.Int()
	case rv.CanUint() && rv.Uint() <= math.MaxInt64:
		n = int64(rv.Uint())
	case rv.CanFloat() && rv.Float() == math.Trunc(rv.Float()) && math.Abs(rv.Float()) < 1<<53:
		n = int64(rv.Float())
	default:
		return 0, fmt.Errorf("got a Go %T, want a whole number", v)
	}
	if n < low || n > high {
		return 0, fmt.Errorf("got %d, want %d to %d", n, low, high)
	}
	return n, nil
}

// fraction takes any Go number.
func fraction(v any) (float64, error) {
	rv := reflect.ValueOf(v)
	switch {
	case v == nil:
		return 0, errMissing
	case rv.CanFloat():
		return rv.Float(), nil
	case rv.CanInt():
		return float64(rv.Int()), nil
	}
	return 0, fmt.Errorf("got a Go %T, want a number", v)
}

// appendFixed appends exactly n bytes, given as a slice or an array.
func appendFixed(dst []byte, v any, n int) ([]byte, error) {
	var b []byte
	switch v := v.(type) {
	case []byte:
		b = v
	case Int128:
		b = v[:]
	case Int256:
		b = v[:]
	default:
		return dst, fmt.Errorf("got a Go %T, want %d bytes", v, n)
	}
	if len(b) != n {
		return dst, fmt.Errorf("got %d bytes, want %d", len(b), n)
	}
	return append(dst, b...), nil
}

// appendItems appends the items of any Go slice.
func (s *Schema) appendItems(dst []byte, t Type, v any, depth int) ([]byte, error) {
	items := reflect.ValueOf(v)
	if v == nil || items.Kind() != reflect.Slice {
		return dst, wrongGo(v, t)
	}
	if !t.Bare {
		dst = AppendUint32(dst, VectorID)
	}
	dst = AppendInt(dst, int32(items.Len()))
	var err error
	for i := range items.Len() {
		if dst, err = s.appendValue(dst, *t.Elem, items.Index(i).Interface(), depth+1); err != nil {
			return dst, within(fmt.Sprintf("[%d]", i), err)
		}
	}
	return dst, nil
}
