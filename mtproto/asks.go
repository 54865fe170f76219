package mtproto

import (
	"slices"
	"time"

	"github.com/telekey/telekey/internal/mt"
)

// asks are the questions to the server about the fate of requests.
//
// What was written on a socket that is gone may have been executed or not. The
// server knows, as long as it remembers the session.
// https://core.telegram.org/mtproto/service_messages_about_messages#request-for-message-status-information
type asks struct {
	queue []*call
	open  []ask
}

// ask is a question on its way, or waiting for its answer.
type ask struct {
	id     MsgID // of the msgs_state_req
	packet MsgID // it was written in; 0 while that is made
	ids    []MsgID
}

const (
	// A request is asked about when its answer takes longer than this.
	askAfter = 15 * time.Second
	// Of a request that the server has an answer may take its time, or be lost.
	askReceived = 30 * time.Second
	// A question that is not answered within this is not waited for.
	askWait = 10 * time.Second
	// So many questions may be ignored before the request is written again
	// without: some servers do not know the question, or close the socket at it.
	maxAsked = 2

	maxOpenAsks   = 8
	maxAskedAbout = 1000
)

// about queues a question.
func (a *asks) about(k *call) {
	a.queue = append(a.queue, k)
	k.listed++
}

// pending says whether there is a question to write, about requests that have
// not ended meanwhile.
func (a *asks) pending() bool {
	a.queue = slices.DeleteFunc(a.queue, func(k *call) bool {
		moot := k.state != callSent && k.state != callDoubtful
		if moot {
			k.listed--
		}
		return moot
	})
	return len(a.queue) > 0
}

// take appends one question, which travels as message id, in front of a ping.
func (a *asks) take(dst []byte, id MsgID, ping int64) []byte {
	open := ask{id: id}
	n := min(len(a.queue), maxAskedAbout)
	for _, k := range a.queue[:n] {
		k.asking, k.askPing, k.passed = true, ping, false
		k.listed--
		open.ids = append(open.ids, k.id)
	}
	if a.queue = a.queue[n:]; len(a.queue) == 0 {
		a.queue = nil
	}
	if len(a.open) == maxOpenAsks {
		a.open = a.open[1:]
	}
	a.open = append(a.open, open)
	return appendService(dst, &mt.MsgsStateReq{MsgIDs: longs(open.ids)})
}

// answered takes the question of that id out and returns what it was about.
func (a *asks) answered(id MsgID) ([]MsgID, bool) {
	for i, q := range a.open {
		if q.id == id {
			a.open = append(a.open[:i], a.open[i+1:]...)
			return q.ids, true
		}
	}
	return nil, false
}

// sealed notes the packet that new questions were written in.
func (a *asks) sealed(packet MsgID) {
	for i := range a.open {
		if a.open[i].packet == 0 {
			a.open[i].packet = packet
		}
	}
}

// refused takes the questions of a refused message out and returns what they
// were about.
func (a *asks) refused(id MsgID) (ids []MsgID) {
	a.open = slices.DeleteFunc(a.open, func(q ask) bool {
		if q.id != id && q.packet != id {
			return false
		}
		ids = append(ids, q.ids...)
		return true
	})
	return ids
}

// forget drops all questions: the socket they were asked on is gone.
func (a *asks) forget() {
	for _, k := range a.queue {
		k.listed--
	}
	*a = asks{}
}

// appendService appends one of MTProto's own messages.
func appendService(dst []byte, v any) []byte {
	dst, err := mt.Schema.Append(dst, v)
	if err != nil {
		panic("mtproto: " + err.Error()) // the schema and its structs do not fit: a mistake of ours
	}
	return dst
}
