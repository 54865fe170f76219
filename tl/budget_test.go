package tl_test

import (
	"bytes"
	"errors"
	"runtime"
	"testing"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// The constructors of a vector in a vector.
const (
	jsonArray  = 0xf7444763
	jsonObject = 0x99c1d49d
	jsonNull   = 0x3f6d7b68
)

// nestedVectors is a value of size bytes that begins with vectors in vectors, each
// of which announces as many items as could be in the bytes behind it.
func nestedVectors(size, levels int) []byte {
	var b []byte
	for range levels {
		b = tl.AppendUint32(b, jsonArray)
		b = tl.AppendUint32(b, tl.VectorID)
		b = tl.AppendInt(b, int32((size-len(b)-4)/4))
	}
	for len(b) < size {
		b = tl.AppendUint32(b, jsonNull)
	}
	return b
}

var anyJSON = tl.Type{Kind: tl.KindUnion, Name: "JSONValue"}

// readers are the ways to read a value of the schema.
var readers = map[string]func(b []byte) error{
	"Decode": func(b []byte) error {
		var v tg.AnyJSONValue
		return tg.Schema.Decode(b, &v)
	},
	"Read": func(b []byte) error {
		r := tl.NewReader(b)
		tg.Schema.Read(r)
		return r.Err()
	},
	"ReadValue": func(b []byte) error {
		r := tl.NewReader(b)
		tg.Schema.ReadValue(r, anyJSON)
		return r.Err()
	},
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestNestedVectorsDoNotAnnounceTheSameBytesTwice(t *testing.T) {
	const size = 1 << 20
	b := nestedVectors(size, 30)
	for name, read := range readers {
		var err error
		n := allocated(func() { err = read(b) })
		if err == nil {
			t.Errorf("%s: got no error for 30 vectors that announce the same bytes", name)
		}
		if n > 8*size {
			t.Errorf("%s: got %d bytes allocated for %d, want at most eight times as many", name, n, size)
		}
	}
}

func TestVectorsInVectorsAreRead(t *testing.T) {
	row := &tg.JSONArray{Value: []tg.AnyJSONValue{&tg.JSONNull{}, &tg.JSONNull{}, &tg.JSONArray{}}}
	table := &tg.JSONArray{Value: []tg.AnyJSONValue{row, &tg.JSONArray{Value: []tg.AnyJSONValue{row, row}}, row}}
	b, err := tg.Schema.Append(nil, table)
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range readers {
		if err := read(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A vector that is full to its last byte: nothing but items.
	flat := nestedVectors(4096, 1)
	for name, read := range readers {
		if err := read(flat); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMemoryOfAValueIsLimited(t *testing.T) {
	b := tl.AppendUint32(nil, jsonArray)
	b = tl.AppendUint32(b, tl.VectorID)
	const items = 10_000
	b = tl.AppendInt(b, items)
	// An empty object: 12 bytes here, a struct or a map in memory.
	b = append(b, bytes.Repeat(tl.AppendInt(tl.AppendUint32(tl.AppendUint32(nil, jsonObject), tl.VectorID), 0), items)...)
	for name, read := range map[string]func(*tl.Reader) any{
		"Read":      tg.Schema.Read,
		"ReadValue": func(r *tl.Reader) any { return tg.Schema.ReadValue(r, anyJSON) },
	} {
		for limit, want := range map[int]error{items * 20: tl.ErrMemory, items * 400: nil} {
			r := tl.NewReader(b)
			r.LimitMemory(limit)
			n := allocated(func() { read(r) })
			if !errors.Is(r.Err(), want) {
				t.Errorf("%s with %d bytes: got %v, want %v", name, limit, r.Err(), want)
			}
			if want != nil && n > 8*items*20 {
				t.Errorf("%s with %d bytes: got %d bytes allocated", name, limit, n)
			}
		}
	}
}
