package websocket_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	coder "github.com/coder/websocket"

	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/websocket"
	"github.com/telekey/telekey/internal/frame"
	"github.com/telekey/telekey/mtproto"
)

func start(t *testing.T, cfg emulator.Config) *emulator.Server {
	t.Helper()
	cfg.Upgrade = websocket.Upgrade
	srv, err := emulator.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return srv
}

func address(t *testing.T, srv *emulator.Server) string {
	t.Helper()
	to, ok := srv.Network().Endpoint(2)
	if !ok {
		t.Fatal("no data centre 2")
	}
	return to.Addr
}

// open opens a WebSocket to data centre 2.
func open(t *testing.T, srv *emulator.Server) *coder.Conn {
	t.Helper()
	c, _, err := coder.Dial(t.Context(), "ws://"+address(t, srv)+"/apiws", &coder.DialOptions{Subprotocols: []string{"binary"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	if c.Subprotocol() != "binary" {
		t.Errorf("got the sub-protocol %q, want binary", c.Subprotocol())
	}
	return c
}

// raw is a client that does everything by hand.
type raw struct {
	t      *testing.T
	ws     *coder.Conn
	crypt  frame.Obfuscation
	writer *frame.Writer
	split  *frame.Splitter
	header []byte // not sent yet
}

func begin(t *testing.T, srv *emulator.Server, kind frame.Kind) *raw {
	t.Helper()
	header, crypt, err := frame.SealHeader(rand.Reader, kind, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &raw{t, open(t, srv), crypt, frame.NewWriter(kind, rand.Reader), frame.NewSplitter(kind, frame.FromServer, 0), header}
}

// frame appends packet to b as the stream has it, the header before the first.
func (r *raw) frame(b, packet []byte) []byte {
	r.t.Helper()
	framed, err := r.writer.Append(nil, packet)
	if err != nil {
		r.t.Fatal(err)
	}
	r.crypt.Out.XORKeyStream(framed, framed)
	b = append(append(b, r.header...), framed...)
	r.header = nil
	return b
}

// send sends b in messages of size bytes.
func (r *raw) send(b []byte, size int) {
	r.t.Helper()
	for len(b) > 0 {
		n := min(size, len(b))
		if err := r.ws.Write(r.t.Context(), coder.MessageBinary, b[:n]); err != nil {
			r.t.Fatal(err)
		}
		b = b[n:]
	}
}

// receive takes one message, which must be one packet.
func (r *raw) receive() []byte {
	r.t.Helper()
	kind, b, err := r.ws.Read(soon(r.t))
	if err != nil {
		r.t.Fatal(err)
	}
	r.crypt.In.XORKeyStream(b, b)
	p, n, err := r.split.Split(b)
	if err != nil || n == 0 || n != len(b) || kind != coder.MessageBinary {
		r.t.Fatalf("got a message of %d bytes in which a packet is %d, type %v, %v; want just one packet", len(b), n, kind, err)
	}
	return p.Body
}

func TestKeysAreAgreedOnInMessagesOfAnySize(t *testing.T) {
	srv := start(t, emulator.Config{})
	for _, kind := range []frame.Kind{frame.Intermediate, frame.Abridged, frame.Padded} {
		for _, size := range []int{1, 7, 64, 1 << 20} {
			r := begin(t, srv, kind)
			h := handshake(srv)
			for {
				if packet, ok := h.Next(); ok {
					r.send(r.frame(nil, packet), size)
				}
				if _, ok := h.Result(); ok {
					break
				}
				if err := h.Receive(time.Now(), r.receive()); err != nil {
					t.Fatalf("%v in messages of %d bytes: %v", kind, size, err)
				}
			}
		}
	}
}

func handshake(srv *emulator.Server) *mtproto.Handshake {
	return mtproto.NewHandshake(time.Now(), mtproto.HandshakeParams{
		DC: srv.Network().KeyDC(2), Keys: srv.Network().Keys, Random: rand.Reader,
	})
}

// Clients in browsers read each message as one packet, so waiting answers must not
// share a message.
func TestEachMessageToTheClientIsOnePacket(t *testing.T) {
	const many = 200
	srv := start(t, emulator.Config{})
	for _, kind := range []frame.Kind{frame.Intermediate, frame.Abridged, frame.Padded} {
		r := begin(t, srv, kind)
		question, _ := handshake(srv).Next()
		var all []byte
		for range many {
			all = r.frame(all, question)
		}
		r.send(all, len(all))
		for range many {
			r.receive()
		}
	}
}

func TestARefusalIsReadBeforeTheEnd(t *testing.T) {
	srv := start(t, emulator.Config{})
	r := begin(t, srv, frame.Intermediate)
	r.send(r.frame(nil, bytes.Repeat([]byte("unknown."), 5)), 1<<20)
	if got := int32(binary.LittleEndian.Uint32(r.receive())); got != -404 {
		t.Errorf("got %d, want -404", got)
	}
	wantEnd(t, r.ws, coder.StatusNormalClosure)
}

// soon is a context for what should happen at once.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func wantEnd(t *testing.T, c *coder.Conn, want coder.StatusCode) {
	t.Helper()
	_, b, err := c.Read(soon(t))
	if got := coder.CloseStatus(err); got != want {
		t.Errorf("got %d bytes and %v, want the end with status %v", len(b), err, want)
	}
}

func TestWhatIsNoObfuscatedStreamIsEnded(t *testing.T) {
	srv := start(t, emulator.Config{})
	for name, b := range map[string]string{
		"plain intermediate": "\xee\xee\xee\xee\x08\x00\x00\x00aaaaaaaa",
		"plain abridged":     "\xef",
		"plain full":         "\x14\x00\x00\x00\x00\x00\x00\x00aaaaaaaaaaaa",
		"HTTP":               "GET / HTTP/1.1\r\n\r\n",
		"TLS":                "\x16\x03\x01\x02\x00\x01",
		"nonsense":           strings.Repeat("SSH-2.0-", 8),
	} {
		c := open(t, srv)
		if err := c.Write(t.Context(), coder.MessageBinary, []byte(b)); err != nil {
			t.Fatal(err)
		}
		wantEnd(t, c, coder.StatusNormalClosure)
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestMessagesOfTheWrongKindEndTheConnection(t *testing.T) {
	srv := start(t, emulator.Config{})
	c := open(t, srv)
	if err := c.Write(t.Context(), coder.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	wantEnd(t, c, coder.StatusUnsupportedData)

	// A message may be as long as the longest packet, header and frame included.
	r := begin(t, srv, frame.Intermediate)
	head := r.frame(nil, make([]byte, 1<<20))
	go func() { _ = r.ws.Write(context.Background(), coder.MessageBinary, head) }()
	if got := int32(binary.LittleEndian.Uint32(r.receive())); got != -404 {
		t.Errorf("a mebibyte: got %d, want -404", got)
	}
}

func TestTheLogSaysWhyAClientIsRefused(t *testing.T) {
	var log lines
	srv := start(t, emulator.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	conn, err := net.Dial("tcp", address(t, srv))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// The client must get its answer even if its body is not read.
	if _, err := io.WriteString(conn, "POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n"+strings.Repeat("x", 500000)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 501 Not Implemented\r\n") {
		t.Errorf("got %q, %v; want 501", answer, err)
	}
	srv.Close()
	if text := log.String(); !strings.Contains(text, "got POST /api: this port speaks MTProto over TCP and WebSocket, not HTTP") {
		t.Errorf("got the log %s", text)
	}
}

// lines is a log that several goroutines write.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// inside is a network within the process: one listener, for one data centre.
type inside struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newInside() *inside { return &inside{conns: make(chan net.Conn), done: make(chan struct{})} }

func (n *inside) listen(string, string) (net.Listener, error) { return n, nil }

func (n *inside) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.done:
		return nil, net.ErrClosed
	}
}

func (n *inside) Close() error   { n.once.Do(func() { close(n.done) }); return nil }
func (n *inside) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 41002} }

func (n *inside) dial() net.Conn {
	near, far := net.Pipe()
	n.conns <- far
	return near
}

// request is an upgrade.
const request = "GET /apiws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: binary\r\n\r\n"

// A client has a minute for everything up to its first packet. More bytes do not
// extend it.
func TestASlowClientHasAMinute(t *testing.T) {
	for name, slow := range map[string]func(net.Conn) error{
		"no more of the head": func(c net.Conn) error {
			_, err := io.WriteString(c, "GET /apiws HTTP/1.1\r\n")
			return errors.Join(err, read(c))
		},
		"a line every second": func(c net.Conn) (err error) {
			_, err = io.WriteString(c, "GET /apiws HTTP/1.1\r\n")
			for err == nil {
				time.Sleep(time.Second)
				_, err = io.WriteString(c, "X: y\r\n")
			}
			return nil
		},
		"no obfuscation header": func(c net.Conn) error {
			_, err := io.WriteString(c, request)
			return errors.Join(err, read(c))
		},
		"a ping every second": func(c net.Conn) (err error) {
			_, err = io.WriteString(c, request)
			go read(c)
			for err == nil {
				time.Sleep(time.Second)
				_, err = io.WriteString(c, "\x89\x80\x00\x00\x00\x00")
			}
			return nil
		},
		"an answer that is not read": func(c net.Conn) error {
			_, err := io.WriteString(c, request)
			time.Sleep(2 * time.Minute)
			return errors.Join(err, read(c))
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			network := newInside()
			srv := start(t, emulator.Config{Listener: network.listen, DCs: []int{2}})
			began := time.Now()
			conn := network.dial()
			if err := slow(conn); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if d := time.Since(began); d < 59*time.Second || d > 125*time.Second {
				t.Errorf("%s: the end came after %v, want about a minute", name, d)
			}
			conn.Close()
			srv.Close()
		})
	}
}

// read reads to the end.
func read(c net.Conn) error {
	_, err := io.Copy(io.Discard, c)
	return err
}

// The server sends its close frame and waits only briefly for the client's.
func TestTheCloseHandshakeIsNotWaitedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newInside()
		srv := start(t, emulator.Config{Listener: network.listen, DCs: []int{2}})
		conn := network.dial()
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		plain := "\x82\x89\x00\x00\x00\x00\xee\xee\xee\xee\x04\x00\x00\x00a" // is not obfuscated
		if _, err := io.WriteString(conn, request+plain); err != nil {
			t.Error(err)
		}
		began := time.Now()
		said, err := io.ReadAll(conn)
		if err != nil || !bytes.HasSuffix(said, []byte("\x88\x02\x03\xe8")) { // 1000
			t.Errorf("got %q, %v; want a close frame at the end", said, err)
		}
		if d := time.Since(began); d != time.Second {
			t.Errorf("the end came after %v, want a second", d)
		}
		srv.Close()
	})
}

// A test in a bubble ends when all goroutines have.
func TestCloseLeavesNothingRunning(t *testing.T) {
	for name, visit := range map[string]func(net.Conn){
		"in the head":         func(c net.Conn) { _, _ = io.WriteString(c, "GET /apiws") },
		"before the header":   func(c net.Conn) { go read(c); _, _ = io.WriteString(c, request) },
		"unread":              func(c net.Conn) { _, _ = io.WriteString(c, request) },
		"in a message":        func(c net.Conn) { go read(c); _, _ = io.WriteString(c, request+"\x82\x85\x00\x00\x00\x00ab") },
		"in a goodbye":        func(c net.Conn) { go read(c); _, _ = io.WriteString(c, request+"\x88\x82\x00\x00\x00\x00\x03") },
		"after a text":        func(c net.Conn) { go read(c); _, _ = io.WriteString(c, request+"\x81\x81\x00\x00\x00\x00a") },
		"after a text unread": func(c net.Conn) { go io.WriteString(c, request+"\x81\x81\x00\x00\x00\x00a") },
	} {
		synctest.Test(t, func(t *testing.T) {
			network := newInside()
			srv := start(t, emulator.Config{Listener: network.listen, DCs: []int{2}})
			conn := network.dial()
			visit(conn)
			synctest.Wait()
			began := time.Now()
			srv.Close()
			if d := time.Since(began); d > 0 {
				t.Errorf("%s: Close took %v", name, d)
			}
			conn.Close()
		})
	}
}
