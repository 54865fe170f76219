package telekey

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/transport"
)

// ErrKeyUnknown is [session.ErrKeyUnknown]: the data centre does not know the
// session's key, and has said so under encryption; see [ErrKeyUnproven]. The session
// is kept; delete it to begin anew, or let [Client.Forget] forget its keys.
var ErrKeyUnknown = session.ErrKeyUnknown

// How a connection is made again: after 100 ms, then twice as long each time up
// to half a minute. Calls wait for six attempts, which takes about three seconds
// when the network says no at once.
const (
	firstPause  = 100 * time.Millisecond
	longPause   = 30 * time.Second
	maxAttempts = 6
	dialTime    = 20 * time.Second // of one attempt, key exchange included
)

// dialled is the end of an attempt to connect.
type dialled struct {
	conn     transport.Conn
	exchange *mtproto.Exchange // of a new key
	temp     *temporary        // a new temporary key
	bound    *mtproto.Conn     // the session on it
	err      error
}

// dial begins an attempt, in a goroutine of its own that lasts as long as it.
func (o *owner) dial() {
	o.redial = time.Time{}
	o.dialled = make(chan dialled, 1)
	if o.sock == nil {
		o.client.cfg.OnState(State{DC: o.to.ID, Kind: Connecting})
	}
	result, first := o.dialled, (func(transport.Conn, *dialled) error)(nil)
	switch {
	case o.renew(time.Now()) || o.conn == nil:
		first = o.makeKeys
	case o.denial.due():
		first = o.prove
	}
	o.client.tasks.Go(func() { result <- o.attempt(first) })
}

// attempt dials, and does what comes before the session, if anything: makes the keys
// that are missing, or proves the one there is.
func (l *link) attempt(first func(transport.Conn, *dialled) error) dialled {
	ctx, cancel := context.WithTimeout(l.client.life, dialTime)
	defer cancel()
	conn, err := l.client.cfg.Dialer.Dial(ctx, l.to)
	if err != nil {
		return dialled{err: inTime(ctx, err)}
	}
	d := dialled{conn: conn}
	if first != nil {
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		d.err = first(conn, &d)
		if !stop() && d.err == nil {
			d.err = ctx.Err()
		}
	}
	if d.err != nil {
		conn.Close()
		d.conn, d.err = nil, inTime(ctx, d.err)
	}
	return d
}

// inTime is why an attempt failed: if its time was over, err is of our own closing
// of the connection and tells nothing.
func inTime(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("no answer in %v", dialTime)
	}
	return err
}

// exchange agrees on an authorization key with the server: a temporary one, if
// it has a life.
func (l *link) exchange(conn transport.Conn, life time.Duration) (*mtproto.Exchange, error) {
	h := mtproto.NewHandshake(time.Now(), mtproto.HandshakeParams{
		DC:        l.client.cfg.Network.KeyDC(l.to.ID),
		Keys:      l.client.cfg.Network.Keys,
		ExpiresIn: life,
		Random:    rand.Reader,
	})
	for {
		for packet, ok := h.Next(); ok; packet, ok = h.Next() {
			if err := conn.Send(packet); err != nil {
				return nil, err
			}
		}
		if exchange, ok := h.Result(); ok {
			return &exchange, nil
		}
		packet, err := conn.Receive()
		if err != nil {
			return nil, err
		}
		if err := h.Receive(time.Now(), packet); err != nil {
			return nil, fmt.Errorf("key exchange: %w", err)
		}
	}
}

// connected takes the result of an attempt.
func (o *owner) connected(d dialled) error {
	o.dialled = nil
	now, wasUp := time.Now(), o.sock != nil
	if o.denial.proving {
		return o.proved(now, d.err)
	}
	if d.err != nil {
		if o.kept(now) {
			o.client.cfg.Log.Info("the temporary key could not be renewed yet", "dc", o.to.ID, "error", d.err)
			return nil
		}
		return o.down(d.err)
	}
	if x := d.exchange; x != nil {
		if err := o.remember(x); err != nil {
			d.conn.Close()
			return err
		}
		o.denial.made = now
		if d.bound == nil {
			o.begin(now, x.Key, x.Salt, x.Offset)
		}
	}
	if d.bound != nil {
		o.replace(now, d)
	}
	o.sock, o.since = openSocket(&o.client.tasks, d.conn), now
	o.conn.Up(now)
	for _, c := range o.calls {
		c.sent = true
	}
	switch {
	case o.hello == nil:
		o.greet(now)
	case o.greeted:
		o.welcome(nil)
	}
	o.client.cfg.Log.Info("connected", "dc", o.to.ID, "address", o.to.Addr, "new_key", d.exchange != nil, "new_temporary_key", d.temp != nil)
	if !wasUp {
		o.client.cfg.OnState(State{DC: o.to.ID, Kind: Up})
	}
	return nil
}

// remember saves a new key before anything is done with it.
func (o *owner) remember(x *mtproto.Exchange) error {
	return o.client.held.Update(o.client.life, func(d *session.Data) error {
		if d.Keys == nil {
			d.Keys = map[int]session.Key{}
		}
		d.Keys[o.to.ID] = session.Key{Auth: session.NewAuthKey([256]byte(x.Key.Bytes())), Salt: int64(x.Salt), Offset: x.Offset}
		return nil
	})
}

// receive gives a packet to the session. What breaks a rule ends the socket.
func (o *owner) receive(r received) error {
	if r.err != nil {
		return o.down(r.err)
	}
	now := time.Now()
	err := o.conn.Receive(now, r.packet)
	if err == nil {
		o.packet = r.packet
		o.denial.heard()
		return nil
	}
	var transport *mtproto.TransportError
	if errors.As(err, &transport) && transport.Code == -404 && !o.outlived(now) {
		o.denial.denied(err)
	}
	return o.down(err)
}

// down closes the socket and plans the next attempt. A success is an answer or an
// update, or a connection that lasted: one on which the session begins and that
// then ends, time after time, is none. After too many attempts that failed all
// calls end; the link lives on only if the client has subscribers to updates.
func (o *owner) down(err error) error {
	o.client.cfg.Log.Info("disconnected", "dc", o.to.ID, "address", o.to.Addr, "error", err)
	o.client.cfg.OnState(State{DC: o.to.ID, Kind: Down, Err: err})
	if o.sock != nil && time.Since(o.since) >= longPause {
		o.attempts = 0
	}
	o.sock.close()
	o.sock = nil
	if o.conn != nil {
		o.conn.Down(time.Now())
	}
	if o.dialled != nil {
		return nil // the attempt to renew the temporary key brings another socket
	}
	if o.attempts++; o.attempts >= maxAttempts {
		if errors.Is(err, ErrKeyUnknown) {
			return err
		}
		end := &NetworkError{DC: o.to.ID, Addr: o.to.Addr, Err: o.denial.explained(err), Attempts: o.attempts}
		if o.conn == nil || !o.wanted() {
			return end
		}
		o.fail(end)
	}
	pause := min(firstPause<<min(o.attempts-1, 16), longPause)
	pause += time.Duration(mathrand.Int64N(int64(pause)/4 + 1)) // so that many clients do not come back at once
	o.redial = time.Now().Add(pause)
	return nil
}

// wanted reports whether the link is worth having without calls.
func (o *owner) wanted() bool {
	o.client.mu.Lock()
	defer o.client.mu.Unlock()
	return o.client.home == o.to.ID && len(o.client.subscribers) > 0
}

// schedule sets the timer to the next thing that time brings.
func (o *owner) schedule() {
	next := time.Now().Add(time.Hour)
	earlier := func(t time.Time) {
		if !t.IsZero() && t.Before(next) {
			next = t
		}
	}
	earlier(o.redial)
	if o.conn != nil {
		earlier(o.conn.Deadline())
	}
	if o.sock != nil && o.dialled == nil {
		earlier(o.renewAt())
	}
	earlier(o.restAt())
	if o.unused() {
		earlier(o.idle.Add(idleTime))
	}
	// Waking too early does no harm, and mostly the next thing is far away.
	if o.wake.IsZero() || next.Before(o.wake) {
		o.wake = next
		o.timer.Reset(time.Until(next))
	}
}

// advance does what is due.
func (o *owner) advance() error {
	now := time.Now()
	if !o.redial.IsZero() && !now.Before(o.redial) || o.renewDue(now) {
		o.dial()
	}
	if o.conn != nil {
		o.conn.Advance(now)
	}
	if o.unused() && now.Sub(o.idle) >= idleTime {
		return errRetired
	}
	if at := o.restAt(); !at.IsZero() && !now.Before(at) {
		return o.rest()
	}
	return nil
}

// unused reports whether nobody wants anything of a link that is not home. Until
// there is a key the owner cannot tell: callers wait where it does not see them.
func (o *owner) unused() bool {
	return o.conn != nil && len(o.calls)+len(o.aside)+len(o.waiting) == 0 && o.client.Home() != o.to.ID
}
