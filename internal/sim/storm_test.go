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
			t.Errorf("no call ended with %s: the weather is too good", how)
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

// play is a whole storm: people arrive, go about their business whatever comes,
// and find everything in order when it is over.
func (s seed) play(t *testing.T, tally map[ending]int) {
	people, users := s.people(t)
	w := newTown(t, s, users...)
	for _, p := range people {
		p.town = w
	}
	for _, rule := range s.whims() {
		if _, err := w.AddRule(rule); err != nil {
			t.Fatal(err)
		}
		w.log.Info("whim", "rule", fmt.Sprintf("%+v", rule))
	}
	var lives sync.WaitGroup
	lives.Go(func() { w.blow(people) })
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
	w.clearUp(people)
	w.ledger.audit(t, w.Codes(""), tally)
	w.auditDials(t)
}

// longestStorm is how long people's lives take at most.
const longestStorm = 30 * time.Hour

// people draws who lives in the town.
func (s seed) people(t *testing.T) (people []*person, users []emulator.User) {
	r := s.random("people")
	for n := range 1 + r.IntN(2) + r.IntN(2) {
		p := &person{
			number: n, name: []string{"ann", "bob", "eve"}[n], random: s.random("person", n),
			phone:   fmt.Sprintf("+99966%d%04d", 1+r.IntN(3), n),
			store:   new(session.Memory),
			framing: transport.Framing(r.IntN(4)),
			signsIn: r.IntN(3) > 0, listens: r.IntN(2) == 0, restarts: r.IntN(4) == 0, pfs: s.secretive(),
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
			p.phone, p.password = people[0].phone, people[0].password // another device of hers
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

// blow lets the weather change as forecast, and be fair in the end.
func (w *town) blow(people []*person) {
	for _, f := range w.seed.forecast() {
		w.log.Info("weather", "climate", f.climate.name, "for", f.lasts)
		w.weather.turn(f.climate)
		rest := f.lasts
		for _, s := range f.strikes {
			time.Sleep(s.after)
			rest -= s.after
			w.suffer(s, people)
		}
		time.Sleep(rest)
	}
	w.log.Info("weather", "climate", "fair again")
	w.weather.turn(fair)
	w.ClearRules()
}

// suffer lets everybody be struck. Sessions are forgotten only together with all
// that is in flight: a request that went out twice, because its first connection
// broke, is known to the session by its id, and where that is forgotten in
// between nothing in MTProto keeps it from being executed twice.
func (w *town) suffer(s strike, people []*person) {
	w.log.Info("strike", "connections", s.how)
	w.strike(s.how, s.from)
	if s.how != ceased {
		return
	}
	for _, p := range people {
		if c := p.at(); c != nil {
			w.forget(c.Session())
		}
	}
}

// recovery is how long after a storm everything works again, for whoever tries.
const recovery = 4 * time.Minute

// clearUp checks that everybody is as well as before, without having dialled
// again, and that nothing stays behind when they leave.
func (w *town) clearUp(people []*person) {
	for _, p := range people {
		p.works()
	}
	for _, p := range people {
		p.leave()
	}
	time.Sleep(2 * keepAlive)
	synctest.Wait()
	for _, end := range w.network.left() {
		w.t.Errorf("everybody has left, and this is still open: %s", end)
	}
}

// works checks that a client works.
func (p *person) works() {
	since := time.Now()
	p.persist("recover", func(ctx context.Context) error { _, err := tg.Call(ctx, p.at(), &tg.HelpGetNearestDC{}); return err })
	if p.signsIn {
		p.persist("be recognised", func(ctx context.Context) error { return p.whoAmI(ctx, p.at()) })
	}
	if took := time.Since(since); took > recovery {
		p.t.Errorf("%s: the weather is fair, and it took %v until calls worked again", p.name, took)
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
	p.persist("come again", p.dial)
	if p.signsIn {
		p.persist("be recognised", func(ctx context.Context) error { return p.whoAmI(ctx, p.at()) })
		if d := p.at().Session(); d.User == nil || !d.Keys[d.Home].SignedIn {
			p.t.Errorf("%s is signed in, and the session does not know", p.name)
		}
	}
	if took := time.Since(since); took > recovery {
		p.t.Errorf("%s: the weather is fair, and it took %v to come again", p.name, took)
	}
	if err := p.at().Close(); err != nil {
		p.t.Errorf("%s: close: %v", p.name, err)
	}
}

// auditDials checks that nobody dials without a pause.
func (w *town) auditDials(t *testing.T) {
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
