package telekey

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/telekey/telekey/tg"
)

// listening is a client that is not connected, and what a subscriber is told. The
// subscriber takes each update when gate says so.
func listening(t *testing.T, gate <-chan struct{}) (c *Client, told *[]tg.AnyUpdates) {
	c = &Client{cfg: Config{Log: slog.New(slog.DiscardHandler)}, subscribers: map[*subscription]struct{}{}}
	c.life, c.end = context.WithCancelCause(t.Context())
	told = new([]tg.AnyUpdates)
	c.Subscribe(func(u tg.AnyUpdates) {
		<-gate
		*told = append(*told, u)
	})
	t.Cleanup(func() { c.end(ErrClosed); c.tasks.Wait() })
	return c, told
}

func isTooLong(u tg.AnyUpdates) bool {
	_, ok := u.(*tg.UpdatesTooLong)
	return ok
}

func TestAnUpdateThatCannotBeReadIsAnnouncedAsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		close(gate)
		c, told := listening(t, gate)
		whole, err := tg.Schema.Append(nil, &tg.UpdateShort{Update: &tg.UpdateConfig{}, Date: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range [][]byte{{1, 2, 3, 4}, whole[:len(whole)-4], append(whole[:len(whole):len(whole)], 0, 0, 0, 0)} {
			c.publish(2, body)
			synctest.Wait()
			if n := len(*told); n == 0 || !isTooLong((*told)[n-1]) {
				t.Errorf("%x: got %v, want updatesTooLong", body, *told)
			}
			*told = nil
		}
	})
}

func TestASubscriberThatIsTooSlowIsToldThatItMissedUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		c, told := listening(t, gate)
		for range maxWaiting + 10 {
			c.announce(&tg.UpdateShort{})
			synctest.Wait()
		}
		close(gate)
		synctest.Wait()
		if len(*told) != maxWaiting+1 || isTooLong((*told)[0]) || !isTooLong((*told)[1]) || isTooLong((*told)[2]) {
			t.Errorf("got %d updates, want %d and one updatesTooLong in place of those that were dropped", len(*told), maxWaiting+1)
		}
	})
}
