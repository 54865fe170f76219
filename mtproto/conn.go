package mtproto

import (
	"fmt"
	"io"
	"time"
)

// Req is the name of a request between a Conn and its owner. It stays the same
// when the request must be sent anew under another message id. Zero is none.
type Req uint64

// Params is what a Conn begins with.
type Params struct {
	Key    Key
	Salt   Salt          // the last one known; 0 costs one round trip
	Offset time.Duration // the server's clock less ours, as last known
	Random io.Reader     // session ids, padding; must not fail
}

// Event is something that a Conn's owner is to do, or to know.
//
//	Write    Body
//	Answer   Req, Body: a boxed value
//	Refused  Req, Code, Message; or Err, if it is the Conn that gives up
//	Lost     Req
//	Pushed   Body: a boxed value
//	Changed  Salt, Offset
//	Renewed, Missed, Stalled
//
// Err is a *ResendError, or says what is wrong with the request or its answer.
type Event struct {
	Kind    Kind
	Req     Req
	Body    []byte
	Code    int
	Message string
	Err     error
	Salt    Salt
	Offset  time.Duration
}

// Format prints e without its body, whatever the verb.
func (e Event) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "{%v req:%d body:%d bytes code:%d message:%q err:%v salt:%d offset:%v}",
		e.Kind, e.Req, len(e.Body), e.Code, e.Message, e.Err, e.Salt, e.Offset)
}

// Conn is one session of one key, seen by the client. It outlives sockets. See
// the package's comment for how to use it.
type Conn struct{ *hiddenConn }

// hiddenConn keeps what a Conn knows, keys and requests, two pointers away, where no
// verb of fmt finds it.
type hiddenConn struct{ *connState }

// connState is the state of a Conn.
type connState struct {
	key    Key
	random io.Reader
	now    time.Time

	session SessionID
	salt    Salt
	ids     idClock
	sent    sent
	window  window
	acks    acks
	calls   calls
	asks    asks
	pings   pings
	notes   notes
	link    link

	synced  bool      // our offset agrees with the server's clock
	known   bool      // the server has, or had, the session
	unique  int64     // the server's name of it
	checkAt time.Time // when the next request is to be asked about

	events  queue[Event]
	parts   []part    // scratch: of the packet being written
	carried []*call   // scratch: the requests in it
	scratch []byte    // scratch: the service messages in it
	arrived []arrival // scratch: of the packet being read

	unpacker Unpacker // for what is packed in that packet
	spare    buffers
}

// link is what a Conn knows of its socket.
type link struct {
	up     bool
	number int  // of sockets so far
	spoke  bool // a message came on it
	heard  bool // one that shows the session to work
}

// NewConn returns a Conn that is down.
func NewConn(now time.Time, p Params) *Conn {
	c := &Conn{&hiddenConn{&connState{
		key: p.Key, random: p.Random, now: now, salt: p.Salt,
		ids:   idClock{offset: p.Offset},
		acks:  acks{wait: clientAckWait},
		calls: calls{byReq: map[Req]*call{}, byID: map[MsgID]*call{}},
	}}}
	c.session = SessionID(random64(c.random))
	return c
}

// Format prints the id of the session, whatever the verb, and no secret.
func (c Conn) Format(f fmt.State, _ rune) {
	if c.hiddenConn == nil {
		_, _ = io.WriteString(f, "mtproto.Conn()")
		return
	}
	_, _ = fmt.Fprintf(f, "mtproto.Conn(session %d)", int64(c.session))
}

// Session returns the id of the session. It changes only when the server does
// not accept the numbering of messages any more.
func (c *Conn) Session() SessionID { return c.session }

// Pending returns how many requests have not ended.
func (c *Conn) Pending() int { return len(c.calls.byReq) }

// Up tells that there is a socket. What was not written yet is written now.
// Requests of earlier sockets are asked about first: the server may have
// executed them.
func (c *Conn) Up(now time.Time) {
	if c.link.up {
		c.Down(now)
	}
	c.now = now
	c.pings.up(now, c.known)
	c.link = link{up: true, number: c.link.number + 1}
	c.checkAt = time.Time{}
	// So are those that surely did not arrive and wait to go out again under their
	// ids: in a session that the server has begun anew, an old id in the first
	// packet would make it say of the ids behind that they never came.
	for _, k := range c.calls.written(func(*call) bool { return true }) {
		k.writes, k.denied, k.before, k.received = 0, 0, true, false
		k.state = callDoubtful
		if k.asked >= maxAsked {
			c.repeat(k)
		} else {
			c.ask(k, askWait)
		}
	}
}

// Down tells that the socket is closed. Requests stay; nothing is written.
func (c *Conn) Down(now time.Time) {
	c.now = now
	c.link.up = false
	c.asks.forget()
	for _, k := range c.calls.byID {
		// The question was the first word on this socket; a server that said
		// something and closed has read it, and may have closed because of it.
		if !k.ignored() && k.asking && k.state == callDoubtful && c.link.spoke {
			k.asked++
		}
		k.asking = false
	}
}

// Send sends a request. The body, a boxed value of at most 1,000,000 bytes,
// belongs to the Conn until the request ends.
func (c *Conn) Send(now time.Time, body []byte) Req {
	c.now = now
	return c.calls.add(body, nil).req
}

// SendFunc sends a request whose body depends on the message it travels in, as
// that of auth.bindTempAuthKey does. body is called, within Next, whenever a
// message id is chosen. The request travels alone, not in a container.
func (c *Conn) SendFunc(now time.Time, body func(MsgID, SessionID) []byte) Req {
	c.now = now
	return c.calls.add(nil, body).req
}

// Cancel forgets a request: no event will name it. The server is told, but may
// have executed it.
// https://core.telegram.org/mtproto/service_messages#cancellation-of-an-rpc-query
func (c *Conn) Cancel(now time.Time, r Req) {
	c.now = now
	c.events.remove(func(e Event) bool { return e.Req == r && r != 0 })
	k := c.calls.byReq[r]
	if k == nil {
		return
	}
	if k.mayHaveArrived() {
		c.notes.drop(k.id)
	}
	c.calls.end(k)
}

// Advance tells that time has passed.
func (c *Conn) Advance(now time.Time) {
	c.now = now
	if !c.link.up {
		return
	}
	if c.pings.stalled(now) {
		c.events.push(Event{Kind: Stalled})
	}
	if reached(now, c.checkAt) {
		c.check()
	}
}

// Deadline returns when to call Advance at the latest; zero for never.
func (c *Conn) Deadline() time.Time {
	if !c.link.up {
		return time.Time{}
	}
	return earliest(c.acks.deadline(), c.pings.deadline(), c.checkAt)
}

// Next returns the next event; false for none. Packets are made here, so that
// all that was told since the last drain travels together.
func (c *Conn) Next() (Event, bool) {
	for {
		if e, ok := c.events.pop(); ok {
			return e, true
		}
		if !c.flush() {
			return Event{}, false
		}
	}
}

// Reuse gives the buffer of a written packet back to the Conn. The caller must
// not touch it any more. Owners need not call it.
func (c *Conn) Reuse(packet []byte) { c.spare.put(packet) }

// Rest lets go of memory that was kept for the next packets. An owner whose Conn
// has had nothing to do for a while may call it, and need not.
func (c *Conn) Rest() {
	c.parts, c.carried, c.scratch, c.arrived, c.spare = nil, nil, nil, nil, nil
	c.calls.spare = nil
	if c.events.empty() {
		c.events = queue[Event]{}
	}
	if c.calls.queue.empty() {
		c.calls.queue = queue[*call]{}
	}
}

// check asks about the requests whose answers are late.
func (c *Conn) check() {
	c.checkAt = time.Time{}
	for _, k := range c.calls.written(func(k *call) bool { return k.state >= callSent }) {
		if c.now.Before(k.askAt) {
			c.checkAt = earliest(c.checkAt, k.askAt)
			continue
		}
		ignored := k.ignored()
		switch {
		case k.asked < maxAsked && k.state == callSent:
			c.ask(k, 2*askAfter)
		case k.state == callDoubtful && ignored:
			c.repeat(k) // the server speaks, but not of this
		case k.state == callDoubtful:
			c.ask(k, askWait)
		}
	}
}

// ask asks the server about a request, and will look at it again after a while.
func (c *Conn) ask(k *call, wait time.Duration) {
	c.asks.about(k)
	c.pings.next = c.now // a server that does not know the question still answers the ping behind it
	c.lookAt(k, c.now.Add(wait))
}

func (c *Conn) lookAt(k *call, t time.Time) {
	k.askAt = t
	c.checkAt = earliest(c.checkAt, t)
}

// repeat writes a request again under its id, for a server that has not answered
// the question about it. If the server would not take that id any more, the
// outcome stays unknown.
func (c *Conn) repeat(k *call) {
	if !c.repeatable(k) {
		c.lose(k)
		return
	}
	c.calls.repeat(k)
}

// repeatable says whether a server would take the id of a request by its age. It
// must arrive before it is too old.
func (c *Conn) repeatable(k *call) bool {
	const onTheWay = 60 * time.Second
	age := c.ids.age(c.now, k.id)
	return -maxAhead <= age && age <= maxAge-onTheWay
}

// lose ends a request whose outcome nobody knows.
func (c *Conn) lose(k *call) {
	c.events.push(Event{Kind: Lost, Req: k.req})
	c.calls.end(k)
}

// answer ends a request with what came.
func (c *Conn) answer(k *call, body []byte) {
	c.events.push(Event{Kind: Answer, Req: k.req, Body: body})
	c.calls.end(k)
}

// giveUp ends a request that was not, or can not be, executed.
func (c *Conn) giveUp(k *call, err error) {
	c.events.push(Event{Kind: Refused, Req: k.req, Err: err})
	c.calls.end(k)
}

// changed tells of a new salt or offset.
func (c *Conn) changed() {
	c.events.push(Event{Kind: Changed, Salt: c.salt, Offset: c.ids.offset})
}

// maxBody is the longest request in bytes. Telegram cuts the connection at about
// 1 MiB; files travel in parts.
const maxBody = 1_000_000

// checkBody says why a body can not be sent; nil if it can.
func checkBody(body []byte) error {
	if n := len(body); n < 4 || n%4 != 0 || n > maxBody {
		return fmt.Errorf("mtproto: got a request of %d bytes, want a TL value: a multiple of 4 up to %d", n, maxBody)
	}
	return nil
}
