package mtproto

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// A message belongs to the session that the client began.
// https://core.telegram.org/mtproto/security_guidelines#checking-session-id
func TestRule13TheSessionIsOurs(t *testing.T) {
	l := newLonely(t)
	l.forge.session++
	err := l.Receive(start, l.packet(l.id(isNotice), 1, value("for another")))
	wantViolation(t, err, "session id")
	var v *ViolationError
	if errors.As(err, &v); v.Got != l.forge.session.String() || v.Want != l.Session().String() {
		t.Errorf("got %v, want both session ids in it", err)
	}
	if events := l.told(); len(events) != 0 {
		t.Errorf("got %+v, want nothing", events)
	}
}

// A server's message id is odd; also in a container.
// https://core.telegram.org/mtproto/description#message-identifier-msg-id
func TestRule14AServersMessageIDIsOdd(t *testing.T) {
	for _, low := range []MsgID{0, 2} {
		l := newLonely(t)
		wantViolation(t, l.Receive(start, l.packet(idAt(start)|low, 1, value("x"))), "message id")
		inner := part{idAt(start) | low, 1, value("x")}
		wantViolation(t, l.Receive(start, l.container(idAt(start.Add(1))|1, 0, inner)), "message id")
		if events := l.told(); len(events) != 0 {
			t.Errorf("got %+v, want nothing", events)
		}
	}
	for _, low := range []MsgID{isAnswer, isNotice} {
		l := newLonely(t)
		if err := l.Receive(start, l.packet(idAt(start)|low, 1, value("x"))); err != nil {
			t.Error(err)
		}
	}
}

// A message is used once, and acknowledged as often as it comes.
// https://core.telegram.org/mtproto/security_guidelines#checking-msg-id
func TestRule15DuplicatesAreAcknowledgedAndNotUsed(t *testing.T) {
	l := newLonely(t)
	id := l.id(isNotice)
	packet := l.packet(id, 1, value("news"))
	for range 3 {
		if err := l.Receive(start, bytes.Clone(packet)); err != nil {
			t.Fatal(err)
		}
	}
	// The same message, wrapped in a container.
	if err := l.Receive(start, l.container(l.id(isNotice), 2, part{id, 1, value("news")})); err != nil {
		t.Fatal(err)
	}
	if events := l.told(); len(events) != 1 || events[0].Kind != Pushed {
		t.Errorf("got %+v, want one update", events)
	}
	l.Send(start, value("x"))
	acks := want[mt.MsgsAck](t, l.wrote())
	if len(acks.MsgIDs) != 4 {
		t.Errorf("acknowledged %d times, want 4", len(acks.MsgIDs))
	}
	// One that is older than all that are remembered is ignored.
	for range 2 * windowSize {
		l.hear(0, boxed(&mt.Pong{}))
	}
	l.told()
	if err := l.Receive(start, l.packet(id-8, 1, value("old news"))); err != nil {
		t.Fatal(err)
	}
	if written, events := l.drain(); len(written) != 0 || len(events) != 0 || len(l.Conn.acks.ids) != 0 {
		t.Errorf("got %v, %+v, want nothing", written, events)
	}
}

// Once the clocks agree, what is 300 seconds old or 30 ahead is ignored.
// https://core.telegram.org/mtproto/security_guidelines#checking-msg-id
func TestRule16UntimelyMessagesAreIgnored(t *testing.T) {
	l := newLonely(t)
	l.hear(1, value("now"))
	l.told()
	for _, c := range []struct {
		age  time.Duration
		used bool
	}{
		{299 * time.Second, true}, {301 * time.Second, false}, {time.Hour, false}, {10 * 365 * 24 * time.Hour, false},
		{-29 * time.Second, true}, {-31 * time.Second, false}, {-time.Hour, false},
	} {
		if err := l.Receive(start, l.packet(idAt(start.Add(-c.age))|isNotice, 1, value("x"))); err != nil {
			t.Fatal(err)
		}
		want := Missed
		if c.used {
			want = Pushed
		}
		if events := l.told(); len(events) != 1 || events[0].Kind != want {
			t.Errorf("%v old: got %+v, want %v", c.age, events, want)
		}
	}
}

// An update that was used before is not missed, and neither is an answer: its call
// is asked about.
func TestOnlyAnUpdateThatWasNotUsedIsMissed(t *testing.T) {
	l := newLonely(t)
	r := l.Send(start, value("x"))
	id := l.wrote()[0].id
	l.hear(1, value("now"))
	used := l.last
	l.told()
	late := l.now.Add(time.Hour)
	for _, body := range [][]byte{value("now"), resultOf(id, value("y")), boxed(&mt.MsgsAck{MsgIDs: []int64{int64(id)}})} {
		if err := l.Receive(late, l.packet(used, 1, body)); err != nil {
			t.Fatal(err)
		}
		used = idAt(start.Add(time.Second)) | isAnswer
		if events := l.told(); len(events) != 0 {
			t.Errorf("call %d: got %+v, want nothing", r, events)
		}
	}
}

func TestAWrongClockIsFoundOutByAPing(t *testing.T) {
	l := newLonely(t)
	l.hear(1, value("now"))
	l.told()
	// The server's clock is two minutes ahead of what we think.
	ahead := func() MsgID { l.last += 4; return max(idAt(l.now.Add(2*time.Minute)), l.last) | isNotice }
	if err := l.Receive(l.now, l.packet(ahead(), 1, value("ignored"))); err != nil {
		t.Fatal(err)
	}
	written, events := l.drain()
	ping := want[mt.PingDelayDisconnect](t, written)
	if len(events) != 1 || events[0].Kind != Missed {
		t.Fatalf("got %+v, want that an update was missed", events)
	}
	// Another answer than the one to this ping proves nothing.
	for _, number := range []int64{ping.PingID - 1, ping.PingID + 1} {
		if err := l.Receive(l.now, l.packet(ahead(), 0, boxed(&mt.Pong{PingID: number}))); err != nil {
			t.Fatal(err)
		}
		if written, events := l.drain(); len(written)+len(events) != 0 {
			t.Fatalf("got %v, %+v, want nothing: a ping is under way", written, events)
		}
	}
	if err := l.Receive(l.now, l.packet(ahead(), 0, boxed(&mt.Pong{PingID: ping.PingID}))); err != nil {
		t.Fatal(err)
	}
	if events := l.told(); len(events) != 1 || events[0].Kind != Changed || events[0].Offset.Round(time.Second) != 2*time.Minute {
		t.Fatalf("got %+v, want the clock corrected by two minutes", events)
	}
	if err := l.Receive(l.now, l.packet(ahead()+400, 1, value("used"))); err != nil {
		t.Fatal(err)
	}
	if events := l.told(); len(events) != 1 || events[0].Kind != Pushed {
		t.Errorf("got %+v, want the update", events)
	}
}

// Notices of refused messages count whatever the clock says, but only for
// messages of ours, and not without end.
// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func TestRule17RefusalsSetTheClock(t *testing.T) {
	for _, code := range []int{badIDTooLow, badIDTooHigh} {
		for _, off := range []time.Duration{-2 * time.Hour, 2 * time.Hour} {
			l := newLonely(t)
			l.hear(1, value("the clocks agree"))
			l.Send(start, value("x"))
			id := l.wrote()[0].id
			now := idAt(start.Add(off)) | isAnswer
			refusal := boxed(&mt.BadMsgNotification{BadMsgID: int64(id), ErrorCode: int32(code)})
			if err := l.Receive(start, l.packet(now, 0, refusal)); err != nil {
				t.Fatal(err)
			}
			written, events := l.drain()
			if len(events) != 1 || events[0].Kind != Changed || (events[0].Offset-off).Abs() > time.Second {
				t.Errorf("code %d: got %+v, want the offset %v", code, events, off)
			}
			if len(written) != 1 || written[0].id == id || string(written[0].body) != string(value("x")) {
				t.Fatalf("code %d: got %v, want the request under another id", code, written)
			}
			if code == badIDTooHigh && (written[0].id.Time().Sub(start.Add(off))).Abs() > time.Second && off > 0 {
				t.Errorf("the new id is of %v, want %v", written[0].id.Time(), start.Add(off))
			}
		}
	}
}

func TestRule17RefusalsOfOthersMessagesAreIgnored(t *testing.T) {
	l := newLonely(t)
	l.Send(start, value("x"))
	id := l.wrote()[0].id
	for _, other := range []MsgID{id + 4, id - 4, 0, -4, id + 1, id &^ (1<<40 - 1)} {
		l.hear(0, boxed(&mt.BadServerSalt{BadMsgID: int64(other), ErrorCode: badSalt, NewServerSalt: 666}))
		for _, code := range []int32{badIDTooLow, badIDTooHigh, badSeqTooLow, badContainer} {
			l.hear(0, boxed(&mt.BadMsgNotification{BadMsgID: int64(other), ErrorCode: code}))
		}
	}
	if written, events := l.drain(); len(written)+len(events) != 0 {
		t.Errorf("got %v, %+v, want nothing", written, events)
	}
}

func TestRule17RefusalsComeToAnEnd(t *testing.T) {
	for _, code := range []int{badIDTooLow, badIDTooHigh, badIDBits, badContainerID, badTooOld, badSeqTooLow, badSeqTooHigh, badSeqNotEven, badSeqNotOdd, badSalt, badContainer, 1, 99} {
		l := newLonely(t)
		l.forge.session = l.Session()
		r := l.Send(start, value("x"))
		var last []Event
		for n := 0; ; n++ {
			written, events := l.drain()
			l.forge.session = l.Session() // 32 and 33 begin another
			if len(written) == 0 {
				last = events
				if n != maxRefusals+1 {
					t.Errorf("code %d: sent %d times, want %d", code, n, maxRefusals+1)
				}
				break
			}
			if n > 100 {
				t.Fatalf("code %d: no end", code)
			}
			refusal := any(&mt.BadMsgNotification{BadMsgID: int64(written[0].id), ErrorCode: int32(code)})
			if code == badSalt {
				refusal = &mt.BadServerSalt{BadMsgID: int64(written[0].id), ErrorCode: badSalt, NewServerSalt: int64(n)}
			}
			l.hear(0, boxed(refusal))
		}
		end := last[len(last)-1]
		var e *ResendError
		if end.Kind != Refused || end.Req != r || !errors.As(end.Err, &e) || e.Code != code || e.Times != maxRefusals+1 {
			t.Errorf("code %d: got %+v, want it given up", code, end)
		}
	}
}

func TestARefusedPingIsRepeatedAFewTimes(t *testing.T) {
	l := newLonely(t)
	l.pass(pingEvery)
	for n := 0; ; n++ {
		_, at := find[mt.PingDelayDisconnect](l.wrote())
		if at.id == 0 {
			if n != maxRefusals+1 {
				t.Errorf("pinged %d times, want %d", n, maxRefusals+1)
			}
			return
		}
		l.hear(0, boxed(&mt.BadServerSalt{BadMsgID: int64(at.id), ErrorCode: badSalt, NewServerSalt: int64(n)}))
	}
}

func TestARefusedQuestionIsAskedAgainAFewTimes(t *testing.T) {
	l := newLonely(t)
	r := l.Send(start, value("x"))
	id := l.wrote()[0].id
	l.Down(start)
	l.Up(start)
	for n := 0; ; n++ {
		written, events := l.drain()
		ask, at := find[mt.MsgsStateReq](written)
		if ask == nil {
			if n != maxRefusals+1 || len(events) != 2 || events[1].Kind != Lost || events[1].Req != r {
				t.Errorf("asked %d times, then %+v, want %d times and the request lost", n, events, maxRefusals+1)
			}
			return
		}
		if MsgID(ask.MsgIDs[0]) != id || n > 100 {
			t.Fatalf("asked about %v at %d", ask.MsgIDs, n)
		}
		bad := at.container
		if bad == 0 {
			bad = at.id
		}
		l.hear(0, boxed(&mt.BadServerSalt{BadMsgID: int64(bad), ErrorCode: badSalt, NewServerSalt: int64(n + 2)}))
	}
}

// A request that may have arrived earlier keeps its id when the packet around it
// is refused, and is lost when its id is.
func TestARepeatedRequestIsNotRenewed(t *testing.T) {
	for code, kept := range map[int]bool{badSalt: true, badContainer: true, badContainerID: true, badTooOld: false, badIDTooLow: false, badSeqNotOdd: false} {
		l := newLonely(t)
		l.Send(start, value("x"))
		id := l.wrote()[0].id
		l.Down(start)
		l.Up(start)
		l.wrote()
		l.pong() // and no word of states
		l.pass(askWait)
		if written := l.wrote(); len(written) == 0 || written[0].id != id {
			t.Fatalf("got %v, want message %v again", written, id)
		}
		refusal := any(&mt.BadMsgNotification{BadMsgID: int64(id), ErrorCode: int32(code)})
		if code == badSalt {
			refusal = &mt.BadServerSalt{BadMsgID: int64(id), ErrorCode: badSalt, NewServerSalt: 9}
		}
		l.hear(0, boxed(refusal))
		written, events := l.drain()
		again := len(written) == 1 && written[0].id == id
		lost := len(events) > 0 && events[len(events)-1].Kind == Lost
		if again != kept || lost == kept {
			t.Errorf("code %d: got %v, %+v, want it kept: %v", code, written, events, kept)
		}
	}
}

func TestARefusedContainerTakesAllItsRequestsAlong(t *testing.T) {
	l := newLonely(t)
	for range 3 {
		l.Send(start, value("x"))
	}
	before := l.wrote()
	l.hear(0, boxed(&mt.BadServerSalt{BadMsgID: int64(before[0].container), ErrorCode: badSalt, NewServerSalt: 9}))
	after := l.wrote()
	if len(after) != 3 || after[0].id <= before[2].id || after[0].salt != 9 {
		t.Errorf("got %v, want all three under new ids with salt 9", after)
	}
	// A container that the server can not read is taken apart.
	l.hear(0, boxed(&mt.BadMsgNotification{BadMsgID: int64(after[0].container), ErrorCode: badContainer}))
	for _, m := range l.wrote() {
		if m.container != 0 {
			t.Errorf("message %v travels in a container again", m.id)
		}
	}
}

func TestAnotherSessionAfterAWrongNumber(t *testing.T) {
	l := newLonely(t)
	first := l.Send(start, value("first"))
	l.wrote()
	second := l.Send(start, value("second"))
	bad := l.wrote()[0]
	session := l.Session()
	l.hear(0, boxed(&mt.BadMsgNotification{BadMsgID: int64(bad.id), ErrorCode: badSeqTooLow}))
	written, events := l.drain()
	if l.Session() == session || len(written) != 1 || written[0].session != l.Session() || written[0].seq != 1 {
		t.Errorf("got %+v, want the second call as the first message of another session", written)
	}
	if len(events) != 1 || events[0].Kind != Lost || events[0].Req != first {
		t.Errorf("got %+v, want the first call lost: its answer goes to the old session", events)
	}
	l.forge.session = l.Session()
	l.hear(1, resultOf(written[0].id, value("y")))
	if events := l.told(); len(events) != 1 || events[0].Req != second || events[0].Kind != Answer {
		t.Errorf("got %+v, want the second call answered", events)
	}
}

// The number of a message is twice that of the content-related ones before it,
// plus one if it is content-related itself.
// https://core.telegram.org/mtproto/description#message-sequence-number-msg-seqno
func TestRule18OurMessagesAreNumbered(t *testing.T) {
	w := newWorld(t, 1).dial()
	content := int32(0)
	lastID := MsgID(0)
	check := func() {
		for e, ok := w.conn.Next(); ok; e, ok = w.conn.Next() {
			if e.Kind != Write {
				continue
			}
			for _, m := range opened(t, e.Body, w.key, crypt.FromClient) {
				want := 2 * content
				if m.service() == nil {
					content++
					want++
				}
				if m.seq != want || m.id <= lastID {
					t.Fatalf("message %v has number %d, want %d and an id after %v", m.id, m.seq, want, lastID)
				}
				lastID = m.id
			}
			if err := w.server.Receive(w.now, w.socket, e.Body); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 200 {
		w.now = w.now.Add(time.Duration(i%20) * time.Second)
		w.conn.Advance(w.now)
		w.server.Advance(w.now)
		for range i % 4 {
			w.send("x")
		}
		check()
		w.drainServer()
		w.carryToClient()
	}
	if content < 200 {
		t.Errorf("only %d calls were checked", content)
	}
}

// A result that nobody waits for is acknowledged, and otherwise ignored.
// https://core.telegram.org/mtproto/service_messages#response-to-an-rpc-query
func TestRule21ResultsOfUnknownRequestsAreAcknowledged(t *testing.T) {
	l := newLonely(t)
	l.hear(1, resultOf(12345, value("for whom?")))
	id := l.last
	if events := l.told(); len(events) != 0 {
		t.Errorf("got %+v, want nothing", events)
	}
	l.Send(start, value("x"))
	if acks := want[mt.MsgsAck](t, l.wrote()); len(acks.MsgIDs) != 1 || MsgID(acks.MsgIDs[0]) != id {
		t.Errorf("acknowledged %v, want %v", acks.MsgIDs, id)
	}
}

// A packet that breaks a rule is not used, no part of it; on the next socket
// everything goes on.
// https://core.telegram.org/mtproto/security_guidelines#mtproto-encrypted-messages
func TestRule22AViolationEndsTheSocketOnly(t *testing.T) {
	good := part{0, 1, value("must not be used")}
	for name, bad := range map[string]part{
		"an even id":             {-1, 1, value("x")},
		"a broken service":       {0, 0, tl.AppendUint32(nil, mt.IDMsgsAck)},
		"a short result":         {0, 1, tl.AppendLong(tl.AppendUint32(nil, mt.IDRPCResult), 1)},
		"no gzip":                {0, 1, tl.AppendBytes(tl.AppendUint32(nil, mt.IDGzipPacked), []byte("no"))},
		"a packed container":     {0, 1, Pack(appendContainer(nil, nil))},
		"packed twice":           {0, 1, Pack(Pack(value("x")))},
		"a copy of a message":    {0, 1, tl.AppendUint32(nil, mt.IDMsgCopy)},
		"a container within":     {0, 0, appendContainer(nil, nil)},
		"a vector without limit": {0, 0, tl.AppendInt(tl.AppendUint32(tl.AppendUint32(nil, mt.IDMsgsAck), tl.VectorID), 1<<30)},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLonely(t)
			r := l.Send(start, value("call"))
			id := l.wrote()[0].id
			good.id = l.id(isNotice)
			if bad.id += l.id(isNotice); name == "an even id" {
				bad.id &^= 1
			}
			var v *ViolationError
			if err := l.Receive(start, l.container(l.id(isNotice), 2, good, bad)); !errors.As(err, &v) || v.Link == "" {
				t.Fatalf("got %v, want a violation with its link", err)
			}
			if written, events := l.drain(); len(written)+len(events) != 0 {
				t.Fatalf("got %v, %+v, want nothing", written, events)
			}
			l.Down(start)
			l.Up(start)
			_, ask := find[mt.MsgsStateReq](l.wrote())
			l.hear(0, boxed(&mt.MsgsStateInfo{ReqMsgID: int64(ask.id), Info: []byte{stateReceived}}))
			l.hear(1, resultOf(id, value("answer")))
			if events := l.told(); len(events) != 1 || events[0].Req != r || events[0].Kind != Answer {
				t.Errorf("got %+v, want the answer", events)
			}
		})
	}
}

// What an answer holds is its request's affair: the connection does not read it.
// https://core.telegram.org/mtproto/service_messages#response-to-an-rpc-query
func TestRule27AnUnreadableAnswerIsItsRequestsAffair(t *testing.T) {
	l := newLonely(t)
	for _, answer := range [][]byte{
		{1, 2, 3, 4},
		tl.AppendUint32(nil, 0xdeadbeef),
		tl.AppendUint32(nil, mt.IDRPCError), // an error that is cut short
		append(tl.AppendUint32(nil, mt.IDGzipPacked), 1, 2, 3, 4),
		append(tl.AppendUint32(nil, tl.VectorID), 0xff, 0xff, 0xff, 0x7f),
	} {
		r := l.Send(start, value("x"))
		written := l.wrote()
		l.hear(1, resultOf(written[0].id, answer))
		events := l.told()
		if len(events) != 1 || events[0].Req != r {
			t.Fatalf("%x: got %+v, want the end of request %d alone", answer, events, r)
		}
	}
	if n := l.Pending(); n != 0 {
		t.Errorf("%d requests are pending, want none", n)
	}
}
