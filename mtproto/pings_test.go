package mtproto

import (
	"testing"
	"time"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

func TestAPingIsOwedAnAnswer(t *testing.T) {
	var p pings
	p.up(start, false)
	if !p.deadline().Equal(start.Add(pingEvery)) {
		t.Errorf("the first ping is due at %v, want in a minute", p.deadline())
	}
	now := start.Add(pingEvery)
	sent, ok := mt.Schema.Read(tl.NewReader(p.take(now, nil, 8))).(*mt.PingDelayDisconnect)
	if !ok || sent.PingID != 1 || sent.DisconnectDelay != 75 {
		t.Errorf("got %+v", sent)
	}
	if !p.deadline().Equal(now.Add(stallAfter)) || p.stalled(now.Add(stallAfter-1)) {
		t.Error("the answer is not waited for as long as it should be")
	}
	p.heard()
	if p.stalled(now.Add(time.Hour)) {
		t.Error("stalled, though something came")
	}
}

func TestAKnownSessionPingsAtOnce(t *testing.T) {
	var p pings
	p.up(start, true)
	if !p.deadline().Equal(start) {
		t.Errorf("the first ping is due at %v, want now", p.deadline())
	}
}

func TestADeadConnectionIsToldOncePerSocket(t *testing.T) {
	var p pings
	for range 2 {
		p.up(start, true)
		p.take(start, nil, 8)
		if late := start.Add(stallAfter); !p.stalled(late) || p.stalled(late) {
			t.Error("not told once")
		}
	}
}

func TestOnlyTheLastPingsAnswerIsFresh(t *testing.T) {
	var p pings
	p.up(start, true)
	if p.answeredBy(&mt.Pong{}) {
		t.Error("a pong before any ping counts")
	}
	p.take(start, nil, 8)
	p.take(start, nil, 12)
	for _, m := range []any{&mt.Pong{PingID: 1}, &mt.Pong{PingID: 3}, &mt.Ping{PingID: 2}, nil} {
		if p.answeredBy(m) {
			t.Errorf("%+v counts", m)
		}
	}
	if m := (&mt.Pong{PingID: 2}); !p.answeredBy(m) {
		t.Error("the answer does not count")
	}
	p.pong()
	if p.answeredBy(&mt.Pong{PingID: 2}) {
		t.Error("the answer counts twice")
	}
}

func TestProbesAreRare(t *testing.T) {
	var p pings
	p.up(start, false)
	p.probe(start)
	if !p.next.Equal(start) {
		t.Fatal("the first probe is not due at once")
	}
	p.take(start, nil, 8)
	for _, c := range []struct {
		after time.Duration
		due   bool
	}{{0, false}, {probeEvery - 1, false}, {probeEvery + 1, true}} {
		now := start.Add(c.after)
		p.probe(now)
		if due := reached(now, p.next); due != c.due {
			t.Errorf("%v after a ping without answer: due %v, want %v", c.after, due, c.due)
		}
	}
}
