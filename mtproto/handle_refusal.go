package mtproto

import (
	"slices"

	"github.com/telekey/telekey/internal/mt"
)

// The codes of bad_msg_notification and bad_server_salt.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
const (
	badIDTooLow    = 16
	badIDTooHigh   = 17
	badIDBits      = 18 // not divisible by 4
	badContainerID = 19 // a message with the container's id was received before
	badTooOld      = 20 // the server can not tell whether it has received it
	badSeqTooLow   = 32
	badSeqTooHigh  = 33
	badSeqNotEven  = 34
	badSeqNotOdd   = 35
	badSalt        = 48
	badContainer   = 64
)

// onBadSalt takes the new salt. The refused message is sent anew.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func (c *Conn) onBadSalt(m *mt.BadServerSalt) {
	bad := MsgID(m.BadMsgID)
	if !c.wrote(bad) {
		return
	}
	c.setSalt(Salt(m.NewServerSalt))
	c.resend(c.calls.in(bad), badSalt)
	c.askAgain(bad)
	c.pings.refused(c.now, bad)
}

// onBadMessage mends what the server complains of. id is the complaint's own.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func (c *Conn) onBadMessage(id MsgID, m *mt.BadMsgNotification) {
	bad, code := MsgID(m.BadMsgID), int(m.ErrorCode)
	if !c.wrote(bad) {
		return
	}
	refused := c.calls.in(bad)
	switch code {
	case badIDTooLow, badIDTooHigh:
		c.setClock(id)
	case badSeqTooLow, badSeqTooHigh:
		c.restart(refused)
	}
	c.resend(refused, code)
	c.askAgain(bad)
	c.pings.refused(c.now, bad)
}

// askAgain repeats the questions of a refused message, as often as a request is
// repeated.
func (c *Conn) askAgain(bad MsgID) {
	for _, id := range c.asks.refused(bad) {
		k := c.calls.byID[id]
		if k == nil || k.state < callSent {
			continue
		}
		k.asking = false
		if k.refusals++; k.refusals > maxRefusals {
			c.lose(k)
			continue
		}
		c.ask(k, askWait)
	}
}

// wrote says whether we have sent that message recently: a refusal of anything
// else is ignored.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func (c *Conn) wrote(id MsgID) bool { return c.sent.recently(id) || len(c.calls.in(id)) > 0 }

// restart begins another session: the numbering of this one is beyond repair.
// What the server did not refuse it may have executed, and will answer to the
// old session.
func (c *Conn) restart(refused []*call) {
	for _, k := range c.calls.written(func(k *call) bool { return !slices.Contains(refused, k) }) {
		if k.state == callAgain {
			c.calls.renew(k) // the server has said that it does not have it
		} else {
			c.lose(k)
		}
	}
	c.session = SessionID(random64(c.random))
	c.sent, c.window, c.notes = sent{}, window{}, notes{}
	c.acks.ids = nil
	c.asks.forget()
	c.known, c.unique, c.link.heard = false, 0, false
}

// resend sends refused requests anew, a bounded number of times.
func (c *Conn) resend(refused []*call, code int) {
	for _, k := range refused {
		k.refusals++
		k.denied++
		k.alone = k.alone || code == badContainer
		switch {
		case k.denied < k.writes:
			// It went out twice; the other one is under way.
		case !k.before && k.refusals > maxRefusals:
			c.giveUp(k, &ResendError{Times: k.refusals, Code: code})
		case !k.before:
			c.calls.renew(k)
		// It went out on an earlier socket, too, of which this refusal says
		// nothing. If it is the packet's fault, the same id may be tried again.
		case k.refusals <= maxRefusals && (code == badSalt || code == badContainer || code == badContainerID):
			c.repeat(k)
		default:
			c.lose(k)
		}
	}
}

// setSalt takes a salt from the server.
func (c *Conn) setSalt(s Salt) {
	if c.salt != s {
		c.salt = s
		c.changed()
	}
}
