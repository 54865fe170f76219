package mtproto

// buffers keeps a few buffers for the next packets.
type buffers [][]byte

const (
	maxSpares = 64 // packets may wait for the network; Conn.Rest lets go of them
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

// put keeps a buffer, unless it is large. Of too many it keeps the larger ones:
// they serve the small packets, too.
func (b *buffers) put(buf []byte) {
	switch n := cap(buf); {
	case n == 0 || n > maxSpare:
	case len(*b) < maxSpares:
		*b = append(*b, buf)
	default:
		smallest := 0
		for i, kept := range *b {
			if cap(kept) < cap((*b)[smallest]) {
				smallest = i
			}
		}
		if cap((*b)[smallest]) < n {
			(*b)[smallest] = buf
		}
	}
}
