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

// take appends a ping.
func (p *pings) take(now time.Time, dst []byte) []byte {
	p.number++
	p.next = now.Add(pingEvery)
	p.expect(now)
	return appendService(dst, &mt.PingDelayDisconnect{PingID: p.number, DisconnectDelay: int32(pingDelay / time.Second)})
}

// expect notes that something was written which the server answers at once.
func (p *pings) expect(now time.Time) {
	if p.owed.IsZero() {
		p.owed = now
	}
}

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
