package tl

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// VectorID is the constructor number of Vector, which every boxed vector
// begins with.
const VectorID uint32 = 0x1cb5c415

// Int128 and Int256 are the schema's int128 and int256: plain bytes in wire
// order (nonces, hashes), never numbers.
type (
	Int128 [16]byte
	Int256 [32]byte
)

// ErrShort says that a value goes on beyond the bytes that are there.
var ErrShort = errors.New("the bytes end inside a value")

// Reader takes TL values off a byte slice, front to back.
//
// It keeps its first error: after one, every method returns a zero value and
// reads nothing, so that a sequence of reads needs one check at its end. It
// never reads past the slice, and what it allocates is bounded: see LimitMemory.
type Reader struct {
	b   []byte // ends at off after an error, so that nothing can be read
	off int
	err error

	items  int // that the vectors so far have announced
	memory int // bytes allocated for values, see charge
	limit  int // of memory; 0: maxMemory
}

// NewReader returns a Reader of b. It keeps b and never writes to it.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// ErrMemory says that a value needs more memory than the Reader may allocate.
var ErrMemory = errors.New("the value needs more memory than its limit allows")

// maxMemory is the limit of a Reader without one of its own: no value of the API
// comes near it.
const maxMemory = 256 << 20

// LimitMemory sets how many bytes may be allocated for the structs, maps and
// slices that are read from now on; 256 MiB without it. A few bytes on the wire can
// be a large struct. Strings and bytes are not counted: they are no longer than
// what they are read from.
func (r *Reader) LimitMemory(bytes int) { r.memory, r.limit = 0, max(bytes, 1) }

// Memory is how many bytes of the limit are used.
func (r *Reader) Memory() int { return r.memory }

// charge counts n bytes that are about to be allocated and reports whether they
// may be.
func (r *Reader) charge(n int) bool {
	limit := r.limit
	if limit == 0 {
		limit = maxMemory
	}
	if r.memory += n; r.memory <= limit {
		return true
	}
	r.Fail(fmt.Errorf("%w: got %d bytes at byte %d, want at most %d", ErrMemory, r.memory, r.off, limit))
	return false
}

// Err returns the first error, or nil.
func (r *Reader) Err() error { return r.err }

// Len is the number of bytes not read yet; 0 after an error.
func (r *Reader) Len() int { return len(r.b) - r.off }

// Offset is the number of bytes read so far: after an error, the place of the
// value that could not be read.
func (r *Reader) Offset() int { return r.off }

// Fail records err as the Reader's error, unless it has one.
func (r *Reader) Fail(err error) { r.failAt(r.off, err) }

// failAt does so and goes back to off, where the value that err is about begins.
func (r *Reader) failAt(off int, err error) {
	if r.err == nil {
		r.off, r.b, r.err = off, r.b[:off], err
	}
}

// short records that n bytes were wanted which are not there.
func (r *Reader) short(n int) {
	if r.err == nil {
		r.Fail(fmt.Errorf("%w: got %d bytes, want %d, at byte %d", ErrShort, r.Len(), n, r.off))
	}
}

// Raw reads n bytes and returns them as a part of the Reader's own slice.
func (r *Reader) Raw(n int) []byte {
	if n < 0 || n > len(r.b)-r.off || r.err != nil {
		r.short(n)
		return nil
	}
	part := r.b[r.off : r.off+n : r.off+n]
	r.off += n
	return part
}

// Rest reads all that is left, as a part of the Reader's own slice.
func (r *Reader) Rest() []byte { return r.Raw(r.Len()) }

// Uint32 reads a constructor number or a word of flags.
func (r *Reader) Uint32() (v uint32) {
	if b := r.b[r.off:]; len(b) < 4 {
		r.short(4)
	} else {
		v = binary.LittleEndian.Uint32(b)
		r.off += 4
	}
	return v
}

// Int reads an int.
func (r *Reader) Int() int32 { return int32(r.Uint32()) }

// Long reads a long.
func (r *Reader) Long() int64 {
	if b := r.b[r.off:]; len(b) >= 8 {
		r.off += 8
		return int64(binary.LittleEndian.Uint64(b))
	}
	r.short(8)
	return 0
}

// Double reads a double.
func (r *Reader) Double() float64 { return math.Float64frombits(uint64(r.Long())) }

// Int128 reads sixteen bytes.
func (r *Reader) Int128() (v Int128) {
	copy(v[:], r.Raw(len(v)))
	return v
}

// Int256 reads thirty-two bytes.
func (r *Reader) Int256() (v Int256) {
	copy(v[:], r.Raw(len(v)))
	return v
}

// Bytes reads a bytes value and returns a copy of it, never nil unless the
// Reader has an error.
func (r *Reader) Bytes() []byte {
	b := r.lend()
	if r.err != nil {
		return nil
	}
	return append(make([]byte, 0, len(b)), b...)
}

// String reads a string. TL strings are UTF-8 by custom, not by check: what
// the wire holds is returned as it is.
func (r *Reader) String() string { return string(r.lend()) }

// lend reads a string or bytes value as a part of the Reader's own slice.
//
// Shorter than 254: one byte of length. Longer: fe and three bytes of length.
// Then the bytes, and zeros up to a multiple of four.
// https://core.telegram.org/mtproto/serialize#base-types
func (r *Reader) lend() []byte {
	b := r.b[r.off:]
	if len(b) < 4 { // no string is shorter
		r.short(4)
		return nil
	}
	head, n := 1, int(b[0])
	switch n {
	case 254:
		head, n = 4, int(b[1])|int(b[2])<<8|int(b[3])<<16
	case 255:
		r.Fail(fmt.Errorf("a string at byte %d begins with ff: got a length that TL does not have, want 0 to fe", r.off))
		return nil
	}
	end := (head + n + 3) &^ 3
	if end > len(b) {
		r.short(end)
		return nil
	}
	r.off += end
	return b[head : head+n : head+n]
}

// The constructors of Bool.
const (
	boolFalse uint32 = 0xbc799737
	boolTrue  uint32 = 0x997275b5
)

// Bool reads a Bool.
func (r *Reader) Bool() bool {
	start := r.off
	switch id := r.Uint32(); {
	case r.err != nil || id == boolFalse:
		return false
	case id == boolTrue:
		return true
	default:
		r.failAt(start, &UnknownConstructorError{ID: id, Want: "Bool"})
		return false
	}
}

// vector reads the head of a vector of type t and returns how many items
// follow. No item is shorter than four bytes, so a count beyond a quarter of
// the bytes left is wrong, and nothing is allocated for it. Nor is it for vectors
// in vectors that announce the same bytes more than once: every item of every
// vector has four bytes of its own.
func (r *Reader) vector(t Type) int {
	start := r.off
	if !t.Bare {
		if id := r.Uint32(); r.err == nil && id != VectorID {
			r.failAt(start, &UnknownConstructorError{ID: id, Want: "Vector"})
		}
	}
	n := r.Int()
	if r.err == nil && (n < 0 || int(n) > r.Len()/4) {
		r.failAt(start, fmt.Errorf("got a vector of %d items in %d bytes, want at most one for every four", n, r.Len()))
	}
	if r.err != nil {
		return 0
	}
	if r.items += int(n); r.items > len(r.b)/4 {
		r.failAt(start, fmt.Errorf("got vectors of %d items in all in %d bytes, want at most one for every four", r.items, len(r.b)))
		return 0
	}
	return int(n)
}
