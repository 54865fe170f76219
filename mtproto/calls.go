package mtproto

import (
	"cmp"
	"slices"
	"time"
)

// callState is how far a request has come.
type callState uint8

const (
	callFresh    callState = iota // in the queue; was surely not executed; needs a message id
	callAgain                     // in the queue; goes out under the id it has
	callSent                      // written on this socket
	callDoubtful                  // written on an earlier socket; the server is asked about it
	callDone                      // ended; whoever still points to it lets go
)

// String returns the state's name.
func (s callState) String() string {
	return [...]string{"fresh", "again", "sent", "doubtful", "done"}[s]
}

// call is one request until it ends.
type call struct {
	req   Req
	state callState
	body  []byte
	make  func(MsgID, SessionID) []byte // makes the body for each new id; nil if it is always the same
	alone bool                          // not in a container

	id     MsgID // 0 before the first writing
	seq    int32
	packet MsgID // what it was last written in: itself or a container
	socket int   // the number of the socket that was on
	writes int   // under this id, on this socket
	denied int   // of those, how many the server refused
	before bool  // it went out under this id on an earlier socket, and may have arrived

	refusals int   // of the message around it, under all ids
	asking   bool  // the server is asked about it
	askPing  int64 // the ping behind that question
	passed   bool  // which was answered
	asked    int   // questions about it that the server ignored
	received bool  // the server has it
	askAt    time.Time

	listed int // how many queues point to it, of requests and of questions
}

// maxRefusals is how often a request is sent anew before the Conn gives up.
const maxRefusals = 5

// calls are the requests that have not ended.
type calls struct {
	last  Req
	byReq map[Req]*call
	byID  map[MsgID]*call // those that were written, under their present ids
	queue queue[*call]    // those to be written, in order
	spare []*call         // ended, for new requests
}

// maxSpareCalls is how many ended calls are kept.
const maxSpareCalls = longQueue

// add queues a new request.
func (cs *calls) add(body []byte, make func(MsgID, SessionID) []byte) *call {
	cs.last++
	k := cs.blank()
	k.req, k.body, k.make, k.alone = cs.last, body, make, make != nil
	cs.byReq[k.req] = k
	cs.enqueue(k)
	return k
}

// blank returns a call that says nothing yet.
func (cs *calls) blank() *call {
	last := len(cs.spare) - 1
	if last < 0 {
		return new(call)
	}
	k := cs.spare[last]
	cs.spare = cs.spare[:last]
	*k = call{}
	return k
}

func (cs *calls) enqueue(k *call) {
	cs.queue.push(k)
	k.listed++
}

// dequeue takes the first request out of the queue.
func (cs *calls) dequeue() {
	k, _ := cs.queue.pop()
	cs.unlist(k)
}

// unlist notes that a queue has let go of a call.
func (cs *calls) unlist(k *call) {
	k.listed--
	cs.keep(k)
}

// keep makes a call that has ended serve another request, once no queue points to
// it: there it would stand for a request that it is not.
func (cs *calls) keep(k *call) {
	if k.state == callDone && k.listed == 0 && len(cs.spare) < maxSpareCalls {
		cs.spare = append(cs.spare, k)
	}
}

// first returns the request that is to be written next, nil for none.
func (cs *calls) first() *call {
	for !cs.queue.empty() {
		k := cs.queue.items[cs.queue.head]
		if k.state <= callAgain {
			return k
		}
		cs.dequeue()
	}
	return nil
}

// renew queues a request that surely was not executed, to go out under another
// id.
func (cs *calls) renew(k *call) {
	queued := k.state <= callAgain
	delete(cs.byID, k.id)
	k.id, k.packet, k.writes, k.denied, k.before = 0, 0, 0, 0, false
	k.asked, k.asking, k.received = 0, false, false
	k.state = callFresh
	if !queued {
		cs.enqueue(k)
	}
}

// mayHaveArrived says whether the server may have the request under its id.
func (k *call) mayHaveArrived() bool { return k.writes > 0 || k.before }

// ignored notes, and reports, that the server has not answered a question about
// a request, though it has answered the ping behind it. That it has said anything
// else shows nothing: it may have done so before its line fell silent.
func (k *call) ignored() bool {
	if !k.asking || !k.passed {
		return false
	}
	k.asking = false
	k.asked++
	return true
}

// pong notes which questions were in front of a ping that is answered.
func (cs *calls) pong(number int64) {
	for _, k := range cs.byID {
		k.passed = k.passed || k.asking && k.askPing == number
	}
}

// repeat queues a request to go out under the id it has. Whether the server has
// this writing of it is open again.
func (cs *calls) repeat(k *call) {
	if k.state > callAgain {
		k.state, k.received = callAgain, false
		cs.enqueue(k)
	}
}

// end takes a request out. Who still has the call sees that it is done, until the
// next request is added.
func (cs *calls) end(k *call) {
	if k.state == callDone {
		return
	}
	delete(cs.byReq, k.req)
	delete(cs.byID, k.id)
	k.state, k.body, k.make = callDone, nil, nil
	cs.keep(k)
}

// written returns the requests that have an id and for which ok holds, oldest
// first.
func (cs *calls) written(ok func(*call) bool) []*call {
	var some []*call
	for _, k := range cs.byID {
		if ok(k) {
			some = append(some, k)
		}
	}
	slices.SortFunc(some, func(a, b *call) int { return cmp.Compare(a.id, b.id) })
	return some
}

// in returns the requests that went out as, or in, the message of that id.
func (cs *calls) in(id MsgID) []*call {
	return cs.written(func(k *call) bool {
		return (k.id == id || k.packet == id) && k.state >= callSent
	})
}
