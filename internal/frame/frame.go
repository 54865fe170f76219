// Package frame splits a stream into packets, joins packets into a stream, and
// detects the framing of a stream.
//
// The package owns no socket and no buffer. A Writer frames the packets of one
// direction and a Splitter splits them again; SealHeader and OpenHeader begin an
// obfuscated stream at its two ends; a Detector finds out the framing that a
// client uses. The package does not read the contents of a packet, except to
// remove padding.
package frame

import "fmt"

// Kind is a framing.
// https://core.telegram.org/mtproto/mtproto-transports
type Kind int

// The framings of MTProto over a byte stream.
const (
	Intermediate Kind = iota // four bytes of length before each packet
	Abridged                 // one byte of length, four for long packets
	Padded                   // intermediate with up to 15 random bytes behind
	Full                     // length, sequence number, packet and checksum
)

// String returns the framing's name, in lower case.
func (k Kind) String() string {
	switch k {
	case Intermediate:
		return "intermediate"
	case Abridged:
		return "abridged"
	case Padded:
		return "padded intermediate"
	case Full:
		return "full"
	}
	return fmt.Sprintf("framing %d", int(k))
}

// Tag returns the bytes that begin a client's plain stream of this framing. They
// are empty for full; a server sends no tag.
func (k Kind) Tag() []byte {
	switch k {
	case Intermediate:
		return []byte{0xee, 0xee, 0xee, 0xee}
	case Abridged:
		return []byte{0xef}
	case Padded:
		return []byte{0xdd, 0xdd, 0xdd, 0xdd}
	}
	return nil
}

// Side says who sends on a stream.
type Side int

// The two ends of a stream.
const (
	FromClient Side = iota
	FromServer
)

// The default limits of a packet's length. Telegram closes a connection that sends
// more than a mebibyte; its own responses may be longer.
const (
	MaxFromClient = 1 << 20
	MaxFromServer = 1 << 24
)

// minPacket is the length of the shortest packet: a transport error.
// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
const minPacket = 4

// A Packet is the contents of one frame: an MTProto message that begins with its
// key id, or, from a server, the four bytes of a transport error.
type Packet struct {
	Body  []byte // a part of the stream that was split; without padding
	Quick bool   // the client asks for a quick ack of this packet
}
