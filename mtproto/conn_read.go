package mtproto

import (
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// arrival is one message of a packet, read as far as it can go wrong.
type arrival struct {
	part
	service any // one of MTProto's own messages; nil for results and updates
}

// isUpdate reports whether the message is an update: neither MTProto's own nor the
// result of a call.
func (a *arrival) isUpdate() bool {
	return a.service == nil && constructor(a.body) != mt.IDRPCResult
}

// Receive takes a packet, which belongs to the Conn until Next has told all that
// came of it: bodies of events may be parts of the packet. An error ends the
// connection, not the Conn: a *TransportError or a *ViolationError.
//
// A message that breaks a rule is not used, no part of it, and the connection is
// closed.
// https://core.telegram.org/mtproto/security_guidelines#mtproto-encrypted-messages
func (c *Conn) Receive(now time.Time, packet []byte) error {
	c.now = now
	if e, ok := asTransportError(packet); ok {
		return e
	}
	h, body, _, err := open(packet, c.key, crypt.FromServer)
	if err != nil {
		return err
	}
	// The session is the one that this client has begun.
	// https://core.telegram.org/mtproto/security_guidelines#checking-session-id
	if h.session != c.session {
		return violation("session id", "mtproto/security_guidelines#checking-session-id", h.session, c.session)
	}
	c.unpacker = Unpacker{left: maxUnpacked}
	c.arrived, err = c.split(c.arrived[:0], part{h.id, h.seq, body})
	if err != nil {
		return err
	}
	c.pings.heard()
	timely := c.timely(h.id)
	c.link.spoke = c.link.spoke || timely
	missed := false
	for i := range c.arrived {
		a := &c.arrived[i]
		if timely || isRefusal(a.service) {
			c.take(a)
		} else if a.isUpdate() && !c.window.has(a.id) {
			missed = true
		}
	}
	if missed {
		c.events.push(Event{Kind: Missed})
	}
	clear(c.arrived)
	if !timely && !c.ids.timely(now, h.id) {
		c.pings.probe(now)
	}
	return nil
}

// split takes the messages of a packet apart and reads those that are MTProto's
// own.
func (c *Conn) split(dst []arrival, p part) ([]arrival, error) {
	if err := checkServerID(p.id); err != nil {
		return nil, err
	}
	if constructor(p.body) != mt.IDMsgContainer {
		a, err := c.read(p)
		return append(dst, a), err
	}
	parts, err := splitContainer(c.parts[:0], p.id, p.body)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if err := checkServerID(p.id); err != nil {
			return nil, err
		}
		a, err := c.read(p)
		if err != nil {
			return nil, err
		}
		dst = append(dst, a)
	}
	clear(parts)
	return dst, nil
}

// A server's message id is odd: 1 modulo 4 if it answers, 3 if it does not.
// https://core.telegram.org/mtproto/description#message-identifier-msg-id
func checkServerID(id MsgID) error {
	if id&1 == 0 {
		return violation("message id", "mtproto/description#message-identifier-msg-id", id, "an odd one from a server")
	}
	return nil
}

// read reads a message as far as MTProto must understand it.
func (c *Conn) read(p part) (a arrival, err error) {
	const link = "mtproto/service_messages"
	// Large updates come packed. All that is packed in a packet has one limit: a few
	// bytes can unpack to gigabytes.
	// https://core.telegram.org/mtproto/service_messages#packed-object
	if Packed(p.body) {
		if p.body, err = c.unpacker.Unpack(p.body); err != nil {
			return a, violation("packed message", link+"#packed-object", err, "at most 32 MiB of all that is packed in a packet")
		}
	}
	a.part = p
	switch id := constructor(p.body); {
	case len(p.body) < 4:
		return a, violation("message", link, len(p.body), "a constructor")
	case id == mt.IDMsgContainer, id == mt.IDGzipPacked, id == mt.IDMsgCopy:
		return a, violation("packed message", link+"#packed-object", "a message within a message", "an update")
	case id == mt.IDRPCResult:
		if len(p.body) < resultHead {
			return a, violation("result", link+"#response-to-an-rpc-query", len(p.body), "a message id and a value")
		}
	case isService(id):
		r := tl.NewReader(p.body)
		a.service = mt.Schema.Read(r)
		if r.Err() != nil {
			return a, violation("service message", link, r.Err(), "one that can be read")
		}
	}
	return a, nil
}

// isService says whether a constructor is one of those that a server sends for
// the session's own sake.
func isService(id uint32) bool {
	switch id {
	case mt.IDMsgsAck, mt.IDBadMsgNotification, mt.IDBadServerSalt, mt.IDNewSessionCreated,
		mt.IDMsgsStateReq, mt.IDMsgsStateInfo, mt.IDMsgsAllInfo, mt.IDMsgDetailedInfo,
		mt.IDMsgNewDetailedInfo, mt.IDMsgResendReq, mt.IDPong, mt.IDFutureSalts,
		mt.IDDestroySessionOk, mt.IDDestroySessionNone, mt.IDDestroyAuthKeyOk,
		mt.IDDestroyAuthKeyNone, mt.IDDestroyAuthKeyFail:
		return true
	}
	return false
}

// isRefusal says whether a message tells what is wrong with ours: it counts even
// if the clocks do not agree, because it is what makes them agree.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func isRefusal(service any) bool {
	switch service.(type) {
	case *mt.BadMsgNotification, *mt.BadServerSalt:
		return true
	}
	return false
}

// timely says whether a packet is to be believed by its age. The first packet of
// a Conn can not be an old one played back, because no one knew the session id
// before: it sets our clock, if that is wrong.
//
// Messages more than 300 seconds old or 30 seconds ahead are ignored.
// https://core.telegram.org/mtproto/security_guidelines#checking-msg-id
//
// If it is our clock that is wrong, they all are. So the server is pinged, and
// the answer to that, which can not be old, sets the clock. What was ignored is
// asked about.
func (c *Conn) timely(id MsgID) bool {
	if ok := c.ids.timely(c.now, id); ok || !c.synced {
		if !ok {
			c.setClock(id)
		}
		c.synced = true
		return true
	}
	for i := range c.arrived {
		if c.pings.answeredBy(c.arrived[i].service) {
			c.setClock(id)
			for _, k := range c.calls.written(func(k *call) bool { return k.state >= callSent }) {
				k.received = false
				c.ask(k, askWait)
			}
			return true
		}
	}
	return false
}

// setClock takes the server's time from a message that is being received.
func (c *Conn) setClock(id MsgID) {
	c.synced = true
	c.ids.set(c.now, id)
	c.changed()
}

// take uses one message, unless it was used before.
func (c *Conn) take(a *arrival) {
	seen := c.window.see(a.id)
	// Content-related messages, whose number is odd, are acknowledged: again, if
	// they come again, because the first acknowledgement may be lost.
	// https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt
	if seen != ancient && a.seq&1 == 1 {
		c.acks.owe(c.now, a.id)
	}
	if seen != fresh {
		return
	}
	switch m := a.service.(type) {
	case nil:
		c.known, c.link.heard = true, true
		if a.isUpdate() {
			c.events.push(Event{Kind: Pushed, Body: a.body})
		} else {
			c.onResult(a.body)
		}
	case *mt.BadServerSalt:
		c.onBadSalt(m)
	case *mt.BadMsgNotification:
		c.onBadMessage(a.id, m)
	case *mt.NewSessionCreated:
		c.onNewSession(m)
	default:
		c.known, c.link.heard = true, true
		c.onService(a)
	}
}

// onService handles the messages that change nothing but what is known of other
// messages.
func (c *Conn) onService(a *arrival) {
	switch m := a.service.(type) {
	case *mt.MsgsAck:
		c.onAcks(m)
	case *mt.MsgsStateInfo:
		c.onStateInfo(a, m)
	case *mt.MsgsAllInfo:
		c.onStates(msgIDs(m.MsgIDs), m.Info)
	case *mt.MsgsStateReq:
		c.onStateQuestion(a.id, m)
	case *mt.MsgResendReq:
		c.onResendRequest(m)
	case *mt.MsgDetailedInfo:
		c.onDetails(MsgID(m.MsgID), MsgID(m.AnswerMsgID))
	case *mt.MsgNewDetailedInfo:
		c.onDetails(0, MsgID(m.AnswerMsgID))
	case *mt.Pong:
		if c.pings.answeredBy(m) {
			c.pings.pong()
		}
		c.calls.pong(m.PingID)
		c.onDirectAnswer(c.calls.byID[MsgID(m.MsgID)], a.body)
	case *mt.FutureSalts:
		c.onDirectAnswer(c.calls.byID[MsgID(m.ReqMsgID)], a.body)
	case *mt.DestroySessionOk, *mt.DestroySessionNone:
		c.onDirectAnswer(c.calls.oldest(mt.IDDestroySession), a.body)
	case *mt.DestroyAuthKeyOk, *mt.DestroyAuthKeyNone, *mt.DestroyAuthKeyFail:
		c.onDirectAnswer(c.calls.oldest(mt.IDDestroyAuthKey), a.body)
	}
}

func msgIDs(v []int64) []MsgID {
	ids := make([]MsgID, len(v))
	for i, id := range v {
		ids[i] = MsgID(id)
	}
	return ids
}
