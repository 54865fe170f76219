// Package frame knows where packets begin and end in a stream, and which
// framing a stream speaks.
//
// Bytes come in and packets go out; the package holds no socket and no buffer
// of its own. A Writer frames the packets of one direction and a Splitter
// takes them apart again; SealHeader and OpenHeader begin an obfuscated
// stream at its two ends; a Detector tells a server what its visitor speaks.
// What is inside a packet is not looked at, except to cut padding off.
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

// Tag returns what a client sends first on a plain stream of this framing,
// and a server never does: nothing for full.
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

// How long a packet may be unless a Splitter is told otherwise. Telegram cuts
// a connection that sends it more than a mebibyte; its own answers go further.
const (
	MaxFromClient = 1 << 20
	MaxFromServer = 1 << 24
)

// minPacket is the length of the shortest packet: a transport error.
// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
const minPacket = 4

// A Packet is what one frame held: an MTProto message with its key id in
// front, or, from a server, the four bytes of a transport error.
type Packet struct {
	Body  []byte // a part of the stream that was split; without padding
	Quick bool   // the client asks for a quick ack of this packet
}
