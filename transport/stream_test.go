package transport

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/telekey/telekey/internal/frame"
	"github.com/telekey/telekey/secret"
)

// message returns a packet that looks like an encrypted message, of at least
// n bytes.
func message(n int) []byte {
	b := make([]byte, 24+(n+15)/16*16)
	for i := range b {
		b[i] = byte(i*7 + 1)
	}
	return b
}

// ways lists every way to speak that there is.
func ways() []Stream {
	var all []Stream
	for _, f := range []Framing{Intermediate, Abridged, Padded, Full} {
		all = append(all, Stream{Framing: f, Plain: true})
		if f != Full {
			all = append(all, Stream{Framing: f, DC: -10002}, Stream{Framing: f, DC: 4, Secret: secret.New("sixteen bytes or")})
		}
	}
	return all
}

// open returns a client's Conn over a pipe, and the server's end of the pipe.
func open(t *testing.T, how Stream) (Conn, net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	c, err := NewConn(near, how)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); far.Close() })
	return c, far
}

func TestPacketsArriveWholeInEveryFraming(t *testing.T) {
	packets := [][]byte{message(1), message(600), message(0), message(100_000)}
	for _, how := range ways() {
		t.Run(fmt.Sprintf("%v plain %v secret %v", how.Framing, how.Plain, !how.Secret.IsZero()), func(t *testing.T) {
			c, far := open(t, how)
			go func() { // an echo
				s := accept(t, far, how.Secret.Bytes())
				if s == nil {
					far.Close()
					return
				}
				if o := s.greet.Obfuscation; (o == nil) != how.Plain || o != nil && o.DC != how.DC {
					t.Errorf("server: got obfuscation %+v", o)
				}
				for p := s.receive(); p != nil; p = s.receive() {
					far.Write(s.frame(p))
				}
			}()
			for i, p := range packets {
				sent := bytes.Clone(p)
				if err := c.Send(sent); err != nil {
					t.Fatal(err)
				}
				clear(sent) // it is ours again
				got, err := c.Receive()
				if err != nil || !bytes.Equal(got, p) {
					t.Fatalf("packet %d of %d bytes: got %d bytes, %v", i, len(p), len(got), err)
				}
			}
		})
	}
}

func TestSendAndReceiveDoNotWaitForEachOther(t *testing.T) {
	c, far := open(t, Stream{})
	const count = 100
	go func() {
		for range count {
			if err := c.Send(message(50)); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	go func() {
		s := accept(t, far, nil)
		for s != nil && s.receive() != nil {
			for range 2 {
				far.Write(s.frame(message(60)))
			}
		}
	}()
	var last []byte
	for range 2 * count {
		p, err := c.Receive()
		if err != nil || !bytes.Equal(p, message(60)) {
			t.Fatalf("got %d bytes, %v", len(p), err)
		}
		if last != nil && !bytes.Equal(last, message(60)) {
			t.Fatal("a packet changed after the next one was received")
		}
		last = p
	}
}

// Streams made of messages, as WebSocket, keep what one Write wrote together.
func TestEachPacketIsOneWriteAndTheFirstOneBringsTheOpening(t *testing.T) {
	for _, how := range ways() {
		var w writes
		c, err := NewConn(&w, how)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.sizes) != 0 {
			t.Errorf("%v: opening a stream wrote %v bytes, want none", how.Framing, w.sizes)
		}
		for range 2 {
			if err := c.Send(message(0)); err != nil {
				t.Fatal(err)
			}
		}
		opening := frame.HeaderSize
		if how.Plain {
			opening = len(frame.Kind(how.Framing).Tag())
		}
		if len(w.sizes) != 2 || w.sizes[0] < opening+len(message(0)) || w.sizes[1] < len(message(0)) || w.sizes[1] > len(message(0))+19 {
			t.Errorf("%v, plain %v: got writes of %v bytes", how.Framing, how.Plain, w.sizes)
		}
	}
}

// writes is a stream that notes how much each Write wrote.
type writes struct {
	net.Conn
	sizes []int
}

func (w *writes) Write(b []byte) (int, error) { w.sizes = append(w.sizes, len(b)); return len(b), nil }

func TestARefusalIsAPacketOfFourBytes(t *testing.T) {
	refusal := binary.LittleEndian.AppendUint32(nil, 0xfffffe6c) // -404
	for _, how := range ways() {
		c, far := open(t, how)
		go func() {
			if s := accept(t, far, how.Secret.Bytes()); s != nil {
				s.receive()
				far.Write(s.frame(refusal))
			}
		}()
		if err := c.Send(message(0)); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Receive(); err != nil || !bytes.Equal(got, refusal) {
			t.Errorf("%v: got %x, %v; want %x", how.Framing, got, err, refusal)
		}
	}
}

func TestACutInsideAPacketIsNotAnOrdinaryEnd(t *testing.T) {
	for _, how := range ways() {
		for _, cut := range []int{0, 1, 5, 30} {
			c, far := open(t, how)
			go func() {
				if s := accept(t, far, how.Secret.Bytes()); s != nil {
					s.receive()
					far.Write(s.frame(message(100))[:cut])
				}
				far.Close()
			}()
			if err := c.Send(message(0)); err != nil {
				t.Fatal(err)
			}
			want := io.ErrUnexpectedEOF
			if cut == 0 {
				want = io.EOF
			}
			if p, err := c.Receive(); p != nil || !errors.Is(err, want) {
				t.Errorf("%v, plain %v, after %d bytes: got %v, want %v", how.Framing, how.Plain, cut, err, want)
			}
		}
	}
}

func TestNonsenseFromAServerEndsTheConnection(t *testing.T) {
	for _, c := range []struct {
		framing Framing
		bytes   string
		want    string
	}{
		{Intermediate, "\xff\xff\xff\x7f", "2147483647 bytes in intermediate framing, want at most 16777216"},
		{Intermediate, "\x01\x02\x03\x84", "got a quick ack"},
		{Abridged, "\x00", "got a packet of 0 bytes"},
		{Full, "\x10\x00\x00\x00\x05\x00\x00\x00", "got full frame number 5, want 0"},
	} {
		conn, far := open(t, Stream{Framing: c.framing, Plain: true})
		go far.Write([]byte(c.bytes))
		if _, err := conn.Receive(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want an error with %q", c.framing, err, c.want)
		}
	}
}

func TestCloseWakesWhoeverWaits(t *testing.T) {
	c, _ := open(t, Stream{})
	ends := make(chan error, 2)
	go func() { _, err := c.Receive(); ends <- err }()
	go func() { ends <- c.Send(message(0)) }() // without a reader
	if err := c.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	for range 2 {
		if err := <-ends; !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v, want net.ErrClosed", err)
		}
	}
	if err := c.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

func TestAPacketThatCannotBeSentDoesNotSpoilTheStream(t *testing.T) {
	for _, how := range ways() {
		c, far := open(t, how)
		if err := c.Send([]byte("five!")); err == nil || !strings.Contains(err.Error(), "5 bytes") {
			t.Errorf("%v: got %v, want a refusal", how.Framing, err)
		}
		got := make(chan []byte, 1)
		go func() {
			if s := accept(t, far, how.Secret.Bytes()); s != nil {
				got <- s.receive()
			}
			close(got)
		}()
		if err := c.Send(message(3)); err != nil {
			t.Fatal(err)
		}
		if p := <-got; !bytes.Equal(p, message(3)) {
			t.Errorf("%v: got %x", how.Framing, p)
		}
	}
}

func TestWaysToSpeakThatDoNotExistAreRefused(t *testing.T) {
	for want, how := range map[string]Stream{
		"full framing cannot be obfuscated":    {Framing: Full},
		"framing 4 is not one of":              {Framing: 4, Plain: true},
		"framing -1 is not one of":             {Framing: -1},
		"a plain stream has no use for":        {Plain: true, Secret: secret.New(make([]byte, 16))},
		"secret of 17 bytes, want 16":          {Secret: secret.New(make([]byte, 17))},
		"got data centre 40000":                {DC: 40000},
		"obfuscation header: no random bytes:": {Random: strings.NewReader("few")},
	} {
		near, _ := net.Pipe()
		if c, err := NewConn(near, how); err == nil || c != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestASecretIsNeverPrinted(t *testing.T) {
	how := Stream{Secret: secret.New("sixteen bytes or")}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		fmt.Fprintf(&out, verb+"\n", how)
		fmt.Fprintf(&out, verb+"\n", how.Secret)
	}
	json.NewEncoder(&out).Encode(map[string]any{"secret": how.Secret})
	slog.New(slog.NewJSONHandler(&out, nil)).Info("dial", "secret", how.Secret)
	slog.New(slog.NewTextHandler(&out, nil)).Info("dial", "secret", how.Secret, "how", how)
	for _, leak := range []string{"sixteen", "7369787465656e", "115 105", "0x73", "c2l4dGVlbi"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("found %q in\n%s", leak, out.String())
		}
	}
	if strings.Count(out.String(), "redacted") < 17 {
		t.Errorf("got too few redactions:\n%s", out.String())
	}
}
