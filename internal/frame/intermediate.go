package frame

import "encoding/binary"

// An intermediate frame:
//
//	4 length of the packet · packet
//
// A client that wants a quick ack sets the top bit of the length.
// https://core.telegram.org/mtproto/mtproto-transports#intermediate

// quickBit is the top bit of a length that asks for a quick ack, and of every
// token that answers.
const quickBit = 1 << 31

func appendIntermediate(dst, packet []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(packet)))
	return append(dst, packet...)
}

// appendIntermediateAck appends the bare token: read as a length, it would be
// negative.
func appendIntermediateAck(dst []byte, token uint32) []byte {
	return binary.LittleEndian.AppendUint32(dst, token)
}

func (s *Splitter) splitIntermediate(stream []byte) (Packet, int, error) {
	if len(stream) < 4 {
		return Packet{}, 0, nil
	}
	length := binary.LittleEndian.Uint32(stream)
	return s.take(stream, 4, length&^quickBit, length&quickBit != 0)
}
