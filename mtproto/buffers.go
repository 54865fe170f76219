package mtproto

// buffers keeps a few buffers for the next packets.
type buffers [][]byte

const (
	maxSpares = 4
	maxSpare  = 4 << 10
)

// get returns an empty buffer with room for n bytes.
func (b *buffers) get(n int) []byte {
	for i, buf := range *b {
		if cap(buf) >= n {
			last := len(*b) - 1
			(*b)[i], (*b)[last] = (*b)[last], nil
			*b = (*b)[:last]
			return buf[:0]
		}
	}
	return make([]byte, 0, max(n, 256))
}

// put keeps a buffer, unless there are enough or it is large.
func (b *buffers) put(buf []byte) {
	if cap(buf) > 0 && cap(buf) <= maxSpare && len(*b) < maxSpares {
		*b = append(*b, buf)
	}
}
