package telekey

import "sync"

// spareCalls keeps the calls of a link that have ended, for those to come: with
// its channel, a call is most of what making one allocates.
//
// A call is kept by whoever made it, once the outcome has been taken from its
// channel: the owner does not look at it any more then. A call that was given up
// is not kept, because its outcome may still be on the way.
type spareCalls struct {
	mu    sync.Mutex
	calls []*call
}

// maxSpareCalls is how many are kept until the link has nothing to do.
const maxSpareCalls = 64

// take returns a call that says nothing yet.
func (s *spareCalls) take() *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.calls) - 1
	if last < 0 {
		return &call{done: make(chan outcome, 1)}
	}
	c := s.calls[last]
	s.calls = s.calls[:last]
	return c
}

// keep takes a call that is over, and forgets what it was about.
func (s *spareCalls) keep(c *call) {
	*c = call{done: c.done}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.calls) < maxSpareCalls {
		s.calls = append(s.calls, c)
	}
}

// drop lets go of them all.
func (s *spareCalls) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}
