package mtproto

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// zeros is a gzip_packed that unpacks to so many bytes.
func zeros(size int) []byte {
	return Pack(append(value("zeros"), make([]byte, size-len(value("zeros")))...))
}

// allocated is how many bytes f allocates.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// A hundred objects of a megabyte fit into a packet of 100 KB.
func TestAServerUnpacksNoMoreOfAPacketThanItsLimit(t *testing.T) {
	const size = 1 << 20
	g := newGuest(t)
	body := zeros(size)
	var parts []part
	for range 100 {
		parts = append(parts, g.next(true, body))
	}
	p := g.next(false, appendContainer(nil, parts))
	var asked []ServerEvent
	var heard []message
	n := allocated(func() {
		g.sayPart(p)
		heard, asked = g.drain()
	})
	unpacked, refused := 0, 0
	for _, e := range asked {
		if e.Kind == Asked {
			unpacked += len(e.Body)
		}
	}
	for _, p := range parts {
		if r, ok := refusal(heard, p.id); ok && r == "INPUT_FETCH_ERROR" {
			refused++
		}
	}
	if unpacked != maxUnpacked || refused != 100-maxUnpacked/size {
		t.Errorf("got %d bytes unpacked and %d refusals, want %d and %d", unpacked, refused, maxUnpacked, 100-maxUnpacked/size)
	}
	if n > 2*maxUnpacked {
		t.Errorf("got %d bytes allocated, want at most %d", n, 2*maxUnpacked)
	}
	if g.say(true, body); len(g.asked()) != 1 {
		t.Error("the next packet has no limit of its own")
	}
}

// refusal is the error with which a message was answered.
func refusal(heard []message, id MsgID) (string, bool) {
	for _, m := range heard {
		if constructor(m.body) != mt.IDRPCResult || MsgID(binary.LittleEndian.Uint64(m.body[4:])) != id {
			continue
		}
		if e, ok := mt.Schema.Read(tl.NewReader(m.body[12:])).(*mt.RPCError); ok {
			return e.ErrorMessage, true
		}
	}
	return "", false
}

func TestAClientUnpacksNoMoreOfAPacketThanItsLimit(t *testing.T) {
	l := newLonely(t)
	var updates []part
	for range 100 {
		updates = append(updates, part{l.id(isNotice), 1, zeros(1 << 20)})
	}
	id := l.id(isNotice)
	packet := l.packet(id, 0, appendContainer(nil, updates))
	n := allocated(func() { wantViolation(t, l.Receive(l.now, packet), "packed message") })
	if n > 2*maxUnpacked {
		t.Errorf("got %d bytes allocated, want at most %d", n, 2*maxUnpacked)
	}
}

// What does not fit is refused by itself: the other results of the packet, and the
// connection, are as good as before.
func TestResultsOfAPacketShareItsLimit(t *testing.T) {
	l := newLonely(t)
	const size, many = 8 << 20, 6
	for range many {
		l.Send(l.now, value("x"))
	}
	var results []part
	for _, m := range l.wrote() {
		if constructor(m.body) != mt.IDMsgsAck {
			results = append(results, part{l.id(isAnswer), 1, resultOf(m.id, zeros(size))})
		}
	}
	if len(results) != many {
		t.Fatalf("got %d requests written, want %d", len(results), many)
	}
	if err := l.Receive(l.now, l.packet(l.id(isAnswer), 0, appendContainer(nil, results))); err != nil {
		t.Fatal(err)
	}
	answered, refused := 0, 0
	for _, e := range l.told() {
		switch {
		case e.Kind == Answer && len(e.Body) == size:
			answered++
		case e.Kind == Refused && e.Err != nil:
			refused++
		}
	}
	if answered != maxUnpacked/size || refused != many-maxUnpacked/size {
		t.Errorf("got %d answers and %d errors, want %d and %d", answered, refused, maxUnpacked/size, many-maxUnpacked/size)
	}
}

// The size at the end of a gzip is what its maker wrote there.
func TestAWrongSizeInAGzipAllocatesLittle(t *testing.T) {
	const size = 100_000
	body := append(value(""), make([]byte, size)...)
	for _, claimed := range []uint32{0, 1, size, 1 << 20, 1<<32 - 1} {
		packed := Pack(body)
		r := tl.NewReader(packed[4:])
		inner := r.Bytes()
		binary.LittleEndian.PutUint32(inner[len(inner)-4:], claimed)
		packed = tl.AppendBytes(tl.AppendUint32(nil, mt.IDGzipPacked), inner)
		charged := 0
		u := NewUnpacker(1 << 20)
		u.Charge(func(n int) bool { charged += n; return true })
		if got, err := u.Unpack(packed); err == nil && !bytes.Equal(got, body) {
			t.Errorf("size %d: got %d other bytes", claimed, len(got))
		}
		if most := 4*size + maxRatio*len(inner); charged == 0 || charged > most {
			t.Errorf("size %d: got %d bytes charged, want 1 to %d", claimed, charged, most)
		}
	}
}

func TestWithoutMemoryNothingIsUnpacked(t *testing.T) {
	u := NewUnpacker(1 << 20)
	u.Charge(func(int) bool { return false })
	if _, err := u.Unpack(Pack(value("x"))); err == nil {
		t.Error("got no error")
	}
	if got, err := u.Unpack(value("x")); err != nil || !bytes.Equal(got, value("x")) {
		t.Errorf("what is not packed: got %x, %v", got, err)
	}
}

// newGuests returns clients of two Servers that share their bounds.
func newGuests(t *testing.T, sh *Shared) (a, b *guest) {
	a, b = newGuest(t), newGuest(t)
	for _, g := range []*guest{a, b} {
		g.Server = NewServer(ServerParams{Random: newChance(7), Shared: sh})
		g.AddKey(start, g.forge.key, 1, time.Time{})
	}
	return a, b
}

func TestTheOldestAnswersOfAllSessionsGiveWay(t *testing.T) {
	const size, fit = 1000, 10
	sh := NewShared(fit*(size+resultHead-4+answerMemory), 0)
	a, b := newGuests(t, sh)
	body := append(value(""), make([]byte, size-len(value("")))...)
	ask := func(g *guest) part {
		p := g.say(true, value("x"))
		g.asked()
		g.Answer(g.now, Query{g.forge.key.ID(), g.forge.session, p.id}, body)
		g.heard()
		return p
	}
	first := ask(a)
	for range fit {
		ask(b)
	}
	if sh.Bytes() > sh.maxBytes || len(a.session().queries.byID) != 0 || len(b.session().queries.byID) != fit {
		t.Errorf("got %d bytes, %d and %d answers; want at most %d, none and %d",
			sh.Bytes(), len(a.session().queries.byID), len(b.session().queries.byID), sh.maxBytes, fit)
	}
	// A query whose answer is forgotten is not executed again.
	a.sayPart(first)
	if got := a.asked(); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
	// What is acknowledged, and what ends with its session, is not counted.
	for _, q := range b.session().queries.byID {
		b.say(true, boxed(&mt.MsgsAck{MsgIDs: []int64{int64(q.as)}}))
		break
	}
	if got, want := sh.answers.Len(), fit-1; got != want {
		t.Errorf("after an acknowledgement: got %d answers, want %d", got, want)
	}
	b.RemoveKey(b.now, b.forge.key.ID())
	if sh.Bytes() != 0 || sh.answers.Len() != 0 || sh.sessions.Len() != 1 {
		t.Errorf("after the key was removed: got %d bytes, %d answers, %d sessions", sh.Bytes(), sh.answers.Len(), sh.sessions.Len())
	}
}

func TestTheLongestUnusedSessionOfAllGivesWay(t *testing.T) {
	sh := NewShared(0, 3)
	a, b := newGuests(t, sh)
	for session := range SessionID(3) {
		a.forge.session, a.socket = 1+session, SocketID(1+session)
		a.say(true, value("x"))
	}
	a.Gone(a.now, 2)
	b.say(true, value("x"))
	key := a.keys[a.forge.key.ID()]
	if key.sessions[2] != nil || len(key.sessions) != 2 {
		t.Error("the session without a socket is left")
	}
	b.forge.session = 7
	b.say(true, value("x"))
	if key.sessions[1] != nil || len(key.sessions) != 1 || sh.sessions.Len() != 3 {
		t.Errorf("got %d sessions of the first key and %d in all, want 1 and 3", len(key.sessions), sh.sessions.Len())
	}
}
