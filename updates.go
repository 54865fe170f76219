package telekey

import (
	"sync"

	"github.com/telekey/telekey/tg"
)

// maxWaiting is how many updates may wait for one subscriber. Beyond it the
// oldest are dropped, so that a slow one cannot fill the memory.
const maxWaiting = 1000

// Subscribe calls f with every update that arrives on any connection of the
// client, one at a time and in order, until stop is called or the client is
// closed. f may make calls, and must not close the client; while it takes its
// time, updates wait for it. A [*tg.UpdatesTooLong] says that some may have been
// missed: the server began the session anew, or an update was dropped because a
// clock was set, because it could not be read, or because f is too slow.
func (c *Client) Subscribe(f func(tg.AnyUpdates)) (stop func()) {
	s := &subscription{client: c, f: f}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subscribers[s] = struct{}{}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.subscribers, s)
		s.drop()
	}
}

// subscription hands updates to one subscriber. It has a goroutine only while
// there is something to hand over.
type subscription struct {
	client *Client
	f      func(tg.AnyUpdates)

	mu      sync.Mutex
	waiting []tg.AnyUpdates
	running bool
}

// publish gives an update in TL to all subscribers; in place of one that cannot be
// read, that some were missed.
func (c *Client) publish(dc int, body []byte) {
	var u tg.AnyUpdates
	if err := tg.Schema.Decode(body, &u); err != nil {
		c.cfg.Log.Warn("an update could not be read", "dc", dc, "error", err)
		u = &tg.UpdatesTooLong{}
	}
	c.announce(u)
}

// announce gives an update to all subscribers.
func (c *Client) announce(u tg.AnyUpdates) {
	if c.give(u) {
		c.cfg.Log.Warn("a subscriber is too slow: its oldest updates were dropped") // unlocked: a log handler may ask the client
	}
}

// give gives an update to all subscribers, and reports whether one lost another
// update by that.
func (c *Client) give(u tg.AnyUpdates) (dropped bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed() {
		return false
	}
	for s := range c.subscribers {
		dropped = s.add(u) || dropped
	}
	return dropped
}

func (s *subscription) add(u tg.AnyUpdates) (dropped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == maxWaiting {
		s.waiting, dropped = s.waiting[1:], true
		s.waiting[0] = &tg.UpdatesTooLong{} // in place of the two oldest
	}
	s.waiting = append(s.waiting, u)
	if !s.running {
		s.running = true
		s.client.tasks.Go(s.deliver)
	}
	return dropped
}

func (s *subscription) deliver() {
	for {
		s.mu.Lock()
		if len(s.waiting) == 0 || s.client.closed() {
			s.running = false
			s.mu.Unlock()
			return
		}
		u := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.mu.Unlock()
		s.f(u)
	}
}

func (s *subscription) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = nil
}
