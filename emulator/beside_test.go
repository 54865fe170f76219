package emulator

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

// halfInLine brings a client to the question for its password.
func halfInLine(t *testing.T, l *line) {
	t.Helper()
	wantRefusal(t, l, typeIn(ann, ask(t, l, ann), codeX), 401, "SESSION_PASSWORD_NEEDED")
}

// occupied takes all processors, so that no task runs until the function it returns
// is called.
func occupied(s *Server) (release func()) {
	for range cap(s.cores) {
		s.cores <- struct{}{}
	}
	return func() {
		for range cap(s.cores) {
			<-s.cores
		}
	}
}

// packetOf sends calls in one packet.
func packetOf(t *testing.T, l *line, calls ...any) (reqs []mtproto.Req) {
	t.Helper()
	for _, call := range calls {
		reqs = append(reqs, l.session.Send(time.Now(), bytesOf(call)))
	}
	for e, ok := l.session.Next(); ok; e, ok = l.session.Next() {
		if e.Kind == mtproto.Write {
			if err := l.write(e.Body); err != nil {
				t.Fatal(err)
			}
		}
	}
	return reqs
}

func TestArithmeticForOneKeepsNobodyElseWaiting(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann, Password: "correct horse"}}})
	slow, good := connect(t, s, 2, plain), connect(t, s, 2, plain)
	halfInLine(t, slow)
	get(t, good, &tg.HelpGetConfig{})
	release := occupied(s)
	reqs := packetOf(t, slow, getPassw0rd)
	// A second client makes a key: that waits for a processor, too.
	third := tap(t, s.dial, 2, plain)
	question, _ := mtproto.NewHandshake(time.Now(), mtproto.HandshakeParams{DC: 2, Keys: s.Network().Keys, Random: noise(3)}).Next()
	if err := third.write(question); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		get(t, good, &tg.HelpGetNearestDC{})
	}
	if err := s.ask(func(time.Time) {
		waiting := 0
		for _, k := range s.sockets {
			waiting += k.pending
		}
		if waiting != 2 {
			t.Errorf("got %d tasks that wait, want 2", waiting)
		}
	}); err != nil {
		t.Fatal(err)
	}
	release()
	if _, err := slow.result(reqs[0]); err != nil {
		t.Error(err)
	}
	if _, err := third.read(); err != nil {
		t.Error(err)
	}
}

// What a client asks behind its proof is answered as after it.
func TestACallDoesNotOvertakeTheProofBeforeIt(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann, Password: "correct horse"}}})
	l := connect(t, s, 2, plain)
	halfInLine(t, l)
	right := proof(t, get(t, l, getPassw0rd), "correct horse")
	release := occupied(s)
	reqs := packetOf(t, l, self, right, self)
	release()
	_, err := l.result(reqs[0])
	if e := tg.AsError(err); e == nil || e.Message != "SESSION_PASSWORD_NEEDED" {
		t.Errorf("before the proof: got %v, want SESSION_PASSWORD_NEEDED", err)
	}
	if _, err := l.result(reqs[2]); err != nil {
		t.Errorf("behind the proof: got %v, want the user", err)
	}
}

// A proof is worth nothing when the password changes while it is checked.
func TestAProofIsHeldAgainstThePasswordAsItIsWhenTheCheckIsDone(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann, Password: "correct horse"}}})
	l := connect(t, s, 2, plain)
	halfInLine(t, l)
	right := proof(t, get(t, l, getPassw0rd), "correct horse")
	release := occupied(s)
	reqs := packetOf(t, l, right)
	for changed := false; !changed; {
		if err := s.ask(func(now time.Time) {
			for _, k := range s.sockets {
				changed = changed || k.pending > 0
			}
			if a := s.world.accounts.byPhone["9996620001"]; changed {
				a.apply(now, passwordChange{secret: newPassword(s.world.newGroup(), "another", "")})
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	release()
	_, err := l.result(reqs[0])
	if e := tg.AsError(err); e == nil || e.Message != "SRP_PASSWORD_CHANGED" {
		t.Errorf("got %v, want SRP_PASSWORD_CHANGED", err)
	}
}

func TestAServerClosesWhileTasksWait(t *testing.T) {
	s, err := Start(Config{Users: []User{{Phone: ann, Password: "correct horse"}}})
	if err != nil {
		t.Fatal(err)
	}
	l := connect(t, s, 2, plain)
	halfInLine(t, l)
	occupied(s)
	reqs := packetOf(t, l, getPassw0rd)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.result(reqs[0]); err == nil {
		t.Error("got an answer of a server that is closed")
	}
}

// Of many calls in a packet only so many are executed before others have their turn.
func TestKeysTakeTurns(t *testing.T) {
	s := &Server{&hiddenServer{&serverState{quota: callsATurn}}}
	greedy, modest := &authKey{}, &authKey{}
	k := [2]*socket{{next: make(chan struct{}, 1)}, {next: make(chan struct{}, 1)}}
	var order []string
	call := func(name string) func(time.Time) { return func(time.Time) { order = append(order, name) } }
	now := time.Now()
	const many = 5 * callsATurn
	for range many {
		s.inTurn(now, greedy, queued{socket: k[0], do: call("greedy")})
	}
	s.inTurn(now, modest, queued{socket: k[1], do: call("modest")})
	if k[0].pending != many-callsATurn || k[1].pending != 1 {
		t.Errorf("got %d and %d calls that wait, want %d and 1", k[0].pending, k[1].pending, many-callsATurn)
	}
	for len(s.ready) > 0 {
		s.nextTurn(now)
	}
	at := -1
	for i, name := range order {
		if name == "modest" {
			at = i
		}
	}
	if at != 2*callsATurn || len(order) != many+1 || k[0].pending+k[1].pending != 0 {
		t.Errorf("got the other's call as number %d of %d, want number %d of %d", at, len(order), 2*callsATurn, many+1)
	}
}

// What a call is unpacked to and decoded to counts as calls of its turn.
func TestALargeCallTakesTheTurnOfMany(t *testing.T) {
	s := &Server{&hiddenServer{&serverState{quota: callsATurn}}}
	key, k := &authKey{}, &socket{next: make(chan struct{}, 1)}
	done := 0
	for range 3 {
		s.inTurn(time.Now(), key, queued{socket: k, do: func(time.Time) {
			done++
			s.spend(callsATurn * bytesForCall)
		}})
	}
	for want := 1; want <= 3; want++ {
		if done != want {
			t.Fatalf("got %d calls after %d turns, want one in each", done, want)
		}
		if len(s.ready) > 0 {
			s.nextTurn(time.Now())
		}
	}
}

// The calls of a closed socket do not wait for their turn: what they hold is given back.
func TestCallsOfAClosedSocketAreForgotten(t *testing.T) {
	s := &Server{&hiddenServer{&serverState{memory: newMemory(1 << 20)}}}
	key := &authKey{busy: true}
	closed, other := &socket{next: make(chan struct{}, 1), inHand: true}, &socket{next: make(chan struct{}, 1)}
	if !s.holdForPacket(closed, 1<<20) {
		t.Fatal("there is no memory for one packet")
	}
	forgotten := 0
	for range 10 {
		s.inTurn(time.Now(), key, queued{closed, func(time.Time) { forgotten++ }, true})
		s.inTurn(time.Now(), key, queued{other, func(time.Time) { t.Error("a call of the other socket is executed") }, true})
	}
	s.dropWaiting(time.Now(), closed)
	if forgotten != 10 || closed.pending != 0 || len(closed.next) != 1 || s.memory.used != 0 {
		t.Errorf("got %d calls forgotten, %d that wait, and %d bytes held, want 10, 0 and 0", forgotten, closed.pending, s.memory.used)
	}
	if len(key.waiting) != 10 || other.pending != 10 {
		t.Errorf("got %d calls of the other socket, want all 10 to wait still", len(key.waiting))
	}
}

// All calls of a large packet are answered, over several turns, and the next packet
// after them.
func TestALargePacketIsAnsweredWhole(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann, Password: "correct horse"}}})
	l := connect(t, s, 2, plain)
	halfInLine(t, l)
	calls := make([]any, 500)
	for i := range calls {
		calls[i] = getPassw0rd
	}
	reqs := packetOf(t, l, calls...)
	reqs = append(reqs, packetOf(t, l, &tg.HelpGetNearestDC{})...)
	left := map[mtproto.Req]bool{}
	for _, r := range reqs {
		left[r] = true
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(left) > 0 && ctx.Err() == nil {
		if err := l.receive(); err != nil {
			t.Fatal(errors.Join(err, ctx.Err()))
		}
		for e, ok := l.session.Next(); ok; e, ok = l.session.Next() {
			switch e.Kind {
			case mtproto.Answer:
				delete(left, e.Req)
			case mtproto.Write:
				_ = l.write(e.Body)
			case mtproto.Refused:
				t.Fatalf("got %d %s", e.Code, e.Message)
			}
		}
	}
	if err := s.ask(func(time.Time) {
		for _, k := range s.sockets {
			if k.pending != 0 || k.inHand || k.forPacket != 0 {
				t.Errorf("got a socket with %d calls that wait, in hand %v, and %d bytes held for its packet", k.pending, k.inHand, k.forPacket)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
}
