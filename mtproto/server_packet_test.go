package mtproto

import (
	"slices"
	"testing"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// opens gives the Server messages in one container, which it is only to open.
func (g *guest) opens(parts ...part) *Packet {
	g.t.Helper()
	p := g.next(false, appendContainer(nil, parts))
	packet, err := g.Open(g.now, g.socket, g.packet(p.id, p.seq, p.body))
	if err != nil || packet == nil {
		g.t.Fatalf("got %v, %v; want a packet", packet, err)
	}
	return packet
}

func callIDs(calls []Call) (ids []MsgID) {
	for _, c := range calls {
		ids = append(ids, c.ID)
	}
	return ids
}

// The calls of a packet are known before it is accepted, and are those that are
// asked then.
func TestTheCallsOfAPacketAreThoseThatAreAsked(t *testing.T) {
	g := newGuest(t)
	known := g.say(true, value("known"))
	g.asked()
	ping := g.next(false, boxed(&mt.Ping{PingID: 1}))
	one, two := g.next(true, value("one")), g.next(true, Pack(value("two")))
	packedPing := g.next(true, Pack(boxed(&mt.Ping{PingID: 2})))
	even := g.next(false, value("with an even number"))
	p := g.opens(known, ping, one, two, packedPing, even)
	calls := p.Calls()
	if len(calls) != 2 || readValue(calls[0].Body) != "one" || readValue(calls[1].Body) != "two" {
		t.Fatalf("got %+v, want the two new calls, unpacked", calls)
	}
	if heard, events := g.drain(); len(heard)+len(events) != 0 {
		t.Errorf("got %v, %+v of a packet that is only opened", heard, events)
	}
	p.Mark(two.id, "second")
	g.Accept(g.now, p)
	var asked []MsgID
	for _, e := range g.asked() {
		asked = append(asked, e.Query.ID)
		if want := map[MsgID]any{two.id: "second"}[e.Query.ID]; e.Mark != want {
			t.Errorf("%v: got the mark %v, want %v", e.Query.ID, e.Mark, want)
		}
	}
	if !slices.Equal(asked, callIDs(calls)) {
		t.Errorf("asked %v, want %v", asked, callIDs(calls))
	}
	if calls := p.Calls(); len(calls) != 0 {
		t.Errorf("got the calls %+v of a packet that was accepted", calls)
	}
}

// A packet that is opened and not accepted is as good as lost: its calls are new
// when it comes again.
func TestAPacketThatIsNotAcceptedMayComeAgain(t *testing.T) {
	g := newGuest(t)
	one, two := g.next(true, value("one")), g.next(true, value("two"))
	container := g.next(false, appendContainer(nil, []part{one, two}))
	for turn, want := range []int{0, 2, 0} {
		p, err := g.Open(g.now, g.socket, g.packet(container.id, container.seq, container.body))
		if err != nil || p == nil {
			t.Fatalf("turn %d: got %v, %v", turn, p, err)
		}
		if turn > 0 {
			g.Accept(g.now, p)
		}
		if got := len(g.asked()); got != want {
			t.Errorf("turn %d: asked %d times, want %d", turn, got, want)
		}
	}
}

// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func TestAnOpenedPacketIsRefusedForItsSalt(t *testing.T) {
	g := newGuest(t)
	g.say(true, value("first"))
	g.asked()
	p := g.opens(g.next(true, value("one")), g.next(false, boxed(&mt.Ping{PingID: 1})))
	g.RefuseSalt(g.now, p)
	heard, events := g.drain()
	bad := want[mt.BadServerSalt](t, heard)
	if len(events) != 0 || MsgID(bad.BadMsgID) != p.id || bad.NewServerSalt == 1 {
		t.Fatalf("got %+v, %+v, want the refusal with another salt, and no call", bad, events)
	}
	if pong, _ := find[mt.Pong](heard); pong != nil {
		t.Error("the ping in the packet was answered")
	}
	// The old salt is good no longer, the new one is.
	g.say(true, value("two"))
	again := want[mt.BadServerSalt](t, g.heard())
	if again.NewServerSalt != bad.NewServerSalt {
		t.Errorf("got the salt %d, want %d", again.NewServerSalt, bad.NewServerSalt)
	}
	g.forge.salt = Salt(bad.NewServerSalt)
	g.say(true, value("three"))
	if n := len(g.asked()); n != 1 {
		t.Errorf("with the new salt: asked %d times, want once", n)
	}
}

// A packet's own account of its messages is taken within the bound of a container.
func TestAPacketTellsHowManyMessagesItHas(t *testing.T) {
	container := func(count int32) []byte { return tl.AppendInt(tl.AppendUint32(nil, mt.IDMsgContainer), count) }
	for _, test := range []struct {
		body []byte
		want int
	}{
		{nil, 1},
		{tl.AppendUint32(nil, mt.IDPing), 1},
		{tl.AppendUint32(nil, mt.IDMsgContainer), 1},
		{container(-1), 1},
		{container(7), 7},
		{container(1 << 30), maxParts},
	} {
		p := &Packet{&hiddenPacket{&packetState{part: part{body: test.body}}}}
		if got := p.Parts(); got != test.want {
			t.Errorf("%x: got %d messages, want %d", test.body, got, test.want)
		}
	}
}
