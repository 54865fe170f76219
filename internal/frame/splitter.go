package frame

import (
	"errors"
	"fmt"
)

// A Splitter splits one direction of one stream into packets.
type Splitter struct {
	kind  Kind
	from  Side
	limit int
	seq   uint32 // of the next packet; only full counts
}

// NewSplitter returns a Splitter for the bytes that the given side sends after the
// tag or the header. limit is the maximum length of a packet, in bytes without
// padding; zero means MaxFromClient or MaxFromServer.
func NewSplitter(kind Kind, from Side, limit int) *Splitter {
	if limit <= 0 {
		limit = MaxFromClient
		if from == FromServer {
			limit = MaxFromServer
		}
	}
	return &Splitter{kind: kind, from: from, limit: limit}
}

// Split returns the first packet of stream and the number of bytes that it
// consumed. Zero bytes without an error mean that the packet is incomplete: call
// Split again with the same bytes and more after them.
//
// Split checks the limit as soon as the length has arrived, so a caller never
// buffers much more than one packet. After an error the rest of the stream cannot
// be split.
func (s *Splitter) Split(stream []byte) (p Packet, n int, err error) {
	switch s.kind {
	case Intermediate:
		return s.splitIntermediate(stream)
	case Abridged:
		return s.splitAbridged(stream)
	case Padded:
		return s.splitPadded(stream)
	case Full:
		return s.splitFull(stream)
	}
	return Packet{}, 0, fmt.Errorf("cannot split %v: it is not a framing", s.kind)
}

// errQuickAck: where a client would set the bit that asks for a quick ack, a
// server's set bit announces one.
// https://core.telegram.org/mtproto/mtproto-transports#quick-ack
var errQuickAck = errors.New("got a quick ack, want a packet: none was asked for")

// take returns the packet of size bytes that lies behind a head of the given
// length, or none if it is not complete.
func (s *Splitter) take(stream []byte, head int, size uint32, quick bool) (Packet, int, error) {
	if quick && s.from == FromServer {
		return Packet{}, 0, errQuickAck
	}
	if err := s.check(size); err != nil {
		return Packet{}, 0, err
	}
	end := head + int(size)
	if len(stream) < end {
		return Packet{}, 0, nil
	}
	return Packet{Body: stream[head:end:end], Quick: quick}, end, nil
}

// check refuses a packet whose length cannot be right.
func (s *Splitter) check(size uint32) error {
	if size < minPacket {
		return fmt.Errorf("got a packet of %d bytes in %v framing, want at least %d", size, s.kind, minPacket)
	}
	limit := int64(s.limit)
	if s.kind == Padded {
		limit += maxPadding
	}
	if int64(size) > limit {
		return fmt.Errorf("got a packet of %d bytes in %v framing, want at most %d", size, s.kind, limit)
	}
	return nil
}
