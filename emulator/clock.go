package emulator

import "time"

// The Server has two clocks. What expires for people goes by the account clock,
// which can be moved; messages, salts and temporary keys go by the real one.

// accountTime is what the account clock shows.
func (w *world) accountTime(now time.Time) time.Time { return now.Add(w.ahead) }

// protocolTime is the real time at a moment of the account clock. Temporary keys
// live by it.
func (w *world) protocolTime(now time.Time) time.Time { return now.Add(-w.ahead) }

// FastForward moves the account clock: codes expire, timers run out, sessions
// that nobody used end, as if d had passed. The protocol's clock stays. A
// negative d is ignored: time does not run backwards. Altogether the clock goes
// at most [MaxAhead] before the real one; what exceeds that is ignored, too.
func (s *Server) FastForward(d time.Duration) {
	_ = s.ask(func(now time.Time) {
		w := s.world
		w.ahead += min(max(d, 0), MaxAhead-w.ahead)
		for _, a := range w.accounts.order {
			w.passTime(w.accountTime(now), a)
		}
		s.deliver(now)
	})
}

// MaxAhead is how far the account clock may be moved. The API counts seconds in
// 32 bits, which end in the year 2038.
const MaxAhead = 8 * 365 * 24 * time.Hour

// Clock returns what the account clock shows; the zero time if the Server is
// closed.
func (s *Server) Clock() (now time.Time) {
	_ = s.ask(func(t time.Time) { now = s.world.accountTime(t) })
	return now
}
