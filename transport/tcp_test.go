package transport

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/internal/frame"
)

var _ Dialer = TCP{}

func TestTheZeroTCPIsObfuscatedIntermediate(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		stream, err := listener.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer stream.Close()
		s := accept(t, stream, nil)
		if s == nil {
			return
		}
		if o := s.greet.Obfuscation; s.greet.Kind != frame.Intermediate || o == nil || o.DC != 3 {
			t.Errorf("server: got %v, obfuscation %+v; want intermediate to data centre 3", s.greet.Kind, o)
		}
		stream.Write(s.frame(s.receive()))
	}()
	c, err := TCP{}.Dial(t.Context(), dc.Endpoint{ID: 3, Addr: listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Send(message(1)); err != nil {
		t.Fatal(err)
	}
	if p, err := c.Receive(); err != nil || !bytes.Equal(p, message(1)) {
		t.Errorf("got %d bytes, %v", len(p), err)
	}
	<-done
	if _, err := c.Receive(); err == nil || !strings.Contains(err.Error(), listener.Addr().String()) {
		t.Errorf("after the end: got %v, want an error with the address", err)
	}
}

func TestADialThatFailsNamesTheAddress(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	to := dc.Endpoint{ID: 2, Addr: listener.Addr().String()}
	listener.Close()
	_, err = TCP{}.Dial(t.Context(), to)
	var wrapped *net.OpError
	if !errors.As(err, &wrapped) || strings.Count(err.Error(), to.Addr) != 1 {
		t.Errorf("got %v, want an error of net's that names the address once", err)
	}

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (TCP{}).Dial(gone, to); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, want context.Canceled", err)
	}
}

func TestAnotherDialerMayOpenTheStream(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	tcp := TCP{
		Framing: Abridged, Plain: true,
		DialContext: func(_ context.Context, network, addr string) (net.Conn, error) {
			if network != "tcp" || addr != "example.org:443" {
				t.Errorf("asked for %s %s", network, addr)
			}
			return near, nil
		},
	}
	c, err := tcp.Dial(t.Context(), dc.Endpoint{ID: 1, Addr: "example.org:443"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go c.Send(message(0))
	if s := accept(t, far, nil); s == nil || s.greet.Kind != frame.Abridged || s.greet.Obfuscation != nil {
		t.Error("the server did not see plain abridged framing")
	}
}

func TestAStreamThatCannotBeSpokenOverIsClosed(t *testing.T) {
	near, far := net.Pipe()
	tcp := TCP{Framing: Full, DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
	if _, err := tcp.Dial(t.Context(), dc.Endpoint{ID: 1, Addr: "example.org:443"}); err == nil {
		t.Fatal("full framing was obfuscated")
	}
	if _, err := far.Read(make([]byte, 1)); err == nil {
		t.Error("the stream is still open")
	}
}
