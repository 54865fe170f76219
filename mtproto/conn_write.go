package mtproto

import (
	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
)

// flush makes one packet of what is due, if anything is. It reports whether
// there are events now.
func (c *Conn) flush() bool {
	if !c.link.up {
		return false
	}
	c.parts, c.carried, c.scratch = c.parts[:0], c.carried[:0], c.scratch[:0]
	c.sent.from = 0
	if k := c.calls.first(); k != nil && c.lonely(k) {
		c.addCalls()
	} else {
		c.addNotes()
		c.addCalls()
		c.addAcks()
	}
	if len(c.parts) > 0 {
		c.writePacket()
	}
	return !c.events.empty()
}

// addCalls puts the requests of the queue into the packet, as many as fit.
func (c *Conn) addCalls() {
	size := 0
	for len(c.parts) < fullParts {
		k := c.calls.first()
		if k == nil || len(c.parts) > 0 && (c.lonely(k) || size+len(k.body) > fullContainer) {
			return
		}
		c.calls.dequeue()
		if !c.number(k) {
			continue
		}
		c.addCall(k)
		if size += len(k.body); c.lonely(k) {
			return
		}
	}
}

// lonely says whether a request can not share a container: because it must not,
// or because its id, from before the clock was set back, is above any that the
// container could have.
func (c *Conn) lonely(k *call) bool { return k.alone || k.id > c.ids.last }

// number gives a request that has none an id and its place in the session. A
// body that can not be sent ends it.
func (c *Conn) number(k *call) bool {
	if k.state == callAgain {
		return true
	}
	id := c.nextID()
	if k.make != nil {
		k.body = k.make(id, c.session)
	}
	if err := checkBody(k.body); err != nil {
		c.giveUp(k, err)
		return false
	}
	k.id, k.seq = id, c.sent.seq(true)
	c.calls.byID[id] = k
	return true
}

func (c *Conn) addCall(k *call) {
	k.state, k.socket = callSent, c.link.number
	k.writes++
	c.lookAt(k, c.now.Add(askAfter))
	c.parts = append(c.parts, part{k.id, k.seq, k.body})
	c.carried = append(c.carried, k)
}

// addNotes puts what the session has to say for itself into the packet.
func (c *Conn) addNotes() {
	if c.asks.pending() {
		c.addService(false, func(dst []byte, id MsgID) []byte { return c.asks.take(dst, id, c.pings.number+1) })
	}
	if reached(c.now, c.pings.next) {
		c.addService(false, func(dst []byte, id MsgID) []byte { return c.pings.take(c.now, dst, id) })
	}
	if len(c.notes.wanted) > 0 {
		c.addService(false, func(dst []byte, _ MsgID) []byte {
			return appendService(dst, &mt.MsgResendReq{MsgIDs: longs(c.notes.wanted)})
		})
	}
	for _, info := range c.notes.infos {
		c.addService(false, func(dst []byte, _ MsgID) []byte { return appendService(dst, info) })
	}
	// A cancellation is answered by an rpc_result, as a request is.
	// https://core.telegram.org/mtproto/service_messages#cancellation-of-an-rpc-query
	for _, id := range c.notes.drops {
		c.addService(true, func(dst []byte, _ MsgID) []byte {
			return appendService(dst, &mt.RPCDropAnswer{ReqMsgID: int64(id)})
		})
	}
	c.notes.clear()
}

// addAcks lets the acknowledgements ride along, or sends them alone when it is
// time.
func (c *Conn) addAcks() {
	if len(c.acks.ids) > 0 && (len(c.parts) > 0 || c.acks.due(c.now)) {
		c.addService(false, func(dst []byte, _ MsgID) []byte { return c.acks.take(dst) })
	}
}

// addService puts a service message into the packet. Its body lies in the
// scratch buffer; when that moves, the earlier bodies keep the old one alive.
func (c *Conn) addService(content bool, write func(dst []byte, id MsgID) []byte) {
	id := c.nextID()
	from := len(c.scratch)
	c.scratch = write(c.scratch, id)
	c.parts = append(c.parts, part{id, c.sent.seq(content), c.scratch[from:]})
}

// nextID returns an id for a message of this packet.
func (c *Conn) nextID() MsgID {
	id := c.ids.next(c.now, fromClient)
	if c.sent.from == 0 {
		c.sent.from = id
	}
	return id
}

// writePacket seals the parts, in a container if they are several.
func (c *Conn) writePacket() {
	h := head{salt: c.salt, session: c.session}
	if len(c.parts) > 1 {
		h.id, h.seq = c.nextID(), c.sent.seq(false)
	} else {
		h.id, h.seq = c.parts[0].id, c.parts[0].seq
	}
	packet := sealParts(&c.spare, h, c.parts, c.key, crypt.FromClient, c.random)
	for _, k := range c.carried {
		k.packet = h.id
	}
	c.asks.sealed(h.id)
	c.pings.sealed(h.id)
	c.sent.packet(c.ids.last)
	clear(c.parts)
	clear(c.carried)
	if cap(c.scratch) > maxSpare {
		c.scratch = nil
	}
	c.events.push(Event{Kind: Write, Body: packet})
}
