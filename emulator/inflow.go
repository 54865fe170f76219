package emulator

// inflow is what has come on a socket and is no whole packet yet. It grows with
// what comes, not with the length that a packet says it has, and the memory is
// charged before it is allocated.
type inflow struct {
	memory *memory
	socket *socket
	bytes  []byte
	held   int // charged for bytes
}

// smallInflow is the size of an inflow that is not charged: most packets of a sign-in
// fit into it.
const smallInflow = 1 << 10

// space returns where the next bytes go. It returns false when there is no memory
// for them.
func (in *inflow) space() ([]byte, bool) {
	if n := len(in.bytes); n == cap(in.bytes) {
		size := max(2*n, smallInflow)
		if size > smallInflow && !in.memory.grow(in.socket, size) {
			return nil, false
		}
		in.bytes = append(make([]byte, 0, size), in.bytes...)
		in.memory.shrink(in.socket, in.held)
		if in.held = size; size == smallInflow {
			in.held = 0
		}
	}
	return in.bytes[len(in.bytes):cap(in.bytes)], true
}

// add notes that n bytes of the space were filled.
func (in *inflow) add(n int) { in.bytes = in.bytes[:len(in.bytes)+n] }

// cut takes the first n bytes out, of which body is a part, and returns it for
// another to keep. The memory that stays charged for it is to be given back.
func (in *inflow) cut(body []byte, n int) (packet []byte, held int) {
	rest := in.bytes[n:]
	if len(rest) > smallInflow || cap(in.bytes) <= smallInflow {
		packet = append([]byte(nil), body...)
		in.bytes = in.bytes[:copy(in.bytes, rest)]
		return packet, 0
	}
	held, in.held = in.held, 0
	in.bytes = append(make([]byte, 0, smallInflow), rest...)
	return body, held
}
