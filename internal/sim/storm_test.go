package sim

import (
	"context"
	"flag"
	"fmt"
	"runtime/pprof"
	"sync"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/transport"
)

var (
	replay = flag.Uint64("seed", 0, "play this storm alone, with its log")
	first  = flag.Uint64("first", 1, "the first storm")
	storms = flag.Uint64("storms", usual, "how many storms")
	soak   = flag.Duration("soak", 0, "play new storms for this long")
)

// TestStorm plays one storm for each seed.
func TestStorm(t *testing.T) {
	t.Setenv("GODEBUG", "tracebacklabels=1")
	tally := map[ending]int{}
	switch {
	case *replay != 0:
		seed(*replay).test(t, tally)
	case *soak != 0:
		s := seed(time.Now().Unix()) << 16
		for end := time.Now().Add(*soak); time.Now().Before(end); s++ {
			s.test(t, tally)
		}
	default:
		for s := seed(*first); s < seed(*first+*storms); s++ {
			s.test(t, tally)
		}
	}
	t.Logf("calls ended with: %v", tally)
	for _, how := range []ending{answered, refused, unreached, closed, unknown, outOfTime} {
		if tally[how] == 0 && *replay == 0 && *soak == 0 && *storms >= usual {
			t.Errorf("no call ended with %s: the network is not faulty enough", how)
		}
	}
}

// test plays the storm of a seed.
func (s seed) test(t *testing.T, tally map[ending]int) {
	again := fmt.Sprintf("go test ./internal/sim -run TestStorm -seed=%d -v", s)
	t.Run(fmt.Sprintf("seed=%d", s), func(t *testing.T) {
		t.Cleanup(func() {
			if t.Failed() {
				t.Log(again)
			}
		})
		cryptotest.SetGlobalRandom(t, uint64(s))
		// A panic of any goroutine ends the process, and shows its labels.
		pprof.Do(t.Context(), pprof.Labels("again", again), func(context.Context) {
			synctest.Test(t, func(t *testing.T) { s.play(t, tally) })
		})
	})
}

// play runs a whole storm: people connect and make calls under changing conditions,
// and everything works when it is over.
func (s seed) play(t *testing.T, tally map[ending]int) {
	people, users := s.people(t)
	w := newSimulation(t, s, users...)
	for _, p := range people {
		p.simulation = w
	}
	for _, rule := range s.serverRules() {
		if _, err := w.AddRule(rule); err != nil {
			t.Fatal(err)
		}
		w.log.Info("server fault", "rule", fmt.Sprintf("%+v", rule))
	}
	var lives sync.WaitGroup
	lives.Go(func() { w.changeConditions(people) })
	for _, p := range people {
		lives.Go(p.live)
	}
	over := make(chan struct{})
	go func() { lives.Wait(); close(over) }()
	select {
	case <-over:
	case <-time.After(longestStorm):
		t.Errorf("after %v these calls have not ended: %v", longestStorm, w.ledger.open())
	}
	w.checkRecovery(people)
	w.ledger.audit(t, w.Codes(""), tally)
	w.auditDials(t)
}

// longestStorm bounds the time of a storm.
const longestStorm = 30 * time.Hour

// people draws the people of a storm.
func (s seed) people(t *testing.T) (people []*person, users []emulator.User) {
	r := s.random("people")
	for n := range 1 + r.IntN(2) + r.IntN(2) {
		p := &person{
			number: n, name: []string{"ann", "bob", "eve"}[n], random: s.random("person", n),
			phone:   fmt.Sprintf("+99966%d%04d", 1+r.IntN(3), n),
			store:   new(session.Memory),
			framing: transport.Framing(r.IntN(4)),
			signsIn: r.IntN(3) > 0, listens: r.IntN(2) == 0, restarts: r.IntN(4) == 0, pfs: s.usesPFS(),
		}
		if r.IntN(3) == 0 {
			p.phone = fmt.Sprintf("+4930%07d", n)
		}
		if r.IntN(6) == 0 {
			p.store = session.File(t.TempDir() + "/" + p.name + ".session")
		}
		people = append(people, p)
		password := r.IntN(20) == 0
		switch {
		case n > 0 && r.IntN(4) == 0:
			p.phone, p.password = people[0].phone, people[0].password // another device of the first person
			continue
		case r.IntN(3) == 0:
			continue // has to sign up
		case password:
			p.password = "correct horse"
		}
		users = append(users, emulator.User{Phone: p.phone, FirstName: p.name, Password: p.password})
	}
	return people, users
}

// changeConditions plays the phases of the storm and ends with a healthy network.
func (w *simulation) changeConditions(people []*person) {
	for _, f := range w.seed.phases() {
		w.log.Info("conditions", "profile", f.profile.name, "for", f.lasts)
		w.conditions.set(f.profile)
		rest := f.lasts
		for _, s := range f.outages {
			time.Sleep(s.after)
			rest -= s.after
			w.apply(s, people)
		}
		time.Sleep(rest)
	}
	w.log.Info("conditions", "profile", "healthy again")
	w.conditions.set(healthy)
	w.ClearRules()
}

// apply applies an outage to all connections. The servers forget sessions only
// together with all packets in flight: the session recognises a request that was
// sent twice, after its first connection broke, by its id; if the server forgets
// the session in between, MTProto does not prevent a second execution.
func (w *simulation) apply(s outage, people []*person) {
	w.log.Info("outage", "connections", s.how)
	w.fail(s.how, s.from)
	if s.how != ceased {
		return
	}
	for _, p := range people {
		if c := p.at(); c != nil {
			w.forget(c.Session())
		}
	}
}

// recovery bounds the time after a storm until everything works again.
const recovery = 4 * time.Minute

// checkRecovery checks that every client works again without a new dial by its
// user, and that nothing remains open after they have closed.
func (w *simulation) checkRecovery(people []*person) {
	for _, p := range people {
		p.works()
	}
	for _, p := range people {
		p.leave()
	}
	time.Sleep(2 * keepAlive)
	synctest.Wait()
	for _, end := range w.network.left() {
		w.t.Errorf("all clients have closed, and this is still open: %s", end)
	}
}

// works checks that a client works.
func (p *person) works() {
	since := time.Now()
	p.retry("recover", func(ctx context.Context) error { _, err := tg.Call(ctx, p.at(), &tg.HelpGetNearestDC{}); return err })
	if p.signsIn {
		p.retry("be recognised", func(ctx context.Context) error { return p.whoAmI(ctx, p.at()) })
	}
	if took := time.Since(since); took > recovery {
		p.t.Errorf("%s: the network is healthy, and it took %v until calls worked again", p.name, took)
	}
}

// leave closes the client and checks what its session has kept.
func (p *person) leave() {
	c := p.at()
	if c == nil {
		return
	}
	if err := c.Close(); err != nil {
		p.t.Errorf("%s: close: %v", p.name, err)
	}
	since := time.Now()
	p.retry("connect again", p.dial)
	if p.signsIn {
		p.retry("be recognised", func(ctx context.Context) error { return p.whoAmI(ctx, p.at()) })
		if d := p.at().Session(); d.User == nil || !d.Keys[d.Home].SignedIn {
			p.t.Errorf("%s is signed in, and the session does not know", p.name)
		}
	}
	if took := time.Since(since); took > recovery {
		p.t.Errorf("%s: the network is healthy, and it took %v to connect again", p.name, took)
	}
	if err := p.at().Close(); err != nil {
		p.t.Errorf("%s: close: %v", p.name, err)
	}
}

// auditDials checks that no client dials without pauses.
func (w *simulation) auditDials(t *testing.T) {
	w.network.mu.Lock()
	defer w.network.mu.Unlock()
	minutes := map[dial]int{}
	for _, d := range w.network.log {
		d.at = d.at.Truncate(time.Minute)
		if minutes[d]++; minutes[d] == mostDials {
			t.Errorf("%s dials %s more than %d times in the minute of %s", d.from, d.to, mostDials, clock(d.at))
		}
	}
}
