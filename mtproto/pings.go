package mtproto

import (
	"time"

	"github.com/telekey/telekey/internal/mt"
)

// pings keep a connection alive and notice when it is dead.
//
// The client promises a ping within 75 seconds, and the server closes the
// connection if none comes.
// https://core.telegram.org/mtproto/service_messages#deferred-connection-closure--ping
type pings struct {
	number int64
	id     MsgID     // of the last one
	packet MsgID     // it was written in; 0 while that is made
	open   bool      // it was not answered yet
	tries  int       // refusals since the last pong
	next   time.Time // when the next ping goes out
	owed   time.Time // since when the server owes us any message; zero if it does not
	told   bool      // that the connection is dead
}

const (
	pingEvery  = 60 * time.Second
	pingDelay  = 75 * time.Second
	stallAfter = 30 * time.Second
)

// up begins with a socket. A session that the server knows from an earlier one
// says at once where it is now: the server has nowhere else to send updates.
func (p *pings) up(now time.Time, known bool) {
	p.owed, p.told = time.Time{}, false
	p.next = now.Add(pingEvery)
	if known {
		p.next = now
	}
}

// take appends a ping, which travels as message id.
func (p *pings) take(now time.Time, dst []byte, id MsgID) []byte {
	p.number++
	p.id, p.packet, p.open = id, 0, true
	p.next = now.Add(pingEvery)
	if p.owed.IsZero() {
		p.owed = now
	}
	return appendService(dst, &mt.PingDelayDisconnect{PingID: p.number, DisconnectDelay: int32(pingDelay / time.Second)})
}

// sealed notes the packet that a new ping was written in.
func (p *pings) sealed(packet MsgID) {
	if p.open && p.packet == 0 {
		p.packet = packet
	}
}

// refused repeats a ping that the server did not take: it counts the 75 seconds
// from one that it did. After a few times the next minute will do.
func (p *pings) refused(now time.Time, id MsgID) {
	if (id == p.id || id == p.packet) && id != 0 && p.tries < maxRefusals {
		p.tries++
		p.next = now
	}
}

// answeredBy says whether a message is the answer to the last ping. Such a
// message is fresh, whatever our clock says: nobody knew the ping's number
// before.
func (p *pings) answeredBy(service any) bool {
	m, ok := service.(*mt.Pong)
	return ok && p.open && m.PingID == p.number
}

// pong notes that the last ping was answered.
func (p *pings) pong() { p.open, p.tries = false, 0 }

// probe pings now, to learn the server's time from the answer, unless an answer
// is on its way.
func (p *pings) probe(now time.Time) {
	if !p.open || p.next.Sub(now) < pingEvery-probeEvery || p.next.Sub(now) > pingEvery {
		p.next = now
	}
}

const probeEvery = 5 * time.Second

// heard notes that something came.
func (p *pings) heard() { p.owed = time.Time{} }

// stalled says, once for each socket, that the server has owed us a message for
// too long.
func (p *pings) stalled(now time.Time) bool {
	if p.told || !reached(now, p.stallAt()) {
		return false
	}
	p.told = true
	return true
}

// stallAt is when the connection counts as dead; zero for never.
func (p *pings) stallAt() time.Time {
	if p.owed.IsZero() || p.told {
		return time.Time{}
	}
	return p.owed.Add(stallAfter)
}

// deadline is when there is something to do.
func (p *pings) deadline() time.Time { return earliest(p.next, p.stallAt()) }
