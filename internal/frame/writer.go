package frame

import (
	"fmt"
	"io"
)

// A Writer frames the packets of one direction of one stream.
type Writer struct {
	kind   Kind
	random io.Reader
	seq    uint32 // of the next packet; only full counts
}

// NewWriter returns a Writer at the beginning of a stream, behind the tag or
// the header. The padding of Padded is read from random; the other kinds
// leave random alone, and it may be nil.
func NewWriter(kind Kind, random io.Reader) *Writer {
	return &Writer{kind: kind, random: random}
}

// Append appends packet in its frame to dst. All MTProto packets are a
// multiple of four bytes long, and one that is not is refused, as is one of
// more than MaxFromServer bytes; dst is then returned as it was.
func (w *Writer) Append(dst, packet []byte) ([]byte, error) {
	if n := len(packet); n < minPacket || n > MaxFromServer || n%4 != 0 {
		return dst, fmt.Errorf("cannot frame a packet of %d bytes: want a multiple of 4 between %d and %d", n, minPacket, MaxFromServer)
	}
	switch w.kind {
	case Intermediate:
		return appendIntermediate(dst, packet), nil
	case Abridged:
		return appendAbridged(dst, packet), nil
	case Padded:
		return appendPadded(dst, packet, w.random)
	case Full:
		dst = appendFull(dst, packet, w.seq)
		w.seq++
		return dst, nil
	}
	return dst, fmt.Errorf("cannot write %v: it is not a framing", w.kind)
}

// AppendAck appends the quick ack that answers a Packet with Quick: the token
// comes from the hash that gave the packet's message key. Full has no quick
// acks, and nothing is appended.
//
// The token's top bit tells it from a length.
// https://core.telegram.org/mtproto/mtproto-transports#quick-ack
func (w *Writer) AppendAck(dst []byte, token uint32) ([]byte, error) {
	token |= quickBit
	switch w.kind {
	case Intermediate:
		return appendIntermediateAck(dst, token), nil
	case Abridged:
		return appendAbridgedAck(dst, token), nil
	case Padded:
		return appendPaddedAck(dst, token, w.random)
	}
	return dst, nil
}
