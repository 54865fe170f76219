package emulator

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/frame"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

// What rules do, to the byte.

// ruled connects a client by a framing that can be read with the naked eye, and
// adds a rule.
func ruled(t *testing.T, r Rule) (*Server, *line) {
	t.Helper()
	s := running(t, Config{Users: []User{{Phone: ann}}})
	l := connect(t, s, 2, plain)
	get(t, l, &tg.HelpGetConfig{})
	if _, err := s.AddRule(r); err != nil {
		t.Fatal(err)
	}
	return s, l
}

// post writes calls in one packet.
func (l *line) post(calls ...[]byte) (ids []mtproto.Req) {
	l.t.Helper()
	for _, call := range calls {
		ids = append(ids, l.session.Send(time.Now(), bytesOf(introduction(tg.Layer, call))))
	}
	l.flush()
	return ids
}

// flush writes what the session has to write, and returns its other events.
func (l *line) flush() (events []mtproto.Event) {
	l.t.Helper()
	for e, ok := l.session.Next(); ok; e, ok = l.session.Next() {
		if e.Kind != mtproto.Write {
			events = append(events, e)
		} else if err := l.write(e.Body); err != nil {
			l.t.Fatal(err)
		}
	}
	return events
}

// rest reads all that comes until the connection ends.
func (l *line) rest() []byte {
	l.t.Helper()
	_ = l.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	b, err := io.ReadAll(l.conn)
	if err != nil {
		l.t.Fatal(err)
	}
	return append(l.stream, b...)
}

func TestWhatIsLeftOfAnAnswer(t *testing.T) {
	for when, want := range map[string]struct{ frames, bytes bool }{
		"before": {}, "after": {}, "answered": {true, true}, "midway": {false, true},
	} {
		_, l := ruled(t, Rule{Method: "help.getConfig", Do: "cut", When: when})
		l.post(bytesOf(&tg.HelpGetConfig{}))
		b := l.rest()
		_, n, err := l.split.Split(b)
		switch {
		case err != nil, (len(b) > 0) != want.bytes, (n > 0) != want.frames:
			t.Errorf("%s: got %d bytes, a frame of %d, %v", when, len(b), n, err)
		case when == "midway" && len(b) < 100:
			t.Errorf("got %d bytes, want half an answer", len(b))
		case n > 0 && n != len(b):
			t.Errorf("%s: got %d bytes behind the frame", when, len(b)-n)
		}
	}
}

func TestAPackedAnswerIsShorter(t *testing.T) {
	sizes := map[bool]int{}
	for _, packed := range []bool{false, true} {
		r := Rule{Method: "langpack.getStrings", Do: "gzip"}
		if !packed {
			r.Nth = 2
		}
		_, l := ruled(t, r)
		l.post(bytesOf(&tg.LangpackGetStrings{Keys: slices.Repeat([]string{"key"}, 500)}))
		packet, err := l.read()
		if err != nil {
			t.Fatal(err)
		}
		sizes[packed] = len(packet)
	}
	if sizes[true] >= sizes[false]/2 {
		t.Errorf("got %d bytes packed and %d not", sizes[true], sizes[false])
	}
}

// https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
func TestABadSaltRefusesThePacketOnce(t *testing.T) {
	s, l := ruled(t, Rule{Method: "auth.cancelCode", Nth: 1, Do: "bad_salt"})
	calls := [][]byte{
		bytesOf(codeFor(ann)),
		bytesOf(&tg.AuthCancelCode{PhoneNumber: ann, PhoneCodeHash: "0123456789abcdef01"}),
		bytesOf(codeFor("+9996620002")),
	}
	ids := l.post(calls...)
	salts := 0
	for ended := map[mtproto.Req]bool{}; len(ended) < len(ids); {
		if err := l.receive(); err != nil {
			t.Fatal(err)
		}
		for _, e := range l.flush() {
			switch e.Kind {
			case mtproto.Answer, mtproto.Refused:
				ended[e.Req] = true
			case mtproto.Changed:
				salts++
			}
		}
	}
	if codes := s.Codes(""); len(codes) != 2 || codes[0].Phone != ann || codes[1].Phone != "+9996620002" {
		t.Errorf("got the codes %v, want each call executed once", codes)
	}
	if salts != 1 || s.Rules()[0].Matched != 2 {
		t.Errorf("got %d new salts and %d matches, want one and two", salts, s.Rules()[0].Matched)
	}
	// Packets are not kept for nothing.
	s.ClearRules()
	get(t, l, &tg.HelpGetConfig{})
}

// https://core.telegram.org/mtproto/service_messages#new-session-creation-notification
func TestAForgottenSessionIsAnnouncedAnew(t *testing.T) {
	_, l := ruled(t, Rule{Method: "auth.sendCode", Nth: 1, Do: "forget_session"})
	lost := l.post(bytesOf(codeFor(ann)))[0]
	time.Sleep(time.Millisecond) // ids are times
	next := l.post(bytesOf(&tg.HelpGetConfig{}))[0]
	var renewed, answered bool
	for !answered {
		if err := l.receive(); err != nil {
			t.Fatal(err)
		}
		for _, e := range l.flush() {
			renewed = renewed || e.Kind == mtproto.Renewed
			answered = answered || e.Kind == mtproto.Answer && e.Req == next
			if e.Req == lost && e.Kind != mtproto.Lost {
				t.Errorf("got %v for the forgotten call", e.Kind)
			}
		}
	}
	if !renewed {
		t.Error("the client was not told that its session is new")
	}
}

func TestAKeyOnceForgottenIsUnknownOnEverySocket(t *testing.T) {
	s, l := ruled(t, Rule{Method: "auth.sendCode", Do: "forget_key"})
	other := tap(t, s.dial, 2, plain)
	other.begin(l.exchange.Key, l.exchange.Salt)
	get(t, other, &tg.HelpGetConfig{})
	for _, c := range []*line{l, other} {
		_, err := c.Invoke(t.Context(), bytesOf(codeFor(ann)))
		var refused *mtproto.TransportError
		if !errors.As(err, &refused) || refused.Code != -404 {
			t.Errorf("got %v, want transport error -404", err)
		}
		wantEOF(t, c)
	}
}

// The rules of the key exchange: what a client gets instead of an answer.
func TestAStepIsAnsweredWithATransportError(t *testing.T) {
	s := running(t, Config{Rules: []Rule{{Step: "req_dh_params", Do: "transport_error", Code: -429}}})
	l := tap(t, s.dial, 2, plain)
	h := mtproto.NewHandshake(time.Now(), mtproto.HandshakeParams{DC: 2, Keys: s.Network().Keys, Random: noise(3)})
	var refused *mtproto.TransportError
	if err := l.exchangeAll(h); !errors.As(err, &refused) || refused.Code != -429 {
		t.Errorf("got %v, want transport error -429", err)
	}
	wantEOF(t, l)
}

func TestADelayedCallOfAForgottenKeyIsNotExecuted(t *testing.T) {
	s, l := ruled(t, Rule{Method: "auth.sendCode", Do: "delay", Delay: time.Hour})
	l.post(bytesOf(codeFor(ann)))
	get(t, l, &tg.HelpGetConfig{})
	err := s.ask(func(now time.Time) {
		if len(s.delayed) != 1 || s.sleep(now) > time.Hour {
			t.Errorf("got %d calls put off and a sleep of %v", len(s.delayed), s.sleep(now))
		}
		s.forget(now, s.centre(2), l.exchange.Key.ID())
		s.doDelayed(now.Add(time.Hour))
		if len(s.delayed) != 0 {
			t.Errorf("got %d calls put off for ever", len(s.delayed))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if codes := s.Codes(""); len(codes) != 0 {
		t.Errorf("got %v", codes)
	}
}

func TestWhatExceedsTheBoundsIsNotPutOff(t *testing.T) {
	now := time.Now()
	for _, c := range []struct{ size, fit int }{{0, maxDelayed}, {1 << 20, maxDelayedBytes >> 20}} {
		s := &Server{&hiddenServer{new(serverState)}}
		done := 0
		for range c.fit + 3 {
			s.in(now, time.Hour, c.size, func(time.Time) { done++ })
		}
		if done != 3 || len(s.delayed) != c.fit {
			t.Errorf("of %d bytes each: got %d done and %d put off, want %d put off", c.size, done, len(s.delayed), c.fit)
		}
		if s.doDelayed(now.Add(time.Hour)); done != c.fit+3 || s.delayedBytes != 0 {
			t.Errorf("got %d done and %d bytes kept, want all and none", done, s.delayedBytes)
		}
	}
}

func TestATornFrameIsHalfAFrameInEveryFraming(t *testing.T) {
	s := running(t, Config{Rules: []Rule{{Method: "auth.sendCode", Do: "cut", When: "midway"}}})
	for _, h := range []how{plain, {kind: frame.Abridged}, {kind: frame.Padded}, {kind: frame.Full}, {frame.Padded, true}} {
		l := connect(t, s, 2, h)
		if _, err := l.Invoke(t.Context(), bytesOf(codeFor(ann))); !errors.Is(err, io.EOF) {
			t.Errorf("%+v: got %v, want the end", h, err)
		}
		if len(l.stream) == 0 || bytes.Equal(l.stream, make([]byte, len(l.stream))) {
			t.Errorf("%+v: got nothing of the frame", h)
		}
	}
}
