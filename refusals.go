package telekey

import (
	"errors"

	"github.com/telekey/telekey/tg"
)

// listener is told what ends calls.
type listener struct{ f func(dc int, err error) }

// Refusals calls f with what ends calls of the client, whoever made them, until
// stop is called: Telegram's refusals, as [*tg.Error], and [ErrKeyUnknown]. dc is
// the data centre that refused; what it says of the login counts for the account
// only at home. f is called while the connection waits: it must not block, nor
// make calls.
func (c *Client) Refusals(f func(dc int, err error)) (stop func()) {
	l := &listener{f}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listeners[l] = struct{}{}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.listeners, l)
	}
}

// refused tells the listeners of a refusal.
func (c *Client) refused(dc int, err error) {
	if tg.AsError(err) == nil && !errors.Is(err, ErrKeyUnknown) {
		return
	}
	c.mu.Lock()
	listeners := make([]*listener, 0, len(c.listeners))
	for l := range c.listeners {
		listeners = append(listeners, l)
	}
	c.mu.Unlock()
	for _, l := range listeners {
		l.f(dc, err)
	}
}
