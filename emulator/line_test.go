package emulator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/frame"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

// line is a client on the wire, as simple as can be: it does one thing after
// another and waits in between. It is a tg.Invoker. It shares with the Server
// what is tested elsewhere, framings and MTProto, and nothing of this package.
type line struct {
	t      testing.TB
	conn   net.Conn
	writer *frame.Writer
	split  *frame.Splitter
	crypt  *frame.Obfuscation
	stream []byte

	exchange mtproto.Exchange
	session  *mtproto.Conn
	pushed   [][]byte // updates
	layer    int32    // named in the first call; 0: never
}

// how says how a line is framed.
type how struct {
	kind       frame.Kind
	obfuscated bool
}

// tap opens a socket and says hello.
func tap(t testing.TB, dial func(dc int) (net.Conn, error), dc int, h how) *line {
	t.Helper()
	conn, err := dial(dc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	l := &line{
		t: t, conn: conn, layer: tg.Layer,
		writer: frame.NewWriter(h.kind, rand.Reader), split: frame.NewSplitter(h.kind, frame.FromServer, 0),
	}
	hello := h.kind.Tag()
	if h.obfuscated {
		header, o, err := frame.SealHeader(rand.Reader, h.kind, dc, nil)
		if err != nil {
			t.Fatal(err)
		}
		hello, l.crypt = header, &o
	}
	if _, err := conn.Write(hello); len(hello) > 0 && err != nil {
		t.Fatal(err)
	}
	return l
}

// connect opens a socket, agrees on a key and begins a session.
func connect(t testing.TB, s *Server, dc int, h how) *line {
	t.Helper()
	l := tap(t, s.dial, dc, h)
	l.agree(s, dc, 0)
	l.begin(l.exchange.Key, l.exchange.Salt)
	return l
}

// dial opens a socket to a data centre.
func (s *Server) dial(dc int) (net.Conn, error) {
	o, ok := s.Network().Endpoint(dc)
	if !ok {
		return nil, fmt.Errorf("no data centre %d", dc)
	}
	return net.Dial("tcp", o.Addr)
}

// agree makes a key.
func (l *line) agree(s *Server, dc int, life time.Duration) {
	l.t.Helper()
	h := mtproto.NewHandshake(time.Now(), mtproto.HandshakeParams{
		DC: s.Network().KeyDC(dc), Keys: s.Network().Keys, ExpiresIn: life, Random: rand.Reader,
	})
	for {
		if packet, ok := h.Next(); ok {
			if err := l.write(packet); err != nil {
				l.t.Fatal(err)
			}
		}
		var ok bool
		if l.exchange, ok = h.Result(); ok {
			return
		}
		packet, err := l.read()
		if err == nil {
			err = h.Receive(time.Now(), packet)
		}
		if err != nil {
			l.t.Fatal(err)
		}
	}
}

// begin begins a session of a key.
func (l *line) begin(key mtproto.Key, salt mtproto.Salt) {
	l.session = mtproto.NewConn(time.Now(), mtproto.Params{Key: key, Salt: salt, Random: rand.Reader})
	l.session.Up(time.Now())
}

// move goes on with the session of l on a new socket.
func (l *line) move(s *Server, dc int, h how) *line {
	l.t.Helper()
	l.conn.Close()
	l.session.Down(time.Now())
	next := tap(l.t, s.dial, dc, h)
	next.exchange, next.session, next.layer = l.exchange, l.session, l.layer
	next.session.Up(time.Now())
	return next
}

func (l *line) write(packet []byte) error {
	b, err := l.writer.Append(nil, packet)
	if err != nil {
		return err
	}
	return l.writeRaw(b)
}

func (l *line) writeRaw(b []byte) error {
	if l.crypt != nil {
		l.crypt.Out.XORKeyStream(b, b)
	}
	_, err := l.conn.Write(b)
	return err
}

func (l *line) read() ([]byte, error) {
	chunk := make([]byte, 4096)
	for {
		p, n, err := l.split.Split(l.stream)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			packet := append([]byte(nil), p.Body...)
			l.stream = l.stream[n:]
			return packet, nil
		}
		n, err = l.conn.Read(chunk)
		if l.crypt != nil {
			l.crypt.In.XORKeyStream(chunk[:n], chunk[:n])
		}
		l.stream = append(l.stream, chunk[:n]...)
		if n == 0 && err != nil {
			return nil, err
		}
	}
}

// Invoke makes a call and waits for its answer.
func (l *line) Invoke(_ context.Context, request []byte) ([]byte, error) {
	if l.layer != 0 {
		request = bytesOf(introduction(l.layer, request))
	}
	return l.result(l.session.Send(time.Now(), request))
}

// result waits for the answer to a request.
func (l *line) result(req mtproto.Req) ([]byte, error) {
	for {
		for e, ok := l.session.Next(); ok; e, ok = l.session.Next() {
			switch {
			case e.Kind == mtproto.Write:
				if err := l.write(e.Body); err != nil {
					return nil, err
				}
			case e.Kind == mtproto.Pushed:
				l.pushed = append(l.pushed, e.Body)
			case e.Kind == mtproto.Answer && e.Req == req:
				return e.Body, nil
			case e.Kind == mtproto.Refused && e.Req == req:
				if e.Err != nil {
					return nil, e.Err
				}
				return nil, tg.NewError(e.Code, e.Message)
			case e.Kind == mtproto.Lost && e.Req == req:
				return nil, errors.New("lost")
			}
		}
		if err := l.receive(); err != nil {
			return nil, err
		}
	}
}

// receive takes one packet.
func (l *line) receive() error {
	packet, err := l.read()
	if err != nil {
		return err
	}
	return l.session.Receive(time.Now(), packet)
}

// update waits for an update.
func (l *line) update() tg.AnyUpdates {
	l.t.Helper()
	for len(l.pushed) == 0 {
		if err := l.receive(); err != nil {
			l.t.Fatal(err)
		}
		for e, ok := l.session.Next(); ok; e, ok = l.session.Next() {
			if e.Kind == mtproto.Pushed {
				l.pushed = append(l.pushed, e.Body)
			}
			if e.Kind == mtproto.Write {
				_ = l.write(e.Body)
			}
		}
	}
	var u tg.AnyUpdates
	if err := tg.Schema.Decode(l.pushed[0], &u); err != nil {
		l.t.Fatal(err)
	}
	l.pushed = l.pushed[1:]
	return u
}

// running starts a Server for a test.
func running(t testing.TB, cfg Config) *Server {
	t.Helper()
	s, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// pipes is a network within the process: listeners by port.
type pipes struct {
	mu    sync.Mutex
	ports map[string]*pipe
}

type pipe struct {
	addr  *net.TCPAddr
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

// end is one end of a pipe, with addresses.
type end struct {
	net.Conn
	addr net.Addr
}

func (e end) LocalAddr() net.Addr  { return e.addr }
func (e end) RemoteAddr() net.Addr { return e.addr }

// listen is a Config.Listener.
func (n *pipes) listen(_, _ string) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ports == nil {
		n.ports = map[string]*pipe{}
	}
	p := &pipe{
		addr:  &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 40000 + len(n.ports)},
		conns: make(chan net.Conn), done: make(chan struct{}),
	}
	n.ports[p.addr.String()] = p
	return p, nil
}

// dialer dials a Server's data centres.
func (n *pipes) dialer(s *Server) func(dc int) (net.Conn, error) {
	return func(dc int) (net.Conn, error) {
		o, _ := s.Network().Endpoint(dc)
		n.mu.Lock()
		p := n.ports[o.Addr]
		n.mu.Unlock()
		client, server := net.Pipe()
		select {
		case p.conns <- end{server, p.addr}:
			return client, nil
		case <-p.done:
			return nil, io.ErrClosedPipe
		}
	}
}

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipe) Addr() net.Addr { return p.addr }
