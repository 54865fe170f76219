package mtproto

import (
	"math/rand/v2"
	"testing"
)

func TestAWindowSeesEachIDOnce(t *testing.T) {
	var w window
	dice := rand.New(rand.NewPCG(1, 2))
	seen := map[MsgID]bool{}
	for range 100_000 {
		// Mostly forward, sometimes a little back.
		id := w.last() + MsgID(dice.IntN(200)) - 50
		if id <= 0 {
			continue
		}
		switch w.see(id) {
		case fresh:
			if seen[id] {
				t.Fatalf("id %d is fresh for the second time", id)
			}
			seen[id] = true
		case duplicate:
			if !seen[id] {
				t.Fatalf("id %d was never seen", id)
			}
		case ancient:
			if id > w.floor {
				t.Fatalf("id %d is not older than all, %d", id, w.floor)
			}
		}
		if len(w.ids) > 2*windowSize || len(w.ids) > 0 && w.ids[0] <= w.floor {
			t.Fatalf("%d ids from %d, floor %d", len(w.ids), w.ids[0], w.floor)
		}
	}
	if w.floor == 0 {
		t.Error("nothing was ever forgotten")
	}
}

func TestAnIDBelowAFullWindowIsNotTaken(t *testing.T) {
	var w window
	for id := MsgID(1000); id < 1000+2*windowSize; id++ {
		w.see(id)
	}
	if got := w.see(900); got != ancient {
		t.Errorf("got %d, want ancient: the window had to forget", got)
	}
	if got := w.see(1000); got != ancient {
		t.Errorf("got %d, want ancient", got)
	}
	if got := w.see(1000 + 2*windowSize - 1); got != duplicate {
		t.Errorf("got %d, want duplicate", got)
	}
}

// https://core.telegram.org/mtproto/service_messages_about_messages#informational-message-regarding-status-of-messages
func TestAWindowTellsTheStateOfMessages(t *testing.T) {
	var w window
	for _, id := range []MsgID{100, 104, 112} {
		w.see(id)
	}
	for _, c := range []struct {
		id   MsgID
		want byte
	}{{100, stateReceived}, {108, stateMissing}, {116, stateTooHigh}, {96, stateUnknown}} {
		if got := w.state(c.id, 100); got != c.want {
			t.Errorf("id %d: got %d, want %d", c.id, got, c.want)
		}
	}
	w.remove(104)
	if got := w.state(104, 100); got != stateMissing {
		t.Errorf("removed: got %d, want %d", got, stateMissing)
	}
	if got := w.see(104); got != fresh {
		t.Errorf("removed: got %d, want fresh", got)
	}
}
