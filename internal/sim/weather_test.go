package sim

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"
)

// seed is where everything comes from that is left to chance.
type seed uint64

// random returns a source of its own for one purpose, so that what is drawn for
// one does not depend on who else draws, and when.
func (s seed) random(purpose ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintln(h, purpose...)
	return rand.New(rand.NewPCG(uint64(s), h.Sum64()))
}

// between draws from lowest to highest.
func between(r *rand.Rand, lowest, highest time.Duration) time.Duration {
	return lowest + time.Duration(r.Int64N(int64(highest-lowest)+1))
}

// mishap is how a line ends.
type mishap int

const (
	survives mishap = iota
	torn            // both ends are told at once; what was in flight is lost
	hungUp          // someone in the middle closes: what was in flight arrives
	mute            // nothing more arrives in one direction, and nobody is told
	silent          // the same in both
	ceased          // the server is gone, with all that was in flight; it can say so if the line is not mute
)

func (e mishap) String() string {
	return [...]string{"survives", "torn", "hung up", "mute", "silent", "ceased"}[e]
}

// reply is what a dial meets with.
type reply int

const (
	welcome reply = iota
	refusal
	noReply
)

// fate is what one direction of a line is like, and what will become of it.
type fate struct {
	latency  time.Duration // of every piece
	jitter   time.Duration // at most, beside that
	piece    int           // the longest that travels as one, in bytes
	window   int           // how many bytes are in flight before writing blocks
	stall    time.Duration // for which the piece with the byte stallAt is held up, and all behind it
	stallAt  int
	mishap   mishap // once mishapAt bytes have been written
	mishapAt int
}

// lot is all that is drawn for one dial.
type lot struct {
	reply  reply
	wait   time.Duration // for the reply
	fates  [2]fate
	random [2]*rand.Rand
}

// climate says how likely is what. Chances are of a connection, in percent; zero
// in a range stands for none.
type climate struct {
	name             string
	refused, ignored int           // dials
	latency, jitter  time.Duration // at most
	small            int           // chance of small pieces
	narrow           int           // chance of a narrow window
	stalls           int           // chance, for each direction
	mishaps          [5]int        // chance of each
	early            bool          // they end before anything is said
}

// The climates of a storm.
var (
	fair      = climate{name: "fair", latency: 20 * time.Millisecond}
	choppy    = climate{name: "choppy", latency: 2 * time.Second, jitter: 2 * time.Second, small: 60, narrow: 40, stalls: 10}
	gusts     = climate{name: "gusts", refused: 20, latency: 200 * time.Millisecond, small: 30, narrow: 20, mishaps: [ceased]int{torn: 40, hungUp: 40}}
	fog       = climate{name: "fog", ignored: 20, latency: 500 * time.Millisecond, jitter: 100 * time.Millisecond, small: 20, narrow: 20, mishaps: [ceased]int{mute: 30, silent: 30}}
	squall    = climate{name: "squall", refused: 5, latency: time.Second, jitter: time.Second, small: 20, narrow: 20, stalls: 60, mishaps: [ceased]int{hungUp: 10}}
	hail      = climate{name: "hail", refused: 70, ignored: 20, latency: 100 * time.Millisecond, mishaps: [ceased]int{torn: 30}}
	shutters  = climate{name: "shutters", latency: 50 * time.Millisecond, mishaps: [ceased]int{torn: 50, hungUp: 50}, early: true}
	calm      = climate{name: "dead calm", ignored: 100}
	hurricane = climate{name: "hurricane", refused: 20, ignored: 10, latency: 2 * time.Second, jitter: 3 * time.Second, small: 50, narrow: 50, stalls: 20, mishaps: [ceased]int{torn: 20, hungUp: 20, mute: 10, silent: 10}}

	bad = []climate{choppy, gusts, fog, squall, hail, shutters, calm, hurricane}
)

// longestStall bounds how long a line holds up what it does not drop.
const longestStall = 40 * time.Second

// draw decides about a dial. It always draws the same number of times.
func (c climate) draw(r *rand.Rand) lot {
	l := lot{reply: welcome, wait: between(r, 0, c.latency)}
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
	for i := range l.fates {
		f := fate{latency: latency, jitter: between(r, 0, c.jitter), piece: piece, window: window}
		f.stallAt = c.where(r)
		if stall := between(r, time.Second, longestStall); r.IntN(100) < c.stalls {
			f.stall = stall
		}
		l.fates[i] = f
		l.random[i] = rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))
	}
	ends, at, first := &l.fates[r.IntN(2)], c.where(r), r.IntN(100)
	for how, chance := range c.mishaps {
		if first < chance {
			ends.mishap, ends.mishapAt = mishap(how), at
			break
		}
		first -= chance
	}
	return l
}

// where draws a place in a stream of bytes: one that a key exchange, which takes
// the first thousand or so, reaches about as likely as not; or a small number.
func (c climate) where(r *rand.Rand) int {
	long, short, which := r.IntN(2500), r.IntN(1<<(4+r.IntN(9))), r.IntN(2)
	switch {
	case c.early:
		return 0
	case which == 0:
		return long
	}
	return short
}

// weather is the climate of the moment.
type weather struct {
	mu      sync.Mutex
	climate climate
}

func (w *weather) turn(c climate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.climate = c
}

func (w *weather) draw(r *rand.Rand) lot {
	w.mu.Lock()
	c := w.climate
	w.mu.Unlock()
	return c.draw(r)
}

// front is a change of the weather.
type front struct {
	climate climate
	lasts   time.Duration
	strikes []strike // in order
}

// strike is something sudden.
type strike struct {
	after time.Duration // since the front came, or since the strike before
	from  side          // that falls mute
	how   mishap        // for all connections that are there; ceased: the servers start anew, and know no sessions any more
}

// endlessStorm is longer than any call may take.
const endlessStorm = 15 * time.Minute

// forecast draws the fronts of a storm.
func (s seed) forecast() (fronts []front) {
	r := s.random("forecast")
	if s.fairSkies() {
		return []front{{climate: fair, lasts: between(r, 10*time.Second, 2*time.Minute)}}
	}
	if r.IntN(4) > 0 { // people may arrive in peace
		fronts = append(fronts, front{climate: fair, lasts: between(r, 0, 10*time.Second)})
	}
	if r.IntN(6) == 0 { // whoever waits for the end of it is found out
		return append(fronts, front{climate: bad[r.IntN(len(bad))], lasts: endlessStorm, strikes: strikes(r, 10*time.Second, 3)})
	}
	for range 1 + r.IntN(3) {
		lasts := between(r, 2*time.Second, 90*time.Second)
		fronts = append(fronts, front{climate: bad[r.IntN(len(bad))], lasts: lasts, strikes: strikes(r, lasts/4, 4)})
	}
	switch { // salts are given out for half an hour, temporary keys for a day
	case r.IntN(12) == 0:
		fronts = append(fronts, front{climate: fair, lasts: 70 * time.Minute})
	case s.secretive() && r.IntN(8) == 0:
		fronts = append(fronts, front{climate: fair, lasts: 24 * time.Hour})
	}
	return fronts
}

// strikes draws up to so many, each within a time after the one before.
func strikes(r *rand.Rand, within time.Duration, most int) (all []strike) {
	for range r.IntN(most + 1) {
		all = append(all, strike{after: between(r, 0, within), how: mishap(1 + r.IntN(5)), from: side(r.IntN(2))})
	}
	return all
}
