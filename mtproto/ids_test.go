package mtproto

import (
	"testing"
	"time"
)

// Ids increase strictly within a session, and their two lowest bits say who
// speaks.
// https://core.telegram.org/mtproto/description#message-identifier-msg-id
func TestIdsIncreaseWhateverTheClockDoes(t *testing.T) {
	var c idClock
	now, last := start, MsgID(0)
	steps := []time.Duration{0, time.Second, 0, 0, -time.Hour, 1, -1, time.Minute, -time.Minute, 0}
	for i := range 1000 {
		now = now.Add(steps[i%len(steps)])
		low := []MsgID{fromClient, isAnswer, isNotice}[i%3]
		id := c.next(now, low)
		if id <= last || id&3 != low {
			t.Fatalf("id %d: got %v after %v, want a higher one that ends in %d", i, id, last, low)
		}
		last = id
	}
}

func TestAnIDTellsItsTime(t *testing.T) {
	c := idClock{offset: -3 * time.Minute}
	id := c.next(start, fromClient)
	if d := id.Time().Sub(start.Add(-3 * time.Minute)); d < -time.Microsecond || d > time.Microsecond {
		t.Errorf("the id is off by %v", d)
	}
	// 2026-07-02 14:06:25 UTC, from the published key exchange.
	if got := MsgID(0x6a46706100 << 24).Time().Unix(); got != 1783001185 {
		t.Errorf("got %d, want 1783001185", got)
	}
	if s := MsgID(-1).String(); s != "ffffffffffffffff" {
		t.Errorf("got %q, want 16 digits without a sign", s)
	}
}

func TestIdsAheadAreGivenUpWhenTheClockIsSet(t *testing.T) {
	c := idClock{}
	ahead := c.next(start.Add(time.Hour), fromClient)
	c.set(start, idAt(start))
	if id := c.next(start, fromClient); id >= ahead || c.age(start, id) < -time.Second {
		t.Errorf("got %v, want an id of now", id.Time())
	}
	// A small correction does not bring old ids back.
	last := c.next(start.Add(20*time.Second), fromClient)
	c.set(start, idAt(start))
	if id := c.next(start, fromClient); id <= last {
		t.Errorf("got %v after %v, want a higher id", id, last)
	}
}

func TestTimesThatNoClockShowsDoNoHarm(t *testing.T) {
	for _, now := range []time.Time{{}, time.Unix(1<<40, 0), time.Unix(-1<<40, 0)} {
		var c idClock
		if a, b := c.next(now, fromClient), c.next(now, fromClient); b <= a {
			t.Errorf("%v: got %v after %v", now, b, a)
		}
		for _, id := range []MsgID{0, -1, 1<<63 - 1, -1 << 63} {
			c.timely(now, id)
			c.set(now, id)
		}
	}
}
