package mtproto

import (
	"container/list"
	"slices"
	"time"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// queryState is how far a server has come with a query.
type queryState uint8

const (
	queryRunning   queryState = iota
	queryAnswered             // the answer is remembered
	queryForgotten            // it was answered, and the answer was not fetched for too long
)

// query is one query of a client, from its arrival until the answer is
// acknowledged.
type query struct {
	id     MsgID
	state  queryState
	answer []byte   // the rpc_result
	as     MsgID    // the message the answer was last written in; 0 if it was not
	seq    int32    // of that message
	socket SocketID // it was written on
	queued bool     // waits to be written

	of   *queries      // those of its session
	kept *list.Element // in Shared, once it is answered
}

// queries are those of one session.
//
// An answer is kept until it is acknowledged, so that the same query gets the
// same answer.
// https://core.telegram.org/mtproto/service_messages#response-to-an-rpc-query
type queries struct {
	byID    map[MsgID]*query
	written map[MsgID]*query // by the ids of their answers
	order   queue[*query]    // answered, oldest first
	bytes   int              // of all answers remembered
	long    bool             // the maps have been larger than most are, see end
	shared  *Shared
}

const (
	maxRunning     = 4096
	maxAnswers     = 1024
	maxAnswerBytes = 8 << 20
)

// begin notes a query that is to be executed. It reports false if there are too
// many.
func (qs *queries) begin(id MsgID) bool {
	if qs.byID == nil {
		qs.byID, qs.written = map[MsgID]*query{}, map[MsgID]*query{}
	}
	if len(qs.byID) >= maxRunning+maxAnswers {
		return false
	}
	qs.byID[id] = &query{id: id}
	qs.long = qs.long || len(qs.byID) > longQueue
	return true
}

// remember keeps the answer to a query, and forgets older answers if they are
// too many.
func (qs *queries) remember(q *query, answer []byte) {
	q.state, q.answer = queryAnswered, answer
	qs.bytes += len(answer)
	qs.order.push(q)
	qs.shared.keep(qs, q)
	for len(qs.order.items)-qs.order.head > maxAnswers {
		oldest, _ := qs.order.pop()
		qs.end(oldest)
	}
	for i := qs.order.head; qs.bytes > maxAnswerBytes && i < len(qs.order.items)-1; i++ {
		if old := qs.order.items[i]; old.state == queryAnswered {
			qs.bytes -= len(old.answer)
			qs.shared.shed(old)
			old.state, old.answer = queryForgotten, nil
		}
	}
}

// wrote notes the message that an answer went out in.
func (qs *queries) wrote(q *query, p part, socket SocketID) {
	q.queued = false
	if qs.byID[q.id] != q {
		return
	}
	delete(qs.written, q.as)
	q.as, q.seq, q.socket = p.id, p.seq, socket
	qs.written[q.as] = q
}

// end forgets a query.
func (qs *queries) end(q *query) {
	if qs.byID[q.id] == q {
		delete(qs.byID, q.id)
		delete(qs.written, q.as)
		qs.bytes -= len(q.answer)
		qs.shared.drop(q)
		q.answer = nil
	}
	if qs.long && len(qs.byID) == 0 { // a map keeps the memory of what it has lost
		qs.byID, qs.written, qs.long = nil, nil, false
	}
	// Those that were acknowledged leave the order when they come to its front.
	for !qs.order.empty() {
		first := qs.order.items[qs.order.head]
		if qs.byID[first.id] == first {
			return
		}
		qs.order.pop()
	}
}

// state returns what is to be said of a query beside that it was received.
// https://core.telegram.org/mtproto/service_messages_about_messages#informational-message-regarding-status-of-messages
func (qs *queries) state(id MsgID) byte {
	q := qs.byID[id]
	switch {
	case q == nil:
		return 0
	case q.state == queryRunning:
		return stateRunning
	}
	return stateRunning | stateAnswered
}

// Answer answers a query with a boxed value, or with what [Pack] made of one.
// Queries that are no longer waited for are ignored. What is no value, because
// its length is not a multiple of 4, becomes a refusal with code 500.
func (s *Server) Answer(now time.Time, q Query, result []byte) {
	s.now = now
	sess, running := s.running(q)
	switch {
	case running == nil:
	case len(result) < 4 || len(result)%4 != 0:
		s.Refuse(now, q, 500, "ANSWER_INVALID")
	default:
		s.finish(sess, running, result)
	}
}

// Refuse answers a query with an rpc_error.
// https://core.telegram.org/mtproto/service_messages#rpc-error
func (s *Server) Refuse(now time.Time, q Query, code int, message string) {
	s.Answer(now, q, appendService(nil, &mt.RPCError{ErrorCode: int32(code), ErrorMessage: message}))
}

// Forget makes a query one that never came: if the client repeats it, it is
// Asked again. It is for owners that play bad weather.
func (s *Server) Forget(now time.Time, q Query) {
	s.now = now
	if sess, running := s.running(q); running != nil {
		sess.queries.end(running)
		sess.acks.settle(q.ID)
		sess.window.remove(q.ID)
	}
}

// running finds a query that waits for its answer.
func (s *Server) running(q Query) (*serverSession, *query) {
	k := s.keys[q.Key]
	if k == nil {
		return nil, nil
	}
	sess := k.sessions[q.Session]
	if sess == nil {
		return nil, nil
	}
	if r := sess.queries.byID[q.ID]; r != nil && r.state == queryRunning {
		return sess, r
	}
	return nil, nil
}

// finish sends the answer to a query and remembers it.
//
// The answer is an acknowledgement of the query.
// https://core.telegram.org/mtproto/service_messages#response-to-an-rpc-query
func (s *Server) finish(sess *serverSession, q *query, result []byte) {
	b := make([]byte, 0, resultHead+len(result))
	b = tl.AppendUint32(b, mt.IDRPCResult)
	b = tl.AppendLong(b, int64(q.id))
	sess.queries.remember(q, append(b, result...))
	sess.acks.settle(q.id)
	s.sendAnswer(sess, q)
}

// sendAnswer queues an answer that is remembered.
func (s *Server) sendAnswer(sess *serverSession, q *query) {
	if q.state == queryAnswered && !q.queued {
		q.queued = true
		s.send(sess, outgoing{content: true, answer: true, body: q.answer, query: q})
	}
}

// resume sends the answers that were not acknowledged to a session that has
// turned up on another socket. They go out under new ids: there are clients that
// drop ids lower than the last.
func (s *Server) resume(sess *serverSession, socket SocketID) {
	for _, q := range sess.queries.order.items[sess.queries.order.head:] {
		if sess.queries.byID[q.id] == q && q.socket != socket {
			s.sendAnswer(sess, q)
		}
	}
}

// Push sends body, an update, to every session of the key that is on a socket,
// except some. The body is a boxed value, whose length is a multiple of 4.
func (s *Server) Push(now time.Time, key KeyID, body []byte, except ...SessionID) {
	s.now = now
	k := s.keys[key]
	if k == nil || len(body)%4 != 0 {
		return
	}
	for _, sess := range k.ordered() {
		if len(sess.sockets) > 0 && sess.first != 0 && !slices.Contains(except, sess.id) {
			s.send(sess, outgoing{content: true, body: body})
		}
	}
}
