package sim

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// story plays one storm that was written by hand, for one person.
func story(t *testing.T, tell func(t *testing.T, w *simulation, ann *person)) {
	t.Helper()
	cryptotest.SetGlobalRandom(t, 1)
	synctest.Test(t, func(t *testing.T) {
		w := newSimulation(t, 1)
		ann := &person{simulation: w, name: "ann", random: w.seed.random("ann"), store: new(session.Memory)}
		ann.arrive()
		t.Cleanup(func() { ann.at().Close() })
		tell(t, w, ann)
		w.ledger.audit(t, w.Codes(""), map[ending]int{})
		w.auditDials(t)
	})
}

// ask has a code sent to a number, which is how executions are counted.
func (p *person) ask(phone string, options ...telekey.CallOption) error {
	ctx, cancel := context.WithTimeout(p.t.Context(), longestCall)
	defer cancel()
	e := entry{who: p.name, what: "ask for a code", phone: phone, repeatable: len(options) > 0}
	return p.ledger.write(e, func() error {
		_, err := tg.Call(ctx, p.at().With(options...), &tg.AuthSendCode{PhoneNumber: phone, APIID: 1, APIHash: "x", Settings: &tg.CodeSettings{}})
		return err
	})
}

// wantCodes checks how often a number was sent a code.
func (w *simulation) wantCodes(phone string, want int) {
	w.t.Helper()
	if got := len(w.Codes(phone)); got != want {
		w.t.Errorf("%s was sent %d codes, want %d", phone, got, want)
	}
}

const phone, other = "+88800000001", "+88800000002"

// A server that accepts connections and closes them at the first byte counts as
// unreachable.
func TestAServerThatClosesEveryConnectionIsUnreachable(t *testing.T) {
	story(t, func(t *testing.T, w *simulation, ann *person) {
		w.conditions.set(closing)
		w.fail(torn, client)
		since := time.Now()
		err := ann.ask(phone)
		var network *telekey.NetworkError
		if took := time.Since(since); !errors.As(err, &network) || took > time.Minute {
			t.Errorf("got %v after %v, want a NetworkError within a minute", err, took)
		}
		w.conditions.set(healthy)
		if err := ann.ask(other); err != nil {
			t.Errorf("the server accepts connections again, and a call ends with %v", err)
		}
		w.wantCodes(other, 1)
	})
}

// The calls arrive, the responses do not, and the connection reports no error.
func TestASilentConnectionOnlyDelaysCalls(t *testing.T) {
	story(t, func(t *testing.T, w *simulation, ann *person) {
		w.fail(mute, server)
		since := time.Now()
		var calls sync.WaitGroup
		for _, number := range []string{phone, other} {
			calls.Go(func() {
				if err := ann.ask(number); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Second)
		w.wantCodes(phone, 1)
		w.wantCodes(other, 1)
		calls.Wait()
		if took := time.Since(since); took < 10*time.Second || took > 2*time.Minute {
			t.Errorf("it took %v until another connection brought the responses", took)
		}
		w.wantCodes(phone, 1)
		w.wantCodes(other, 1)
	})
}

// The servers execute two calls and restart before the responses arrive. The
// outcome of the calls is unknown; one of them may be repeated.
func TestARestartOfTheServersLeavesTheOutcomeUnknown(t *testing.T) {
	story(t, func(t *testing.T, w *simulation, ann *person) {
		w.fail(mute, server)
		var calls sync.WaitGroup
		calls.Go(func() {
			if err := ann.ask(phone); !errors.Is(err, telekey.ErrOutcomeUnknown) {
				t.Errorf("got %v, want ErrOutcomeUnknown", err)
			}
		})
		calls.Go(func() {
			if err := ann.ask(other, telekey.Repeatable()); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Second)
		w.apply(outage{how: ceased}, []*person{ann})
		calls.Wait()
		w.wantCodes(phone, 1)
		w.wantCodes(other, 2)
	})
}

// A client with a subscription reconnects for as long as it takes. It must not then
// send calls that have failed meanwhile.
func TestAFailedCallIsNotSentLater(t *testing.T) {
	story(t, func(t *testing.T, w *simulation, ann *person) {
		defer ann.at().Subscribe(func(tg.AnyUpdates) {})()
		w.conditions.set(unreachable)
		w.fail(torn, client)
		time.Sleep(time.Second)
		var network *telekey.NetworkError
		if err := ann.ask(phone); !errors.As(err, &network) {
			t.Errorf("got %v, want a NetworkError", err)
		}
		w.conditions.set(healthy)
		time.Sleep(time.Minute)
		if err := ann.ask(other); err != nil {
			t.Error(err)
		}
		w.wantCodes(phone, 0)
		w.wantCodes(other, 1)
	})
}

// Both ends send much over a connection with a tiny window: an end that did not
// read until it has written would wait for ever.
func TestAConnectionMayHaveATinyWindow(t *testing.T) {
	story(t, func(t *testing.T, w *simulation, ann *person) {
		w.conditions.set(profile{latency: time.Millisecond, small: 100, narrow: 100})
		w.fail(torn, client)
		var calls sync.WaitGroup
		for range 50 {
			calls.Go(func() {
				if _, err := tg.Call(t.Context(), ann.at(), &tg.HelpGetCountriesList{LangCode: "en"}); err != nil {
					t.Error(err)
				}
			})
		}
		calls.Wait()
	})
}
