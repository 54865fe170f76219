package emulator

import (
	"cmp"
	"fmt"
	"time"

	"github.com/telekey/telekey/mtproto"
)

// The budgets that hold for all clients together, unless the Config has others.
const (
	defaultMemory   = 96 << 20
	defaultSockets  = 16_384
	defaultUnpacked = 32 << 20

	// spareFiles is how many of the files that the process may open are left for
	// others than clients.
	spareFiles = 64

	// minMemory serves one client with packets of the largest size.
	minMemory = 4 << 20
)

// completeLimits checks the budgets and fills in what was left out.
func (c *Config) completeLimits() error {
	switch {
	case c.MaxMemory != 0 && c.MaxMemory < minMemory:
		return fmt.Errorf("MaxMemory: got %d bytes, want at least %d, or 0 for %d", c.MaxMemory, minMemory, defaultMemory)
	case c.MaxSockets < 0:
		return fmt.Errorf("MaxSockets: got %d, want at least 1, or 0 for %d", c.MaxSockets, defaultSockets)
	case c.MaxUnpacked < 0:
		return fmt.Errorf("MaxUnpacked: got %d bytes, want at least 1, or 0 for %d", c.MaxUnpacked, defaultUnpacked)
	}
	if c.MaxMemory == 0 {
		c.MaxMemory = defaultMemory
	}
	if c.MaxUnpacked == 0 {
		c.MaxUnpacked = defaultUnpacked
	}
	if c.MaxSockets == 0 {
		c.MaxSockets = defaultSockets
	}
	if files := fileLimit(); files > 0 {
		c.MaxSockets = max(min(c.MaxSockets, files-spareFiles), 1)
	}
	return nil
}

// answersMemory is the part of the memory for answers that are kept until they are
// acknowledged, and decodeMemory the part for the values of one call.
func (c *Config) answersMemory() int { return c.MaxMemory / 4 }
func (c *Config) decodeMemory() int  { return cmp.Or(c.MaxMemory, defaultMemory) / 3 }

// unpacker makes the Unpacker for the packet in hand, whose socket holds what it
// unpacks to until the packet is done with.
func (s *Server) unpacker() *mtproto.Unpacker {
	u, k := mtproto.NewUnpacker(s.cfg.MaxUnpacked), s.unpacks
	u.Charge(func(n int) bool {
		s.spend(n)
		return s.holdForPacket(k, n)
	})
	return u
}

// partMemory is about what a message of a packet takes beside its bytes until it is
// answered: the query, its place among those of its session, and the call that waits.
const partMemory = 512

// holdForPacket has a socket hold n bytes more until its packet is done with.
func (s *Server) holdForPacket(k *socket, n int) bool {
	if !s.memory.grow(k, n) {
		return false
	}
	k.forPacket += n
	return true
}

// doneWithPacket lets a socket give back what it held for its packet.
func (s *Server) doneWithPacket(k *socket) {
	if k.forPacket > 0 {
		s.memory.shrink(k, k.forPacket)
		k.forPacket = 0
	}
}

// reportEvery is how often the log says at most what the budgets have refused.
const reportEvery = time.Second

// overload is what the budgets have refused and the log has not said yet.
type overload struct {
	sockets  int // closed because there were too many
	memory   int // closed, and requests refused, because there was no memory
	reported time.Time
}

// due is when to report; zero: there is nothing to report.
func (o *overload) due() time.Time {
	if o.sockets+o.memory == 0 {
		return time.Time{}
	}
	return o.reported.Add(reportEvery)
}

// reportOverload logs what was refused, once a second at most.
func (s *Server) reportOverload(now time.Time) {
	o := &s.overload
	o.memory += s.memory.takeRefused()
	if at := o.due(); at.IsZero() || now.Before(at) {
		return
	}
	if o.sockets > 0 {
		s.cfg.Log.Warn("there are too many connections: those that were silent longest are closed",
			"closed", o.sockets, "limit", s.cfg.MaxSockets)
	}
	if o.memory > 0 {
		s.cfg.Log.Warn("the memory for clients is used up: the connections that hold most of it are closed, or a request is refused",
			"refused", o.memory, "limit", s.cfg.MaxMemory)
	}
	*o = overload{reported: now}
}
