package mtproto

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// maxUnpacked is the limit for what packed objects become: more than any message
// of the API, less than what would hurt.
const maxUnpacked = 16 << 20

// Packed reports whether a boxed value is a gzip_packed.
func Packed(body []byte) bool { return constructor(body) == mt.IDGzipPacked }

// Unpacker unpacks gzip_packed objects and bounds what they become: all of them
// together, side by side or one within another. It is for one goroutine.
type Unpacker struct{ left int }

// NewUnpacker returns an Unpacker for at most limit bytes in all.
func NewUnpacker(limit int) *Unpacker { return &Unpacker{limit} }

// Pack returns a boxed value as gzip_packed.
// https://core.telegram.org/mtproto/service_messages#packed-object
func Pack(body []byte) []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	// A bytes.Buffer takes everything.
	w.Write(body)
	w.Close()
	return tl.AppendBytes(tl.AppendUint32(nil, mt.IDGzipPacked), packed.Bytes())
}

// Unpack returns the value in a gzip_packed, at most 16 MiB of it, and any other
// value as it is. The value inside may be packed again; it is left so.
func Unpack(body []byte) ([]byte, error) { return NewUnpacker(maxUnpacked).Unpack(body) }

// Unpack returns the value in a gzip_packed, and any other value as it is. The
// value inside may be packed again; it is left so. An object that exceeds what is
// left of the limit uses up the rest of it.
func (u *Unpacker) Unpack(body []byte) ([]byte, error) {
	if !Packed(body) {
		return body, nil
	}
	r := tl.NewReader(body[4:])
	packed := r.Bytes()
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("gzip_packed: %w", err)
	}
	z, err := inflate(packed)
	if err != nil {
		return nil, fmt.Errorf("gzip_packed: %w", err)
	}
	// A few bytes can unpack to gigabytes.
	limit := u.left
	value, err := io.ReadAll(io.LimitReader(z, int64(limit)+1))
	u.left = max(limit-len(value), 0)
	switch {
	case err != nil:
		return nil, fmt.Errorf("gzip_packed: %w", err)
	case len(value) > limit:
		return nil, fmt.Errorf("gzip_packed: got more than %d bytes unpacked, want at most that", limit)
	}
	return value, nil
}

// inflate reads what is in the gzip format, or in the zlib format around the same
// compression: mtcute writes that, and Telegram takes both.
// https://core.telegram.org/mtproto/service_messages#packed-object
func inflate(packed []byte) (io.Reader, error) {
	gzipMagic := []byte{0x1f, 0x8b}
	if bytes.HasPrefix(packed, gzipMagic) {
		return gzip.NewReader(bytes.NewReader(packed))
	}
	return zlib.NewReader(bytes.NewReader(packed))
}

// constructor returns the number that a boxed value begins with; 0 for none.
func constructor(body []byte) uint32 {
	if len(body) < 4 {
		return 0
	}
	return binary.LittleEndian.Uint32(body)
}
