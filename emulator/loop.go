package emulator

import (
	"time"
)

// idle is how long the owner sleeps at most when nothing is due.
const idle = time.Hour

// run is the owner: the one goroutine that touches the world, the sessions and
// the table of sockets. It executes what others tell it, one after the other,
// and waits for nobody.
func (s *Server) run() {
	defer s.cutAll()
	timer := time.NewTimer(idle)
	defer timer.Stop()
	for {
		timer.Reset(s.sleep(time.Now()))
		s.quota = callsATurn
		select {
		case <-s.closing:
			return
		case f := <-s.inbox:
			f(time.Now())
		case <-timer.C:
		}
		s.settle(time.Now())
		s.endTurn(s.turn)
		s.turn = nil
		// Each event of another is followed by a turn of those that wait.
		if len(s.ready) > 0 {
			s.nextTurn(time.Now())
			s.settle(time.Now())
		}
	}
}

// sleep returns how long nothing is due.
func (s *Server) sleep(now time.Time) time.Duration {
	if len(s.ready) > 0 {
		return 0
	}
	rest := idle
	if at := s.overload.due(); !at.IsZero() {
		rest = min(rest, at.Sub(now))
	}
	for _, d := range s.delayed {
		rest = min(rest, d.until.Sub(now))
	}
	for _, centre := range s.centres {
		if d := centre.server.Deadline(); !d.IsZero() {
			rest = min(rest, d.Sub(now))
		}
	}
	return max(rest, 0)
}

// settle lets the sessions do what is due, and does what they ask for until
// none asks any more.
func (s *Server) settle(now time.Time) {
	s.doDelayed(now)
	for _, centre := range s.centres {
		if d := centre.server.Deadline(); !d.IsZero() && !now.Before(d) {
			centre.server.Advance(now)
		}
	}
	for busy := true; busy; {
		busy = false
		for _, centre := range s.centres {
			for e, ok := centre.server.Next(); ok; e, ok = centre.server.Next() {
				s.handle(now, centre, e)
				busy = true
			}
		}
	}
	s.memory.tell(s.answers.Bytes())
	for _, k := range s.memory.takeClosed() {
		s.left(now, k)
	}
	s.reportOverload(now)
}

// tell hands the owner something to do and returns once he has begun with it.
// It returns false if the Server is closing, and then nothing is done.
func (s *Server) tell(f func(now time.Time)) bool {
	select {
	case <-s.closing:
		return false
	default:
	}
	select {
	case s.inbox <- f:
		return true
	case <-s.closing:
		return false
	}
}

// ask is tell, and waits until it is done.
func (s *Server) ask(f func(now time.Time)) error {
	done := make(chan struct{})
	if !s.tell(func(now time.Time) { defer close(done); f(now) }) {
		return ErrClosed
	}
	<-done
	return nil
}
