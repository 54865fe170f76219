package sim

import (
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"time"
)

// line is one connection of the simulated network: two ends, and a lane of bytes
// in each direction. Like TCP it keeps bytes in order and without gaps; it can only
// be slow or end.
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
	laneParams
	random   *rand.Rand
	parcels  []parcel
	flying   int       // bytes that the reader has not taken
	carried  int       // bytes ever taken from the writer
	latest   time.Time // when the last of them arrives
	finished bool      // the end of the stream follows the parcels
	dead     bool      // later bytes are lost silently
}

// parcel is a piece of the bytes written, in flight.
type parcel struct {
	bytes []byte
	at    time.Time // when it arrives
}

// keepAlive is the time after which the server's operating system ends a silent
// connection: Go configures nine probes, fifteen seconds apart. The client gets no
// such help here, because a proxy may be in between: it must detect silence itself.
const keepAlive = 150 * time.Second

func newLine(params [2]laneParams, random [2]*rand.Rand, here, there net.Addr) *line {
	l := &line{changed: make(chan struct{}), over: func() {}}
	for i := range l.lanes {
		l.lanes[i] = lane{laneParams: params[i], random: random[i]}
	}
	l.ends[client] = &end{line: l, side: client, local: here, remote: there}
	l.ends[server] = &end{line: l, side: server, local: there, remote: here}
	return l
}

// tell wakes all waiting goroutines. The caller holds the lock, as for the methods
// below.
func (l *line) tell() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// wait releases the lock until a change or the earliest non-zero time.
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

// send sends the first bytes of p, up to the lane's failure, and applies that
// failure.
func (l *line) send(from side, p []byte) (n int) {
	out := &l.lanes[from]
	n = min(len(p), out.piece)
	if out.failure != survives {
		n = max(0, min(n, out.failureAt-out.carried))
	}
	if n > 0 {
		out.post(p[:n])
	}
	if how := out.failure; how != survives && out.carried >= out.failureAt {
		out.failure = survives
		l.applyFailure(how, from)
	}
	l.tell()
	return n
}

// post sends a piece.
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

// applyFailure ends a line.
func (l *line) applyFailure(how failure, from side) {
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

// fail applies a failure to the line at once.
func (l *line) fail(how failure, from side) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.applyFailure(how, from)
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

// reached reports whether a non-zero time has passed.
func reached(t time.Time) bool { return !t.IsZero() && !time.Now().Before(t) }
