package mtproto

import (
	"encoding/binary"
	"fmt"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// An answer:
//
//	4 constructor · 8 id of the request · a boxed value, or gzip_packed of one
//
// https://core.telegram.org/mtproto/service_messages#response-to-an-rpc-query
const resultHead = 4 + 8 + 4

// onResult ends the request that a result is for.
//
// A result of a request that we do not wait for is acknowledged like any other,
// and otherwise ignored: it was cancelled, or answered before.
// https://core.telegram.org/mtproto/service_messages#response-to-an-rpc-query
func (c *Conn) onResult(body []byte) {
	id, value := MsgID(binary.LittleEndian.Uint64(body[4:])), body[12:]
	k := c.calls.byID[id]
	if k == nil {
		c.onAskRefused(id)
		return
	}
	// What is wrong with one answer is wrong for its request alone: a connection
	// closed for it would bring the same answer again.
	value, err := c.unpacker.Unpack(value)
	if err != nil {
		c.giveUp(k, fmt.Errorf("mtproto: the answer can not be unpacked: %w", err))
		return
	}
	if constructor(value) != mt.IDRPCError {
		c.answer(k, value)
		return
	}
	r := tl.NewReader(value[4:])
	code, message := int(r.Int()), r.String()
	if err := r.Err(); err != nil {
		c.giveUp(k, fmt.Errorf("mtproto: the error in the answer can not be read: %w", err))
		return
	}
	c.events.push(Event{Kind: Refused, Req: k.req, Code: code, Message: message})
	c.calls.end(k)
}

// onDirectAnswer ends a request whose answer comes without rpc_result: those of
// MTProto itself do.
// https://core.telegram.org/mtproto/service_messages#ping-messages-pingpong
func (c *Conn) onDirectAnswer(k *call, body []byte) {
	if k != nil {
		c.answer(k, body)
	}
}

// oldest returns the oldest request written that begins with this constructor;
// nil for none.
func (cs *calls) oldest(id uint32) *call {
	if ks := cs.written(func(k *call) bool { return constructor(k.body) == id }); len(ks) > 0 {
		return ks[0]
	}
	return nil
}
