package emulator

import (
	"slices"
	"testing"
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

// Rules about a call, where the call is one of several in a packet.

const bob = "+9996620002"

// three are the calls of a packet; the rules are about the second.
func three() [][]byte {
	return [][]byte{bytesOf(codeFor(ann)), bytesOf(&tg.HelpGetNearestDC{}), bytesOf(codeFor(bob))}
}

// ended exchanges packets until a call is answered, and returns the calls that
// were answered or refused till then.
func (l *line) ended(until mtproto.Req) (reqs []mtproto.Req) {
	l.t.Helper()
	for {
		for _, e := range l.flush() {
			if e.Kind == mtproto.Answer || e.Kind == mtproto.Refused {
				reqs = append(reqs, e.Req)
			}
		}
		if slices.Contains(reqs, until) {
			return reqs
		}
		if err := l.receive(); err != nil {
			l.t.Fatal(err)
		}
	}
}

func wantExecuted(t *testing.T, s *Server, want int) {
	t.Helper()
	if got := len(s.Codes("")); got != want {
		t.Errorf("got %d calls executed, want %d", got, want)
	}
}

// A packet is lost as a whole, and a session forgotten with all that came in it.
func TestARuleLosesAWholePacket(t *testing.T) {
	for _, c := range []struct {
		rule     Rule
		executed int
	}{
		{Rule{Do: "drop"}, 0},
		{Rule{Do: "forget_session"}, 0},
		{Rule{Do: "forget_session", When: "after"}, 2},
	} {
		t.Run(c.rule.Do+" "+c.rule.When, func(t *testing.T) {
			c.rule.Method, c.rule.Nth = "help.getNearestDc", 1
			s, l := ruled(t, c.rule)
			lost := l.post(three()...)
			time.Sleep(time.Millisecond) // ids are times
			next := l.post(bytesOf(&tg.HelpGetConfig{}))[0]
			for _, req := range l.ended(next) {
				if slices.Contains(lost, req) {
					t.Errorf("call %v of the packet was answered", req)
				}
			}
			wantExecuted(t, s, c.executed)
		})
	}
}

func TestARuleEndsAConnectionBeforeAnyCallOfThePacket(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		says int // bytes, of a transport error in its frame
	}{
		{Rule{Do: "cut"}, 0},
		{Rule{Do: "transport_error", Code: -429}, 8},
		{Rule{Do: "forget_key"}, 8},
	} {
		t.Run(c.rule.Do, func(t *testing.T) {
			c.rule.Method = "help.getNearestDc"
			s, l := ruled(t, c.rule)
			l.post(three()...)
			if b := l.rest(); len(b) != c.says {
				t.Errorf("got %d bytes, want %d: no answer", len(b), c.says)
			}
			wantExecuted(t, s, 0)
		})
	}
}

// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func TestABadSaltIsSaidBeforeAnyCallOfThePacketIsExecuted(t *testing.T) {
	s, l := ruled(t, Rule{Method: "help.getNearestDc", Nth: 1, Do: "bad_salt"})
	ids := l.post(three()...)
	if err := l.receive(); err != nil {
		t.Fatal(err)
	}
	wantExecuted(t, s, 0)
	changed := 0
	for e, ok := l.session.Next(); ok; e, ok = l.session.Next() {
		switch e.Kind {
		case mtproto.Changed:
			changed++
		case mtproto.Answer, mtproto.Refused:
			t.Errorf("got %v of a packet that was refused", e.Kind)
		case mtproto.Write:
			if err := l.write(e.Body); err != nil {
				t.Fatal(err)
			}
		}
	}
	if changed != 1 {
		t.Errorf("got %d new salts, want one in the first packet", changed)
	}
	l.ended(ids[2])
	wantExecuted(t, s, 2)
}

// A packet that did not come has gone to no other rule.
func TestTheOtherRulesWaitForAPacketToComeAgain(t *testing.T) {
	s, l := ruled(t, Rule{Method: "help.getNearestDc", Nth: 1, Do: "bad_salt"})
	for _, r := range []Rule{
		{Method: "auth.sendCode", Nth: 1, Do: "error", Code: 400, Message: "PHONE_NUMBER_FLOOD"},
		{Method: "auth.sendCode", Probability: 0.5, Seed: 3, Do: "gzip"},
	} {
		if _, err := s.AddRule(r); err != nil {
			t.Fatal(err)
		}
	}
	ids := l.post(three()...)
	l.ended(ids[2])
	wantExecuted(t, s, 1)
	for i, want := range []int{2, 2, 1} {
		if r := s.Rules()[i]; r.Matched != want {
			t.Errorf("%s: got %d matches, want %d", r.Do, r.Matched, want)
		}
	}
}

// The dice fall as they would have without the packet that did not come.
func TestDiceFallAgainAsBefore(t *testing.T) {
	rs := rules{}
	if _, err := rs.add(Rule{Method: "*", Probability: 0.5, Seed: 7, Do: "gzip"}, []int{2}); err != nil {
		t.Fatal(err)
	}
	throw := func() (fell []bool) {
		for range 64 {
			fell = append(fell, rs.list[0].due())
		}
		return fell
	}
	counts := rs.counts()
	first := throw()
	rs.restore(counts, nil)
	if rs.list[0].Matched != 0 || rs.list[0].Fired != 0 {
		t.Errorf("got %+v, want nothing counted", rs.list[0].Rule)
	}
	if second := throw(); !slices.Equal(first, second) || !slices.Contains(first, true) || !slices.Contains(first, false) {
		t.Errorf("got %v, then %v; want the same, of both kinds", first, second)
	}
}

// https://core.telegram.org/api/invoking#saving-client-info
func TestTheWrappersOfALostPacketAreLost(t *testing.T) {
	s := running(t, Config{Rules: []Rule{{Method: "help.getNearestDc", Nth: 1, Do: "drop"}}})
	l := connect(t, s, 2, plain)
	l.post(three()...) // each with an introduction around it
	time.Sleep(time.Millisecond)
	l.layer = 0
	get(t, l, &tg.HelpGetConfig{})
	wantRefusal(t, l, codeFor(ann), 400, "CONNECTION_NOT_INITED")
}

// Layer 180 had a number of its own for auth.requestFirebaseSms, which no other
// layer reads.
func TestARuleReadsACallInTheLayerThatThePacketNames(t *testing.T) {
	s := running(t, Config{Rules: []Rule{{Method: "auth.requestFirebaseSms", Do: "error", Code: 400, Message: "PHONE_NUMBER_FLOOD"}}})
	l := connect(t, s, 2, plain)
	second, err := views{}.of(180).Append(nil, &tg.AuthRequestFirebaseSMS{PhoneNumber: ann, PhoneCodeHash: "h"})
	if err != nil {
		t.Fatal(err)
	}
	l.session.Send(time.Now(), bytesOf(introduction(180, bytesOf(&tg.HelpGetConfig{}))))
	l.ended(l.session.Send(time.Now(), second))
	if r := s.Rules()[0]; r.Fired != 1 {
		t.Errorf("got %+v, want it to have fired once", r)
	}
}

// What happens to an answer does not happen to the notice of a new session, which
// travels in a packet before it.
func TestARuleAboutAnAnswerSparesTheNoticeOfANewSession(t *testing.T) {
	for when, want := range map[string]struct{ frames, rest int }{
		"after": {1, 0}, "answered": {2, 0}, "midway": {1, 1},
	} {
		s := running(t, Config{Rules: []Rule{{Method: "help.getConfig", Do: "cut", When: when}}})
		l := connect(t, s, 2, plain)
		l.post(bytesOf(&tg.HelpGetConfig{}))
		b := l.rest()
		frames := 0
		for {
			_, n, err := l.split.Split(b)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			frames, b = frames+1, b[n:]
		}
		if frames != want.frames || min(len(b), 1) != want.rest {
			t.Errorf("%s: got %d packets and %d bytes, want %d packets", when, frames, len(b), want.frames)
		}
	}
}
