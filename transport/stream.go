package transport

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"github.com/telekey/telekey/internal/frame"
	"github.com/telekey/telekey/secret"
)

// Stream configures a client's end of a byte stream. The zero value is obfuscated
// intermediate framing.
type Stream struct {
	Framing Framing
	Plain   bool        // do not obfuscate
	DC      int         // named in the obfuscated header, where an MTProxy reads it
	Secret  secret.Text // of an MTProxy: 16 bytes, without the marks that links put around them; zero: none
	Random  io.Reader   // for the header and the padding; nil: crypto/rand
}

// NewConn returns a Conn that speaks MTProto over an open stream, as its client. It
// sends nothing yet: one Write sends the tag or the header with the first packet.
// Each later packet is one Write as well, so that a stream of messages keeps
// packets whole. Unless NewConn returns an error, the Conn owns the stream.
func NewConn(stream net.Conn, how Stream) (Conn, error) {
	kind := frame.Kind(how.Framing)
	random := how.Random
	if random == nil {
		random = rand.Reader
	}
	c := &conn{
		stream: stream,
		out:    frame.NewWriter(kind, random),
		in:     frame.NewSplitter(kind, frame.FromServer, 0),
		unread: *bytes.NewBuffer(make([]byte, 0, readSize)),
	}
	switch {
	case kind < frame.Intermediate || kind > frame.Full:
		return nil, fmt.Errorf("%v is not one of Intermediate, Abridged, Padded and Full", kind)
	case how.Plain && !how.Secret.IsZero():
		return nil, errors.New("a plain stream has no use for a secret: leave Plain unset or Secret empty")
	case how.Plain:
		c.opening = kind.Tag()
		return c, nil
	// The header of an obfuscated stream names a framing by its tag.
	// https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation
	case kind == frame.Full:
		return nil, errors.New("full framing cannot be obfuscated: set Plain or choose another framing")
	}
	header, o, err := frame.SealHeader(random, kind, how.DC, how.Secret.Bytes())
	if err != nil {
		return nil, err
	}
	c.opening, c.encrypt, c.decrypt = header, o.Out, o.In
	return c, nil
}

const (
	readSize  = 1 << 10  // the least free space for a Read
	keepSize  = 16 << 10 // larger buffers are not kept
	spareSize = 4 << 10  // longer packets are not kept
)

// conn is the client's end of a stream. Send and Receive use separate fields, so
// they need no lock. An idle connection holds little memory, because there may be
// thousands.
type conn struct {
	stream net.Conn
	closed atomic.Bool

	out      *frame.Writer
	encrypt  cipher.Stream // nil: plain
	opening  []byte        // tag or header, until it is sent
	outgoing []byte        // reused for each packet

	in      *frame.Splitter
	decrypt cipher.Stream // nil: plain
	unread  bytes.Buffer  // received, decrypted but for what read has just added, not split yet
	mu      sync.Mutex
	spare   [2][]byte // for the next packets; mu's
}

// Send frames one packet and writes it.
func (c *conn) Send(packet []byte) error {
	start := len(c.opening)
	b, err := c.out.Append(append(c.outgoing[:0], c.opening...), packet)
	if err != nil {
		return err
	}
	// The header has been encrypted where it has to be.
	if c.encrypt != nil {
		c.encrypt.XORKeyStream(b[start:], b[start:])
	}
	c.opening = nil
	if c.outgoing = b; cap(b) > keepSize {
		c.outgoing = nil
	}
	if _, err := c.stream.Write(b); err != nil {
		return c.broken("send to", err)
	}
	return nil
}

// Receive reads until there is a whole packet.
func (c *conn) Receive() ([]byte, error) {
	for {
		p, n, err := c.in.Split(c.unread.Bytes())
		if err != nil {
			return nil, c.broken("receive from", err)
		}
		if n > 0 {
			body := append(c.memory(), p.Body...)
			c.unread.Next(n)
			return body, nil
		}
		if n, err = c.read(); err != nil {
			return nil, c.broken("receive from", err)
		}
		// Not in read: its stack frame would grow the stack beyond the initial size
		// of a goroutine, and this goroutine mostly waits.
		if c.decrypt != nil {
			b := c.unread.Bytes()
			b = b[len(b)-n:]
			c.decrypt.XORKeyStream(b, b)
		}
	}
}

// memory returns memory for a packet; nil if none was given back.
func (c *conn) memory() (empty []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	empty, c.spare[0], c.spare[1] = c.spare[0], c.spare[1], nil
	return empty
}

// Reuse keeps the memory of two packets: one is received while the other is in
// use. It wipes the memory, which may hold a decrypted packet.
func (c *conn) Reuse(packet []byte) {
	if cap(packet) > spareSize {
		return
	}
	clear(packet)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spare[0], c.spare[1] = packet[:0], c.spare[0]
}

// read appends the next bytes of the stream to the unsplit ones and returns their
// number. The buffer grows with the bytes received, never with an announced
// length.
func (c *conn) read() (int, error) {
	if c.unread.Len() == 0 && c.unread.Cap() > keepSize {
		c.unread = bytes.Buffer{}
	}
	c.unread.Grow(readSize)
	b := c.unread.AvailableBuffer()
	n, err := c.stream.Read(b[:cap(b)])
	c.unread.Write(b[:n])
	switch {
	case n > 0:
		return n, nil // an error will come again
	case err == io.EOF && c.unread.Len() > 0:
		return 0, io.ErrUnexpectedEOF
	}
	return 0, err
}

// Close closes the stream, once.
func (c *conn) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	return c.stream.Close()
}

// broken adds the place to an error. After Close the error is net.ErrClosed, whatever
// the stream returned.
func (c *conn) broken(doing string, err error) error {
	if c.closed.Load() {
		err = net.ErrClosed
	}
	return fmt.Errorf("%s %v: %w", doing, c.stream.RemoteAddr(), err)
}
