package telekey

import (
	"context"
	"log/slog"
	"testing"

	"github.com/telekey/telekey/tg"
)

// homesick is a log handler that asks for the client's home.
type homesick struct {
	slog.Handler
	client *Client
	asked  int
}

func (h *homesick) Enabled(context.Context, slog.Level) bool { return true }

func (h *homesick) Handle(context.Context, slog.Record) error {
	h.client.Home()
	h.asked++
	return nil
}

func TestALogHandlerMayAskTheClientWhenAnUpdateIsDropped(t *testing.T) {
	c := &Client{life: t.Context(), subscribers: map[*subscription]struct{}{}}
	h := &homesick{client: c}
	c.cfg.Log = slog.New(h)
	busy := make(chan struct{})
	defer c.tasks.Wait()
	defer close(busy)
	stop := c.Subscribe(func(tg.AnyUpdates) { <-busy })
	defer stop()
	for range maxWaiting + 2 { // one is with the subscriber, at most
		c.announce(&tg.UpdatesTooLong{})
	}
	if h.asked == 0 {
		t.Error("no update was dropped: this test sees nothing")
	}
}
