package telekey

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
	"github.com/telekey/telekey/transport"
)

// Forward secrecy: with Config.PFS everything travels on a temporary key, of
// which nothing is left once it has been replaced. The session's own key
// encrypts one thing alone, the message that binds a temporary key to it.
// https://core.telegram.org/api/pfs

// temporary is a key that calls travel on. It is kept in memory only.
type temporary struct {
	key     mtproto.Key
	salt    mtproto.Salt
	offset  time.Duration
	expires time.Time // by the server's clock
}

// How a temporary key is replaced: in its last hour, as soon as no call is under
// way, and five minutes before its end whatever is.
const (
	tempLife   = 24 * time.Hour
	renewEarly = time.Hour
	renewLate  = 5 * time.Minute
	renewPause = 5 * time.Minute // between attempts
)

// until is how long t is good, by our clock, when some time must be left.
func (t *temporary) until(left time.Duration) time.Time { return t.expires.Add(-t.offset - left) }

// makeKeys agrees with the server on the keys that are missing, and binds the
// temporary one.
func (l *link) makeKeys(conn transport.Conn, d *dialled) (err error) {
	known, ok := l.client.held.Data().Keys[l.to.ID]
	perm := mtproto.NewKey(known.Auth.Bytes())
	if !ok || !l.client.cfg.PFS {
		if d.exchange, err = l.exchange(conn, 0); err != nil || !l.client.cfg.PFS {
			return err
		}
		perm = d.exchange.Key
	}
	x, err := l.exchange(conn, tempLife)
	if err != nil {
		return err
	}
	d.temp = &temporary{key: x.Key, salt: x.Salt, offset: x.Offset, expires: x.ExpiresAt}
	d.bound, err = l.bind(conn, perm, d.temp)
	return err
}

// errNotBound is what a server says that has another opinion of a binding and
// does not say which.
var errNotBound = errors.New("the server did not bind the temporary key, and did not say why")

// bind makes calls on a temporary key count as the permanent one's. It returns
// the session on which it has said so.
// https://core.telegram.org/method/auth.bindTempAuthKey
func (l *link) bind(conn transport.Conn, perm mtproto.Key, temp *temporary) (*mtproto.Conn, error) {
	if !l.client.holds() { // a binding takes the place of the one before
		return nil, ErrSessionLost
	}
	c := mtproto.NewConn(time.Now(), mtproto.Params{Key: temp.key, Salt: temp.salt, Offset: temp.offset, Random: rand.Reader})
	c.Up(time.Now())
	c.SendFunc(time.Now(), func(id mtproto.MsgID, session mtproto.SessionID) []byte {
		return bindRequest(perm, temp, id, session)
	})
	for {
		for e, ok := c.Next(); ok; e, ok = c.Next() {
			switch e.Kind {
			case mtproto.Write:
				if err := conn.Send(e.Body); err != nil {
					return nil, err
				}
			case mtproto.Changed:
				temp.salt, temp.offset = e.Salt, e.Offset
			case mtproto.Answer:
				if !tl.NewReader(e.Body).Bool() {
					return nil, errNotBound
				}
				return c, nil
			case mtproto.Refused:
				return nil, bindRefused(e)
			case mtproto.Lost:
				return nil, errNotBound
			}
		}
		packet, err := conn.Receive()
		if err != nil {
			return nil, err
		}
		if err := c.Receive(time.Now(), packet); err != nil {
			return nil, fmt.Errorf("binding of the temporary key: %w", err)
		}
	}
}

// bindRequest is the call that binds a key, as it travels in one message.
func bindRequest(perm mtproto.Key, temp *temporary, id mtproto.MsgID, session mtproto.SessionID) []byte {
	var nonce [8]byte
	_, _ = rand.Read(nonce[:]) // never fails
	b := mtproto.Binding{
		Nonce: int64(binary.LittleEndian.Uint64(nonce[:])), TempKey: temp.key.ID(), TempSession: session, ExpiresAt: temp.expires,
	}
	request, err := tg.Schema.Append(nil, &tg.AuthBindTempAuthKey{
		PermAuthKeyID: int64(perm.ID()), Nonce: b.Nonce, ExpiresAt: int32(temp.expires.Unix()),
		EncryptedMessage: mtproto.SealBinding(perm, b, id, rand.Reader),
	})
	if err != nil {
		panic(err) // no field can be wrong
	}
	return request
}

// bindRefused is why a key was not bound.
//
// A message that the server cannot open is in a key that it does not know, or
// does not know yet: binding is tried again before the key is given up.
// https://core.telegram.org/api/pfs
func bindRefused(e mtproto.Event) error {
	if e.Err != nil {
		return e.Err
	}
	refusal := tg.NewError(e.Code, e.Message)
	if refusal.Type == tg.ErrEncryptedMessageInvalid {
		return fmt.Errorf("%w: binding a temporary key to it: %w", ErrKeyUnknown, refusal)
	}
	return fmt.Errorf("binding of the temporary key: %w", refusal)
}

// resume begins with the temporary key that the link before this one left. If
// its time is over, the first attempt to connect brings another.
func (o *owner) resume(now time.Time) {
	if o.temp != nil {
		o.begin(now, o.temp.key, o.temp.salt, o.temp.offset)
	}
}

// renewAt is when to replace the temporary key; zero for never.
func (o *owner) renewAt() time.Time {
	if o.temp == nil {
		return time.Time{}
	}
	at := o.temp.until(renewEarly)
	if o.sock == nil || len(o.calls) > 0 {
		at = o.temp.until(renewLate)
	}
	if at.Before(o.renewAgain) {
		return o.renewAgain
	}
	return at
}

// renewDue says whether it is time to replace a key that is in use.
func (o *owner) renewDue(now time.Time) bool {
	return o.temp != nil && o.sock != nil && o.dialled == nil && !now.Before(o.renewAt())
}

// renew says whether the attempt that begins now is to bring another key. Calls
// wait for it: a binding takes the place of the one before, and what were under
// way on that key might be refused or not.
func (o *owner) renew(now time.Time) bool {
	o.renewing = o.temp != nil && !now.Before(o.renewAt())
	return o.renewing
}

// spent says whether the key in use is good for nothing.
func (o *owner) spent(now time.Time) bool { return !now.Before(o.temp.until(0)) }

// spend notes that it is.
func (o *owner) spend(now time.Time) {
	o.renewing, o.renewAgain = true, time.Time{}
	o.temp.expires = now.Add(o.temp.offset)
}

// kept takes the end of an attempt that brought nothing, and reports whether
// everything goes on as it was: the key lives on, and so does its socket.
func (o *owner) kept(now time.Time) bool {
	if !o.renewing || o.spent(now) {
		return false
	}
	o.renewing, o.renewAgain = false, now.Add(renewPause)
	o.sendAside(now)
	return o.sock != nil
}

// replace goes on with another key, and another session. Who waits for an answer
// on the old ones waits in vain.
func (o *owner) replace(now time.Time, d dialled) {
	o.sock.close()
	o.sock = nil
	if o.temp != nil {
		o.temp.key.Wipe()
	}
	under, hello := o.underWay(), o.hello
	o.temp, o.conn, o.written = d.temp, d.bound, 0
	o.calls = map[mtproto.Req]*call{}
	o.renewing, o.renewAgain = false, time.Time{}
	// The client says anew what it is after each binding.
	// https://core.telegram.org/api/pfs
	o.inited, o.hello, o.greeted = false, nil, false
	o.client.announce(&tg.UpdatesTooLong{}) // between the sessions some may have been missed
	for _, c := range under {
		switch {
		case c == hello:
		case c.repeatable:
			o.send(now, c)
		default:
			c.end(outcome{err: ErrOutcomeUnknown})
		}
	}
	o.sendAside(now)
}

// underWay returns the calls that were given to the session, in order.
func (o *owner) underWay() []*call {
	calls := make([]*call, 0, len(o.calls))
	for _, c := range o.calls {
		calls = append(calls, c)
	}
	slices.SortFunc(calls, func(a, b *call) int { return cmp.Compare(a.req, b.req) })
	return calls
}

// putAside keeps a call that was surely not executed until there is another key.
func (o *owner) putAside(c *call) {
	delete(o.calls, c.req)
	c.req = 0
	if c != o.hello {
		o.aside = append(o.aside, c)
	}
}

// sendAside sends what was put aside.
func (o *owner) sendAside(now time.Time) {
	aside := o.aside
	o.aside = nil
	for _, c := range aside {
		o.send(now, c)
	}
}

// outlived takes the news that the server does not know the key in use. It
// reports whether that is a temporary one, which may vanish at any time: the
// server keeps it in memory only.
// https://core.telegram.org/api/pfs
//
// The news is not encrypted: an attacker on the route can let a packet through and
// forge it. So a call that was written may have been executed, and replace decides
// what becomes of it. Only calls that were never written surely were not.
func (o *owner) outlived(now time.Time) bool {
	if o.temp == nil {
		return false
	}
	o.spend(now)
	for _, c := range o.underWay() {
		if o.written == c.written {
			o.putAside(c)
		}
	}
	return true
}

// unbound takes a refusal, and reports whether the call waits for another key:
// the one in use is bound no longer.
//
// A key on which nothing was ever answered is not replaced: the next one would
// fare no better.
// https://core.telegram.org/api/pfs
func (o *owner) unbound(now time.Time, r mtproto.Req, refusal *tg.Error) bool {
	if o.temp == nil || refusal.Type != tg.ErrAuthKeyPermEmpty || !o.inited {
		return false
	}
	if c := o.calls[r]; c != nil {
		o.putAside(c)
	}
	o.spend(now)
	return true
}

// state is what is worth noting of a change. A salt belongs to its key, and that
// of a temporary one is not the session's.
func (o *owner) state(event mtproto.Event) session.State {
	s := session.State{DC: o.to.ID, Salt: int64(event.Salt), Offset: event.Offset}
	if o.temp != nil {
		o.temp.salt, o.temp.offset = event.Salt, event.Offset
		s.Salt = 0
	}
	return s
}

// wipe overwrites the temporary keys of a client whose links have ended.
func (c *Client) wipe() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.links {
		if l.temp != nil {
			l.temp.key.Wipe()
		}
	}
}
