package frame

import "encoding/binary"

// An abridged frame counts in words of four bytes:
//
//	1 words                   packet   up to 126 words
//	1 7f · 3 words            packet   from 127 words on
//
// A client that wants a quick ack sets the top bit of the first byte.
// https://core.telegram.org/mtproto/mtproto-transports#abridged

const (
	longMark      = 0x7f // the first byte of the long form
	abridgedQuick = 0x80
)

func appendAbridged(dst, packet []byte) []byte {
	words := len(packet) / 4
	if words < longMark {
		dst = append(dst, byte(words))
	} else {
		dst = append(dst, longMark, byte(words), byte(words>>8), byte(words>>16))
	}
	return append(dst, packet...)
}

// appendAbridgedAck appends the token's bytes in reverse: the bit that marks
// it has to be in the first byte that the client reads.
func appendAbridgedAck(dst []byte, token uint32) []byte {
	return binary.BigEndian.AppendUint32(dst, token)
}

func (s *Splitter) splitAbridged(stream []byte) (Packet, int, error) {
	if len(stream) == 0 {
		return Packet{}, 0, nil
	}
	quick := stream[0]&abridgedQuick != 0
	words, head := uint32(stream[0]&^abridgedQuick), 1
	if words == longMark {
		if len(stream) < 4 {
			return Packet{}, 0, nil
		}
		words, head = uint32(stream[1])|uint32(stream[2])<<8|uint32(stream[3])<<16, 4
	}
	return s.take(stream, head, 4*words, quick)
}
