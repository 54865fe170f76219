package mtproto

import (
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// visit is a packet that is being received.
type visit struct {
	sess     *serverSession
	socket   SocketID
	first    MsgID         // the lowest id in it
	unpacker *Unpacker     // for all that is packed in it
	marks    map[MsgID]any // see Packet.Mark
}

// Receive takes one encrypted packet, which belongs to the Server from then on.
// Packets that begin with 8 zero bytes, as [PacketKey] tells, are a
// ServerHandshake's.
//
// An error says why the socket must end; the events of that (the transport
// error, then Close) are among those of Next. What a socket says after its Close
// is ignored.
func (s *Server) Receive(now time.Time, socket SocketID, packet []byte) error {
	p, err := s.Open(now, socket, packet)
	if p != nil {
		s.Accept(now, p)
	}
	return err
}

// Open is the first half of Receive, for owners that look at a whole packet before
// any of it is used: it decrypts the packet and checks what concerns all of it.
// Without a Packet there is nothing to accept: the packet was refused, which the
// events of Next tell the client.
func (s *Server) Open(now time.Time, socket SocketID, packet []byte) (*Packet, error) {
	s.now, s.quick = now, 0
	if s.socket(socket).closing {
		return nil, nil
	}
	k, err := s.keyOf(packet)
	if err != nil {
		s.hangUp(socket, codeUnknownKey)
		return nil, err
	}
	h, body, quick, err := open(packet, k.key, crypt.FromClient)
	if err != nil {
		s.hangUp(socket, codeUnknownKey)
		return nil, err
	}
	v := visit{sess: s.session(k, h.session), socket: socket, first: h.id, unpacker: s.unpack()}
	s.hear(v.sess, socket)
	if !s.admit(v, h) {
		return nil, nil
	}
	return &Packet{&hiddenPacket{&packetState{visit: v, part: part{h.id, h.seq, body}, quick: quick}}}, nil
}

// Accept is the second half of Receive: the packet is used. It must follow Open
// before anything else is told to the Server about the packet's key or socket.
func (s *Server) Accept(now time.Time, p *Packet) {
	s.now, s.quick = now, p.quick
	if here := s.hear(p.sess, p.socket); !here.admitted {
		here.admitted = true
		s.resume(p.sess, p.socket)
	}
	if constructor(p.body) == mt.IDMsgContainer {
		s.takeContainer(p.visit, p.part)
	} else {
		s.take(p.visit, p.part, badIDTooLow)
	}
}

// keyOf finds the key of a packet.
//
// A key that is not known here, or no longer, is answered with -404.
// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
func (s *Server) keyOf(packet []byte) (*serverKey, error) {
	id, _ := PacketKey(packet)
	k := s.keys[id]
	if k == nil || s.expire(k) {
		return nil, violation("auth key id", "mtproto/mtproto-transports#transport-errors", id, "a key of this server")
	}
	return k, nil
}

// admit checks what concerns a packet as a whole. What is refused is not
// executed, no part of it.
func (s *Server) admit(v visit, h head) bool {
	// The salt must be one that is valid now.
	// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
	if salts := &v.sess.key.salts; !salts.accepts(s.now, h.salt) {
		s.refuseSalt(v.sess, h.id, h.seq)
		return false
	}
	// The id of a client's message is divisible by four.
	// https://core.telegram.org/mtproto/description#message-identifier-msg-id
	if h.id&3 != fromClient {
		s.refuse(v.sess, part{id: h.id, seq: h.seq}, badIDBits)
		return false
	}
	// The id fits the time; a message that is known already may be old.
	// https://core.telegram.org/mtproto/description#message-identifier-msg-id
	if age := v.sess.ids.age(s.now, h.id); age > maxAge && !v.sess.window.has(h.id) {
		s.refuse(v.sess, part{id: h.id, seq: h.seq}, badIDTooLow)
		return false
	} else if age < -maxAhead {
		s.refuse(v.sess, part{id: h.id, seq: h.seq}, badIDTooHigh)
		return false
	}
	return true
}

// refuse tells a client that a message of its is ignored, and why.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func (s *Server) refuse(sess *serverSession, p part, code int) {
	s.reply(sess, p.id, &mt.BadMsgNotification{BadMsgID: int64(p.id), BadMsgSeqno: p.seq, ErrorCode: int32(code)})
}

// takeContainer uses the messages of a container.
// https://core.telegram.org/mtproto/service_messages#containers
func (s *Server) takeContainer(v visit, p part) {
	parts, code := v.sess.open(s.parts[:0], p)
	if code != 0 {
		s.refuse(v.sess, p, code)
		return
	}
	// The parts are scratch of flush, too, but nothing is flushed here.
	for _, inner := range parts {
		v.first = min(v.first, inner.id)
	}
	for _, inner := range parts {
		s.take(v, inner, badTooOld)
	}
	if v.sess.first != 0 && v.sess.window.see(p.id) == fresh {
		v.sess.note(p, evenSeq)
	}
	clear(parts)
}

// open splits a container, or returns the code of what is wrong with it.
func (sess *serverSession) open(scratch []part, p part) (parts []part, code int) {
	parts, err := splitContainer(scratch, p.id, p.body)
	switch {
	case err != nil:
		return nil, badContainer
	// A container has an id of its own.
	// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
	case sess.window.has(p.id):
		return nil, badContainerID
	}
	return parts, sess.misnumbered(p, evenSeq)
}

// take uses one message, at most once. tooOld is the code for one that is older
// than what is remembered: in a container, whose own id shows that the client's
// clock is right, it is another than outside.
func (s *Server) take(v visit, p part, tooOld int) {
	sess := v.sess
	if p.id&3 != fromClient {
		s.refuse(sess, p, badIDBits)
		return
	}
	if sess.window.has(p.id) {
		s.again(sess, p)
		return
	}
	if sess.ids.age(s.now, p.id) > maxAge {
		s.refuse(sess, p, tooOld)
		return
	}
	kind := seqKind(constructor(p.body))
	if code := sess.misnumbered(p, kind); code != 0 {
		s.refuse(sess, p, code)
		return
	}
	// Whether a message older than all that are remembered has been received
	// before can not be told.
	// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
	if sess.window.see(p.id) == ancient {
		s.refuse(sess, p, badTooOld)
		return
	}
	sess.note(p, kind)
	if sess.first == 0 {
		s.begin(sess, v.first)
	}
	// Content-related messages, whose number is odd, are acknowledged.
	// https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt
	if p.seq&1 == 1 {
		s.owe(sess, p.id)
	}
	s.dispatch(v, p)
}

// again handles a message that was received before: it is not executed again,
// and what answered it answers it now.
// https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt
func (s *Server) again(sess *serverSession, p part) {
	q := sess.queries.byID[p.id]
	switch {
	case q == nil || q.state == queryRunning:
		if p.seq&1 == 1 {
			s.owe(sess, p.id)
		}
	case q.state == queryAnswered:
		s.sendAnswer(sess, q)
	default:
		s.refuse(sess, p, badTooOld)
	}
}

// parity is what a message's sequence number must be.
type parity uint8

const (
	oddSeq  parity = iota // it is content-related
	evenSeq               // it is not
	anySeq                // clients do not agree
)

// seqKind returns which sequence numbers a message may have. MTProto's own
// messages are not judged: clients number them in both ways, pings most of all,
// and mtcute its acknowledgements, too.
func seqKind(id uint32) parity {
	switch id {
	case mt.IDMsgsAck, mt.IDPing, mt.IDPingDelayDisconnect, mt.IDGetFutureSalts, mt.IDMsgsStateReq, mt.IDMsgsStateInfo,
		mt.IDMsgsAllInfo, mt.IDMsgResendReq, mt.IDRPCDropAnswer, mt.IDDestroySession, mt.IDDestroyAuthKey,
		mt.IDHTTPWait, mt.IDBadMsgNotification, mt.IDBadServerSalt, mt.IDMsgDetailedInfo, mt.IDMsgNewDetailedInfo:
		return anySeq
	}
	return oddSeq
}

// misnumbered returns the code of what is wrong with a sequence number; 0 if it
// is right.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func (sess *serverSession) misnumbered(p part, kind parity) int {
	odd := p.seq&1 == 1
	switch {
	case kind == anySeq:
		return 0
	case kind == evenSeq && odd:
		return badSeqNotEven
	case kind == oddSeq && !odd:
		return badSeqNotOdd
	// A later message has a higher number, or the same even one.
	// https://core.telegram.org/mtproto/description#message-sequence-number-msg-seqno
	case p.id > sess.topID && (p.seq < sess.topSeq || p.seq == sess.topSeq && odd):
		return badSeqTooLow
	case p.id < sess.topID && (p.seq > sess.topSeq || p.seq == sess.topSeq && odd):
		return badSeqTooHigh
	}
	return 0
}

// note remembers the number of the latest message.
func (sess *serverSession) note(p part, kind parity) {
	if kind != anySeq && p.id > sess.topID {
		sess.topID, sess.topSeq = p.id, p.seq
	}
}

// dispatch uses a message that was not received before.
func (s *Server) dispatch(v visit, p part) {
	packed := constructor(p.body) == mt.IDGzipPacked
	if packed {
		body, err := v.unpacker.Unpack(p.body)
		if err != nil {
			s.answerRefused(v.sess, p, 400, "INPUT_FETCH_ERROR")
			return
		}
		p.body = body
	}
	switch id := constructor(p.body); {
	case len(p.body) < 4 || packed && (id == mt.IDMsgContainer || id == mt.IDGzipPacked):
		s.answerRefused(v.sess, p, 400, "INPUT_FETCH_ERROR")
	case seqKind(id) == oddSeq:
		s.ask(v, p)
	default:
		r := tl.NewReader(p.body)
		object := mt.Schema.Read(r)
		if r.Err() != nil {
			s.answerRefused(v.sess, p, 400, "INPUT_FETCH_ERROR")
			return
		}
		s.onService(v, p, object)
	}
}

// ask hands a query to the owner.
func (s *Server) ask(v visit, p part) {
	if !v.sess.queries.begin(p.id) {
		s.reply(v.sess, p.id, &mt.BadMsgNotification{BadMsgID: int64(p.id), BadMsgSeqno: p.seq, ErrorCode: badTooOld})
		return
	}
	s.events.push(ServerEvent{Kind: Asked, Socket: v.socket, Query: v.sess.ref(p.id), Body: p.body, Unpacker: v.unpacker, Mark: v.marks[p.id]})
}

// answerRefused answers a message with an error, without asking the owner.
func (s *Server) answerRefused(sess *serverSession, p part, code int, message string) {
	if sess.queries.begin(p.id) {
		s.finish(sess, sess.queries.byID[p.id], appendService(nil, &mt.RPCError{ErrorCode: int32(code), ErrorMessage: message}))
	}
}
