package mtproto

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

func TestACallIsAnswered(t *testing.T) {
	w := newWorld(t, 1).dial()
	r := w.send("hello")
	w.run()
	w.wantEnd(r, "answer # re:hello")
	w.wantRuns("hello", 1)
	if n := w.conn.Pending(); n != 0 {
		t.Errorf("%d requests are pending, want none", n)
	}
}

func TestARefusalIsTold(t *testing.T) {
	w := newWorld(t, 1).dial()
	for name, body := range map[string]func([]byte) []byte{"plain": func(b []byte) []byte { return b }, "packed": Pack} {
		w.reply = func(string) []byte { return body(boxed(&mt.RPCError{ErrorCode: 420, ErrorMessage: "FLOOD_WAIT_7"})) }
		r := w.send(name)
		w.run()
		w.wantEnd(r, "refused # 420 FLOOD_WAIT_7")
	}
}

func TestCallsWaitForTheNetwork(t *testing.T) {
	w := newWorld(t, 1)
	r := w.send("early")
	w.run()
	if !w.conn.Deadline().IsZero() {
		t.Error("a Conn that is down has a deadline")
	}
	w.dial().run()
	w.wantEnd(r, "answer # re:early")
}

func TestCallsToldTogetherTravelTogether(t *testing.T) {
	l := newLonely(t)
	for range 5 {
		l.Send(start, value("x"))
	}
	written := l.wrote()
	if len(written) != 5 {
		t.Fatalf("got %d messages, want 5", len(written))
	}
	for i, m := range written {
		if m.container != written[0].container || m.id >= m.container || i > 0 && m.id <= written[i-1].id {
			t.Errorf("message %d is %v in %v", i, m.id, m.container)
		}
	}
}

func TestMoreThanFitsTravelsInSeveralPackets(t *testing.T) {
	l := newLonely(t)
	for range 2500 {
		l.Send(start, value("x"))
	}
	for range 3 {
		l.Send(start, append(value(""), make([]byte, fullContainer)...))
	}
	containers := map[MsgID]int{}
	for _, m := range l.wrote() {
		containers[m.container]++
	}
	for id, n := range containers {
		if n > fullParts {
			t.Errorf("container %v has %d messages, want at most %d", id, n, fullParts)
		}
	}
	if len(containers) != 4 || containers[0] != 3 {
		t.Errorf("got %v, want three containers and the long ones alone", containers)
	}
}

func TestWhatIsNoMessageIsRefusedAtOnce(t *testing.T) {
	l := newLonely(t)
	for _, n := range []int{0, 3, 5, maxBody + 4} {
		r := l.Send(start, make([]byte, n))
		written, events := l.drain()
		if len(written) != 0 || len(events) != 1 || events[0].Req != r || events[0].Err == nil || !strings.Contains(events[0].Err.Error(), fmt.Sprint(n)) {
			t.Errorf("%d bytes: got %v, %+v", n, written, events)
		}
	}
	if l.Pending() != 0 {
		t.Error("they are still pending")
	}
}

func TestABodyCanHoldItsOwnID(t *testing.T) {
	l := newLonely(t)
	var made []MsgID
	l.Send(start, value("before"))
	r := l.SendFunc(start, func(id MsgID, session SessionID) []byte {
		made = append(made, id)
		if session != l.Session() {
			t.Errorf("got session %v, want %v", session, l.Session())
		}
		return tl.AppendLong(value("bind"), int64(id))
	})
	l.Send(start, value("after"))
	written := l.wrote()
	if len(written) != 3 || len(made) != 1 || written[1].id != made[0] {
		t.Fatalf("got %v, made %v", written, made)
	}
	for _, m := range written {
		if m.container != 0 {
			t.Errorf("message %v travels in a container", m.id)
		}
	}
	// Refused for its salt it is made again, for another id.
	l.hear(0, boxed(&mt.BadServerSalt{BadMsgID: int64(made[0]), ErrorCode: badSalt, NewServerSalt: 5}))
	written = l.wrote()
	if len(made) != 2 || made[1] <= made[0] || written[0].id != made[1] || written[0].salt != 5 {
		t.Errorf("got %v, made %v", written, made)
	}
	l.hear(1, resultOf(made[1], value("ok")))
	if events := l.told(); len(events) != 1 || events[0].Kind != Answer || events[0].Req != r {
		t.Errorf("got %+v, want the answer", events)
	}
}

func TestACancelledCallIsNotHeardOfAgain(t *testing.T) {
	w := newWorld(t, 1).dial()
	w.reply = func(string) []byte { return nil }
	r := w.send("slow")
	w.run()
	w.conn.Cancel(w.now, r)
	w.run()
	w.server.Answer(w.now, w.asked[0].Query, value("too late"))
	w.wait(time.Minute)
	w.wantEnd(r, "")
	// Before it is written, nobody else learns of it.
	w.cut()
	unsent := w.send("unsent")
	w.conn.Cancel(w.now, unsent)
	w.conn.Cancel(w.now, unsent)
	w.conn.Cancel(w.now, 12345)
	w.dial().wait(time.Minute)
	w.wantRuns("unsent", 0)
	if n := w.conn.Pending(); n != 0 {
		t.Errorf("%d requests are pending, want none", n)
	}
}

func TestUpdatesAreHandedOn(t *testing.T) {
	w := newWorld(t, 1).dial()
	w.send("hello")
	w.run()
	w.server.Push(w.now, w.key.ID(), value("news"))
	w.server.Push(w.now, w.key.ID(), Pack(value("long news")))
	w.server.Push(w.now, w.key.ID(), value("not for us"), w.conn.Session())
	w.run()
	w.wantLog("pushed news")
	w.wantLog("pushed long news")
	if n := w.count("pushed"); n != 2 {
		t.Errorf("got %d updates, want 2", n)
	}
}

func TestACallSurvivesALostSocket(t *testing.T) {
	w := newWorld(t, 1).dial()
	w.send("hello")
	w.run()

	r := w.send("lost on the way there")
	w.drainClient()
	w.cut()
	w.dial().run()
	w.wantEnd(r, "answer # re:lost on the way there")

	r = w.send("lost on the way back")
	w.drainClient()
	w.carryToServer()
	w.drainServer()
	w.cut()
	w.dial().run()
	w.wantEnd(r, "answer # re:lost on the way back")
	w.wantRuns("lost on the way there", 1)
	w.wantRuns("lost on the way back", 1)
}

func TestASlowCallSurvivesALostSocket(t *testing.T) {
	w := newWorld(t, 1).dial()
	w.reply = func(string) []byte { return nil }
	r := w.send("slow")
	w.run()
	w.cut()
	w.wait(time.Minute)
	w.dial().wait(20 * time.Minute)
	w.server.Answer(w.now, w.asked[0].Query, value("at last"))
	w.run()
	w.wantEnd(r, "answer # at last")
	w.wantRuns("slow", 1)
}

func TestAnAnswerFindsTheClientOnItsNextSocket(t *testing.T) {
	w := newWorld(t, 1).dial()
	w.reply = func(string) []byte { return nil }
	r := w.send("slow")
	w.run()
	w.cut()
	w.server.Answer(w.now, w.asked[0].Query, value("while you were away"))
	w.wait(time.Minute)
	w.dial().run()
	w.wantEnd(r, "answer # while you were away")
}

// What goes out again to fetch an answer is asked about first when the socket is
// lost before: the session may be forgotten.
func TestARepetitionThatWasNotWrittenIsAskedAbout(t *testing.T) {
	l := newLonely(t)
	r := l.Send(start, value("x"))
	id := l.wrote()[0].id
	l.hear(0, boxed(&mt.MsgResendReq{MsgIDs: []int64{int64(id)}}))
	l.Up(start) // Down is understood
	written := l.wrote()
	if ask := want[mt.MsgsStateReq](t, written); MsgID(ask.MsgIDs[0]) != id {
		t.Errorf("asked about %v, want %v", ask.MsgIDs, id)
	}
	for _, m := range written {
		if m.id == id {
			t.Error("it is written again without asking")
		}
	}
	l.hear(0, boxed(&mt.NewSessionCreated{FirstMsgID: int64(written[0].id), ServerSalt: 1}))
	if events := l.told(); len(events) != 2 || events[0].Kind != Lost || events[0].Req != r {
		t.Errorf("got %+v, want it lost", events)
	}
}

// A server that forgot the session may have executed what it did not answer.
// https://core.telegram.org/mtproto/service_messages#new-session-creation-notification
func TestAForgottenSessionLeavesTheOutcomeUnknown(t *testing.T) {
	w := newWorld(t, 1).dial()
	w.send("hello")
	w.run()
	w.reply = func(string) []byte { return nil }
	r := w.send("unlucky")
	w.run()
	w.restart(50)
	fresh := w.send("after")
	w.reply = nil
	w.dial().run()
	w.wantEnd(r, "lost #")
	w.wantEnd(fresh, "answer # re:after")
	w.wantRuns("unlucky", 1)
	if n := w.count("renewed"); n != 2 {
		t.Errorf("told %d times that the session is new, want 2", n)
	}
}

// A server may put its own time into first_msg_id and know nothing of states:
// what was written on this very socket is not lost for that.
func TestAServerThatNumbersSessionsByItsClock(t *testing.T) {
	l := newLonely(t)
	r := l.Send(start, value("x"))
	id := l.wrote()[0].id
	created := boxed(&mt.NewSessionCreated{FirstMsgID: int64(idAt(start.Add(time.Second))), ServerSalt: 1})
	l.hear(0, created)
	if events := l.told(); len(events) != 1 || events[0].Kind != Renewed {
		t.Fatalf("got %+v, want only that the session is new", events)
	}
	l.hear(0, resultOf(id, value("y")))
	if events := l.told(); len(events) != 1 || events[0].Kind != Answer || events[0].Req != r {
		t.Errorf("got %+v, want the answer", events)
	}
	// Once it works, the same message means that it was forgotten.
	r = l.Send(start, value("x"))
	l.wrote()
	l.hear(0, created)
	if events := l.told(); len(events) != 2 || events[0].Kind != Lost || events[0].Req != r {
		t.Errorf("got %+v, want it lost", events)
	}
}

func TestAServerThatKnowsNoStates(t *testing.T) {
	for name, reply := range map[string]func(l *lonely, ask MsgID){
		"refuses the question": func(l *lonely, ask MsgID) {
			l.hear(1, resultOf(ask, boxed(&mt.RPCError{ErrorCode: 400, ErrorMessage: "INPUT_METHOD_INVALID"})))
		},
		"speaks of other things": func(l *lonely, ask MsgID) {
			l.hear(1, value("news"))
			l.pong()
			l.pass(askWait)
		},
		"closes at the question, twice": func(l *lonely, ask MsgID) {
			for range maxAsked {
				l.hear(1, value("news"))
				l.Down(l.now)
				l.Up(l.now)
				l.told()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLonely(t)
			r := l.Send(start, value("x"))
			id := l.wrote()[0].id
			l.Down(start)
			l.Up(start)
			ask, at := find[mt.MsgsStateReq](l.wrote())
			if ask == nil || len(ask.MsgIDs) != 1 || MsgID(ask.MsgIDs[0]) != id {
				t.Fatalf("got %+v, want a question about %v", ask, id)
			}
			var written []message
			spy := func() {
				reply(l, at.id)
				for e, ok := l.Next(); ok; e, ok = l.Next() {
					if e.Kind == Write {
						written = append(written, opened(t, e.Body, l.forge.key, crypt.FromClient)...)
					}
				}
			}
			spy()
			if name == "closes at the question, twice" {
				// It was written while the story was told.
				l.Down(l.now)
				l.Up(l.now)
				written = l.wrote()
			}
			found := false
			for _, m := range written {
				found = found || m.id == id && string(m.body) == string(value("x"))
			}
			if !found {
				t.Errorf("request %d was not written again under its id: %v", r, written)
			}
		})
	}
}

// A line can fall silent after the server has spoken on it. Questions that were
// lost there say nothing about the server, however often they were asked.
func TestAQuestionLostOnASilentLineIsAskedAgain(t *testing.T) {
	l := newLonely(t)
	l.Send(start, value("x"))
	id := l.wrote()[0].id
	l.hear(1, value("the last that comes on this line"))
	for range maxAsked {
		l.pass(2 * askAfter)
		if ask, _ := find[mt.MsgsStateReq](l.wrote()); ask == nil {
			t.Fatal("a late answer is not asked about")
		}
	}
	l.Down(l.now)
	l.Up(l.now)
	written := l.wrote()
	if ask, _ := find[mt.MsgsStateReq](written); ask == nil || len(ask.MsgIDs) != 1 || MsgID(ask.MsgIDs[0]) != id {
		t.Errorf("on the next line: got %v, want a question about %v", written, id)
	}
}

func TestStatesDecideWhatIsWrittenAgain(t *testing.T) {
	for _, c := range []struct {
		state byte
		kind  Kind // of the event; 0 for none
		again bool
	}{
		{stateUnknown, Lost, false},
		{stateMissing, 0, true},
		{stateTooHigh, 0, true},
		{stateReceived | stateRunning, 0, false},
		{stateReceived | stateAnswered, 0, true}, // to fetch the answer
		{0, 0, false},
	} {
		l := newLonely(t)
		l.Send(start, value("x"))
		id := l.wrote()[0].id
		l.Down(start)
		l.Up(start)
		_, at := find[mt.MsgsStateReq](l.wrote())
		l.hear(0, boxed(&mt.MsgsStateInfo{ReqMsgID: int64(at.id), Info: []byte{c.state}}))
		written, events := l.drain()
		if again := len(written) == 1 && written[0].id == id; again != c.again {
			t.Errorf("state %d: written again: %v, want %v", c.state, again, c.again)
		}
		if c.kind == 0 && len(events) != 0 || c.kind != 0 && (len(events) != 1 || events[0].Kind != c.kind) {
			t.Errorf("state %d: got %+v, want %v", c.state, events, c.kind)
		}
	}
}

// What surely did not arrive gets another id when its own has become too old for
// the server to check.
func TestAnOldMessageIsSentUnderANewID(t *testing.T) {
	l := newLonely(t)
	l.Send(start, value("x"))
	id := l.wrote()[0].id
	l.Down(start)
	l.pass(5 * time.Minute)
	l.Up(l.now)
	_, at := find[mt.MsgsStateReq](l.wrote())
	l.hear(0, boxed(&mt.MsgsStateInfo{ReqMsgID: int64(at.id), Info: []byte{stateTooHigh}}))
	written := l.wrote()
	if len(written) != 1 || written[0].id <= id {
		t.Errorf("got %v, want one message with an id after %v", written, id)
	}
}

func TestALateAnswerIsAskedAbout(t *testing.T) {
	l := newLonely(t)
	l.Send(start, value("x"))
	id := l.wrote()[0].id
	l.pass(askAfter - 1)
	if written := l.wrote(); len(written) != 0 {
		t.Fatalf("got %v before its time", written)
	}
	if d := l.Deadline(); !d.Equal(start.Add(askAfter)) {
		t.Errorf("the deadline is %v, want %v", d, start.Add(askAfter))
	}
	l.pass(1)
	ask := want[mt.MsgsStateReq](t, l.wrote())
	if len(ask.MsgIDs) != 1 || MsgID(ask.MsgIDs[0]) != id {
		t.Errorf("asked about %v, want %v", ask.MsgIDs, id)
	}
	// Once the server has it, there is no hurry to ask.
	l.hear(0, boxed(&mt.MsgsAck{MsgIDs: []int64{int64(id)}}))
	l.told()
	for range 2 {
		l.pass(askReceived - 1)
		if ask, _ := find[mt.MsgsStateReq](l.wrote()); ask != nil {
			t.Error("asked again too soon after the server said that it has it")
		}
		l.pong()
		l.pass(1)
		_, ask := find[mt.MsgsStateReq](l.wrote())
		l.hear(0, boxed(&mt.MsgsStateInfo{ReqMsgID: int64(ask.id), Info: []byte{stateReceived | stateRunning}}))
	}
}

// A server may lose the packet that fetches an answer, as it lost the answer.
func TestAnAnswerIsFetchedUntilItComes(t *testing.T) {
	l := newLonely(t)
	l.Send(start, value("x"))
	id := l.wrote()[0].id
	for range 3 {
		l.pass(askAfter)
		_, ask := find[mt.MsgsStateReq](l.wrote())
		l.hear(0, boxed(&mt.MsgsStateInfo{ReqMsgID: int64(ask.id), Info: []byte{stateReceived | stateAnswered}}))
		if written := l.wrote(); len(written) != 1 || written[0].id != id {
			t.Fatalf("got %v, want %v again, to fetch its answer", written, id)
		}
	}
}

// https://core.telegram.org/mtproto/service_messages#deferred-connection-closure--ping
func TestAPingPromisesTheNext(t *testing.T) {
	l := newLonely(t)
	l.pass(pingEvery)
	ping := want[mt.PingDelayDisconnect](t, l.wrote())
	if ping.DisconnectDelay != 75 {
		t.Errorf("got a delay of %d s, want 75", ping.DisconnectDelay)
	}
	l.hear(0, boxed(&mt.Pong{PingID: ping.PingID}))
	l.pass(pingEvery)
	if next := want[mt.PingDelayDisconnect](t, l.wrote()); next.PingID == ping.PingID {
		t.Error("two pings have the same number")
	}
}

func TestASilentServerIsNoticedOnce(t *testing.T) {
	w := newWorld(t, 1).dial()
	w.send("hello")
	w.run()
	w.up = false // the wire is dead, and nobody knows
	deaf := w.conn
	stalls := 0
	for at := w.now; w.now.Before(at.Add(10 * time.Minute)); w.now = w.now.Add(time.Second) {
		deaf.Advance(w.now)
		for e, ok := deaf.Next(); ok; e, ok = deaf.Next() {
			if e.Kind == Stalled {
				stalls++
				if d := w.now.Sub(at); d > pingEvery+stallAfter {
					t.Errorf("noticed after %v, want at most %v", d, pingEvery+stallAfter)
				}
			}
		}
	}
	if stalls != 1 {
		t.Errorf("told %d times, want once", stalls)
	}
}

func TestAnIdleConnLivesOnPings(t *testing.T) {
	w := newWorld(t, 1).dial()
	w.send("hello")
	w.wait(24 * time.Hour)
	if n := w.count("stalled"); n != 0 {
		t.Errorf("stalled %d times on a wire that works", n)
	}
	if !w.up {
		t.Error("the server closed the socket")
	}
	r := w.send("still there?")
	w.run()
	w.wantEnd(r, "answer # re:still there?")
}

func TestASecondSocketTellsTheServerWhereTheSessionIs(t *testing.T) {
	w := newWorld(t, 1).dial()
	w.send("hello")
	w.run()
	w.cut()
	w.dial().run()
	w.server.Push(w.now, w.key.ID(), value("news"))
	w.run()
	w.wantLog("pushed news")
}

func TestTheSaltIsLearned(t *testing.T) {
	w := newWorld(t, 1)
	w.conn = NewConn(w.now, Params{Key: w.key, Random: newChance(3)}) // salt 0
	w.dial()
	r := w.send("hello")
	w.run()
	w.wantEnd(r, "answer # re:hello")
	w.wantRuns("hello", 1)
	if e := w.events[0]; e.Kind != Changed || e.Salt != 77 {
		t.Errorf("got %+v first, want the salt 77 to store", e)
	}
	// And again, each half hour, without anyone noticing.
	for i := range 10 {
		w.wait(45 * time.Minute)
		call := fmt.Sprint("call ", i)
		r := w.send(call)
		w.run()
		w.wantEnd(r, "answer # re:"+call)
		w.wantRuns(call, 1)
	}
}

func TestTheClockIsLearned(t *testing.T) {
	for _, skew := range []time.Duration{-20 * time.Hour, -10 * time.Minute, -4 * time.Minute, 20 * time.Second, time.Minute, 20 * time.Hour} {
		w := newWorld(t, 1)
		w.skew = skew
		w.dial()
		r := w.send("hello")
		w.run()
		w.wantEnd(r, "answer # re:hello")
		w.wantRuns("hello", 1)
		w.server.Push(w.now, w.key.ID(), value("news"))
		w.run()
		w.wantLog("pushed news")
		for _, e := range w.events {
			if off := e.Offset + skew; e.Kind == Changed && (off > time.Second || off < -time.Second) {
				t.Errorf("skew %v: told to store %v", skew, e.Offset)
			}
		}
	}
}

func TestAClockThatJumpsIsCorrected(t *testing.T) {
	w := newWorld(t, 1).dial()
	w.send("hello")
	w.run()
	for i, skew := range []time.Duration{time.Hour, -time.Hour, time.Minute, 2 * time.Minute, 0} {
		w.skew = skew
		r := w.send(fmt.Sprint(i))
		w.run()
		w.wantEnd(r, fmt.Sprintf("answer # re:%d", i))
		w.wantRuns(fmt.Sprint(i), 1)
		w.server.Push(w.now, w.key.ID(), value(fmt.Sprint("news ", i)))
		w.run()
		w.wantLog(fmt.Sprint("pushed news ", i))
	}
}

func TestTransportErrorsSayWhatToDo(t *testing.T) {
	l := newLonely(t)
	for code, word := range map[int32]string{-404: "auth key", -429: "wait", -444: "data centre", -403: "wait", -500: "-500"} {
		var e *TransportError
		err := l.Receive(start, appendTransportError(nil, code))
		if !errors.As(err, &e) || e.Code != int(code) || !strings.Contains(err.Error(), word) {
			t.Errorf("%d: got %v, want it to speak of %q", code, err, word)
		}
	}
	wantViolation(t, l.Receive(start, []byte{1, 0, 0, 0}), "message key")
}

// Cancelling, answering and sending leave nothing behind.
func TestAnIdleConnHoldsLittle(t *testing.T) {
	w := newWorld(t, 1).dial()
	for i := range 3000 {
		w.send(fmt.Sprint(i))
		if i%100 == 0 {
			w.run()
		}
	}
	w.wait(10 * time.Minute)
	c := w.conn
	for name, n := range map[string]int{
		"requests": len(c.calls.byReq), "ids": len(c.calls.byID), "queued": len(c.calls.queue.items),
		"asks": len(c.asks.open), "acks": len(c.acks.ids), "events": cap(c.events.items) - longQueue,
		"spare": len(c.spare) - maxSpares, "window": len(c.window.ids) - 2*windowSize,
	} {
		if n > 0 {
			t.Errorf("%s: %d are left", name, n)
		}
	}
	if len(w.ended) != 3000 {
		t.Errorf("%d of 3000 calls ended", len(w.ended))
	}
}

func TestBuffersAreUsedAgain(t *testing.T) {
	l := newLonely(t)
	l.Send(start, value("x"))
	first, _ := l.Next()
	l.Conn.Reuse(first.Body)
	l.Send(start, value("y"))
	second, _ := l.Next()
	if &first.Body[0] != &second.Body[0] {
		t.Error("the buffer was not used again")
	}
	var b buffers
	b.put(make([]byte, 0, maxSpare+1))
	b.put(nil)
	for range 2 * maxSpares {
		b.put(make([]byte, 8))
	}
	if len(b) != maxSpares {
		t.Errorf("%d buffers are kept, want %d", len(b), maxSpares)
	}
}

// A typed call costs at most five allocations; the Conn's part of that is small.
func TestACallAllocatesLittle(t *testing.T) {
	l := newLonely(t)
	body := value("a call of the usual length, more or less")
	result := resultOf(0, body)
	once := func() {
		l.Send(l.now, body)
		for e, ok := l.Next(); ok; e, ok = l.Next() {
			l.Conn.Reuse(e.Body)
		}
		binary.LittleEndian.PutUint64(result[4:], uint64(l.Conn.ids.last))
		l.onResult(result)
		if e, _ := l.Next(); e.Kind != Answer {
			t.Fatalf("got %+v, want an answer", e)
		}
	}
	once()
	// The key schedule, inside crypto/aes.
	if n := testing.AllocsPerRun(200, once); n > 1 {
		t.Errorf("a call allocates %v times, want once", n)
	}
}

// What serves a new request must not stand for an old one anywhere.
func TestTheMemoryOfARequestIsUsedAgainOnceNothingPointsToIt(t *testing.T) {
	l := newLonely(t)
	first := l.Send(start, value("first"))
	l.Cancel(start, first) // it is still in the queue
	second := l.Send(start, value("second"))
	if l.calls.byReq[second] == l.calls.queue.items[0] {
		t.Fatal("a request that waits in the queue was used for another")
	}
	var written [][]byte
	for e, ok := l.Next(); ok; e, ok = l.Next() {
		written = append(written, e.Body)
	}
	if len(written) != 1 || len(l.calls.spare) != 1 {
		t.Fatalf("%d packets, %d spare calls, want one of each", len(written), len(l.calls.spare))
	}
	spare := l.calls.spare[0]
	third := l.Send(start, value("third"))
	if k := l.calls.byReq[third]; k != spare || k.req != third || k.id != 0 || k.writes != 0 || k.state != callFresh {
		t.Errorf("got %+v, want the spare call, blank", k)
	}
	// Of one that the server is to be asked about, the question keeps it.
	k := l.calls.byReq[second]
	l.ask(k, askWait)
	l.Cancel(start, second)
	if len(l.calls.spare) != 0 {
		t.Error("a request that a question is about became spare")
	}
}

func TestAConnThatRestsHoldsNoSpares(t *testing.T) {
	w := newWorld(t, 1).dial()
	for i := range 300 {
		w.send(fmt.Sprint(i))
	}
	w.run()
	c := w.conn
	c.Rest()
	if n := cap(c.calls.spare) + len(c.spare) + cap(c.parts) + cap(c.events.items) + cap(c.calls.queue.items); n != 0 {
		t.Errorf("%d places are kept, want none", n)
	}
	again := w.send("again")
	w.run()
	if len(w.ended) != 301 || w.ended[again] == "" {
		t.Errorf("%d of 301 calls ended", len(w.ended))
	}
}
