package mtproto

import (
	"testing"
	"time"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt
func TestAcknowledgementsWaitForCompanyOrAMinute(t *testing.T) {
	a := acks{wait: clientAckWait}
	if a.due(start) || !a.deadline().IsZero() {
		t.Error("nothing is owed, but due")
	}
	a.owe(start, 1)
	a.owe(start.Add(30*time.Second), 5)
	if a.due(start.Add(59 * time.Second)) {
		t.Error("due before its minute")
	}
	if !a.due(start.Add(60*time.Second)) || !a.deadline().Equal(start.Add(60*time.Second)) {
		t.Error("not due after its minute")
	}
	for id := MsgID(9); len(a.ids) <= manyAcks; id += 4 {
		if a.due(start.Add(time.Second)) {
			t.Errorf("due with %d", len(a.ids))
		}
		a.owe(start.Add(time.Second), id)
	}
	if !a.due(start.Add(time.Second)) {
		t.Errorf("not due with %d", len(a.ids))
	}
}

func TestAcknowledgementsAreWrittenAndForgotten(t *testing.T) {
	a := acks{}
	for id := MsgID(1); id <= 100; id++ {
		a.owe(start, id)
	}
	a.settle(50)
	a.settle(1000)
	m, ok := mt.Schema.Read(tl.NewReader(a.take(nil))).(*mt.MsgsAck)
	if !ok || len(m.MsgIDs) != 99 || m.MsgIDs[49] != 51 {
		t.Errorf("got %+v, want 1 to 100 without 50", m)
	}
	if len(a.ids) != 0 || cap(a.ids) > longQueue {
		t.Errorf("%d ids and room for %d are left", len(a.ids), cap(a.ids))
	}
	for id := MsgID(1); id <= 2*maxAcks; id++ {
		a.owe(start, id)
	}
	if len(a.ids) != maxAcks {
		t.Errorf("%d ids are owed, want at most %d", len(a.ids), maxAcks)
	}
}

func TestTheEarliestTimeThatIsSet(t *testing.T) {
	later := start.Add(1)
	for _, c := range []struct{ got, want time.Time }{
		{earliest(), time.Time{}},
		{earliest(time.Time{}, time.Time{}), time.Time{}},
		{earliest(later, time.Time{}, start), start},
		{earliest(time.Time{}, later), later},
	} {
		if !c.got.Equal(c.want) {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
	if reached(start, time.Time{}) || reached(start, later) || !reached(start, start) {
		t.Error("reached is wrong")
	}
}
