package sim

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"
)

// seed is the source of all random choices.
type seed uint64

// random returns a separate source for one purpose, so that its values do not
// depend on draws for other purposes.
func (s seed) random(purpose ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintln(h, purpose...)
	return rand.New(rand.NewPCG(uint64(s), h.Sum64()))
}

// between draws from lowest to highest.
func between(r *rand.Rand, lowest, highest time.Duration) time.Duration {
	return lowest + time.Duration(r.Int64N(int64(highest-lowest)+1))
}

// failure is the way in which a line ends.
type failure int

const (
	survives failure = iota
	torn             // both ends get an error at once; bytes in flight are lost
	hungUp           // a proxy in between closes: bytes in flight arrive
	mute             // later bytes in one direction are lost, without an error
	silent           // the same in both directions
	ceased           // the server has ended, bytes in flight are lost; the client gets an error unless the line is mute
)

func (e failure) String() string {
	return [...]string{"survives", "torn", "hung up", "mute", "silent", "ceased"}[e]
}

// reply is the result of a dial.
type reply int

const (
	accepted reply = iota
	refusal
	noReply
)

// laneParams are the properties of one direction of a line and its failure.
type laneParams struct {
	latency   time.Duration // of every piece
	jitter    time.Duration // at most, in addition
	piece     int           // the maximum length of a piece, in bytes
	window    int           // the bytes in flight before writing blocks
	stall     time.Duration // the delay of the piece with the byte stallAt, and of all behind it
	stallAt   int
	failure   failure // once failureAt bytes have been written
	failureAt int
}

// dialPlan holds all random choices for one dial.
type dialPlan struct {
	reply  reply
	wait   time.Duration // for the reply
	params [2]laneParams
	random [2]*rand.Rand
}

// profile holds the probabilities of faults, in percent of connections, and the
// upper ends of ranges; zero means no fault.
type profile struct {
	name             string
	refused, ignored int           // dials
	latency, jitter  time.Duration // at most
	small            int           // chance of small pieces
	narrow           int           // chance of a narrow window
	stalls           int           // chance, for each direction
	failures         [5]int        // chance of each
	early            bool          // they happen before the first byte
}

// The profiles of a storm.
var (
	healthy     = profile{name: "healthy", latency: 20 * time.Millisecond}
	slow        = profile{name: "slow", latency: 2 * time.Second, jitter: 2 * time.Second, small: 60, narrow: 40, stalls: 10}
	resets      = profile{name: "resets", refused: 20, latency: 200 * time.Millisecond, small: 30, narrow: 20, failures: [ceased]int{torn: 40, hungUp: 40}}
	silence     = profile{name: "silence", ignored: 20, latency: 500 * time.Millisecond, jitter: 100 * time.Millisecond, small: 20, narrow: 20, failures: [ceased]int{mute: 30, silent: 30}}
	stalling    = profile{name: "stalling", refused: 5, latency: time.Second, jitter: time.Second, small: 20, narrow: 20, stalls: 60, failures: [ceased]int{hungUp: 10}}
	refusing    = profile{name: "refusing", refused: 70, ignored: 20, latency: 100 * time.Millisecond, failures: [ceased]int{torn: 30}}
	closing     = profile{name: "closing", latency: 50 * time.Millisecond, failures: [ceased]int{torn: 50, hungUp: 50}, early: true}
	unreachable = profile{name: "unreachable", ignored: 100}
	combined    = profile{name: "combined", refused: 20, ignored: 10, latency: 2 * time.Second, jitter: 3 * time.Second, small: 50, narrow: 50, stalls: 20, failures: [ceased]int{torn: 20, hungUp: 20, mute: 10, silent: 10}}

	faulty = []profile{slow, resets, silence, stalling, refusing, closing, unreachable, combined}
)

// longestStall bounds the delay of bytes that a line does not drop.
const longestStall = 40 * time.Second

// draw draws the plan of a dial. It always draws the same number of values.
func (c profile) draw(r *rand.Rand) dialPlan {
	l := dialPlan{reply: accepted, wait: between(r, 0, c.latency)}
	switch p := r.IntN(100); {
	case p < c.refused:
		l.reply = refusal
	case p < c.refused+c.ignored:
		l.reply = noReply
	}
	latency, piece, window := between(r, 0, c.latency), 1<<20, 1<<16
	if small := 1 + r.IntN(200); r.IntN(100) < c.small {
		piece = small
	}
	if narrow := 16 << r.IntN(8); r.IntN(100) < c.narrow {
		window = narrow
	}
	for i := range l.params {
		f := laneParams{latency: latency, jitter: between(r, 0, c.jitter), piece: piece, window: window}
		f.stallAt = c.where(r)
		if stall := between(r, time.Second, longestStall); r.IntN(100) < c.stalls {
			f.stall = stall
		}
		l.params[i] = f
		l.random[i] = rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))
	}
	ends, at, first := &l.params[r.IntN(2)], c.where(r), r.IntN(100)
	for how, chance := range c.failures {
		if first < chance {
			ends.failure, ends.failureAt = failure(how), at
			break
		}
		first -= chance
	}
	return l
}

// where draws a position in a stream of bytes: one that a key exchange, of about
// a thousand bytes, reaches in about half of the cases; or a small number.
func (c profile) where(r *rand.Rand) int {
	long, short, which := r.IntN(2500), r.IntN(1<<(4+r.IntN(9))), r.IntN(2)
	switch {
	case c.early:
		return 0
	case which == 0:
		return long
	}
	return short
}

// conditions hold the current profile.
type conditions struct {
	mu      sync.Mutex
	profile profile
}

func (w *conditions) set(c profile) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.profile = c
}

func (w *conditions) draw(r *rand.Rand) dialPlan {
	w.mu.Lock()
	c := w.profile
	w.mu.Unlock()
	return c.draw(r)
}

// phase is a period with one profile.
type phase struct {
	profile profile
	lasts   time.Duration
	outages []outage // in order
}

// outage is a failure of all connections at once.
type outage struct {
	after time.Duration // since the phase began, or since the outage before
	from  side          // that becomes mute
	how   failure       // of all open connections; ceased: the servers restart without any sessions
}

// endlessPhase is longer than any call may take.
const endlessPhase = 15 * time.Minute

// phases draws the phases of a storm.
func (s seed) phases() (phases []phase) {
	r := s.random("forecast")
	if s.onlyServerFaults() {
		return []phase{{profile: healthy, lasts: between(r, 10*time.Second, 2*time.Minute)}}
	}
	if r.IntN(4) > 0 { // people may connect without faults
		phases = append(phases, phase{profile: healthy, lasts: between(r, 0, 10*time.Second)})
	}
	if r.IntN(6) == 0 { // reveals calls that wait for the end of the phase
		return append(phases, phase{profile: faulty[r.IntN(len(faulty))], lasts: endlessPhase, outages: outages(r, 10*time.Second, 3)})
	}
	for range 1 + r.IntN(3) {
		lasts := between(r, 2*time.Second, 90*time.Second)
		phases = append(phases, phase{profile: faulty[r.IntN(len(faulty))], lasts: lasts, outages: outages(r, lasts/4, 4)})
	}
	switch { // salts are given out for half an hour, temporary keys for a day
	case r.IntN(12) == 0:
		phases = append(phases, phase{profile: healthy, lasts: 70 * time.Minute})
	case s.usesPFS() && r.IntN(8) == 0:
		phases = append(phases, phase{profile: healthy, lasts: 24 * time.Hour})
	}
	return phases
}

// outages draws up to most outages, each within a time after the one before.
func outages(r *rand.Rand, within time.Duration, most int) (all []outage) {
	for range r.IntN(most + 1) {
		all = append(all, outage{after: between(r, 0, within), how: failure(1 + r.IntN(5)), from: side(r.IntN(2))})
	}
	return all
}
