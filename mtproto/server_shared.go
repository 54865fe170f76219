package mtproto

import "container/list"

// Shared is what several Servers keep for their clients within one bound: answers
// that were not acknowledged, and sessions. The oldest give way. Like its Servers
// it belongs to one goroutine.
type Shared struct {
	maxBytes, maxSessions int

	bytes    int       // of the answers kept, with what it costs to find them
	answers  list.List // of *query, the oldest first
	sessions list.List // of *serverSession, the longest unused first
}

// Bounds of a Shared.
const (
	defaultAnswers  = 48 << 20
	defaultSessions = 8192

	// answerMemory is about what an answer takes beside its bytes: the query, and
	// its places in two maps and two lists.
	answerMemory = 256
)

// NewShared returns bounds for Servers: at most answers bytes of answers and so
// many sessions; 0 is 48 MiB, and 8192.
func NewShared(answers, sessions int) *Shared {
	if answers <= 0 {
		answers = defaultAnswers
	}
	if sessions <= 0 {
		sessions = defaultSessions
	}
	return &Shared{maxBytes: answers, maxSessions: sessions}
}

// Bytes is how much memory the answers take.
func (sh *Shared) Bytes() int { return sh.bytes }

// keep counts an answer. The oldest answers of all sessions are forgotten where
// there are too many, but never the new one.
func (sh *Shared) keep(qs *queries, q *query) {
	q.of, q.kept = qs, sh.answers.PushBack(q)
	sh.bytes += answerMemory + len(q.answer)
	for sh.bytes > sh.maxBytes && sh.answers.Len() > 1 {
		oldest := sh.answers.Front().Value.(*query)
		oldest.of.end(oldest)
	}
}

// shed counts the bytes of an answer no longer.
func (sh *Shared) shed(q *query) {
	if q.kept != nil {
		sh.bytes -= len(q.answer)
	}
}

// drop counts an answer no longer.
func (sh *Shared) drop(q *query) {
	if q.kept != nil {
		sh.bytes -= answerMemory + len(q.answer)
		sh.answers.Remove(q.kept)
		q.kept = nil
	}
}

// use notes that a session has just been used.
func (sh *Shared) use(sess *serverSession) {
	if sess.place == nil {
		sess.place = sh.sessions.PushBack(sess)
	} else {
		sh.sessions.MoveToBack(sess.place)
	}
}

// leave counts a session and its answers no longer.
func (sh *Shared) leave(sess *serverSession) {
	sh.sessions.Remove(sess.place)
	for _, q := range sess.queries.byID {
		sh.drop(q)
	}
}

// spareSession is the session that gives way to a new one: the longest unused of
// those without a socket, or of all. It is nil while there is space.
func (sh *Shared) spareSession() *serverSession {
	if sh.sessions.Len() < sh.maxSessions {
		return nil
	}
	for e := sh.sessions.Front(); e != nil; e = e.Next() {
		if sess := e.Value.(*serverSession); len(sess.sockets) == 0 {
			return sess
		}
	}
	return sh.sessions.Front().Value.(*serverSession)
}
