package mtproto

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// resultFor returns the answer to a query among what was heard; nil for none.
func resultFor(all []message, id MsgID) []byte {
	for _, m := range all {
		if r := tl.NewReader(m.body); r.Uint32() == mt.IDRPCResult && MsgID(r.Long()) == id {
			return r.Rest()
		}
	}
	return nil
}

func TestAQueryIsAskedAndAnswered(t *testing.T) {
	g := newGuest(t)
	p := g.say(true, value("hello"))
	heard, events := g.drain()
	if len(events) != 2 || events[0].Kind != Opened || events[1].Kind != Asked {
		t.Fatalf("got %+v, want a session and a query", events)
	}
	q := events[1]
	if q.Query != (Query{g.forge.key.ID(), 99, p.id}) || q.Socket != 1 || readValue(q.Body) != "hello" {
		t.Errorf("got %+v", q)
	}
	want[mt.NewSessionCreated](t, heard)
	g.Answer(g.now, q.Query, value("world"))
	if got := resultFor(g.heard(), p.id); readValue(got) != "world" {
		t.Errorf("got %x", got)
	}
	// What is no answer is no answer.
	p = g.say(true, value("hello"))
	g.Answer(g.now, Query{g.forge.key.ID(), 99, p.id}, []byte("oops"[:3]))
	if got := refusalOf(t, g.heard(), p.id); got != "ANSWER_INVALID" {
		t.Errorf("got %q", got)
	}
	g.Push(g.now, g.forge.key.ID(), []byte("oops!"))
	// Answered is answered.
	g.Answer(g.now, q.Query, value("again"))
	g.Refuse(g.now, q.Query, 400, "AGAIN")
	g.Answer(g.now, Query{}, value("nobody"))
	g.Answer(g.now, Query{Key: g.forge.key.ID(), Session: 99, ID: 4}, value("nothing"))
	if heard := g.heard(); len(heard) != 0 {
		t.Errorf("got %v, want nothing", heard)
	}
}

// A session that is new to the server is announced once, with the lowest id of
// its first packet.
// https://core.telegram.org/mtproto/service_messages#new-session-creation-notification
func TestANewSessionIsAnnouncedOnce(t *testing.T) {
	g := newGuest(t)
	first := g.next(true, value("a"))
	g.sayAll(first, g.next(true, value("b")))
	heard := g.heard()
	created := want[mt.NewSessionCreated](t, heard)
	_, at := find[mt.NewSessionCreated](heard)
	if MsgID(created.FirstMsgID) != first.id || created.ServerSalt != 1 || at.seq&1 != 1 || at.id&3 != isNotice {
		t.Errorf("got %+v as %+v, want it from %v with salt 1, content-related", created, at, first.id)
	}
	g.say(true, value("c"))
	if again, _ := find[mt.NewSessionCreated](g.heard()); again != nil {
		t.Error("the session is announced again")
	}
}

// new_session_created is alone in its packet, and that packet is written before
// any answer: clients that handle the parts of a container one after the other
// would hold the first answer back.
// https://core.telegram.org/mtproto/service_messages#new-session-creation-notification
func TestANewSessionIsAnnouncedInAPacketOfItsOwn(t *testing.T) {
	g := newGuest(t)
	p := g.say(true, value("hello"))
	answered := false
	var packets [][]message
	for e, ok := g.Next(); ok; e, ok = g.Next() {
		switch e.Kind {
		case Asked:
			g.Answer(g.now, e.Query, value("world"))
			answered = true
		case Write:
			packets = append(packets, opened(t, e.Body, g.forge.key, crypt.FromServer))
		}
	}
	if !answered || len(packets) != 2 {
		t.Fatalf("got %d packets, want the announcement and the answer", len(packets))
	}
	if _, isFirst := packets[0][0].service().(*mt.NewSessionCreated); !isFirst || len(packets[0]) != 1 {
		t.Errorf("the first packet holds %v, want new_session_created alone", packets[0])
	}
	if readValue(resultFor(packets[1], p.id)) != "world" {
		t.Errorf("the second packet holds %v, want the answer", packets[1])
	}
}

// A message with another salt is not executed and told the right one. Clients
// begin with salt 0.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func TestRule23AWrongSaltIsRefused(t *testing.T) {
	g := newGuest(t)
	for _, salt := range []Salt{0, 5} {
		g.forge.salt = salt
		p := g.sayAll(g.next(true, value("hello")), g.next(false, boxed(&mt.Ping{PingID: 1})))
		heard, events := g.drain()
		bad := want[mt.BadServerSalt](t, heard)
		if len(events) != 0 || len(heard) != 1 || heard[0].seq&1 != 0 {
			t.Fatalf("got %v, %+v, want the refusal alone", heard, events)
		}
		if MsgID(bad.BadMsgID) != p.id || bad.BadMsgSeqno != p.seq || bad.ErrorCode != 48 || bad.NewServerSalt != 1 {
			t.Errorf("got %+v, want it for %+v", bad, p)
		}
	}
	g.forge.salt = 1
	g.say(true, value("hello"))
	if n := len(g.asked()); n != 1 {
		t.Errorf("with the right salt: asked %d times, want once", n)
	}
}

func TestSaltsChangeAndOverlap(t *testing.T) {
	g := newGuest(t)
	accepted := func() bool {
		g.t.Helper()
		g.say(false, boxed(&mt.Ping{PingID: 1}))
		pong, _ := find[mt.Pong](g.heard())
		return pong != nil
	}
	g.now = start.Add(59 * time.Minute)
	if !accepted() {
		t.Error("a salt is not accepted in its second half hour")
	}
	g.now = start.Add(61 * time.Minute)
	if accepted() {
		t.Error("a salt is accepted after an hour")
	}
	// What get_future_salts tells is true.
	g.say(false, boxed(&mt.Ping{}))
	g.forge.salt = Salt(want[mt.BadServerSalt](t, g.heard()).NewServerSalt)
	g.say(false, boxed(&mt.GetFutureSalts{Num: 5}))
	heard := g.heard()
	future := want[mt.FutureSalts](t, heard)
	if len(future.Salts) != 5 || Salt(future.Salts[0].Salt) != g.forge.salt {
		t.Fatalf("got %+v, want five salts, the present one first", future.Salts)
	}
	for i, s := range future.Salts {
		if i > 0 && s.ValidSince != future.Salts[i-1].ValidSince+1800 || s.ValidUntil-s.ValidSince != 3600 {
			t.Errorf("salt %d is valid from %d to %d", i, s.ValidSince, s.ValidUntil)
		}
	}
	for g.now = g.now.Add(time.Second); g.now.Before(start.Add(4 * time.Hour)); g.now = g.now.Add(7 * time.Minute) {
		for i, s := range future.Salts {
			g.forge.salt = Salt(s.Salt)
			at := int32(g.now.Unix())
			if valid := s.ValidSince < at && at < s.ValidUntil; valid && !accepted() {
				t.Errorf("salt %d is not accepted at %v", i, g.now)
			} else if !valid && s.ValidSince-30 > at && accepted() {
				t.Errorf("salt %d is accepted at %v, before its time", i, g.now)
			}
		}
	}
	g.say(false, boxed(&mt.Ping{}))
	g.forge.salt = Salt(want[mt.BadServerSalt](t, g.heard()).NewServerSalt)
	for _, n := range []int32{-1, 0, 1, 64, 65, 1<<31 - 1} {
		p := g.say(false, boxed(&mt.GetFutureSalts{Num: n}))
		got := len(want[mt.FutureSalts](t, g.heard()).Salts)
		if want := int(max(1, min(n, 64))); got != want {
			t.Errorf("asked for %d, got %d, want %d (%v)", n, got, want, p.id)
		}
	}
}

func TestASaltCanBeTakenBack(t *testing.T) {
	g := newGuest(t)
	g.NewSalt(g.now, g.forge.key.ID())
	g.NewSalt(g.now, 12345)
	g.say(true, value("hello"))
	if bad := want[mt.BadServerSalt](t, g.heard()); bad.NewServerSalt == 1 || bad.NewServerSalt == 0 {
		t.Errorf("got %+v, want another salt", bad)
	}
}

// The same message is executed once and answered as often as it comes.
// https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt
func TestRule24AQueryIsExecutedOnce(t *testing.T) {
	g := newGuest(t)
	p := g.say(true, value("once"))
	q := g.asked()
	g.sayPart(p)                                        // while it runs
	g.sayPart(part{p.id, p.seq, value("another body")}) // whatever it holds
	g.sayAll(p)                                         // in a container
	if n := len(g.asked()); n != 0 {
		t.Fatalf("asked %d times more", n)
	}
	g.Answer(g.now, q[0].Query, value("answer"))
	first := g.heard()
	seen := map[MsgID]bool{}
	for i := range 3 {
		if i > 0 {
			g.sayPart(p)
			first = g.heard()
		}
		if got := resultFor(first, p.id); readValue(got) != "answer" {
			t.Errorf("repetition %d: got %x", i, got)
		}
		for _, m := range first {
			if seen[m.id] {
				t.Errorf("message id %v is used twice", m.id)
			}
			seen[m.id] = true
		}
	}
	// Minutes later it is still known.
	g.now = g.now.Add(20 * time.Minute)
	g.sayPart(p)
	if got := resultFor(g.heard(), p.id); readValue(got) != "answer" {
		t.Errorf("20 minutes later: got %x", got)
	}
	// Once the answer is acknowledged, it is forgotten, but not the query.
	last := MsgID(0)
	for id := range g.session().queries.written {
		last = id
	}
	g.say(false, boxed(&mt.MsgsAck{MsgIDs: []int64{int64(last), 4}}))
	g.sayPart(p)
	if heard, events := g.drain(); resultFor(heard, p.id) != nil || len(events) != 0 {
		t.Errorf("after the acknowledgement: got %v, %+v", heard, events)
	}
}

// session is the guest's session on the server.
func (g *guest) session() *serverSession { return g.keys[g.forge.key.ID()].sessions[g.forge.session] }

// A message's number is odd if it is content-related, and later messages have
// higher ones.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func TestRule18NumbersOfMessagesAreChecked(t *testing.T) {
	for _, c := range []struct {
		name string
		seq  int32
		back bool // an id before that of the last message, whose number is 5
		body []byte
		code int32
	}{
		{"the next", 7, false, value("x"), 0},
		{"a gap", 99, false, value("x"), 0},
		{"even for a query", 6, false, value("x"), badSeqNotOdd},
		{"odd for an acknowledgement", 7, false, boxed(&mt.MsgsAck{}), 0},
		{"even for an acknowledgement", 6, false, boxed(&mt.MsgsAck{}), 0},
		{"the same", 5, false, value("x"), badSeqTooLow},
		{"lower", 3, false, value("x"), badSeqTooLow},
		{"lower for an acknowledgement", 4, false, boxed(&mt.MsgsAck{}), 0},
		{"late, and lower", 3, true, value("x"), 0},
		{"late, but the same", 5, true, value("x"), badSeqTooHigh},
		{"late, but higher", 7, true, value("x"), badSeqTooHigh},
		{"odd for a ping", 7, false, boxed(&mt.Ping{}), 0},
		{"even for a ping", 6, false, boxed(&mt.Ping{}), 0},
		{"the same for a ping", 5, false, boxed(&mt.PingDelayDisconnect{DisconnectDelay: 9}), 0},
		{"any for a ping", -8, true, boxed(&mt.Ping{}), 0},
	} {
		g := newGuest(t)
		g.sayPart(part{idAt(start), 5, value("last")})
		g.heard()
		id := idAt(start) + 4
		if c.back {
			id = idAt(start) - 4
		}
		g.sayPart(part{id, c.seq, c.body})
		bad, at := find[mt.BadMsgNotification](g.heard())
		switch {
		case c.code == 0 && bad != nil:
			t.Errorf("%s: refused with %d", c.name, bad.ErrorCode)
		case c.code != 0 && (bad == nil || bad.ErrorCode != c.code || MsgID(bad.BadMsgID) != id || bad.BadMsgSeqno != c.seq):
			t.Errorf("%s: got %+v, want code %d", c.name, bad, c.code)
		case c.code != 0 && at.seq&1 != 0:
			t.Errorf("%s: the refusal is content-related", c.name)
		}
	}
}

// The id of a client's message is divisible by four and fits the time.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func TestRule14And16IdsOfClientsAreChecked(t *testing.T) {
	for _, c := range []struct {
		name string
		id   MsgID
		code int32
	}{
		{"right", idAt(start), 0},
		{"299 s old", idAt(start.Add(-299 * time.Second)), 0},
		{"301 s old", idAt(start.Add(-301 * time.Second)), badIDTooLow},
		{"of 1970", 4, badIDTooLow},
		{"29 s ahead", idAt(start.Add(29 * time.Second)), 0},
		{"31 s ahead", idAt(start.Add(31 * time.Second)), badIDTooHigh},
		{"of the end of time", 1<<63 - 4, badIDTooHigh},
		{"1 mod 4", idAt(start) | 1, badIDBits},
		{"2 mod 4", idAt(start) | 2, badIDBits},
		{"3 mod 4", idAt(start) | 3, badIDBits},
	} {
		g := newGuest(t)
		g.sayPart(part{c.id, 1, value("x")})
		heard, events := g.drain()
		bad, _ := find[mt.BadMsgNotification](heard)
		if c.code == 0 && (bad != nil || len(events) != 2) {
			t.Errorf("%s: got %+v, %+v", c.name, bad, events)
		}
		if c.code != 0 && (bad == nil || bad.ErrorCode != c.code || len(events) != 0) {
			t.Errorf("%s: got %+v, %+v, want code %d and no query", c.name, bad, events, c.code)
		}
	}
	// In a container they are checked one by one.
	g := newGuest(t)
	old := part{idAt(start.Add(-301 * time.Second)), 1, value("old")}
	odd := part{idAt(start.Add(-time.Second)) | 1, 3, value("odd")}
	fine := part{idAt(start.Add(-time.Second)), 5, value("fine")}
	g.ids.last = fine.id
	g.sent.content = 3
	g.sayAll(old, odd, fine)
	heard, events := g.drain()
	codes := map[MsgID]int32{}
	for _, m := range heard {
		if bad, ok := m.service().(*mt.BadMsgNotification); ok {
			codes[MsgID(bad.BadMsgID)] = bad.ErrorCode
		}
	}
	if len(codes) != 2 || codes[old.id] != badTooOld || codes[odd.id] != badIDBits || len(events) != 2 {
		t.Errorf("got %v, %+v, want 20 and 18 and one query", codes, events)
	}
}

// https://core.telegram.org/mtproto/service_messages#containers
func TestRule19BadContainersOfClientsAreRefused(t *testing.T) {
	g := newGuest(t)
	inner := g.next(true, value("x"))
	for name, body := range map[string][]byte{
		"a container within": appendContainer(nil, []part{{inner.id, 0, appendContainer(nil, nil)}}),
		"a message of later": appendContainer(nil, []part{{inner.id + 1<<40, 1, value("x")}}),
		"four bytes over":    append(appendContainer(nil, []part{inner}), 0, 0, 0, 0),
	} {
		p := g.next(false, body)
		g.sayPart(p)
		heard, events := g.drain()
		bad := want[mt.BadMsgNotification](t, heard)
		if bad.ErrorCode != badContainer || MsgID(bad.BadMsgID) != p.id || len(events) != 0 {
			t.Errorf("%s: got %+v, %+v", name, bad, events)
		}
	}
	// An id for a second container, and a container with an odd number.
	p := g.sayAll(inner)
	g.heard()
	g.sayPart(p)
	if bad := want[mt.BadMsgNotification](t, g.heard()); bad.ErrorCode != badContainerID {
		t.Errorf("got %+v, want code 19", bad)
	}
	p = g.next(true, appendContainer(nil, nil))
	g.sayPart(p)
	if bad := want[mt.BadMsgNotification](t, g.heard()); bad.ErrorCode != badSeqNotEven {
		t.Errorf("got %+v, want code 34", bad)
	}
	// An empty one is fine.
	g.sayAll()
	if heard, events := g.drain(); len(heard)+len(events) != 0 {
		t.Errorf("got %v, %+v, want nothing", heard, events)
	}
}

// A server's ids end in 1 for answers and in 3 otherwise, and increase on the
// wire.
// https://core.telegram.org/mtproto/description#message-identifier-msg-id
func TestAServersMessagesAreNumbered(t *testing.T) {
	g := newGuest(t)
	last, content := MsgID(0), int32(0)
	for i := range 50 {
		g.say(true, value(fmt.Sprint(i)))
		g.say(false, boxed(&mt.Ping{PingID: 1}))
		var answers []Query
		for e, ok := g.Server.Next(); ok; e, ok = g.Server.Next() {
			switch e.Kind {
			case Asked:
				answers = append(answers, e.Query)
				if len(answers) == 1 {
					g.Answer(g.now, e.Query, value("a"))
					g.Push(g.now, e.Query.Key, value("news"))
				}
			case Write:
				all := opened(t, e.Body, g.forge.key, crypt.FromServer)
				for _, m := range all {
					_, isPong := m.service().(*mt.Pong)
					low := isNotice
					if isPong || resultFor([]message{m}, MsgID(tl.NewReader(append(m.body, make([]byte, 12)...)[4:]).Long())) != nil {
						low = isAnswer
					}
					wantSeq := 2 * content
					if _, isCreated := m.service().(*mt.NewSessionCreated); isCreated || m.service() == nil {
						wantSeq++
						content++
					}
					if m.id <= last || m.id&3 != low || m.seq != wantSeq {
						t.Fatalf("message %v after %v ends in %d with number %d, want %d and %d", m.id, last, m.id&3, m.seq, low, wantSeq)
					}
					last = m.id
				}
				last = max(last, all[0].container)
			}
		}
	}
}

func TestUnknownKeysAreToldSoAndClosed(t *testing.T) {
	for name, packet := range map[string][]byte{
		"another key": forge{side: crypt.FromClient, key: testKey(8)}.packet(4, 1, value("x")),
		"no key":      make([]byte, 40),
		"four bytes":  appendTransportError(nil, -404),
		"nothing":     nil,
	} {
		g := newGuest(t)
		if err := g.Receive(start, 3, packet); err == nil {
			t.Errorf("%s: no error", name)
		}
		write, _ := g.Server.Next()
		shut, _ := g.Server.Next()
		if e, ok := asTransportError(write.Body); write.Kind != Write || write.Socket != 3 || !ok || e.Code != -404 || shut.Kind != Close || shut.Socket != 3 {
			t.Errorf("%s: got %+v, %+v, want -404 and the end", name, write, shut)
		}
		// What still comes on it is ignored.
		if err := g.Receive(start, 3, g.packet(idAt(start), 1, value("x"))); err != nil {
			t.Error(err)
		}
		if _, ok := g.Server.Next(); ok {
			t.Errorf("%s: the socket goes on", name)
		}
		g.Gone(start, 3)
		g.Gone(start, 3)
	}
}

func TestSpoiltPacketsCloseTheSocket(t *testing.T) {
	g := newGuest(t)
	good := g.packet(idAt(start), 1, value("x"))
	good[len(good)-1] ^= 1
	err := g.Receive(start, 1, good)
	wantViolation(t, err, "message key")
	if _, ok := g.QuickAck(); ok {
		t.Error("it is acknowledged")
	}
}

// https://core.telegram.org/mtproto/mtproto-transports#quick-ack
func TestRule25AServerAcknowledgesQuickly(t *testing.T) {
	g := newGuest(t)
	packet := g.packet(idAt(start), 1, value("x"))
	_, _, want, err := open(bytes.Clone(packet), g.forge.key, crypt.FromClient)
	if err != nil {
		t.Fatal(err)
	}
	g.Receive(start, 1, packet)
	if got, ok := g.QuickAck(); !ok || got != want || got>>31 != 1 {
		t.Errorf("got %08x, %v, want %08x", got, ok, want)
	}
	// Not what was refused.
	g.forge.salt = 9
	g.say(true, value("x"))
	if _, ok := g.QuickAck(); ok {
		t.Error("a message with a wrong salt is acknowledged")
	}
}

func TestQueriesMayBePacked(t *testing.T) {
	g := newGuest(t)
	g.say(true, Pack(value("packed")))
	if q := g.asked(); len(q) != 1 || readValue(q[0].Body) != "packed" {
		t.Errorf("got %+v", q)
	}
	for _, body := range [][]byte{Pack(Pack(value("x"))), Pack(appendContainer(nil, nil)), Pack(nil), tl.AppendUint32(nil, mt.IDPing)} {
		p := g.say(true, body)
		if got := refusalOf(t, g.heard(), p.id); got != "INPUT_FETCH_ERROR" {
			t.Errorf("%x: got %q", body, got)
		}
	}
}

// https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt
func TestAServerAcknowledgesWhatTakesLong(t *testing.T) {
	g := newGuest(t)
	p := g.say(true, value("slow"))
	g.heard()
	g.now = g.Deadline()
	g.Advance(g.now)
	want[mt.MsgsAck](t, g.heard())
	slow := g.say(true, value("slower"))
	if heard := g.heard(); len(heard) != 0 {
		t.Fatalf("got %v at once", heard)
	}
	d := g.Deadline()
	if d.IsZero() || d.After(g.now.Add(serverAckWait)) {
		t.Fatalf("the deadline is %v", d)
	}
	g.now = d
	g.Advance(d)
	if acks := want[mt.MsgsAck](t, g.heard()); len(acks.MsgIDs) != 1 || MsgID(acks.MsgIDs[0]) != slow.id {
		t.Errorf("got %v, want %v", acks.MsgIDs, slow.id)
	}
	// An answer says as much.
	quick := g.say(true, value("quick"))
	g.Answer(g.now, Query{g.forge.key.ID(), 99, quick.id}, value("a"))
	g.Answer(g.now, Query{g.forge.key.ID(), 99, p.id}, value("b"))
	heard := g.heard()
	if acks, _ := find[mt.MsgsAck](heard); acks != nil || len(heard) != 2 {
		t.Errorf("got %v, want two answers", heard)
	}
}

// https://core.telegram.org/mtproto/service_messages#ping-messages-pingpong
func TestPingsAreAnsweredAndKeepTheSocket(t *testing.T) {
	g := newGuest(t)
	p := g.say(true, boxed(&mt.PingDelayDisconnect{PingID: 7, DisconnectDelay: 75}))
	if pong := want[mt.Pong](t, g.heard()); MsgID(pong.MsgID) != p.id || pong.PingID != 7 {
		t.Errorf("got %+v", pong)
	}
	for range 5 {
		g.now = g.now.Add(70 * time.Second)
		g.Advance(g.now)
		g.say(false, boxed(&mt.PingDelayDisconnect{PingID: 8, DisconnectDelay: 75}))
		if _, events := g.drain(); len(events) != 0 {
			t.Fatalf("got %+v, want nothing", events)
		}
	}
	g.now = g.now.Add(75 * time.Second)
	if d := g.Deadline(); d.After(g.now) {
		t.Errorf("the deadline is %v, want %v", d, g.now)
	}
	g.Advance(g.now)
	if _, events := g.drain(); len(events) != 1 || events[0].Kind != Close || events[0].Socket != 1 {
		t.Errorf("got %+v, want the end of the socket", events)
	}
	for _, delay := range []int32{-5, 0, 1<<31 - 1} {
		g.socket++
		g.say(false, boxed(&mt.PingDelayDisconnect{DisconnectDelay: delay}))
		if d := g.Server.sockets[g.socket].closeAt.Sub(g.now); d < time.Second || d > maxDisconnectDelay {
			t.Errorf("a delay of %d s became %v", delay, d)
		}
	}
}

// https://core.telegram.org/mtproto/service_messages_about_messages#request-for-message-status-information
func TestAServerTellsTheStateOfQueries(t *testing.T) {
	g := newGuest(t)
	never := g.ids.next(start.Add(-time.Second), fromClient)
	first := g.say(true, value("answered"))
	skipped := g.ids.next(g.now, fromClient)
	second := g.say(true, value("running"))
	g.asked()
	g.Answer(g.now, Query{g.forge.key.ID(), 99, first.id}, value("a"))
	later := second.id + 1<<32
	g.say(false, boxed(&mt.MsgsStateReq{MsgIDs: []int64{int64(never), int64(first.id), int64(skipped), int64(second.id), int64(later)}}))
	info := want[mt.MsgsStateInfo](t, g.heard())
	if want := []byte{1, 4 | 32 | 64, 2, 4 | 32, 3}; !bytes.Equal(info.Info, want) {
		t.Errorf("got %v, want %v", info.Info, want)
	}
	g.say(false, boxed(&mt.MsgsStateReq{MsgIDs: make([]int64, maxAcks+5)}))
	if n := len(want[mt.MsgsStateInfo](t, g.heard()).Info); n != maxAcks {
		t.Errorf("told of %d messages, want at most %d", n, maxAcks)
	}
}

// https://core.telegram.org/mtproto/service_messages_about_messages#explicit-request-to-re-send-messages
func TestAnAnswerCanBeHadAgainByItsID(t *testing.T) {
	g := newGuest(t)
	p := g.say(true, value("x"))
	g.asked()
	g.Answer(g.now, Query{g.forge.key.ID(), 99, p.id}, value("answer"))
	var at message
	for _, m := range g.heard() {
		if resultFor([]message{m}, p.id) != nil {
			at = m
		}
	}
	g.say(false, boxed(&mt.MsgResendReq{MsgIDs: []int64{int64(at.id)}}))
	again := g.heard()
	if len(again) != 1 || again[0].id != at.id || again[0].seq != at.seq || again[0].container <= at.id || readValue(resultFor(again, p.id)) != "answer" {
		t.Errorf("got %+v, want the message %v in a container", again, at.id)
	}
	g.say(false, boxed(&mt.MsgResendReq{MsgIDs: []int64{4, int64(at.id)}}))
	heard := g.heard()
	want[mt.MsgsStateInfo](t, heard)
	if resultFor(heard, p.id) == nil {
		t.Error("what is known was not sent")
	}
}

// https://core.telegram.org/mtproto/service_messages#cancellation-of-an-rpc-query
func TestQueriesCanBeDropped(t *testing.T) {
	g := newGuest(t)
	running, done := g.say(true, value("running")), g.say(true, value("done"))
	g.asked()
	g.Answer(g.now, Query{g.forge.key.ID(), 99, done.id}, value("a"))
	g.heard()
	drop := func(id MsgID) (any, []message) {
		p := g.say(true, boxed(&mt.RPCDropAnswer{ReqMsgID: int64(id)}))
		heard := g.heard()
		return mt.Schema.Read(tl.NewReader(resultFor(heard, p.id))), heard
	}
	if got, _ := drop(4); fmt.Sprintf("%T", got) != "*mt.RPCAnswerUnknown" {
		t.Errorf("an unknown query: got %T", got)
	}
	if got, _ := drop(done.id); fmt.Sprintf("%T", got) != "*mt.RPCAnswerDropped" {
		t.Errorf("an answered query: got %T", got)
	}
	got, heard := drop(running.id)
	if fmt.Sprintf("%T", got) != "*mt.RPCAnswerDroppedRunning" || constructor(resultFor(heard, running.id)) != mt.IDRPCAnswerDroppedRunning {
		t.Errorf("a running query: got %T, and %x for the query", got, resultFor(heard, running.id))
	}
	g.Answer(g.now, Query{g.forge.key.ID(), 99, running.id}, value("too late"))
	if heard := g.heard(); len(heard) != 0 {
		t.Errorf("got %v, want nothing", heard)
	}
	// Neither is executed again.
	g.sayPart(done)
	g.sayPart(running)
	if q := g.asked(); len(q) != 0 {
		t.Errorf("asked %+v again", q)
	}
}

// https://core.telegram.org/mtproto/service_messages#request-to-destroy-session
func TestSessionsAndKeysCanBeDestroyed(t *testing.T) {
	g := newGuest(t)
	g.say(true, value("other session"))
	g.forge.session = 100
	g.say(true, value("this session"))
	g.drain()
	for id, destroyed := range map[int64]bool{100: false, 5: false, 99: true} {
		p := g.say(true, boxed(&mt.DestroySession{SessionID: id}))
		heard, events := g.drain()
		ok, _ := find[mt.DestroySessionOk](heard)
		none, _ := find[mt.DestroySessionNone](heard)
		if (ok != nil) != destroyed || (none != nil) == destroyed || resultFor(heard, p.id) != nil {
			t.Errorf("session %d: got %v, %v", id, ok, none)
		}
		if destroyed && (len(events) != 1 || events[0].Kind != Closed || events[0].Query.Session != 99) {
			t.Errorf("got %+v, want the other session closed", events)
		}
	}
	g.say(true, boxed(&mt.DestroyAuthKey{}))
	for e, ok := g.Server.Next(); ok; e, ok = g.Server.Next() {
		if e.Kind == Destroyed {
			g.RemoveKey(g.now, e.Query.Key)
		}
		if e.Kind == Write {
			want[mt.DestroyAuthKeyOk](t, opened(t, e.Body, g.forge.key, crypt.FromServer))
		}
	}
	if g.HasKey(g.forge.key.ID()) {
		t.Error("the key is known")
	}
	if err := g.Receive(g.now, 1, g.packet(g.ids.next(g.now, 0), 1, value("x"))); err == nil {
		t.Error("the key is accepted")
	}
}

// Waiting for messages is a matter of HTTP alone.
// https://core.telegram.org/mtproto/service_messages#http-wait-long-poll
func TestHTTPWaitIsRefused(t *testing.T) {
	g := newGuest(t)
	g.say(false, boxed(&mt.Ping{}))
	g.drain()
	p := g.say(false, boxed(&mt.HTTPWait{MaxWait: 25000}))
	heard, _ := g.drain()
	e, ok := mt.Schema.Read(tl.NewReader(resultFor(heard, p.id))).(*mt.RPCError)
	if !ok || e.ErrorCode != 400 {
		t.Errorf("got %v, want a refusal", heard)
	}
}

// What was not asked for is passed by.
func TestNeedlessMessagesAreIgnored(t *testing.T) {
	g := newGuest(t)
	g.say(false, boxed(&mt.Ping{}))
	g.drain()
	for _, v := range []any{
		&mt.MsgsStateInfo{}, &mt.MsgsAllInfo{}, &mt.BadMsgNotification{},
		&mt.BadServerSalt{NewServerSalt: 4}, &mt.MsgDetailedInfo{}, &mt.MsgNewDetailedInfo{}, &mt.MsgsAck{MsgIDs: []int64{1, 2}},
	} {
		g.say(false, boxed(v))
		if heard, events := g.drain(); len(heard)+len(events) != 0 {
			t.Errorf("%T: got %v, %+v, want nothing", v, heard, events)
		}
	}
}

func TestUpdatesGoToTheSessionsThatAreUp(t *testing.T) {
	g := newGuest(t)
	for session := SessionID(1); session <= 4; session++ {
		g.forge.session, g.socket = session, SocketID(session)
		g.ids, g.sent = idClock{}, sent{}
		g.say(true, value("hello"))
	}
	g.forge.session, g.socket, g.forge.salt = 5, 5, 9
	g.say(true, value("this one has not been accepted"))
	g.drain()
	g.Gone(g.now, 3)
	g.Push(g.now, g.forge.key.ID(), value("news"), 2)
	g.Push(g.now, 12345, value("news"))
	got := map[SessionID]int{}
	for _, m := range g.heard() {
		if _, isAck := m.service().(*mt.MsgsAck); isAck {
			continue
		}
		got[m.session]++
		if m.id&3 != isNotice || m.seq&1 != 1 {
			t.Errorf("the update is message %v with number %d", m.id, m.seq)
		}
	}
	if len(got) != 2 || got[1] != 1 || got[4] != 1 {
		t.Errorf("got %v, want sessions 1 and 4", got)
	}
}

func TestDroppedKeysDialAgain(t *testing.T) {
	g := newGuest(t)
	g.say(true, value("a"))
	g.socket = 2
	g.say(true, value("b"))
	g.drain()
	g.Drop(g.now, g.forge.key.ID())
	g.Drop(g.now, 12345)
	_, events := g.drain()
	if len(events) != 2 || events[0].Kind != Close || events[1].Kind != Close || events[0].Socket == events[1].Socket {
		t.Fatalf("got %+v, want both sockets closed", events)
	}
	g.socket = 3
	g.say(true, value("c"))
	if q := g.asked(); len(q) != 1 {
		t.Errorf("asked %d times on the next socket, want once", len(q))
	}
}

func TestATemporaryKeyExpires(t *testing.T) {
	g := newGuest(t)
	g.AddKey(start, g.forge.key, 1, start.Add(time.Hour))
	g.say(true, value("hello"))
	g.drain()
	for at := start; at.Before(start.Add(time.Hour + sweepEvery)); at = at.Add(time.Minute) {
		g.now = at
		g.Advance(at)
	}
	_, events := g.drain()
	if len(events) != 2 || events[0].Kind != Closed || events[1].Kind != Expired || events[1].Query.Key != g.forge.key.ID() {
		t.Errorf("got %+v, want the session closed and the key expired", events)
	}
	if g.HasKey(g.forge.key.ID()) {
		t.Error("the key is known")
	}
	// Without anyone looking, the next message finds out.
	g = newGuest(t)
	g.AddKey(start, g.forge.key, 1, start.Add(time.Hour))
	g.now = start.Add(time.Hour)
	if err := g.Receive(g.now, 1, g.packet(idAt(g.now), 1, value("x"))); err == nil {
		t.Error("an expired key is accepted")
	}
}

func TestForgottenQueriesComeAgain(t *testing.T) {
	g := newGuest(t)
	p := g.say(true, value("x"))
	q := g.asked()[0].Query
	g.Forget(g.now, q)
	g.Answer(g.now, q, value("nobody asked"))
	if heard := g.heard(); resultFor(heard, p.id) != nil {
		t.Errorf("got %v", heard)
	}
	g.sayPart(p)
	if again := g.asked(); len(again) != 1 || again[0].Query != q {
		t.Errorf("got %+v, want the query again", again)
	}
}

func TestWhoIsNotThereCanBeSpokenTo(t *testing.T) {
	g := newGuest(t)
	g.RemoveKey(g.now, 5)
	g.Gone(g.now, 77)
	g.Forget(g.now, Query{Key: 5})
	g.Answer(g.now, Query{Key: g.forge.key.ID(), Session: 5}, value("x"))
	g.hangUp(9, 0)
	g.hangUp(9, 0)
	if _, events := g.drain(); len(events) != 1 || events[0].Kind != Close {
		t.Errorf("got %+v, want one Close", events)
	}
}

func TestAnsweredWhileAwayAndThenRemoved(t *testing.T) {
	g := newGuest(t)
	p := g.say(true, value("x"))
	g.drain()
	g.Gone(g.now, 1)
	g.Answer(g.now, Query{g.forge.key.ID(), 99, p.id}, value("a"))
	g.RemoveKey(g.now, g.forge.key.ID())
	heard, events := g.drain()
	if len(heard) != 0 || len(events) != 1 || events[0].Kind != Closed {
		t.Errorf("got %v, %+v, want the session closed", heard, events)
	}
}

func TestBuffersOfAServerAreUsedAgain(t *testing.T) {
	g := newGuest(t)
	write := func() []byte {
		g.say(false, boxed(&mt.Ping{}))
		for e, ok := g.Server.Next(); ok; e, ok = g.Server.Next() {
			if e.Kind == Write {
				return e.Body
			}
		}
		return nil
	}
	first := write()
	g.Reuse(first)
	if second := write(); &first[0] != &second[0] {
		t.Error("the buffer was not used again")
	}
}

// A session on a socket is kept longer than one without.
func TestTheLeastUsedSessionGoesFirst(t *testing.T) {
	g := newGuest(t)
	for session := range SessionID(maxSessions) {
		g.forge.session, g.socket = session, SocketID(session)
		g.ids, g.sent = idClock{}, sent{}
		g.say(true, value("x"))
		g.drain()
		g.now = g.now.Add(time.Second)
	}
	g.Gone(g.now, 40)
	g.forge.session, g.socket = 1000, 1000
	g.ids, g.sent = idClock{}, sent{}
	g.say(true, value("x"))
	_, events := g.drain()
	if len(events) != 3 || events[0].Kind != Closed || events[0].Query.Session != 40 {
		t.Errorf("got %+v, want session 40 closed", events)
	}
}

// Whatever clients do, what they occupy is bounded.
func TestClientsOccupyLittle(t *testing.T) {
	g := newGuest(t)
	for session := range SessionID(5 * maxSessions) {
		g.forge.session = session
		g.ids, g.sent = idClock{}, sent{}
		g.say(true, value("x"))
		g.drain()
		g.now = g.now.Add(time.Millisecond)
	}
	k := g.keys[g.forge.key.ID()]
	if n := len(k.sessions); n != maxSessions {
		t.Errorf("%d sessions, want %d", n, maxSessions)
	}
	if k.sessions[5*maxSessions-1] == nil || k.sessions[0] != nil {
		t.Error("the wrong sessions were forgotten")
	}
	// Sessions that nobody uses are forgotten.
	g.Gone(g.now, 1)
	for range 20 {
		g.now = g.now.Add(sweepEvery)
		g.Advance(g.now)
	}
	if n := len(k.sessions); n != 0 {
		t.Errorf("%d sessions are left, want none", n)
	}
	if d := g.Deadline(); !d.IsZero() {
		t.Errorf("with nothing to do, the deadline is %v", d)
	}
}

func TestUnfetchedAnswersOccupyLittle(t *testing.T) {
	g := newGuest(t)
	large := append(value(""), make([]byte, 100_000)...)
	for range 200 {
		p := g.say(true, value("x"))
		g.asked()
		g.Answer(g.now, Query{g.forge.key.ID(), 99, p.id}, large)
	}
	qs := &g.session().queries
	if qs.bytes > maxAnswerBytes+len(large) {
		t.Errorf("%d bytes of answers, want at most %d", qs.bytes, maxAnswerBytes)
	}
	for range 2 * maxAnswers {
		p := g.say(true, value("x"))
		g.asked()
		g.Answer(g.now, Query{g.forge.key.ID(), 99, p.id}, value("small"))
	}
	if len(qs.byID) > maxAnswers+1 || len(qs.written) > maxAnswers+1 || len(qs.order.items)-qs.order.head > maxAnswers+1 {
		t.Errorf("%d answers, %d written, %d in order, want at most %d", len(qs.byID), len(qs.written), len(qs.order.items)-qs.order.head, maxAnswers)
	}
	sum := 0
	for _, q := range qs.byID {
		sum += len(q.answer)
	}
	if sum != qs.bytes {
		t.Errorf("the answers have %d bytes, counted are %d", sum, qs.bytes)
	}
}

// An answer that had to be forgotten is not made again: the query is too old.
func TestAForgottenAnswerIsNotMadeAgain(t *testing.T) {
	g := newGuest(t)
	p := g.say(true, value("x"))
	g.asked()
	g.Answer(g.now, Query{g.forge.key.ID(), 99, p.id}, value("answer"))
	huge := append(value(""), make([]byte, maxAnswerBytes)...)
	q := g.say(true, value("y"))
	g.asked()
	g.Answer(g.now, Query{g.forge.key.ID(), 99, q.id}, huge)
	g.heard()
	g.sayPart(p)
	heard, events := g.drain()
	if bad := want[mt.BadMsgNotification](t, heard); bad.ErrorCode != badTooOld || len(events) != 0 {
		t.Errorf("got %+v, %+v, want code 20", bad, events)
	}
}

func TestTooManyQueriesAreRefused(t *testing.T) {
	g := newGuest(t)
	asked := 0
	for range maxRunning + maxAnswers + 10 {
		g.say(true, value("x"))
		asked += len(g.asked())
		g.now = g.now.Add(time.Millisecond)
	}
	if asked != maxRunning+maxAnswers {
		t.Errorf("asked %d times, want %d", asked, maxRunning+maxAnswers)
	}
}

// A session may use two sockets; it hears on the one it spoke on last.
func TestASessionMayMove(t *testing.T) {
	g := newGuest(t)
	speak := func(socket SocketID) (heard SocketID) {
		g.socket = socket
		p := g.say(true, value("x"))
		for e, ok := g.Server.Next(); ok; e, ok = g.Server.Next() {
			if e.Kind == Asked {
				g.Answer(g.now, e.Query, value("a"))
			}
			if e.Kind == Write && resultFor(opened(t, e.Body, g.forge.key, crypt.FromServer), p.id) != nil {
				heard = e.Socket
			}
		}
		return heard
	}
	for _, socket := range []SocketID{1, 2, 1, 3, 2} {
		if heard := speak(socket); heard != socket {
			t.Errorf("spoke on %d, heard on %d", socket, heard)
		}
	}
	g.Gone(g.now, 2)
	g.Push(g.now, g.forge.key.ID(), value("news"))
	if e, _ := g.Server.Next(); e.Socket != 3 {
		t.Errorf("after socket 2 went, heard on %d, want 3", e.Socket)
	}
}
