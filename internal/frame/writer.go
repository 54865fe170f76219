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
// multiple of four bytes long; Append refuses other lengths, and more than
// MaxFromServer bytes, and then returns dst unchanged.
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

// AppendAck appends the quick ack for a Packet with Quick. The token comes from the
// hash that also gives the packet's message key. For full, which has no quick acks,
// AppendAck appends nothing.
//
// The token's top bit distinguishes it from a length.
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
