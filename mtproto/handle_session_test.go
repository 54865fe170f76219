package mtproto

import (
	"testing"

	"github.com/telekey/telekey/internal/mt"
)

// https://core.telegram.org/mtproto/service_messages_about_messages#request-for-message-status-information
func TestTheServerMayAskWhatWeHave(t *testing.T) {
	l := newLonely(t)
	l.hear(1, value("a"))
	a := l.last
	l.last += 4 // one that we do not get
	l.hear(1, value("b"))
	b := l.last
	question := []int64{int64(a), int64(a + 4), int64(b), int64(b + 400)}
	l.hear(0, boxed(&mt.MsgsStateReq{MsgIDs: question}))
	asked := l.last
	info := want[mt.MsgsStateInfo](t, l.wrote())
	if MsgID(info.ReqMsgID) != asked || string(info.Info) != "\x04\x02\x04\x03" {
		t.Errorf("got %x to %v, want 04020403 to %v", info.Info, info.ReqMsgID, asked)
	}
}

// https://core.telegram.org/mtproto/service_messages_about_messages#explicit-request-to-re-send-messages
func TestTheServerMayAskForAMessageAgain(t *testing.T) {
	l := newLonely(t)
	l.Send(start, value("x"))
	m := l.wrote()[0]
	l.hear(0, boxed(&mt.MsgResendReq{MsgIDs: []int64{int64(m.id), 4, int64(m.id)}}))
	again := l.wrote()
	if len(again) != 1 || again[0].id != m.id || again[0].seq != m.seq || string(again[0].body) != string(m.body) {
		t.Errorf("got %v, want %v", again, m)
	}
}

// https://core.telegram.org/mtproto/service_messages_about_messages#extended-voluntary-communication-of-status-of-one-message
func TestALongAnswerIsFetchedOrAcknowledged(t *testing.T) {
	l := newLonely(t)
	l.Send(start, value("x"))
	id := l.wrote()[0].id
	answer := l.id(isAnswer)
	l.hear(0, boxed(&mt.MsgDetailedInfo{MsgID: int64(id), AnswerMsgID: int64(answer), Bytes: 1 << 20}))
	if m := want[mt.MsgResendReq](t, l.wrote()); len(m.MsgIDs) != 1 || MsgID(m.MsgIDs[0]) != answer {
		t.Errorf("asked for %v, want %v", m.MsgIDs, answer)
	}
	l.hear(0, boxed(&mt.MsgNewDetailedInfo{AnswerMsgID: int64(answer)}))
	if m := want[mt.MsgResendReq](t, l.wrote()); MsgID(m.MsgIDs[0]) != answer {
		t.Errorf("asked for %v, want %v", m.MsgIDs, answer)
	}
	// The answer comes, wrapped, under its own id; after that it is only
	// acknowledged.
	if err := l.Receive(start, l.container(l.id(isAnswer), 2, part{answer, 1, resultOf(id, value("y"))})); err != nil {
		t.Fatal(err)
	}
	if events := l.told(); len(events) != 1 || events[0].Kind != Answer {
		t.Fatalf("got %+v, want the answer", events)
	}
	for _, info := range []any{
		&mt.MsgDetailedInfo{MsgID: int64(id), AnswerMsgID: int64(answer)},
		&mt.MsgNewDetailedInfo{AnswerMsgID: int64(answer)},
		&mt.MsgDetailedInfo{MsgID: 4, AnswerMsgID: int64(l.id(isAnswer))},
	} {
		l.hear(0, boxed(info))
		l.Send(start, value("x"))
		written := l.wrote()
		want[mt.MsgsAck](t, written)
		if m, _ := find[mt.MsgResendReq](written); m != nil {
			t.Errorf("%+v: asked for %v", info, m.MsgIDs)
		}
	}
}

func TestStatesMayBeToldUnasked(t *testing.T) {
	l := newLonely(t)
	r := l.Send(start, value("x"))
	id := l.wrote()[0].id
	l.hear(0, boxed(&mt.MsgsAllInfo{MsgIDs: []int64{4, int64(id)}, Info: []byte{stateUnknown, stateMissing}}))
	if again := l.wrote(); len(again) != 1 || again[0].id != id {
		t.Errorf("got %v, want message %v again", again, id)
	}
	l.hear(0, boxed(&mt.MsgsAllInfo{MsgIDs: []int64{int64(id), 4}, Info: []byte{stateUnknown}}))
	if events := l.told(); len(events) != 1 || events[0].Kind != Lost || events[0].Req != r {
		t.Errorf("got %+v, want it lost", events)
	}
}

// What MTProto itself is asked comes back without rpc_result.
// https://core.telegram.org/mtproto/service_messages#ping-messages-pingpong
func TestServiceCallsAreAnsweredDirectly(t *testing.T) {
	for name, c := range map[string]struct {
		call   any
		answer func(id MsgID) any
	}{
		"ping": {&mt.Ping{PingID: 5}, func(id MsgID) any { return &mt.Pong{MsgID: int64(id), PingID: 5} }},
		"get_future_salts": {&mt.GetFutureSalts{Num: 1}, func(id MsgID) any {
			return &mt.FutureSalts{ReqMsgID: int64(id), Salts: []*mt.FutureSalt{{Salt: 5}}}
		}},
		"msgs_state_req":   {&mt.MsgsStateReq{MsgIDs: []int64{4}}, func(id MsgID) any { return &mt.MsgsStateInfo{ReqMsgID: int64(id), Info: []byte{1}} }},
		"destroy_session":  {&mt.DestroySession{SessionID: 5}, func(MsgID) any { return &mt.DestroySessionNone{SessionID: 5} }},
		"destroy_auth_key": {&mt.DestroyAuthKey{}, func(MsgID) any { return &mt.DestroyAuthKeyOk{} }},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLonely(t)
			r := l.Send(start, boxed(c.call))
			id := l.wrote()[0].id
			l.hear(0, boxed(c.answer(id)))
			events := l.told()
			if len(events) != 1 || events[0].Kind != Answer || events[0].Req != r || string(events[0].Body) != string(boxed(c.answer(id))) {
				t.Errorf("got %+v, want the answer", events)
			}
			// Unasked, such an answer means nothing.
			l.hear(0, boxed(c.answer(4)))
			if events := l.told(); len(events) != 0 {
				t.Errorf("got %+v, want nothing", events)
			}
		})
	}
}

func TestQuestionsOfTheServerAreBounded(t *testing.T) {
	l := newLonely(t)
	for range 3 * maxNotes {
		l.hear(0, boxed(&mt.MsgsStateReq{MsgIDs: []int64{4}}))
		l.hear(0, boxed(&mt.MsgNewDetailedInfo{AnswerMsgID: int64(l.last + 2)}))
	}
	if n := len(l.wrote()); n > maxNotes+2 {
		t.Errorf("wrote %d messages, want at most %d", n, maxNotes+2)
	}
	l.hear(0, boxed(&mt.MsgsStateReq{MsgIDs: make([]int64, maxAcks+1)}))
	if m, _ := find[mt.MsgsStateInfo](l.wrote()); m != nil {
		t.Error("a question about more messages than there may be was answered")
	}
}
