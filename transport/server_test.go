package transport

import (
	"crypto/rand"
	"net"
	"testing"

	"github.com/telekey/telekey/internal/frame"
)

// server is the other end of a stream, made of the same parts as an
// emulator's: it detects the protocol of its client.
type server struct {
	t      testing.TB
	stream net.Conn
	greet  frame.Greeting
	in     *frame.Splitter
	out    *frame.Writer
	unread []byte
}

// accept reads from stream until it has detected the client's protocol.
func accept(t testing.TB, stream net.Conn, secret []byte) *server {
	t.Helper()
	d := frame.Detector{Secret: secret}
	for {
		b := make([]byte, 7) // small, so that headers arrive in pieces
		n, err := stream.Read(b)
		if err != nil {
			t.Errorf("server: nothing detected: %v", err)
			return nil
		}
		g, ok, err := d.Feed(b[:n])
		if err != nil {
			t.Errorf("server: %v", err)
			return nil
		}
		if ok {
			return &server{
				t: t, stream: stream, greet: g, unread: g.Rest,
				in:  frame.NewSplitter(g.Kind, frame.FromClient, 0),
				out: frame.NewWriter(g.Kind, rand.Reader),
			}
		}
	}
}

// receive returns the next packet, or nil at the end of the stream.
func (s *server) receive() []byte {
	s.t.Helper()
	for {
		p, n, err := s.in.Split(s.unread)
		if err != nil {
			s.t.Errorf("server: %v", err)
			return nil
		}
		if n > 0 {
			s.unread = s.unread[n:]
			return p.Body
		}
		b := make([]byte, 100)
		if n, err = s.stream.Read(b); err != nil {
			return nil
		}
		if s.greet.Obfuscation != nil {
			s.greet.Obfuscation.In.XORKeyStream(b[:n], b[:n])
		}
		s.unread = append(s.unread, b[:n]...)
	}
}

// frame returns a packet as it goes over the wire.
func (s *server) frame(packet []byte) []byte {
	s.t.Helper()
	b, err := s.out.Append(nil, packet)
	if err != nil {
		s.t.Errorf("server: %v", err)
	}
	return s.seal(b)
}

// seal encrypts bytes as the stream does.
func (s *server) seal(b []byte) []byte {
	if s.greet.Obfuscation != nil {
		s.greet.Obfuscation.Out.XORKeyStream(b, b)
	}
	return b
}
