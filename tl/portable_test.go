package tl_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// filler fills structs of the schema with values by chance.
type filler struct {
	*rand.Rand
	structs []reflect.Type
	unions  map[reflect.Type][]reflect.Type // the structs of each interface
}

func newFiller(seed uint64) *filler {
	return &filler{rand.New(rand.NewPCG(seed, 1)), tg.Schema.Structs(), map[reflect.Type][]reflect.Type{}}
}

// fill gives v a value, of which about depth levels are not empty.
func (f *filler) fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(f.IntN(2) == 0)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.Uint64()) >> f.IntN(64))
	case reflect.Float64:
		v.SetFloat(f.Float64())
	case reflect.String:
		v.SetString(string(f.bytes()))
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).SetUint(f.Uint64() & 0xff)
		}
	case reflect.Slice:
		f.fillSlice(v, depth)
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), depth)
		}
	case reflect.Pointer:
		if v.Type().Elem().Kind() != reflect.Struct && f.IntN(2) == 0 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		if depth > 0 || v.Type().Elem().Kind() != reflect.Struct {
			f.fill(v.Elem(), depth-1)
		}
	case reflect.Interface:
		f.fillUnion(v, depth)
	}
}

func (f *filler) bytes() []byte {
	b := make([]byte, f.IntN(6)*f.IntN(60))
	for i := range b {
		b[i] = byte('a' + f.IntN(26))
	}
	return b
}

func (f *filler) fillSlice(v reflect.Value, depth int) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes(f.bytes())
		return
	}
	if depth <= 0 || f.IntN(3) == 0 {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 1+f.IntN(3), 3))
	for i := range v.Len() {
		f.fill(v.Index(i), depth-1)
	}
}

func (f *filler) fillUnion(v reflect.Value, depth int) {
	all, ok := f.unions[v.Type()]
	if !ok {
		for _, t := range f.structs {
			if t.Implements(v.Type()) {
				all = append(all, t)
			}
		}
		f.unions[v.Type()] = all
	}
	if depth <= 0 || len(all) == 0 || f.IntN(4) == 0 {
		return
	}
	p := reflect.New(all[f.IntN(len(all))].Elem())
	f.fill(p.Elem(), depth-1)
	v.Set(p)
}

// agree checks that both codecs encode v alike, errors included, and decode the
// result alike. It reports whether v can be encoded.
func agree(t *testing.T, v any) bool {
	t.Helper()
	fast, err := tg.Schema.Append([]byte("before"), v)
	portable, portableErr := tg.Schema.PortableAppend([]byte("before"), v)
	if fmt.Sprint(err) != fmt.Sprint(portableErr) || err == nil && !bytes.Equal(fast, portable) {
		t.Fatalf("%T: written as %x, %v, and by the portable codec as %x, %v", v, fast, err, portable, portableErr)
	}
	if err == nil {
		agreeOn(t, fast[len("before"):])
	}
	return err == nil
}

// agreeOn wants both codecs to read b alike, errors included.
func agreeOn(t *testing.T, b []byte) {
	t.Helper()
	r := tl.NewReader(b)
	fast, err := tg.Schema.Read(r), r.Err()
	if err == nil && r.Len() > 0 {
		err = fmt.Errorf("got %d bytes after the value, want none", r.Len())
	}
	portable, portableErr := tg.Schema.PortableRead(b)
	if fmt.Sprint(err) != fmt.Sprint(portableErr) {
		t.Fatalf("%x: got %v, from the portable codec %v", b, err, portableErr)
	}
	if err != nil {
		return
	}
	// Compare the encoded values: a float may be NaN, which equals nothing.
	again, err := tg.Schema.Append(nil, fast)
	portableAgain, portableErr := tg.Schema.Append(nil, portable)
	if reflect.TypeOf(fast) != reflect.TypeOf(portable) || err != nil || portableErr != nil || !bytes.Equal(again, portableAgain) {
		t.Fatalf("%x: read as %+v, %v, and by the portable codec as %+v, %v", b, fast, err, portable, portableErr)
	}
}

func TestBothCodecsAgreeOnEveryStruct(t *testing.T) {
	f := newFiller(1)
	if len(f.structs) < 2000 {
		t.Fatalf("got %d structs, want those of the whole API", len(f.structs))
	}
	whole := 0
	for _, typ := range f.structs {
		for range 4 {
			v := reflect.New(typ.Elem())
			f.fill(v.Elem(), 4)
			if agree(t, v.Interface()) {
				whole++
			}
		}
		agree(t, reflect.New(typ.Elem()).Interface()) // with all its unions missing
	}
	if whole < len(f.structs) {
		t.Errorf("%d of %d values could be written, want more: the others lack something", whole, 4*len(f.structs))
	}
}

func TestBothCodecsRefuseTheSameValues(t *testing.T) {
	for _, v := range []any{(*tg.HelpGetConfig)(nil), 1, "text", tg.HelpGetConfig{}, new(int), &struct{ A int }{}} {
		_, err := tg.Schema.Append(nil, v)
		_, portableErr := tg.Schema.PortableAppend(nil, v)
		if err == nil || fmt.Sprint(err) != fmt.Sprint(portableErr) {
			t.Errorf("%#v: got %v, from the portable codec %v", v, err, portableErr)
		}
	}
	for _, into := range []any{nil, 1, (*bool)(nil), new(chan int), (*[]tg.AnyUser)(nil)} {
		err, portableErr := tg.Schema.Decode(nil, into), tg.Schema.PortableDecode(nil, into)
		if err == nil || fmt.Sprint(err) != fmt.Sprint(portableErr) {
			t.Errorf("%#v: got %v, from the portable codec %v", into, err, portableErr)
		}
	}
}

func TestBothCodecsReadAnswersOfEveryKind(t *testing.T) {
	one := tl.AppendInt(tl.AppendInt(tl.AppendUint32(nil, tl.VectorID), 2), 7)
	for name, c := range map[string]struct {
		b    []byte
		into func() any
	}{
		"Bool":             {tl.AppendBool(nil, true), func() any { return new(bool) }},
		"int":              {tl.AppendInt(nil, -3), func() any { return new(int32) }},
		"a vector of ints": {tl.AppendInt(one, 8), func() any { return new([]int32) }},
		"a short vector":   {one, func() any { return new([]int32) }},
		"a union":          {written(t, page()), func() any { return new(tg.AnyMessagesMessages) }},
		"the only struct":  {written(t, &tg.NearestDC{Country: "NL", ThisDC: 2, NearestDC: 4}), func() any { return new(*tg.NearestDC) }},
		"another struct":   {written(t, &tg.NearestDC{}), func() any { return new(*tg.Config) }},
		"another union":    {written(t, &tg.NearestDC{}), func() any { return new(tg.AnyUser) }},
		"too much":         {append(tl.AppendBool(nil, true), 0, 0, 0, 0), func() any { return new(bool) }},
	} {
		fast, portable := c.into(), c.into()
		err, portableErr := tg.Schema.Decode(c.b, fast), tg.Schema.PortableDecode(c.b, portable)
		if fmt.Sprint(err) != fmt.Sprint(portableErr) || err == nil && !reflect.DeepEqual(fast, portable) {
			t.Errorf("%s: got %+v, %v, from the portable codec %+v, %v", name, fast, err, portable, portableErr)
		}
	}
}

// FuzzPortable holds both codecs equal on any bytes.
func FuzzPortable(f *testing.F) {
	filler := newFiller(2)
	for range 200 {
		v := reflect.New(filler.structs[filler.IntN(len(filler.structs))].Elem())
		filler.fill(v.Elem(), 3)
		if b, err := tg.Schema.Append(nil, v.Interface()); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(agreeOn)
}
