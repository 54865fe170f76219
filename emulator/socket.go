package emulator

import (
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/telekey/telekey/internal/frame"
	"github.com/telekey/telekey/mtproto"
)

// socket is one connection of a client.
type socket struct {
	id     mtproto.SocketID
	centre *dataCentre
	conn   net.Conn // to set deadlines on, and to close at once
	local  netip.Addr

	// greeting is how the client began, and upgraded what Config.Upgrade made of
	// conn; nil: nothing. The reader sets them before it tells of the first
	// packet; nothing is written before that.
	greeting frame.Greeting
	upgraded net.Conn

	// The owner's.
	out       chan parcel // closed when nothing more is to be written
	shut      bool        // out is closed
	handshake *mtproto.ServerHandshake
	frames    int // that have come
	fate      fate
}

// parcel is what the writer frames and writes: a packet or a quick ack.
type parcel struct {
	packet  []byte
	token   uint32
	isToken bool
	torn    bool // only half of it gets there, and nothing behind it
}

// Bounds of sockets.
const (
	maxSockets   = 2048
	maxParcels   = 256              // that a client has not read; one more, and it is cut off
	patience     = time.Minute      // for the first bytes, and an upgrade
	writeTimeout = 30 * time.Second // for a client that has stopped reading
	linger       = time.Second      // for a client to read the last packet and close
)

// accept takes connections on a data centre's port.
func (s *Server) accept(centre *dataCentre) {
	for {
		conn, err := centre.listener.Accept()
		switch {
		case err == nil:
			if !s.tell(func(time.Time) { s.open(centre, conn) }) {
				_ = conn.Close()
			}
			continue
		case errors.Is(err, net.ErrClosed):
			return
		}
		// Out of files, most likely: that passes.
		s.cfg.Log.Warn("a connection could not be accepted", "dc", centre.id, "error", err)
		select {
		case <-s.closing:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// open begins to serve a connection.
func (s *Server) open(centre *dataCentre, conn net.Conn) {
	if len(s.sockets) >= maxSockets {
		_ = conn.Close()
		return
	}
	s.lastID++
	k := &socket{id: s.lastID, centre: centre, conn: conn, out: make(chan parcel, maxParcels)}
	if a, err := netip.ParseAddrPort(conn.LocalAddr().String()); err == nil {
		k.local = a.Addr()
	}
	s.sockets[k.id] = k
	s.running.Go(func() { s.read(k) })
	s.running.Go(k.write)
}

// send puts a parcel where the writer finds it. It never waits.
func (k *socket) send(p parcel) {
	if k.shut {
		return
	}
	select {
	case k.out <- p:
	default:
		_ = k.conn.Close() // the reader tells that it is gone
	}
}

// gone ends a socket: what it was sent is still written, what it sends is not
// taken any more.
func (s *Server) gone(now time.Time, k *socket) {
	if k.shut {
		return
	}
	k.shut = true
	close(k.out)
	k.centre.server.Gone(now, k.id)
}

// left forgets a socket whose reader has ended.
func (s *Server) left(now time.Time, k *socket) {
	s.gone(now, k)
	delete(s.sockets, k.id)
}

// cutAll ends all sockets at once.
func (s *Server) cutAll() {
	for _, k := range s.sockets {
		if !k.shut {
			k.shut = true
			close(k.out)
		}
		_ = k.conn.Close()
	}
	clear(s.sockets)
}

// read moves what a client sends to the owner, packet by packet.
func (s *Server) read(k *socket) {
	defer s.tell(func(now time.Time) { s.left(now, k) })
	defer k.conn.Close()
	chunk := make([]byte, 16<<10)
	stream, ok := s.greet(k, chunk)
	if !ok {
		return
	}
	conn := k.conn
	if k.upgraded != nil {
		conn = k.upgraded
	}
	splitter := frame.NewSplitter(k.greeting.Kind, frame.FromClient, 0)
	for {
		rest, err := s.split(k, splitter, stream)
		if err != nil {
			s.cfg.Log.Debug("a stream makes no sense", "dc", k.centre.id, "framing", k.greeting.Kind.String(), "error", err)
			return
		}
		stream = stream[:copy(stream, rest)]
		n, err := conn.Read(chunk)
		if n == 0 && err != nil {
			return
		}
		if o := k.greeting.Obfuscation; o != nil {
			o.In.XORKeyStream(chunk[:n], chunk[:n])
		}
		stream = append(stream, chunk[:n]...)
	}
}

// split hands all whole packets of stream to the owner and returns the rest.
func (s *Server) split(k *socket, splitter *frame.Splitter, stream []byte) ([]byte, error) {
	for {
		p, n, err := splitter.Split(stream)
		if err != nil || n == 0 {
			return stream, err
		}
		packet := append([]byte(nil), p.Body...)
		if !s.tell(func(now time.Time) { s.receive(now, k, packet, p.Quick) }) {
			return nil, ErrClosed
		}
		stream = stream[n:]
	}
}

// greet finds out what a client speaks and returns what came behind that. Who
// does not speak MTProto is turned away.
func (s *Server) greet(k *socket, chunk []byte) (stream []byte, ok bool) {
	_ = k.conn.SetDeadline(time.Now().Add(patience))
	k.greeting, ok = detect(k.conn, chunk)
	if ok && k.greeting.Protocol == frame.HTTP && s.cfg.Upgrade != nil {
		ok = s.upgrade(k, chunk)
	}
	if ok && k.greeting.Protocol != frame.MTProto {
		s.cfg.Log.Info("a visitor is turned away: this port speaks MTProto alone",
			"dc", k.centre.id, "protocol", k.greeting.Protocol.String())
		k.turnAway()
		ok = false
	}
	_ = k.conn.SetDeadline(time.Time{})
	return k.greeting.Rest, ok
}

// detect reads until it is clear what the other side speaks.
func detect(conn net.Conn, chunk []byte) (frame.Greeting, bool) {
	var detector frame.Detector
	for {
		n, err := conn.Read(chunk)
		if n == 0 && err != nil {
			return frame.Greeting{}, false
		}
		if g, ok, err := detector.Feed(chunk[:n]); ok || err != nil {
			return g, ok
		}
	}
}

// upgrade turns an HTTP request into a stream, and finds out how MTProto is
// spoken on that.
func (s *Server) upgrade(k *socket, chunk []byte) bool {
	stream, err := s.cfg.Upgrade(k.conn, k.greeting.Rest)
	if err != nil {
		s.cfg.Log.Info("a visitor is turned away", "dc", k.centre.id, "protocol", frame.HTTP.String(), "error", err)
		k.drain()
		return false
	}
	g, ok := detect(stream, chunk)

	// What is upgraded must be obfuscated.
	// https://core.telegram.org/mtproto/transports#websocket
	if !ok || g.Obfuscation == nil {
		s.cfg.Log.Info("a visitor is turned away: an upgraded connection must begin with an obfuscation header", "dc", k.centre.id)
		k.goodbye(stream)
		return false
	}
	k.greeting, k.upgraded = g, stream
	return true
}

// turnAway tells a visitor in his own language that he is wrong here.
func (k *socket) turnAway() {
	if k.greeting.Protocol != frame.HTTP {
		return
	}
	const text = "This port speaks MTProto over TCP, not HTTP.\n"
	_ = k.conn.SetWriteDeadline(time.Now().Add(linger))
	_, _ = io.WriteString(k.conn, "HTTP/1.1 501 Not Implemented\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"+text)
	k.drain()
}

// maxLeft is how much of what a client still sends is taken off its hands.
const maxLeft = 1 << 20

// drain waits, not long, until a client has read its last words: see finish.
func (k *socket) drain() {
	half, ok := k.conn.(interface{ CloseWrite() error })
	if ok && half.CloseWrite() == nil {
		_ = k.conn.SetReadDeadline(time.Now().Add(linger))
		_, _ = io.CopyN(io.Discard, k.conn, maxLeft)
	}
}

// goodbye closes what Config.Upgrade made, which may take a few words.
func (k *socket) goodbye(upgraded net.Conn) {
	_ = k.conn.SetDeadline(time.Now().Add(linger))
	_ = upgraded.Close()
}

// maxBatch is about how much is written at once.
const maxBatch = 64 << 10

// write moves what the owner sends to the client, as much at once as there is.
func (k *socket) write() {
	conn, most := k.conn, maxBatch
	var upgraded net.Conn
	defer func() { k.finish(upgraded) }()
	var framer *frame.Writer
	for p := range k.out {
		if framer == nil {
			framer = frame.NewWriter(k.greeting.Kind, rand.Reader)
			// Some clients take each message of a WebSocket for one packet.
			if upgraded = k.upgraded; upgraded != nil {
				conn, most = upgraded, 0
			}
		}
		batch, err := p.append(nil, framer)
		for more := true; more && err == nil && len(batch) < most; {
			select {
			case p, more = <-k.out:
				if more {
					batch, err = p.append(batch, framer)
				}
			default:
				more = false
			}
		}
		if o := k.greeting.Obfuscation; o != nil {
			o.Out.XORKeyStream(batch, batch)
		}
		_ = k.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, werr := conn.Write(batch); err != nil || werr != nil {
			break
		}
	}
}

// append appends p in its frame.
func (p parcel) append(dst []byte, framer *frame.Writer) ([]byte, error) {
	if p.isToken {
		return framer.AppendAck(dst, p.token)
	}
	whole, err := framer.Append(dst, p.packet)
	if p.torn && err == nil {
		return whole[:len(dst)+(len(whole)-len(dst))/2], errTorn
	}
	return whole, err
}

// errTorn ends a writer as a rule has it.
var errTorn = errors.New("the frame is torn")

// finish closes a socket from the writer's side. Where it can, it leaves the
// other direction open a moment: a socket that is closed with unread bytes in it
// loses what was written last, and that may be the reason why it is closed.
func (k *socket) finish(upgraded net.Conn) {
	if upgraded != nil {
		k.goodbye(upgraded)
	}
	half, ok := k.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		_ = k.conn.Close()
		return
	}
	_ = k.conn.SetReadDeadline(time.Now().Add(linger))
}
