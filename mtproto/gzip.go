package mtproto

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// maxUnpacked is the limit for what the packed objects of one packet become: more
// than any message of the API, less than what would hurt.
const maxUnpacked = 32 << 20

// Packed reports whether a boxed value is a gzip_packed.
func Packed(body []byte) bool { return constructor(body) == mt.IDGzipPacked }

// Unpacker unpacks gzip_packed objects and bounds what they become: all of them
// together, side by side or one within another. It is for one goroutine.
type Unpacker struct {
	left   int
	charge func(bytes int) bool
}

// NewUnpacker returns an Unpacker for at most limit bytes in all.
func NewUnpacker(limit int) *Unpacker { return &Unpacker{left: limit} }

// Charge has f called before memory is allocated for what is unpacked. Where it
// returns false the object is not unpacked.
func (u *Unpacker) Charge(f func(bytes int) bool) { u.charge = f }

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

// Unpack returns the value in a gzip_packed, at most 32 MiB of it, and any other
// value as it is. The value inside may be packed again; it is left so.
func Unpack(body []byte) ([]byte, error) {
	if !Packed(body) {
		return body, nil
	}
	return NewUnpacker(maxUnpacked).Unpack(body)
}

// Unpack returns the value in a gzip_packed, and any other value as it is. The
// value inside may be packed again; it is left so. An object that exceeds what is
// left of the limit uses up the rest of it.
func (u *Unpacker) Unpack(body []byte) ([]byte, error) {
	if !Packed(body) {
		return body, nil
	}
	value, err := u.unpack(body)
	if err != nil {
		return nil, fmt.Errorf("gzip_packed: %w", err)
	}
	return value, nil
}

func (u *Unpacker) unpack(body []byte) ([]byte, error) {
	r := tl.NewReader(body[4:])
	packed := r.Bytes()
	if err := r.Err(); err != nil {
		return nil, err
	}
	z, err := inflate(packed)
	if err != nil {
		return nil, err
	}
	// A few bytes can unpack to gigabytes.
	limit := u.left
	value, err := u.readAll(z, likelySize(packed))
	u.left -= min(len(value), limit)
	if err == nil && len(value) > limit {
		err = fmt.Errorf("got more than %d bytes unpacked, want at most that", limit)
	}
	return value, err
}

// readAll reads z to its end or to one byte more than may be, into memory for size
// bytes that grows where that is too little.
func (u *Unpacker) readAll(z io.Reader, size int) ([]byte, error) {
	var value []byte
	for {
		if len(value) == cap(value) {
			more, err := u.grow(value, size)
			if err != nil {
				return value, err
			}
			value = more
		}
		n, err := z.Read(value[len(value):cap(value)])
		value = value[:len(value)+n]
		switch {
		case err == io.EOF || err == nil && len(value) > u.left:
			return value, nil
		case err != nil:
			return value, err
		}
	}
}

// grow returns value in more memory: for size bytes at first, then for twice as
// many, and never for more than is left and the byte that shows that it is too
// little.
func (u *Unpacker) grow(value []byte, size int) ([]byte, error) {
	size = min(max(size, 2*len(value), 512), u.left) + 1
	if u.charge != nil && !u.charge(size) {
		return value, errors.New("there is no memory for it now; try again later")
	}
	return append(make([]byte, 0, size), value...), nil
}

// maxRatio is how many bytes one packed byte can become.
// https://www.zlib.net/zlib_tech.html
const maxRatio = 1032

// likelySize is the length that the end of the gzip format names, if it can be
// true; otherwise a guess.
// https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1
func likelySize(packed []byte) int {
	if n := len(packed); isGzip(packed) && n > 4 {
		if size := int64(binary.LittleEndian.Uint32(packed[n-4:])); size <= maxRatio*int64(n) {
			return int(min(size, maxUnpacked))
		}
	}
	return 4 * len(packed)
}

func isGzip(packed []byte) bool { return bytes.HasPrefix(packed, []byte{0x1f, 0x8b}) }

// inflate reads what is in the gzip format, or in the zlib format around the same
// compression: mtcute writes that, and Telegram takes both.
// https://core.telegram.org/mtproto/service_messages#packed-object
func inflate(packed []byte) (io.Reader, error) {
	if isGzip(packed) {
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
