package telekey_test

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/transport"
)

// asking is a log handler that asks the client at each line.
type asking struct {
	slog.Handler
	client atomic.Pointer[telekey.Client]
	mu     sync.Mutex
	lines  []string
}

func (h *asking) Handle(_ context.Context, r slog.Record) error {
	if c := h.client.Load(); c != nil {
		c.Home()
		c.Subscribe(func(tg.AnyUpdates) {})()
		c.Refusals(func(int, error) {})()
		c.Session()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, r.Message)
	return nil
}

func (h *asking) saw(message string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, line := range h.lines {
		if line == message {
			return true
		}
	}
	return false
}

// A lock that is held while the log is written would hang here for ever.
func TestALogHandlerMayAskTheClient(t *testing.T) {
	m := newMemory()
	srv, err := emulator.Start(emulator.Config{Listener: m.Listen})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	h := &asking{Handler: slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug})}
	c, err := telekey.Dial(t.Context(), telekey.Config{Network: srv.Network(), Dialer: transport.TCP{DialContext: m.Dial}, Log: slog.New(h)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	h.client.Store(c)
	if err := c.Move(t.Context(), 3); err != nil || !h.saw("moved") {
		t.Errorf("got %v, and the move logged: %v", err, h.saw("moved"))
	}
}
