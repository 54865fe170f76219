package sim

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

// The bounds of calls in a storm.
const (
	// longestCall bounds a call whose context does not: six attempts of twenty
	// seconds, as often as the connection comes back for a moment in between.
	longestCall = 10 * time.Minute
	// longestEcho bounds the time between the end of a call and its execution by
	// the server: the request may have been delayed on its way.
	longestEcho = longestStall + longestDelay + 2*time.Minute
	// mostDials bounds a client's dials of one data centre in a minute.
	mostDials = 120
)

// ledger records all calls of a storm.
type ledger struct {
	mu      sync.Mutex
	entries []*entry
}

// entry is one call.
type entry struct {
	who, what  string
	phone      string // the number that it asks a code for; "": it writes nothing
	repeatable bool
	limited    bool // its context ends by itself
	issued     time.Time
	ended      time.Time // zero: it has not
	err        error
}

func (e *entry) String() string {
	state := "has not ended"
	if !e.ended.IsZero() {
		state = fmt.Sprintf("ended after %v with %v", e.ended.Sub(e.issued), e.err)
	}
	return fmt.Sprintf("%s: %s %s of %s %s", e.who, e.what, e.phone, clock(e.issued), state)
}

// clock shows the time of a storm.
func clock(t time.Time) string { return t.Format("15:04:05.000") }

// write makes a call and records it.
func (l *ledger) write(e entry, call func() error) error {
	e.issued = time.Now()
	l.mu.Lock()
	l.entries = append(l.entries, &e)
	l.mu.Unlock()
	err := call()
	l.mu.Lock()
	defer l.mu.Unlock()
	e.ended, e.err = time.Now(), err
	return err
}

// open lists the calls that have not ended.
func (l *ledger) open() (open []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		if e.ended.IsZero() {
			open = append(open, e.String())
		}
	}
	return open
}

// ending is one of the documented ends of a call.
type ending string

const (
	answered   ending = "an answer"
	refused    ending = "a refusal"
	unreached  ending = "a network error"
	closed     ending = "closed"
	unknown    ending = "outcome unknown" // and perhaps one of the two before
	outOfTime  ending = "its context"
	impossible ending = ""
)

// ending returns the end of a call.
func (e *entry) ending() ending {
	var network *telekey.NetworkError
	var resent *mtproto.ResendError
	switch {
	case e.err == nil:
		return answered
	case tg.AsError(e.err) != nil, errors.As(e.err, &resent):
		return refused
	case errors.Is(e.err, telekey.ErrOutcomeUnknown):
		return unknown
	case errors.As(e.err, &network):
		return unreached
	case errors.Is(e.err, telekey.ErrClosed):
		return closed
	case e.limited && errors.Is(e.err, context.DeadlineExceeded):
		return outOfTime
	}
	return impossible
}

// audit compares the calls with the executions on the server: the codes that it has
// sent.
func (l *ledger) audit(t *testing.T, codes []emulator.Code, tally map[ending]int) {
	executed := map[string][]emulator.Code{}
	for _, c := range codes {
		executed[c.Phone] = append(executed[c.Phone], c)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		if took := e.ended.Sub(e.issued); took > longestCall {
			t.Errorf("%v: that is too long", e)
		}
		tally[e.ending()]++
		if e.ending() == impossible {
			t.Errorf("%v: package telekey does not say that a call may end like this", e)
		}
		if e.phone != "" {
			e.compare(t, executed[e.phone])
		}
	}
}

// compare checks the end of a call against its executions.
func (e *entry) compare(t *testing.T, executed []emulator.Code) {
	n, once := len(executed), !e.repeatable
	switch how := e.ending(); {
	case n > 1 && once:
		t.Errorf("%v: it was executed %d times", e, n)
	case n == 0 && how == answered:
		t.Errorf("%v: it was never executed", e)
	case n > 0 && once && (how == refused || how == unreached || how == closed):
		t.Errorf("%v: it was executed all the same", e)
	}
	for _, c := range executed {
		if c.SentAt.Sub(e.ended) > longestEcho {
			t.Errorf("%v: it was executed at %s, long after its caller was told so", e, clock(c.SentAt))
		}
	}
}
