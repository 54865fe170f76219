// Package transport carries packets to a data centre and back: over TCP, in
// one of MTProto's framings, obfuscated unless told otherwise.
//
// A Dialer opens connections and a Conn carries packets. TCP is the Dialer of
// most programs. A Dialer of another kind (through a proxy, by WebSocket, into
// memory) opens a byte stream in its own way and passes it to NewConn.
//
// A Conn does not read the contents of packets and does not reconnect: an error
// ends it, and its user dials again.
package transport

import (
	"context"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/internal/frame"
)

// A Conn carries MTProto packets in both directions. One goroutine may send
// while another receives; Close may be called by any, and more than once.
type Conn interface {
	// Send sends one packet: a message with its key id in front. It keeps
	// nothing of packet. Packets are a multiple of four bytes long and at most
	// 16 MiB; servers close the connection on more than 1 MiB.
	Send(packet []byte) error

	// Receive waits for the next packet, which belongs to the caller from
	// then on. A packet of four bytes is a transport error of the server, a
	// negative number. io.EOF means that the server closed between two packets,
	// io.ErrUnexpectedEOF in the middle of one, and net.ErrClosed that Close
	// was called; all of them are wrapped.
	Receive() ([]byte, error)

	// Close ends the connection and calls that wait in Send or Receive.
	Close() error
}

// A PacketRecycler is a Conn that can use the memory of a packet again.
type PacketRecycler interface {
	Conn

	// Reuse returns the memory of a packet from Receive, which the Conn will
	// overwrite; the caller must keep no part of it. Any goroutine may call it;
	// the call is optional.
	Reuse(packet []byte)
}

// A Dialer opens connections to data centres.
type Dialer interface {
	// Dial opens a connection. The context matters until Dial returns and not
	// afterwards.
	Dial(ctx context.Context, to dc.Endpoint) (Conn, error)
}

// Framing is the encoding of packets in a stream. All framings carry the same
// packets; servers accept every one.
// https://core.telegram.org/mtproto/mtproto-transports
type Framing int

// The framings of MTProto.
const (
	Intermediate = Framing(frame.Intermediate) // four bytes around each packet; the zero value
	Abridged     = Framing(frame.Abridged)     // one byte around most packets
	Padded       = Framing(frame.Padded)       // intermediate with up to 15 random bytes behind
	Full         = Framing(frame.Full)         // numbered and with a checksum; cannot be obfuscated
)

// String returns the framing's name, in lower case.
func (f Framing) String() string { return frame.Kind(f).String() }
