package mtproto

import (
	"time"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// acks are the acknowledgements that one end owes the other.
//
// They travel with the next message that goes out anyway. Alone they go when
// more than 16 wait, or after a while: within 60 seconds.
// https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt
type acks struct {
	ids   []MsgID
	since time.Time // of the oldest
	wait  time.Duration
}

const (
	clientAckWait = 60 * time.Second
	serverAckWait = 2 * time.Second
	manyAcks      = 16

	// A msgs_ack holds at most 8192 ids.
	// https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt
	maxAcks = 8192
)

// owe notes that a message is to be acknowledged. What does not fit is left
// out: the other end will send it again.
func (a *acks) owe(now time.Time, id MsgID) {
	if len(a.ids) == 0 {
		a.since = now
	}
	if len(a.ids) < maxAcks {
		a.ids = append(a.ids, id)
	}
}

// settle takes back an acknowledgement that an answer makes needless.
func (a *acks) settle(id MsgID) {
	for i, owed := range a.ids {
		if owed == id {
			a.ids = append(a.ids[:i], a.ids[i+1:]...)
			return
		}
	}
}

// due says whether the acknowledgements must go alone.
func (a *acks) due(now time.Time) bool {
	return len(a.ids) > manyAcks || len(a.ids) > 0 && !now.Before(a.deadline())
}

// deadline is when they must go; zero for never.
func (a *acks) deadline() time.Time {
	if len(a.ids) == 0 {
		return time.Time{}
	}
	return a.since.Add(a.wait)
}

// take appends a msgs_ack of all that is owed.
func (a *acks) take(dst []byte) []byte {
	dst = tl.AppendUint32(dst, mt.IDMsgsAck)
	dst = tl.AppendUint32(dst, tl.VectorID)
	dst = tl.AppendInt(dst, int32(len(a.ids)))
	for _, id := range a.ids {
		dst = tl.AppendLong(dst, int64(id))
	}
	a.ids = a.ids[:0]
	if cap(a.ids) > longQueue {
		a.ids = nil
	}
	return dst
}

// earliest returns the earliest of the times that are not zero; zero if all are.
func earliest(times ...time.Time) (first time.Time) {
	for _, t := range times {
		if first.IsZero() || !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first
}

// reached says whether a time that is not zero has come.
func reached(now, t time.Time) bool { return !t.IsZero() && !now.Before(t) }
