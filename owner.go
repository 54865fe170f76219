package telekey

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

// owner is the state of a link. Only the goroutine in loop touches it: it waits
// for one thing to happen, tells the machine, and does what the machine says.
type owner struct {
	*link
	conn     *mtproto.Conn // nil until there is a key
	inited   bool          // the server knows our layer: calls go out bare
	hello    *call         // the first call, the link's own; nil until it is made
	greeted  bool          // it has ended: the session works
	calls    map[mtproto.Req]*call
	waiting  []chan<- error // for the link to be up and greeted
	sock     *socket        // nil while there is none
	packet   []byte         // that was received last, until nothing points to it
	dialled  chan dialled   // nil while nobody dials
	attempts int            // that have failed since one was a success: see down
	redial   time.Time      // when to dial again; zero: do not
	idle     time.Time      // since when there is nothing to do
	rested   bool           // since then
	timer    *time.Timer
	wake     time.Time       // when it goes off; zero: it has
	gone     <-chan struct{} // closed when the session is no longer ours

	denial denial    // of the permanent key: see prove.go
	since  time.Time // when the socket was opened

	// With Config.PFS: see pfs.go.
	renewing   bool      // calls wait for another temporary key
	aside      []*call   // those that do
	written    int       // packets of the session
	renewAgain time.Time // not before; zero: whenever it is time
}

func newOwner(l *link) *owner {
	o := &owner{link: l, calls: map[mtproto.Req]*call{}, timer: time.NewTimer(time.Hour), gone: l.client.held.Lost()}
	now := time.Now()
	if key, ok := l.client.held.Data().Keys[l.to.ID]; l.client.cfg.PFS {
		o.resume(now)
	} else if ok {
		o.begin(now, mtproto.NewKey(key.Auth.Bytes()), mtproto.Salt(key.Salt), key.Offset)
	}
	o.idle = now
	o.dial()
	return o
}

// begin starts the session of a key.
func (o *owner) begin(now time.Time, key mtproto.Key, salt mtproto.Salt, offset time.Duration) {
	o.conn = mtproto.NewConn(now, mtproto.Params{Key: key, Salt: salt, Offset: offset, Random: rand.Reader})
}

// loop is the link's whole life; what it returns is why the link ended.
func (o *owner) loop() error {
	for {
		o.schedule()
		var err error
		select {
		case <-o.client.life.Done():
			return context.Cause(o.client.life)
		case <-o.quit:
			return errForgotten
		// A key that two programs use is lost for both.
		case <-o.gone:
			o.client.end(ErrSessionLost)
			return context.Cause(o.client.life)
		case order := <-o.orders():
			o.take(order)
		case d := <-o.dialled:
			err = o.connected(d)
		case r := <-o.sock.packets():
			err = o.receive(r)
		case <-o.timer.C:
			o.wake = time.Time{}
			err = o.advance()
		}
		if err == nil {
			err = o.drain()
		}
		if err != nil {
			return err
		}
	}
}

// orders is the inbox, once there is a key to make calls with. Until then
// callers wait at its door, where their contexts still count.
func (o *owner) orders() <-chan order {
	if o.conn == nil {
		return nil
	}
	return o.inbox
}

// take does what a caller wants.
func (o *owner) take(order order) {
	now := time.Now()
	o.idle, o.rested = now, false
	switch {
	case order.ready != nil && o.sock != nil && o.greeted:
		order.ready <- nil
	case order.ready != nil:
		o.waiting = append(o.waiting, order.ready)
	case order.cancel:
		if o.calls[order.call.req] == order.call {
			delete(o.calls, order.call.req)
			o.conn.Cancel(now, order.call.req)
		}
		o.aside = slices.DeleteFunc(o.aside, func(c *call) bool { return c == order.call })
	default:
		o.send(now, order.call)
	}
	if o.sock == nil && o.dialled == nil && o.redial.IsZero() {
		o.dial()
	}
}

// send gives a call to the session.
func (o *owner) send(now time.Time, c *call) {
	if o.renewing {
		o.aside = append(o.aside, c)
		return
	}
	request := c.request
	if c.wrapped = !o.inited; c.wrapped {
		var err error
		if request, err = o.client.cfg.wrapped(request); err != nil {
			c.end(outcome{err: err})
			return
		}
	}
	c.req, c.written = o.conn.Send(now, request), o.written
	c.sent = c.sent || o.sock != nil
	o.calls[c.req] = c
}

// drain does everything that the session wants done.
func (o *owner) drain() error {
	if o.conn == nil {
		return nil
	}
	for event, ok := o.conn.Next(); ok; event, ok = o.conn.Next() {
		switch event.Kind {
		case mtproto.Write:
			o.write(event.Body)
		case mtproto.Answer:
			o.attempts = 0
			o.inited = true
			o.answer(event.Req, event.Body)
		case mtproto.Refused:
			o.refused(event)
		case mtproto.Lost:
			o.lost(event.Req)
		case mtproto.Pushed:
			o.attempts = 0
			o.client.publish(o.to.ID, event.Body)
		case mtproto.Changed:
			o.client.held.Note(o.state(event))
		case mtproto.Renewed, mtproto.Missed:
			o.client.announce(&tg.UpdatesTooLong{})
		case mtproto.Stalled:
			if err := o.down(errStalled); err != nil {
				return err
			}
		}
	}
	o.sock.reuse(o.packet)
	o.packet = nil
	return nil
}

var errStalled = errors.New("nothing comes from the server any more")

// write has a packet written, if the session is still ours: nothing goes to the wire
// after the hold on it has ended.
func (o *owner) write(packet []byte) {
	if !o.client.holds() {
		return
	}
	o.written++
	if o.sock != nil {
		o.sock.finished(o.conn.Reuse)
		o.sock.send(packet)
	}
}

// answer ends a call with what the server has answered.
//
// A short answer is copied to behind the request, which is ours and over, so that
// the packet it came in need not be kept; a long one is handed on as it is.
func (o *owner) answer(r mtproto.Req, body []byte) {
	c := o.calls[r]
	if c == nil {
		return
	}
	if c != o.hello { // whose answer nobody reads
		behind := c.request[len(c.request):]
		if len(body) <= cap(behind) {
			body = append(behind, body...)
		} else {
			o.packet = nil
		}
	}
	o.finish(r, outcome{answer: body})
}

// finish ends a call.
func (o *owner) finish(r mtproto.Req, out outcome) {
	if c := o.calls[r]; c != nil {
		delete(o.calls, r)
		if out.err != nil {
			o.client.refused(o.to.ID, out.err)
		}
		o.idle, o.rested = time.Now(), false
		if c == o.hello {
			o.welcome(out.err)
		}
		c.end(out)
	}
}

// greet makes the first call of the session, which says what client this is.
// Until it has ended, the server may not have heard of the session: then a call
// that a broken connection takes along could not be told from one that the
// server has forgotten. This one does no harm when it is made twice.
func (o *owner) greet(now time.Time) {
	request, err := tg.Schema.Append(nil, &tg.HelpGetConfig{})
	if err != nil {
		panic(err) // a constant
	}
	o.hello = &call{request: request, repeatable: true}
	o.send(now, o.hello)
}

// welcome tells the callers that wait how the first call has ended.
func (o *owner) welcome(err error) {
	o.greeted = true
	for _, up := range o.waiting {
		up <- err
	}
	o.waiting = nil
}

// refused ends a call with a refusal, or sends it again if the server has
// forgotten what client this is.
//
// https://core.telegram.org/api/invoking#layers
func (o *owner) refused(event mtproto.Event) {
	if event.Err != nil {
		o.finish(event.Req, outcome{err: event.Err})
		return
	}
	o.attempts = 0
	refusal := tg.NewError(event.Code, event.Message)
	if o.unbound(time.Now(), event.Req, refusal) {
		return
	}
	forgotten := refusal.Type == tg.ErrConnectionNotInited || refusal.Type == tg.ErrConnectionLayerInvalid
	c := o.calls[event.Req]
	if forgotten && c != nil && !c.wrapped {
		o.inited = false
		delete(o.calls, event.Req)
		o.send(time.Now(), c)
		return
	}
	o.inited = o.inited || !forgotten
	o.finish(event.Req, outcome{err: refusal})
}

// lost ends a call that may have been executed or not, or makes it again if that
// does no harm.
func (o *owner) lost(r mtproto.Req) {
	c := o.calls[r]
	if c == nil || !c.repeatable {
		o.finish(r, outcome{err: ErrOutcomeUnknown})
		return
	}
	delete(o.calls, r)
	o.send(time.Now(), c)
}

// close ends what is left when the loop has ended.
func (o *owner) close() {
	o.timer.Stop()
	o.sock.close()
	if result := o.dialled; result != nil {
		o.client.tasks.Go(func() {
			if d := <-result; d.conn != nil {
				d.conn.Close()
			}
		})
	}
	o.fail(o.why)
}

// fail ends all that callers wait for: nothing of it is sent any more. What may
// have reached the server is said so. Should the link live on, it says hello
// again.
func (o *owner) fail(err error) {
	o.hello, o.greeted = nil, false
	for r, c := range o.calls {
		o.conn.Cancel(time.Now(), r)
		if c.sent {
			o.finish(r, outcome{err: &underWayError{err}})
		} else {
			o.finish(r, outcome{err: err})
		}
	}
	for _, c := range o.aside {
		c.end(outcome{err: err})
	}
	for _, up := range o.waiting {
		up <- err
	}
	o.aside, o.waiting = nil, nil
}
