package frame

import (
	"encoding/binary"
	"fmt"
	"io"
)

// A padded intermediate frame:
//
//	4 length of packet and padding · packet · 0–15 random bytes
//
// The length does not say where the packet ends; only the packet itself does.
// https://core.telegram.org/mtproto/mtproto-transports#padded-intermediate

// maxPadding is the most padding that a frame has. A Writer adds at most
// ourPadding: gotd and gogram, clients and servers alike, cut a packet at the last
// multiple of four, and more padding would leave random bytes in their packets.
const (
	maxPadding = 15
	ourPadding = 3
)

// ackMark begins a quick ack, in place of the key id that begins a packet.
const ackMark = 0xffffffff

func appendPadded(dst, packet []byte, random io.Reader) ([]byte, error) {
	padding, err := drawPadding(random, ourPadding)
	if err != nil {
		return dst, err
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(packet)+len(padding)))
	dst = append(dst, packet...)
	return append(dst, padding...), nil
}

// appendPaddedAck appends an ordinary frame of 8 to 15 bytes: a mark, the
// token, padding.
func appendPaddedAck(dst []byte, token uint32, random io.Reader) ([]byte, error) {
	padding, err := drawPadding(random, 7)
	if err != nil {
		return dst, err
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(8+len(padding)))
	dst = binary.LittleEndian.AppendUint32(dst, ackMark)
	dst = binary.LittleEndian.AppendUint32(dst, token)
	return append(dst, padding...), nil
}

// drawPadding draws up to most bytes, most being 3 or 7.
func drawPadding(random io.Reader, most byte) ([]byte, error) {
	var draw [1 + maxPadding]byte
	if _, err := io.ReadFull(random, draw[:]); err != nil {
		return nil, fmt.Errorf("padding: no random bytes: %w", err)
	}
	return draw[1 : 1+draw[0]&most], nil
}

// splitPadded takes an intermediate frame and cuts the padding off.
func (s *Splitter) splitPadded(stream []byte) (Packet, int, error) {
	p, n, err := s.splitIntermediate(stream)
	if n == 0 || err != nil {
		return p, n, err
	}
	if s.from == FromServer && len(p.Body) < plainHead && binary.LittleEndian.Uint32(p.Body) == ackMark {
		return Packet{}, 0, errQuickAck
	}
	p.Body = p.Body[:unpadded(p.Body)]
	return p, n, nil
}

const (
	plainHead  = 20 // 8 zeros for the key id · 8 message id · 4 length
	sealedHead = 24 // 8 key id · 16 message key
)

// unpadded returns the length of the packet in body. For a malformed body it
// returns the whole length: the reader of the message reports the error.
func unpadded(body []byte) int {
	n := len(body)
	switch {
	// A packet shorter than a head is a transport error, a negative number of
	// four bytes.
	// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
	case n < plainHead:
		if int32(binary.LittleEndian.Uint32(body)) < 0 {
			return minPacket
		}

	// A message without encryption carries its length.
	// https://core.telegram.org/mtproto/description#unencrypted-message
	case binary.LittleEndian.Uint64(body) == 0:
		if length := binary.LittleEndian.Uint32(body[16:]); uint64(length) <= uint64(n-plainHead) {
			return plainHead + int(length)
		}

	// The encrypted part is a multiple of 16 bytes long.
	// https://core.telegram.org/mtproto/description#encrypted-message-encrypted-data
	case n >= sealedHead:
		return n - (n-sealedHead)%16
	}
	return n
}
