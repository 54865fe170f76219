package mtproto

// sent numbers the messages of one end and remembers which ids it has given
// out.
type sent struct {
	content int32  // content-related messages so far
	from    MsgID  // the first id given out for the packet that is being made
	recent  []span // of the last packets; after recentPackets it goes round
	next    int    // the oldest of them, then
}

// span is the ids of one packet.
type span struct{ from, to MsgID }

// recentPackets is how many packets back a refusal is believed.
const recentPackets = 32

// seq returns the number of the next message.
//
// It is twice the number of content-related messages before it, plus one if it
// is content-related itself.
// https://core.telegram.org/mtproto/description#message-sequence-number-msg-seqno
func (s *sent) seq(content bool) int32 {
	seq := 2 * s.content
	if content {
		s.content++
		seq++
	}
	return seq
}

// packet notes that the packet which is made has ids up to the given one. It
// may have none of its own: those of repeated requests are known elsewhere.
func (s *sent) packet(to MsgID) {
	if s.from == 0 {
		return
	}
	if len(s.recent) < recentPackets {
		s.recent = append(s.recent, span{s.from, to})
		return
	}
	s.recent[s.next] = span{s.from, to}
	s.next = (s.next + 1) % recentPackets
}

// recently says whether an id was given out for one of the last packets.
func (s *sent) recently(id MsgID) bool {
	for _, p := range s.recent {
		if p.from <= id && id <= p.to && id&3 == fromClient {
			return true
		}
	}
	return false
}
