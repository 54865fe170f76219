package mtproto

import "github.com/telekey/telekey/internal/mt"

// onNewSession learns that the server knows the session from now on only.
//
// Requests with ids below first_msg_id were for a session that the server has
// forgotten. It may have executed them; it will not answer.
// https://core.telegram.org/mtproto/service_messages#new-session-creation-notification
func (c *Conn) onNewSession(m *mt.NewSessionCreated) {
	first := MsgID(m.FirstMsgID)
	for _, k := range c.calls.written(func(k *call) bool { return k.state >= callSent && k.packet < first }) {
		// What was written on this socket before the server said anything on it is
		// in the new session, whatever first_msg_id says: there is a server that
		// puts its own time there.
		if k.socket != c.link.number || c.link.heard {
			c.lose(k)
		}
	}
	c.setSalt(Salt(m.ServerSalt))
	if c.unique != m.UniqueID || !c.known || c.unique == 0 {
		c.known, c.unique = true, m.UniqueID
		c.events.push(Event{Kind: Renewed})
	}
}

// onAcks notes which requests the server has.
// https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt
func (c *Conn) onAcks(m *mt.MsgsAck) {
	for _, id := range m.MsgIDs {
		if k := c.calls.byID[MsgID(id)]; k != nil {
			k.received, k.refusals = true, 0
			c.lookAt(k, c.now.Add(askReceived))
		}
	}
}

// onStateInfo is the answer to a question of ours, or of our owner's.
// https://core.telegram.org/mtproto/service_messages_about_messages#informational-message-regarding-status-of-messages
func (c *Conn) onStateInfo(a *arrival, m *mt.MsgsStateInfo) {
	ids, asked := c.asks.answered(MsgID(m.ReqMsgID))
	if asked {
		c.onStates(ids, m.Info)
		return
	}
	c.onDirectAnswer(c.calls.byID[MsgID(m.ReqMsgID)], a.body)
}

// onStates learns what became of messages, one byte for each.
// https://core.telegram.org/mtproto/service_messages_about_messages#informational-message-regarding-status-of-messages
func (c *Conn) onStates(ids []MsgID, info []byte) {
	for i, id := range ids[:min(len(ids), len(info))] {
		k := c.calls.byID[id]
		if k == nil || k.state < callSent {
			continue
		}
		k.asking, k.asked, k.refusals = false, 0, 0
		switch info[i] & stateMask {
		case stateUnknown:
			// Received and forgotten, or never received: nobody can tell.
			c.lose(k)
		case stateMissing, stateTooHigh:
			// Surely not received. The same id again protects against the first
			// writing that arrives late after all; one that is too old for the
			// server can not do that, and need not.
			k.before, k.writes, k.denied = false, 0, 0
			if c.repeatable(k) {
				c.calls.repeat(k)
			} else {
				c.calls.renew(k)
			}
		case stateReceived:
			k.state, k.received = callSent, true
			c.lookAt(k, c.now.Add(askReceived))
			// The answer came before this, if it came at all: it was not believed,
			// or lost. The same query brings it again.
			if info[i]&stateAnswered != 0 {
				c.calls.repeat(k)
			}
		}
	}
}

// onAskRefused handles a server that answers a question about messages as if it
// were a call, and refuses it: it does not keep states.
func (c *Conn) onAskRefused(id MsgID) {
	ids, asked := c.asks.answered(id)
	if !asked {
		return
	}
	for _, id := range ids {
		if k := c.calls.byID[id]; k != nil && k.state == callDoubtful {
			c.repeat(k)
		}
	}
}

// onStateQuestion answers the server's question about its own messages.
// https://core.telegram.org/mtproto/service_messages_about_messages#request-for-message-status-information
func (c *Conn) onStateQuestion(id MsgID, m *mt.MsgsStateReq) {
	if len(m.MsgIDs) > maxAcks {
		return
	}
	info := make([]byte, len(m.MsgIDs))
	for i, id := range m.MsgIDs {
		info[i] = c.window.state(MsgID(id), 0)
	}
	c.notes.inform(&mt.MsgsStateInfo{ReqMsgID: int64(id), Info: info})
}

// onResendRequest writes again what the server says it has not got.
// https://core.telegram.org/mtproto/service_messages_about_messages#explicit-request-to-re-send-messages
func (c *Conn) onResendRequest(m *mt.MsgResendReq) {
	for _, id := range m.MsgIDs {
		if k := c.calls.byID[MsgID(id)]; k != nil {
			c.calls.repeat(k)
		}
	}
}

// onDetails learns that there is an answer which the server has not sent again
// because it is long. It is asked for unless we have it, or nobody waits for it.
// https://core.telegram.org/mtproto/service_messages_about_messages#extended-voluntary-communication-of-status-of-one-message
func (c *Conn) onDetails(request, answer MsgID) {
	k := c.calls.byID[request]
	if c.window.has(answer) || request != 0 && k == nil {
		c.acks.owe(c.now, answer)
		return
	}
	if k != nil {
		k.received = true
	}
	c.notes.want(answer)
}
