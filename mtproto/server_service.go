package mtproto

import (
	"time"

	"github.com/telekey/telekey/internal/mt"
)

// onService answers MTProto's own messages.
func (s *Server) onService(v visit, p part, object any) {
	switch m := object.(type) {
	case *mt.Ping:
		s.reply(v.sess, p.id, &mt.Pong{MsgID: int64(p.id), PingID: m.PingID})
	case *mt.PingDelayDisconnect:
		s.postpone(v.socket, time.Duration(m.DisconnectDelay)*time.Second)
		s.reply(v.sess, p.id, &mt.Pong{MsgID: int64(p.id), PingID: m.PingID})
	case *mt.MsgsAck:
		s.onAcks(v.sess, m)
	case *mt.GetFutureSalts:
		s.reply(v.sess, p.id, &mt.FutureSalts{
			ReqMsgID: int64(p.id), Now: int32(s.now.Unix()), Salts: v.sess.key.salts.future(s.now, int(m.Num)),
		})
	case *mt.MsgsStateReq:
		s.tellStates(v.sess, p, m.MsgIDs)
	case *mt.MsgResendReq:
		s.onResendRequest(v.sess, p, m)
	case *mt.RPCDropAnswer:
		s.onDrop(v.sess, p, MsgID(m.ReqMsgID))
	case *mt.DestroySession:
		s.onDestroySession(v.sess, p, SessionID(m.SessionID))
	case *mt.DestroyAuthKey:
		// https://core.telegram.org/method/destroy_auth_key
		s.reply(v.sess, p.id, &mt.DestroyAuthKeyOk{})
		s.events.push(ServerEvent{Kind: Destroyed, Socket: v.socket, Query: v.sess.ref(p.id)})
	case *mt.HTTPWait:
		// Here answers come when they are there; only over HTTP a client has to wait
		// for them.
		// https://core.telegram.org/mtproto/service_messages#http-wait-long-poll
		s.answerRefused(v.sess, p, 400, "INPUT_METHOD_INVALID")
	}
	// The others tell what this server has not asked for.
}

// A socket closes when its client has promised a ping and does not send it.
// https://core.telegram.org/mtproto/service_messages#deferred-connection-closure--ping
func (s *Server) postpone(socket SocketID, delay time.Duration) {
	delay = max(time.Second, min(delay, maxDisconnectDelay))
	so := s.socket(socket)
	so.closeAt = s.now.Add(delay)
	s.closeAt = earliest(s.closeAt, so.closeAt)
}

const maxDisconnectDelay = 10 * time.Minute

// onAcks forgets the answers that have arrived.
// https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt
func (s *Server) onAcks(sess *serverSession, m *mt.MsgsAck) {
	for _, id := range m.MsgIDs {
		if q := sess.queries.written[MsgID(id)]; q != nil {
			sess.queries.end(q)
		}
	}
}

// tellStates tells what has become of the client's messages.
// https://core.telegram.org/mtproto/service_messages_about_messages#request-for-message-status-information
func (s *Server) tellStates(sess *serverSession, p part, ids []int64) {
	if len(ids) > maxAcks {
		ids = ids[:maxAcks]
	}
	info := make([]byte, len(ids))
	for i, id := range ids {
		info[i] = sess.window.state(MsgID(id), sess.first)
		if info[i] == stateReceived {
			info[i] |= sess.queries.state(MsgID(id))
		}
	}
	s.reply(sess, p.id, &mt.MsgsStateInfo{ReqMsgID: int64(p.id), Info: info})
}

// onResendRequest sends answers again, under the ids by which they are asked
// for. What is not remembered is reported.
// https://core.telegram.org/mtproto/service_messages_about_messages#explicit-request-to-re-send-messages
func (s *Server) onResendRequest(sess *serverSession, p part, m *mt.MsgResendReq) {
	unknown := false
	for _, id := range m.MsgIDs {
		q := sess.queries.written[MsgID(id)]
		if q == nil || q.state != queryAnswered {
			unknown = true
		} else if !q.queued {
			q.queued = true
			s.send(sess, outgoing{content: true, answer: true, body: q.answer, query: q, id: q.as, seq: q.seq})
		}
	}
	sess.acks.settle(p.id)
	if unknown {
		s.tellStates(sess, p, m.MsgIDs)
	}
}

// onDrop cancels a query. An answer that exists is forgotten; a query that is
// being executed is answered at once with the same news.
// https://core.telegram.org/mtproto/service_messages#cancellation-of-an-rpc-query
func (s *Server) onDrop(sess *serverSession, p part, id MsgID) {
	var result any = &mt.RPCAnswerUnknown{}
	switch q := sess.queries.byID[id]; {
	case q == nil || q.state == queryForgotten:
	case q.state == queryAnswered:
		result = &mt.RPCAnswerDropped{MsgID: int64(q.as), SeqNo: q.seq, Bytes: int32(len(q.answer))}
		sess.queries.end(q)
	default:
		result = &mt.RPCAnswerDroppedRunning{}
		s.finish(sess, q, appendService(nil, result))
	}
	if sess.queries.begin(p.id) {
		s.finish(sess, sess.queries.byID[p.id], appendService(nil, result))
	}
}

// onDestroySession ends another session of the same key. The answer is not
// wrapped.
// https://core.telegram.org/mtproto/service_messages#request-to-destroy-session
func (s *Server) onDestroySession(sess *serverSession, p part, id SessionID) {
	other := sess.key.sessions[id]
	if other == nil || other == sess {
		s.reply(sess, p.id, &mt.DestroySessionNone{SessionID: int64(id)})
		return
	}
	s.forget(other)
	s.reply(sess, p.id, &mt.DestroySessionOk{SessionID: int64(id)})
}
