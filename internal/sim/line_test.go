package sim

import (
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"time"
)

// line is one connection of the simulated network: two ends, and a lane of bytes
// in each direction. It is to its users what TCP is: bytes keep their order, and
// none is missing from the middle. What there is to suffer is waiting, and the
// end.
type line struct {
	mu      sync.Mutex
	changed chan struct{} // closed, and made anew, when anything changes
	lanes   [2]lane       // by the end that writes
	ends    [2]*end
	over    func() // called once both ends are closed
}

// side is the number of an end.
type side int

const (
	client side = iota
	server
)

func (s side) other() side { return 1 - s }

// lane is one direction.
type lane struct {
	fate
	random   *rand.Rand
	parcels  []parcel
	flying   int       // bytes that the reader has not taken
	carried  int       // bytes ever taken from the writer
	latest   time.Time // when the last of them arrives
	finished bool      // behind the parcels comes the end of the stream
	dead     bool      // nothing more arrives, and nobody is told
}

// parcel is a piece of what was written, on its way.
type parcel struct {
	bytes []byte
	at    time.Time // when it arrives
}

// keepAlive is after what time the server's operating system finds a silent
// connection dead: Go has it ask after fifteen seconds, nine times. The client is
// not that lucky here, because a proxy may sit in between: it has to notice by
// itself.
const keepAlive = 150 * time.Second

func newLine(fates [2]fate, random [2]*rand.Rand, here, there net.Addr) *line {
	l := &line{changed: make(chan struct{}), over: func() {}}
	for i := range l.lanes {
		l.lanes[i] = lane{fate: fates[i], random: random[i]}
	}
	l.ends[client] = &end{line: l, side: client, local: here, remote: there}
	l.ends[server] = &end{line: l, side: server, local: there, remote: here}
	return l
}

// tell wakes all who wait. It is called with the lock, as what follows is.
func (l *line) tell() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// wait lets go of the lock until something changes, or the first of the times
// comes that is not zero.
func (l *line) wait(times ...time.Time) {
	changed := l.changed
	var due <-chan time.Time
	if t := earliest(times...); !t.IsZero() {
		timer := time.NewTimer(time.Until(t))
		defer timer.Stop()
		due = timer.C
	}
	l.mu.Unlock()
	defer l.mu.Lock()
	select {
	case <-changed:
	case <-due:
	}
}

// send takes the first bytes of p along, up to where something happens to the
// lane, and lets that happen.
func (l *line) send(from side, p []byte) (n int) {
	out := &l.lanes[from]
	n = min(len(p), out.piece)
	if out.mishap != survives {
		n = max(0, min(n, out.mishapAt-out.carried))
	}
	if n > 0 {
		out.post(p[:n])
	}
	if how := out.mishap; how != survives && out.carried >= out.mishapAt {
		out.mishap = survives
		l.meet(how, from)
	}
	l.tell()
	return n
}

// post puts a piece on its way.
func (l *lane) post(p []byte) {
	stalls := l.stall > 0 && l.carried <= l.stallAt && l.stallAt < l.carried+len(p)
	l.flying += len(p)
	l.carried += len(p)
	if l.dead {
		return
	}
	travel := l.latency
	if l.jitter > 0 {
		travel += time.Duration(l.random.Int64N(int64(l.jitter)))
	}
	if stalls {
		travel += l.stall
	}
	l.latest = later(l.latest, time.Now().Add(travel))
	l.parcels = append(l.parcels, parcel{append([]byte(nil), p...), l.latest})
}

// finish lets the end of the stream follow the parcels.
func (l *lane) finish() {
	if !l.finished && !l.dead {
		l.latest = later(l.latest, time.Now().Add(l.latency))
	}
	l.finished = true
}

// meet brings a line to an end.
func (l *line) meet(how mishap, from side) {
	switch how {
	case torn:
		for i := range l.ends {
			l.ends[i].breaks(time.Now(), syscall.ECONNRESET)
		}
	case ceased:
		l.ends[server].breaks(time.Now(), syscall.ECONNRESET)
		if !l.lanes[server].dead {
			l.ends[client].breaks(time.Now(), syscall.ECONNRESET)
		}
	case hungUp:
		for i := range l.lanes {
			l.lanes[i].finish()
		}
	case mute:
		l.lanes[from].dead = true
	case silent:
		l.lanes[client].dead, l.lanes[server].dead = true, true
	}
	if how == mute || how == silent {
		l.ends[server].breaks(time.Now().Add(keepAlive), syscall.ETIMEDOUT)
	}
	l.tell()
}

// strike does to the line, from outside, what its fate did not.
func (l *line) strike(how mishap, from side) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meet(how, from)
}

func (l *line) isClosed(s side) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ends[s].closed
}

func earliest(times ...time.Time) (first time.Time) {
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// reached says whether a time that is not zero has come.
func reached(t time.Time) bool { return !t.IsZero() && !time.Now().Before(t) }
