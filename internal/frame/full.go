package frame

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A full frame:
//
//	4 length of all of it · 4 sequence number · packet · 4 checksum
//
// https://core.telegram.org/mtproto/mtproto-transports#full

const (
	fullHead   = 8
	fullAround = fullHead + 4 // the bytes that the length counts besides the packet
)

func appendFull(dst, packet []byte, seq uint32) []byte {
	start := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(fullAround+len(packet)))
	dst = binary.LittleEndian.AppendUint32(dst, seq)
	dst = append(dst, packet...)
	return binary.LittleEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[start:]))
}

func (s *Splitter) splitFull(stream []byte) (Packet, int, error) {
	if len(stream) < 4 {
		return Packet{}, 0, nil
	}
	length := binary.LittleEndian.Uint32(stream)

	// Telegram's servers sometimes send an error without a frame: the negative
	// number is then in the place of the length.
	if s.from == FromServer && int32(length) < 0 {
		return Packet{Body: stream[:4:4]}, 4, nil
	}
	if length < fullAround {
		return Packet{}, 0, fmt.Errorf("got a full frame of %d bytes, want at least %d", length, fullAround+minPacket)
	}
	if err := s.check(length - fullAround); err != nil {
		return Packet{}, 0, err
	}
	// Each direction numbers its packets from zero, without a gap.
	if len(stream) < fullHead {
		return Packet{}, 0, nil
	}
	if seq := binary.LittleEndian.Uint32(stream[4:]); seq != s.seq {
		return Packet{}, 0, fmt.Errorf("got full frame number %d, want %d", seq, s.seq)
	}
	if uint64(len(stream)) < uint64(length) {
		return Packet{}, 0, nil
	}
	// The checksum covers everything before it.
	end := int(length)
	body := stream[fullHead : end-4 : end-4]
	got, want := binary.LittleEndian.Uint32(stream[end-4:]), crc32.ChecksumIEEE(stream[:end-4])
	if got != want {
		return Packet{}, 0, fmt.Errorf("full frame number %d: got checksum %08x, want %08x", s.seq, got, want)
	}
	s.seq++
	return Packet{Body: body}, end, nil
}
