package tl_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// builder makes values of the schema at random, as Maps.
type builder struct {
	*rand.Rand
	all     []*tl.Definition
	defs    map[string]*tl.Definition   // by name
	unions  map[string][]*tl.Definition // the constructors of a type, those first that need the least inside
	heights map[string]int              // of unions and constructors: how deep a value must be at least
}

func newBuilder(t *testing.T) *builder {
	all, err := tg.Schema.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{rand.New(rand.NewPCG(1, 2)), all, map[string]*tl.Definition{}, map[string][]*tl.Definition{}, map[string]int{}}
	for _, d := range all {
		b.defs[d.Name] = d
		if !d.Function {
			b.unions[d.Result.Name] = append(b.unions[d.Result.Name], d)
		}
	}
	for height := 1; height < 20; height++ {
		for union, defs := range b.unions {
			for _, d := range defs {
				if h, ok := b.height(d); ok && h <= height && b.heights[d.Name] == 0 {
					b.heights[d.Name] = height
					if b.heights[union] == 0 {
						b.heights[union] = height
					}
				}
			}
		}
	}
	for _, defs := range b.unions {
		slices.SortStableFunc(defs, func(x, y *tl.Definition) int { return b.heights[x.Name] - b.heights[y.Name] })
	}
	return b
}

// height is one more than that of the highest type that d needs.
func (b *builder) height(d *tl.Definition) (int, bool) {
	height := 1
	for _, p := range d.Params {
		if p.Flag != tl.Always || p.Type.Kind != tl.KindUnion && p.Type.Kind != tl.KindBare {
			continue
		}
		h := b.heights[p.Type.Name]
		if h == 0 {
			return 0, false
		}
		height = max(height, h+1)
	}
	return height, true
}

// fields returns a value of d in which each bit of flags is set as likely as not;
// deep inside no optional field is there.
func (b *builder) fields(d *tl.Definition, depth int) tl.Map {
	m := tl.Map{"_": d.Name}
	words := map[int]uint32{}
	for i, p := range d.Params {
		switch {
		case p.Type.Kind == tl.KindFlags && depth < 3:
			words[i] = b.Uint32()
		case p.Type.Kind != tl.KindFlags && (p.Flag == tl.Always || words[p.Flag]>>p.Bit&1 != 0):
			m[p.Name] = b.value(p.Type, depth+1)
		}
	}
	return m
}

func (b *builder) value(t tl.Type, depth int) any {
	switch t.Kind {
	case tl.KindTrue:
		return true
	case tl.KindInt:
		return int32(b.Uint32())
	case tl.KindLong:
		return int64(b.Uint64())
	case tl.KindDouble:
		return b.Float64()
	case tl.KindInt128, tl.KindInt256:
		return make([]byte, map[tl.Kind]int{tl.KindInt128: 16, tl.KindInt256: 32}[t.Kind])
	case tl.KindString:
		return strings.Repeat("x", b.IntN(300))
	case tl.KindBytes:
		return make([]byte, b.IntN(300))
	case tl.KindBool:
		return b.IntN(2) == 0
	case tl.KindVector:
		items := []any{}
		for range b.IntN(3) {
			items = append(items, b.value(*t.Elem, depth+1))
		}
		return items
	case tl.KindQuery, tl.KindAny:
		return tl.Map{"_": "help.getConfig"}
	case tl.KindBare:
		return b.fields(b.defs[t.Name], depth)
	}
	defs := b.unions[t.Name]
	if depth > 3 {
		defs = defs[:1]
	}
	return b.fields(defs[b.IntN(len(defs))], depth)
}

// Of each definition, values with any of its fields and without are written from a
// Map, read as a struct, and written again from there.
func TestEveryDefinitionIsTheSameInBothViews(t *testing.T) {
	b := newBuilder(t)
	for _, d := range b.all {
		if slices.Contains([]string{"boolFalse", "boolTrue", "true", "error", "vector"}, d.Name) {
			continue // these have no struct
		}
		for range 4 {
			m := b.fields(d, 0)
			want, err := tg.Schema.AppendMap(nil, m)
			if err != nil {
				t.Fatalf("%s: %v: %v", d.Name, m, err)
			}
			r := tl.NewReader(want)
			v := tg.Schema.Read(r)
			if r.Err() != nil || r.Len() != 0 {
				t.Fatalf("%s: %v, %d bytes left\n%v", d.Name, r.Err(), r.Len(), m)
			}
			if got, err := tg.Schema.Append(nil, v); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s:\nthe struct wrote %x, %v\nthe map wrote    %x\n%v", d.Name, got, err, want, m)
			}
		}
	}
}
