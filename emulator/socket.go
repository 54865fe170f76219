package emulator

import (
	"container/list"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
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

	byHeader bool // centre is not known before the header is read: see route

	// greeting is how the client began, and upgraded what Config.Upgrade made of
	// conn; nil: nothing. The reader sets them before it tells of the first
	// packet; nothing is written before that.
	greeting frame.Greeting
	upgraded net.Conn

	finished atomic.Bool   // the writer has ended
	next     chan struct{} // tells the reader that its packet is done with

	// The owner's.
	out       chan *parcel // closed when nothing more is to be written; nil: nothing was yet
	shut      bool         // out is closed
	silent    *list.Element
	accepted  bool // a packet was: see heard
	handshake *handshake
	inHand    bool       // a packet is: the reader waits for next
	waitsAt   []*authKey // that calls of it wait for the turn of
	pending   int        // what that packet waits for
	frames    int        // that have come
	forPacket int        // bytes held for that packet, beside its own: see holdForPacket
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
	maxParcels   = 256              // that a client has not read; one more, and it is cut off
	patience     = time.Minute      // for the first packet that is accepted
	writeTimeout = 30 * time.Second // for a client that has stopped reading
	linger       = time.Second      // for a client to read the last packet and close
)

// accept takes connections on a data centre's port. Without a data centre the
// first bytes of each say which it is for: see route.
func (s *Server) accept(l net.Listener, centre *dataCentre) {
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			if !s.tell(func(now time.Time) { s.open(now, centre, conn) }) {
				_ = conn.Close()
			}
			continue
		case errors.Is(err, net.ErrClosed):
			return
		}
		// Out of files, most likely: that passes when a socket is closed.
		s.cfg.Log.Warn("a connection could not be accepted", "address", l.Addr().String(), "error", err)
		s.tell(func(now time.Time) { s.dropSilent(now) })
		select {
		case <-s.closing:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// open begins to serve a connection. Where there are too many, the one that has
// been silent longest gives way.
func (s *Server) open(now time.Time, centre *dataCentre, conn net.Conn) {
	for len(s.sockets) >= s.cfg.MaxSockets {
		s.dropSilent(now)
	}
	s.lastID++
	k := &socket{id: s.lastID, centre: centre, conn: conn, next: make(chan struct{}, 1)}
	if centre == nil {
		k.centre, k.byHeader = s.centres[0], true
	}
	if a, err := netip.ParseAddrPort(conn.LocalAddr().String()); err == nil {
		k.local = a.Addr()
	}
	s.sockets[k.id] = k
	k.silent = s.silent.PushBack(k)
	_ = conn.SetDeadline(now.Add(patience))
	s.running.Go(func() { s.read(k) })
}

// dropSilent closes the socket that has been silent longest: since a packet of it
// was accepted, or since it was opened.
func (s *Server) dropSilent(now time.Time) {
	if e := s.silent.Front(); e != nil {
		k := e.Value.(*socket)
		_ = k.conn.Close()
		s.left(now, k)
		s.overload.sockets++
	}
}

// heard notes that a packet of a socket was accepted. The first one ends the
// deadline for it.
func (s *Server) heard(k *socket) {
	if k.silent != nil {
		s.silent.MoveToBack(k.silent)
	}
	if k.accepted {
		return
	}
	k.accepted = true
	_ = k.conn.SetReadDeadline(time.Time{})
	if k.finished.Load() { // which has a deadline of its own
		_ = k.conn.SetReadDeadline(time.Now().Add(linger))
	}
}

// send puts a parcel where the writer finds it. It never waits. What a client does
// not read counts as memory that it holds.
func (s *Server) send(k *socket, p parcel) {
	if k.shut {
		return
	}
	if k.out == nil { // a client that says nothing costs no writer
		k.out = make(chan *parcel, maxParcels)
		s.running.Go(func() { s.writeTo(k, k.out) })
	}
	if !s.memory.grow(k, len(p.packet)) {
		_ = k.conn.Close() // the reader tells that it is gone
		return
	}
	select {
	case k.out <- &p:
	default:
		_ = k.conn.Close()
	}
}

// gone ends a socket: what it was sent is still written, what it sends is not
// taken any more.
func (s *Server) gone(now time.Time, k *socket) {
	if k.shut {
		return
	}
	s.endWriting(k)
	k.centre.server.Gone(now, k.id)
}

// endWriting ends what is written to a socket. The writer closes the connection
// when all of it is written.
func (s *Server) endWriting(k *socket) {
	k.shut = true
	if k.out == nil {
		k.out = make(chan *parcel)
		s.running.Go(func() { s.writeTo(k, k.out) })
	}
	close(k.out)
}

// left forgets a socket whose reader has ended, or is about to.
func (s *Server) left(now time.Time, k *socket) {
	s.gone(now, k)
	s.memory.leave(k)
	delete(s.sockets, k.id)
	s.dropWaiting(now, k)
	if k.silent != nil {
		s.silent.Remove(k.silent)
		k.silent = nil
	}
}

// cutAll ends all sockets at once.
func (s *Server) cutAll() {
	for _, k := range s.sockets {
		if k.out != nil && !k.shut {
			close(k.out)
		}
		k.shut = true
		_ = k.conn.Close()
	}
	clear(s.sockets)
}

// read moves what a client sends to the owner, packet by packet.
func (s *Server) read(k *socket) {
	defer s.tell(func(now time.Time) { s.left(now, k) })
	defer s.memory.leave(k)
	defer k.conn.Close()
	rest, ok := s.greet(k)
	if !ok || k.byHeader && !s.route(k) {
		return
	}
	conn := k.conn
	if k.upgraded != nil {
		conn = k.upgraded
	}
	in := inflow{memory: s.memory, socket: k, bytes: rest}
	splitter := frame.NewSplitter(k.greeting.Kind, frame.FromClient, 0)
	for {
		if err := s.split(k, splitter, &in); err != nil {
			s.cfg.Log.Debug("a stream makes no sense", "dc", k.centre.id, "framing", k.greeting.Kind.String(), "error", err)
			return
		}
		space, ok := in.space()
		if !ok {
			return
		}
		n, err := conn.Read(space)
		if n == 0 && err != nil {
			return
		}
		if o := k.greeting.Obfuscation; o != nil {
			o.In.XORKeyStream(space[:n], space[:n])
		}
		in.add(n)
	}
}

// split hands all whole packets that have come to the owner.
func (s *Server) split(k *socket, splitter *frame.Splitter, in *inflow) error {
	for {
		p, n, err := splitter.Split(in.bytes)
		if err != nil || n == 0 {
			return err
		}
		packet, held := in.cut(p.Body, n)
		ok := s.tell(func(now time.Time) { s.receive(now, k, packet, p.Quick) })
		if !ok {
			return ErrClosed
		}
		select {
		case <-k.next:
			s.memory.shrink(k, held)
		case <-s.closing:
			return ErrClosed
		}
	}
}

// greet finds out what a client speaks and returns what came behind that. Who
// does not speak MTProto is turned away.
func (s *Server) greet(k *socket) (stream []byte, ok bool) {
	chunk := make([]byte, smallInflow)
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

// writeTo moves what the owner sends to the client, as much at once as there is.
func (s *Server) writeTo(k *socket, out <-chan *parcel) {
	conn, most := k.conn, maxBatch
	var upgraded net.Conn
	defer func() { k.finish(upgraded) }()
	var framer *frame.Writer
	for p := range out {
		if framer == nil {
			framer = frame.NewWriter(k.greeting.Kind, rand.Reader)
			// Some clients take each message of a WebSocket for one packet.
			if upgraded = k.upgraded; upgraded != nil {
				conn, most = upgraded, 0
			}
		}
		held := len(p.packet)
		batch, err := p.append(nil, framer)
		for more := true; more && err == nil && len(batch) < most; {
			select {
			case p, more = <-out:
				if more {
					held += len(p.packet)
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
		_, werr := conn.Write(batch)
		s.memory.shrink(k, held)
		if err != nil || werr != nil {
			break
		}
	}
}

// append appends p in its frame.
func (p *parcel) append(dst []byte, framer *frame.Writer) ([]byte, error) {
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
	k.finished.Store(true)
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
