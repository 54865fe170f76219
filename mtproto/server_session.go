package mtproto

import (
	"container/list"
	"slices"
	"time"

	"github.com/telekey/telekey/internal/mt"
)

// serverSession is one session of one key, seen by the server.
type serverSession struct {
	key *serverKey
	id  SessionID

	sockets []place // the one heard last is the last
	used    time.Time

	first   MsgID // of its messages; 0 before the first that was accepted
	window  window
	topID   MsgID // the highest id, and the sequence number that came with it
	topSeq  int32
	ids     idClock
	sent    sent
	acks    acks
	queries queries

	out    []outgoing
	dirty  bool          // on the server's list
	server *Server       // whose it is
	place  *list.Element // in Shared
}

// place is a socket that a session was heard on.
type place struct {
	socket   SocketID
	admitted bool // a message on it was accepted
}

// at tells a place by its socket.
func at(socket SocketID) func(place) bool { return func(p place) bool { return p.socket == socket } }

// outgoing is a message that waits to be written.
type outgoing struct {
	body    []byte
	content bool   // to be acknowledged
	answer  bool   // to a message of the client
	alone   bool   // in a packet of its own
	query   *query // whose answer it is
	id      MsgID  // if it goes out under an old id; otherwise 0
	seq     int32
}

// session returns a session of a key, a new one if need be.
func (s *Server) session(k *serverKey, id SessionID) *serverSession {
	sess := k.sessions[id]
	if sess == nil {
		if len(k.sessions) >= maxSessions {
			s.forget(k.leastUsed())
		}
		if spare := s.shared.spareSession(); spare != nil {
			spare.server.forget(spare)
		}
		sess = &serverSession{server: s, key: k, id: id, acks: acks{wait: serverAckWait}, queries: queries{shared: s.shared}}
		k.sessions[id] = sess
		s.sweepAt = earliest(s.sweepAt, s.now.Add(sweepEvery))
	}
	sess.used = s.now
	s.shared.use(sess)
	return sess
}

// ordered returns the sessions in order of their ids.
func (k *serverKey) ordered() []*serverSession {
	var all []*serverSession
	for _, id := range ordered(k.sessions) {
		all = append(all, k.sessions[id])
	}
	return all
}

// leastUsed returns the session that can be missed most: one without a socket,
// the longest unused.
func (k *serverKey) leastUsed() *serverSession {
	return slices.MinFunc(k.ordered(), func(a, b *serverSession) int {
		if idle := len(a.sockets) == 0; idle != (len(b.sockets) == 0) {
			if idle {
				return -1
			}
			return 1
		}
		return a.used.Compare(b.used)
	})
}

// forget ends a session.
func (s *Server) forget(sess *serverSession) {
	for _, p := range sess.sockets {
		so := s.socket(p.socket)
		so.sessions = slices.DeleteFunc(so.sessions, func(other *serverSession) bool { return other == sess })
	}
	sess.sockets, sess.out = nil, nil
	delete(sess.key.sessions, sess.id)
	s.shared.leave(sess)
	if sess.first != 0 {
		s.events.push(ServerEvent{Kind: Closed, Query: sess.ref(0)})
	}
}

// ref names a message of the session.
func (sess *serverSession) ref(id MsgID) Query {
	return Query{Key: sess.key.key.ID(), Session: sess.id, ID: id}
}

// hear notes on which socket the session is now.
func (s *Server) hear(sess *serverSession, socket SocketID) *place {
	n := len(sess.sockets)
	switch i := slices.IndexFunc(sess.sockets, at(socket)); {
	case i < 0:
		so := s.socket(socket)
		so.sessions = append(so.sessions, sess)
		sess.sockets = append(sess.sockets, place{socket: socket})
	case i < n-1:
		here := sess.sockets[i]
		sess.sockets = append(slices.Delete(sess.sockets, i, i+1), here)
	}
	return &sess.sockets[len(sess.sockets)-1]
}

// begin announces a session to its client: nothing before first is known of it.
//
// The notification travels in a packet of its own, before any answer. Clients that
// handle the parts of one container one after the other, gotd's before 2026 among
// them, otherwise hold the first answer back until a timer of theirs runs out.
// https://core.telegram.org/mtproto/service_messages#new-session-creation-notification
func (s *Server) begin(sess *serverSession, first MsgID) {
	sess.first = first
	s.events.push(ServerEvent{Kind: Opened, Query: sess.ref(0)})
	s.send(sess, outgoing{content: true, alone: true, body: appendService(nil, &mt.NewSessionCreated{
		FirstMsgID: int64(first), UniqueID: random64(s.random), ServerSalt: int64(sess.key.salts.current(s.now)),
	})})
}

// send queues a message to a session.
func (s *Server) send(sess *serverSession, o outgoing) {
	sess.out = append(sess.out, o)
	s.touch(sess)
}

// touch puts a session on the list of those to be flushed.
func (s *Server) touch(sess *serverSession) {
	if !sess.dirty {
		sess.dirty = true
		s.dirty.push(sess)
	}
}

// reply queues a service message that answers one of the client, which needs no
// acknowledgement any more.
func (s *Server) reply(sess *serverSession, to MsgID, v any) {
	sess.acks.settle(to)
	s.send(sess, outgoing{answer: true, body: appendService(nil, v)})
}

// owe notes that a message of the client is to be acknowledged.
func (s *Server) owe(sess *serverSession, id MsgID) {
	sess.acks.owe(s.now, id)
	if sess.acks.due(s.now) {
		s.touch(sess)
	}
	s.ackAt = earliest(s.ackAt, sess.acks.deadline())
}

// remindAcks flushes a session whose acknowledgements are due.
func (s *Server) remindAcks(sess *serverSession) {
	if sess.acks.due(s.now) {
		s.touch(sess)
	} else {
		s.ackAt = earliest(s.ackAt, sess.acks.deadline())
	}
}
