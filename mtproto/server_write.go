package mtproto

import "github.com/telekey/telekey/internal/crypt"

// flush makes one packet of what a session has to say. Without a socket there is
// nobody to say it to: answers are remembered elsewhere, the rest is dropped.
func (s *Server) flush(sess *serverSession) {
	if len(sess.sockets) == 0 {
		sess.drop()
		return
	}
	socket := sess.sockets[len(sess.sockets)-1].socket
	notice := len(sess.out) > 0 && sess.out[0].alone
	low, boxed := s.gather(sess, socket)
	if len(s.parts) == 0 {
		return
	}
	h := head{salt: sess.key.salts.current(s.now), session: sess.id}
	if len(s.parts) > 1 || boxed {
		h.id, h.seq = sess.ids.next(s.now, low), sess.sent.seq(false)
	} else {
		h.id, h.seq = s.parts[0].id, s.parts[0].seq
	}
	packet := sealParts(&s.spare, h, s.parts, sess.key.key, crypt.FromServer, s.random)
	clear(s.parts)
	s.events.push(ServerEvent{Kind: Write, Socket: socket, Body: packet, Notice: notice})
	if len(sess.out) > 0 {
		s.touch(sess)
	}
}

// gather takes as many messages as fit into one packet, and all
// acknowledgements; a message that travels alone takes neither along. It returns the two lowest bits of a container around them,
// and whether they need one: what goes out under an old id does, because ids
// increase.
func (s *Server) gather(sess *serverSession, socket SocketID) (low MsgID, boxed bool) {
	s.parts, low = s.parts[:0], isNotice
	size, n := 0, 0
	for ; n < len(sess.out) && n < fullParts; n++ {
		o := &sess.out[n]
		if size += len(o.body); n > 0 && (size > fullContainer || o.alone) {
			break
		}
		bits := isNotice
		if o.answer {
			bits, low = isAnswer, isAnswer
		}
		p := part{id: o.id, seq: o.seq, body: o.body}
		if o.id == 0 {
			p.id, p.seq = sess.ids.next(s.now, bits), sess.sent.seq(o.content)
		}
		boxed = boxed || o.id != 0
		s.parts = append(s.parts, p)
		if o.query != nil {
			sess.queries.wrote(o.query, p, socket)
		}
		if o.alone {
			n++
			break
		}
	}
	alone := n == 1 && sess.out[0].alone
	sess.out = append(sess.out[:0], sess.out[n:]...)
	if len(sess.out) == 0 {
		sess.out = nil
	}
	if len(sess.acks.ids) > 0 && !alone && (n > 0 || sess.acks.due(s.now)) {
		body := sess.acks.take(nil)
		s.parts = append(s.parts, part{sess.ids.next(s.now, isNotice), sess.sent.seq(false), body})
	}
	return low, boxed
}

// drop empties the queue of a session that has no socket.
func (sess *serverSession) drop() {
	for _, o := range sess.out {
		if o.query != nil {
			o.query.queued = false
		}
	}
	sess.out = nil
}
