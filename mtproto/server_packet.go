package mtproto

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/telekey/telekey/internal/mt"
)

// Packet is a packet of a client that [Server.Open] has opened. Nothing of it is
// used before [Server.Accept] or [Server.RefuseSalt]; with neither the packet is as
// good as lost on its way.
type Packet struct{ *hiddenPacket }

// hiddenPacket keeps what was in a packet two pointers away, where no verb of fmt
// finds it.
type hiddenPacket struct{ *packetState }

// packetState is what is known of a Packet.
type packetState struct {
	visit
	part  // the message in it, or the container
	quick uint32
}

// Format prints how long the packet's message is, whatever the verb.
func (p Packet) Format(f fmt.State, _ rune) {
	if p.hiddenPacket == nil {
		_, _ = io.WriteString(f, "mtproto.Packet()")
		return
	}
	_, _ = fmt.Fprintf(f, "mtproto.Packet(%d bytes)", len(p.body))
}

// Call is a call in a Packet.
type Call struct {
	ID   MsgID
	Body []byte // unpacked if it was gzipped

	// Unpacker is for what is packed further inside of Body. Its limit counts all
	// calls of the Packet, and nothing that is unpacked after Accept.
	Unpacker *Unpacker
}

// Format prints c without its body, whatever the verb.
func (c Call) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "{id:%d body:%d bytes}", c.ID, len(c.Body))
}

// Parts is how many messages the packet has, by its own account, and at most as
// many as a container may hold.
func (p *Packet) Parts() int {
	if constructor(p.body) != mt.IDMsgContainer || len(p.body) < containerHead {
		return 1
	}
	return max(1, min(int(int32(binary.LittleEndian.Uint32(p.body[4:]))), maxParts))
}

// Query names the message of the packet, or one within it by its id.
func (p *Packet) Query(id MsgID) Query { return p.sess.ref(id) }

// Calls returns the calls that Accept will ask the owner, in their order. What was
// asked before under the same message id is not among them.
func (p *Packet) Calls() (calls []Call) {
	parts := []part{p.part}
	if constructor(p.body) == mt.IDMsgContainer {
		inner, code := p.sess.open(nil, p.part)
		if code != 0 {
			return nil
		}
		parts = inner
	}
	unpacker := p.sess.server.unpack()
	numbers := serverSession{topID: p.sess.topID, topSeq: p.sess.topSeq}
	for _, one := range parts {
		if one.id&3 != fromClient || p.sess.window.has(one.id) {
			continue
		}
		kind := seqKind(constructor(one.body))
		if numbers.misnumbered(one, kind) != 0 {
			continue
		}
		numbers.note(one, kind)
		body, err := unpacker.Unpack(one.body)
		if err == nil && seqKind(constructor(body)) == oddSeq {
			calls = append(calls, Call{one.id, body, unpacker})
		}
	}
	return calls
}

// Mark has the event of a call carry mark.
func (p *Packet) Mark(call MsgID, mark any) {
	if p.marks == nil {
		p.marks = map[MsgID]any{}
	}
	p.marks[call] = mark
}

// RefuseSalt makes all salts of the packet's key invalid, begins with a new one,
// and refuses the packet as if that had been so before it came.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func (s *Server) RefuseSalt(now time.Time, p *Packet) {
	s.now = now
	p.sess.key.salts.begin(now, 0)
	s.refuseSalt(p.sess, p.id, p.seq)
}

// refuseSalt refuses a message for its salt and tells the client the right one.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func (s *Server) refuseSalt(sess *serverSession, id MsgID, seq int32) {
	s.reply(sess, id, &mt.BadServerSalt{
		BadMsgID: int64(id), BadMsgSeqno: seq, ErrorCode: badSalt, NewServerSalt: int64(sess.key.salts.current(s.now)),
	})
}
