//go:build !purego

package tl

import (
	"math/bits"
	"reflect"
	"sync/atomic"
	"unsafe"
)

// An arena allocates the memory of one decoded value in blocks: a hundred messages
// and their contents take a few dozen allocations instead of five hundred.
//
// The first value of a type gets a block of its own, the next ones share blocks of
// doubling size: unused memory never exceeds used memory. A block stays in memory
// as long as anything in it is referenced, with everything that the rest of it
// references; therefore no block is larger than maxBlock.
type arena struct {
	blocks [kinds]block
	text   []byte // the rest of the block for strings
	size   int    // of that block
}

const (
	maxBlock = 4096 // bytes of a block that several structs share
	maxText  = 2048 // bytes of one that several strings share
	maxCells = 64   // values in a block
	kinds    = 16   // of values that have a block at a time; a power of two
)

// block is the memory of several values of one type.
type block struct {
	of   *cell
	next unsafe.Pointer // nil when none is left: never beyond the block
	left int
	size int // how many values the block was made for
}

// cell holds the facts about a Go type that its blocks need.
type cell struct {
	typ    reflect.Type
	size   uintptr
	most   int // in one block
	kind   uint32
	arrays [7]atomic.Pointer[reflect.Type] // of 1, 2, 4 … 64 of it, once needed
}

// made counts cells, to spread them over an arena's blocks.
var made atomic.Uint32

func newCell(t reflect.Type) *cell {
	c := &cell{typ: t, size: t.Size(), most: 1, kind: made.Add(1) % kinds}
	for c.size > 0 && c.most < maxCells && 2*c.most*int(c.size) <= maxBlock {
		c.most *= 2
	}
	return c
}

// baseCells are those of base types that stand behind a pointer when they are
// optional.
var baseCells = func() map[reflect.Type]*cell {
	cells := map[reflect.Type]*cell{}
	for _, t := range goTypes {
		cells[t] = newCell(t)
	}
	return cells
}()

// take returns memory for one zero value.
func (d *decoder) take(c *cell) unsafe.Pointer {
	b := &d.arena.blocks[c.kind%kinds]
	if b.of != c || b.left == 0 {
		b.fill(c)
		d.charge(b.size * int(c.size))
	}
	at := b.next
	b.left--
	b.next = nil
	if b.left > 0 {
		b.next = unsafe.Add(at, c.size)
	}
	return at
}

// fill gets a new block. A type whose block was replaced by that of another type
// begins again with one value.
func (b *block) fill(c *cell) {
	size := 1
	if b.of == c {
		size = min(2*b.size, c.most)
	}
	*b = block{of: c, size: size, left: size, next: c.array(size)}
}

// array returns memory for n values, n being a power of two.
func (c *cell) array(n int) unsafe.Pointer {
	if n == 1 {
		return reflect.New(c.typ).UnsafePointer()
	}
	place := &c.arrays[bits.TrailingZeros(uint(n))]
	t := place.Load()
	if t == nil {
		t = new(reflect.ArrayOf(n, c.typ))
		place.Store(t)
	}
	return reflect.New(*t).UnsafePointer()
}

// string returns a copy of b, which shares memory with the other strings of the
// value. No block of text is longer than rest, the number of bytes that are still
// to be read, and b: there can be no more text than that.
func (a *arena) string(b []byte, rest int) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > len(a.text) {
		if len(b) > maxText/4 {
			return string(b)
		}
		a.size = max(len(b), min(2*a.size, maxText, rest+len(b)))
		a.text = make([]byte, a.size)
	}
	n := copy(a.text, b)
	s := unsafe.String(unsafe.SliceData(a.text), n)
	a.text = a.text[n:]
	return s
}
