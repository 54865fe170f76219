package tl

import (
	"encoding/binary"
	"math"
)

// AppendUint32 appends a constructor number or a word of flags.
func AppendUint32(b []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(b, v) }

// AppendInt appends an int.
func AppendInt(b []byte, v int32) []byte { return AppendUint32(b, uint32(v)) }

// AppendLong appends a long.
func AppendLong(b []byte, v int64) []byte { return binary.LittleEndian.AppendUint64(b, uint64(v)) }

// AppendDouble appends a double.
func AppendDouble(b []byte, v float64) []byte { return AppendLong(b, int64(math.Float64bits(v))) }

// AppendInt128 appends sixteen bytes.
func AppendInt128(b []byte, v Int128) []byte { return append(b, v[:]...) }

// AppendInt256 appends thirty-two bytes.
func AppendInt256(b []byte, v Int256) []byte { return append(b, v[:]...) }

// AppendBytes appends a bytes value. MaxString bounds what TL can hold.
func AppendBytes(b, v []byte) []byte {
	b = appendLength(b, len(v))
	return pad(append(b, v...), len(v))
}

// AppendString appends a string. MaxString bounds what TL can hold.
func AppendString(b []byte, v string) []byte {
	b = appendLength(b, len(v))
	return pad(append(b, v...), len(v))
}

// MaxString is the length of the longest string or bytes value: its length is
// written in three bytes.
const MaxString = 1<<24 - 1

// appendLength appends the length of a string, in one byte below 254 and in
// four from there on.
// https://core.telegram.org/mtproto/serialize#base-types
func appendLength(b []byte, n int) []byte {
	if n < 254 {
		return append(b, byte(n))
	}
	return append(b, 254, byte(n), byte(n>>8), byte(n>>16))
}

// pad appends the zeros that bring a string of n bytes to a multiple of four.
func pad(b []byte, n int) []byte {
	if n < 254 {
		n++
	}
	return append(b, 0, 0, 0)[:len(b)+(-n&3)]
}

// AppendBool appends a Bool.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return AppendUint32(b, boolTrue)
	}
	return AppendUint32(b, boolFalse)
}
