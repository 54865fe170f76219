package mtproto

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// SocketID is the owner's name for one connection to a server.
type SocketID uint64

// Query names a message of a client that waits for an answer. It may be kept
// and compared.
type Query struct {
	Key     KeyID
	Session SessionID
	ID      MsgID // as invokeAfterMsg names it; auth.bindTempAuthKey holds it
}

// ServerParams is what a Server needs.
type ServerParams struct {
	Random io.Reader // salts, ids, padding; must not fail

	// Shared bounds what several Servers keep together; nil: this one by itself.
	Shared *Shared

	// Unpack makes the Unpacker for what is packed in one packet; nil: one for
	// 32 MiB.
	Unpack func() *Unpacker
}

// ServerEvent is something that a Server's owner is to do, or to know.
//
//	Write           Socket, Body, Notice
//	Asked           Query, Socket, Body: the call, unpacked if it was gzipped; Unpacker, Mark
//	Close           Socket
//	Opened, Closed  Query.Key, Query.Session
//	Destroyed       Query; the client is told that it is done
//	Expired         Query.Key
type ServerEvent struct {
	Kind   Kind
	Socket SocketID
	Query  Query
	Body   []byte

	// Unpacker is for what is packed further inside of Body. Its limit counts all
	// that came in the same packet.
	Unpacker *Unpacker

	Mark any // what the owner has marked a call with, see Packet.Mark

	// Notice says that Body, a packet, announces a new session and holds nothing else.
	Notice bool
}

// Format prints e without its body, whatever the verb.
func (e ServerEvent) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "{%v socket:%d body:%d bytes notice:%t}", e.Kind, e.Socket, len(e.Body), e.Notice)
}

// Server is the sessions of one data centre: any number of keys, several
// sessions of a key, several sockets of a session and several sessions on a
// socket. It speaks the encrypted part of MTProto; [ServerHandshake] makes the
// keys. See the package's comment for how to use it.
//
// Each query is executed once: a client that repeats it under the same message
// id gets the same answer again. Answers are remembered until the client has
// acknowledged them, within bounds, and are sent again when the session turns up
// on another socket.
type Server struct{ *hiddenServer }

// hiddenServer keeps what a Server knows, keys and answers, two pointers away, where
// no verb of fmt finds it.
type hiddenServer struct{ *serverState }

// serverState is the state of a Server.
type serverState struct {
	random io.Reader
	now    time.Time
	shared *Shared
	unpack func() *Unpacker

	keys    map[KeyID]*serverKey
	sockets map[SocketID]*serverSocket

	events  queue[ServerEvent]
	dirty   queue[*serverSession] // those with something to write
	quick   uint32                // token of the last packet; 0 for none
	ackAt   time.Time             // when acknowledgements are due
	closeAt time.Time             // when a socket is
	sweepAt time.Time             // when to look for what is over

	parts []part // scratch
	spare buffers
}

// serverKey is one key and what hangs on it.
type serverKey struct {
	key      Key
	salts    salts
	expires  time.Time // zero for never
	sessions map[SessionID]*serverSession
}

// serverSocket is one connection.
type serverSocket struct {
	sessions []*serverSession // that were heard on it
	closeAt  time.Time        // unless a ping comes; zero for never
	closing  bool             // Close was told
}

// Everything that clients can make grow is bounded.
const (
	maxSessions = 64 // of a key
	// A session without a socket is forgotten after this time.
	sessionIdle = 30 * time.Minute
	sweepEvery  = 5 * time.Minute
)

// NewServer returns a Server without keys.
func NewServer(p ServerParams) *Server {
	if p.Shared == nil {
		p.Shared = NewShared(0, 0)
	}
	if p.Unpack == nil {
		p.Unpack = func() *Unpacker { return NewUnpacker(maxUnpacked) }
	}
	return &Server{&hiddenServer{&serverState{
		random: p.Random, shared: p.Shared, unpack: p.Unpack,
		keys: map[KeyID]*serverKey{}, sockets: map[SocketID]*serverSocket{},
	}}}
}

// Format prints how much s has, whatever the verb, and no secret.
func (s Server) Format(f fmt.State, _ rune) {
	if s.hiddenServer == nil {
		_, _ = io.WriteString(f, "mtproto.Server()")
		return
	}
	_, _ = fmt.Fprintf(f, "mtproto.Server(%d keys, %d sockets)", len(s.keys), len(s.sockets))
}

// AddKey makes a key known: one that a ServerHandshake has agreed on, with its
// first salt, or one from a store, with salt 0. A temporary key has the time at
// which it expires, a permanent one the zero time. For a key that is known
// already only that time is taken.
func (s *Server) AddKey(now time.Time, key Key, salt Salt, expires time.Time) {
	s.now = now
	k := s.keys[key.ID()]
	if k == nil {
		k = &serverKey{key: key, sessions: map[SessionID]*serverSession{}}
		k.salts.random = s.random
		k.salts.begin(now, salt)
		s.keys[key.ID()] = k
	}
	if k.expires = expires; !expires.IsZero() {
		s.sweepAt = earliest(s.sweepAt, expires)
	}
}

// HasKey says whether the key is known: ServerHandshake's Taken.
func (s *Server) HasKey(id KeyID) bool { return s.keys[id] != nil }

// RemoveKey forgets a key and its sessions, once what waits for them is written.
// What comes with the key from now on is answered with transport error -404 and
// the end of the socket.
func (s *Server) RemoveKey(now time.Time, id KeyID) {
	s.now = now
	k := s.keys[id]
	if k == nil {
		return
	}
	for _, sess := range k.ordered() {
		for len(sess.out) > 0 {
			s.flush(sess)
		}
		s.forget(sess)
	}
	delete(s.keys, id)
}

// NewSalt makes all salts of a key invalid and begins with a new one: the next
// message of a client is refused with bad_server_salt.
func (s *Server) NewSalt(now time.Time, id KeyID) {
	s.now = now
	if k := s.keys[id]; k != nil {
		k.salts.begin(now, 0)
	}
}

// Gone tells that a socket is closed, by either end. Packets not yet taken from
// Next are lost; answers among them are kept for the next socket.
func (s *Server) Gone(now time.Time, socket SocketID) {
	s.now = now
	if so := s.sockets[socket]; so != nil {
		s.leave(socket, so)
		delete(s.sockets, socket)
	}
}

// Drop closes every socket of the key. Key and sessions live on.
func (s *Server) Drop(now time.Time, key KeyID) {
	s.now = now
	k := s.keys[key]
	if k == nil {
		return
	}
	for _, sess := range k.ordered() {
		for _, p := range slices.Clone(sess.sockets) {
			s.hangUp(p.socket, 0)
		}
	}
}

// QuickAck returns the token that acknowledges the packet which Receive took
// last, for the owner to write if the packet's frame asked for it. It reports
// false if that packet was not a valid message.
// https://core.telegram.org/mtproto/mtproto-transports#quick-ack
func (s *Server) QuickAck() (token uint32, ok bool) { return s.quick, s.quick != 0 }

// Deadline returns when to call Advance at the latest; zero for never.
func (s *Server) Deadline() time.Time { return earliest(s.ackAt, s.closeAt, s.sweepAt) }

// Advance tells that time has passed.
func (s *Server) Advance(now time.Time) {
	s.now = now
	if reached(now, s.ackAt) {
		s.ackAt = time.Time{}
		s.each(s.remindAcks)
	}
	if reached(now, s.closeAt) {
		s.closeSilent()
	}
	if reached(now, s.sweepAt) {
		s.sweep()
	}
}

// Next returns the next event; false for none. Packets are made here, so that
// all that a session was told since the last drain travels together.
func (s *Server) Next() (ServerEvent, bool) {
	for {
		if e, ok := s.events.pop(); ok {
			return e, true
		}
		sess, ok := s.dirty.pop()
		if !ok {
			return ServerEvent{}, false
		}
		sess.dirty = false
		s.flush(sess)
	}
}

// Reuse gives the buffer of a written packet back to the Server. The caller
// must not touch it any more. Owners need not call it.
func (s *Server) Reuse(packet []byte) { s.spare.put(packet) }

// each calls f for every session, in an order that is the same in every run.
func (s *Server) each(f func(*serverSession)) {
	for _, id := range ordered(s.keys) {
		for _, sess := range s.keys[id].ordered() {
			f(sess)
		}
	}
}

// sweep forgets expired keys and sessions that nobody uses.
func (s *Server) sweep() {
	s.sweepAt = time.Time{}
	for _, id := range ordered(s.keys) {
		k := s.keys[id]
		if s.expire(k) {
			continue
		}
		s.sweepAt = earliest(s.sweepAt, k.expires)
		if len(k.sessions) > 0 {
			s.sweepAt = earliest(s.sweepAt, s.now.Add(sweepEvery))
		}
	}
	s.each(func(sess *serverSession) {
		if len(sess.sockets) == 0 && s.now.Sub(sess.used) >= sessionIdle {
			s.forget(sess)
		}
	})
}

// expire removes a temporary key whose time is over.
// https://core.telegram.org/api/pfs
func (s *Server) expire(k *serverKey) bool {
	if !reached(s.now, k.expires) {
		return false
	}
	id := k.key.ID()
	s.RemoveKey(s.now, id)
	s.events.push(ServerEvent{Kind: Expired, Query: Query{Key: id}})
	return true
}

// closeSilent closes the sockets on which no ping came in time.
func (s *Server) closeSilent() {
	s.closeAt = time.Time{}
	for _, id := range ordered(s.sockets) {
		so := s.sockets[id]
		if reached(s.now, so.closeAt) {
			s.hangUp(id, 0)
		}
		s.closeAt = earliest(s.closeAt, so.closeAt)
	}
}

// hangUp tells the owner to close a socket, after a transport error if code is
// not zero.
func (s *Server) hangUp(socket SocketID, code int32) {
	so := s.socket(socket)
	if so.closing {
		return
	}
	if code != 0 {
		s.events.push(ServerEvent{Kind: Write, Socket: socket, Body: appendTransportError(nil, code)})
	}
	s.events.push(ServerEvent{Kind: Close, Socket: socket})
	so.closing, so.closeAt = true, time.Time{}
	s.leave(socket, so)
}

// socket returns what is known of a socket.
func (s *Server) socket(id SocketID) *serverSocket {
	so := s.sockets[id]
	if so == nil {
		so = &serverSocket{}
		s.sockets[id] = so
	}
	return so
}

// leave takes a socket away from its sessions.
func (s *Server) leave(id SocketID, so *serverSocket) {
	for _, sess := range so.sessions {
		sess.used = s.now
		sess.sockets = slices.DeleteFunc(sess.sockets, at(id))
	}
	so.sessions = nil
}

// ordered returns the keys of a map in order.
func ordered[K ~int64 | ~uint64, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
