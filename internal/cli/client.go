package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// client is a connected client whose calls end after --timeout, and which says on a
// terminal what it waits for.
type client struct {
	*telekey.Client
	patience *patience
}

func (c *client) Invoke(ctx context.Context, request []byte) ([]byte, error) {
	return c.through(c.Client).Invoke(ctx, request)
}

func (c *client) On(dc int) tg.Invoker { return c.through(c.Client.On(dc)) }

func (c *client) AtOnce() tg.Invoker { return c.through(c.Client.AtOnce()) }

func (c *client) through(to tg.Invoker) tg.Invoker { return waited{c.patience, to} }

func (c *client) Move(ctx context.Context, dc int) error {
	return c.patience.wait(ctx, fmt.Sprintf("Connecting to data centre %d", dc), func(ctx context.Context) error {
		return c.Client.Move(ctx, dc)
	})
}

func (c *client) Call(ctx context.Context, method string, params tl.Map) (answer any, err error) {
	err = c.patience.wait(ctx, "Waiting for an answer", func(ctx context.Context) (err error) {
		answer, err = c.Client.Call(ctx, method, params)
		return err
	})
	return answer, err
}

// waited makes calls with a limit on their time.
type waited struct {
	patience *patience
	through  tg.Invoker
}

func (w waited) Invoke(ctx context.Context, request []byte) (answer []byte, err error) {
	err = w.patience.wait(ctx, "Waiting for an answer", func(ctx context.Context) (err error) {
		answer, err = w.through.Invoke(ctx, request)
		return err
	})
	return answer, err
}

// patience bounds every wait for a server.
type patience struct {
	longest time.Duration // 0: as long as the library waits
	network dc.Network
	screen  io.Writer // for lines that are taken away again; nil: none

	mu   sync.Mutex
	down error // why the connection is down; nil: it is not known to be
}

// quiet is how long a wait has to last until a person is told what for.
const quiet = time.Second

// wait does what takes a server's answer.
func (w *patience) wait(ctx context.Context, what string, do func(context.Context) error) error {
	defer w.show(what)()
	if w.longest <= 0 {
		return do(ctx)
	}
	bounded, cancel := context.WithTimeout(ctx, w.longest)
	defer cancel()
	err := do(bounded)
	if err != nil && ctx.Err() == nil && errors.Is(bounded.Err(), context.DeadlineExceeded) {
		return w.late()
	}
	return err
}

// show writes the line when the wait has lasted a while; the function that it
// returns takes the line away.
func (w *patience) show(what string) (end func()) {
	if w.screen == nil {
		return func() {}
	}
	shown := make(chan struct{})
	timer := time.AfterFunc(quiet, func() {
		fmt.Fprintf(w.screen, "%s...", what)
		close(shown)
	})
	return func() {
		if !timer.Stop() {
			<-shown
			fmt.Fprint(w.screen, "\r\x1b[K")
		}
	}
}

// state notes why a connection is down.
func (w *patience) state(s telekey.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch s.Kind {
	case telekey.Down:
		w.down = s.Err
	case telekey.Up:
		w.down = nil
	}
}

// late is the error for a wait that has taken too long.
func (w *patience) late() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := fmt.Errorf("no answer in %v, the limit of --timeout", w.longest)
	if w.down != nil {
		err = fmt.Errorf("%w: %w", err, w.down)
	}
	return &fault{exit: exitNetwork, Type: typeNetwork, Message: err.Error() + stillRunning(w.network)}
}

// stillRunning is the advice for a network of one's own that does not answer.
func stillRunning(n dc.Network) string {
	if n.IsTelegram() {
		return ""
	}
	return ": is the emulator of this network still running?"
}
