package task

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/telekey/telekey/dc"
)

// Client is a connection that a library has made.
type Client interface {
	Nearest(context.Context) (thisDC int, err error) // help.getNearestDc, typed
	Key() any                                        // what Dial wants to connect with the same key
	Close()
}

// Dial connects to data centre 2 and returns when the library says that it is
// connected: with a new key, or with that of an earlier Client.
type Dial func(ctx context.Context, n dc.Network, key any) (Client, error)

// The data centre that clients connect to, how long a connection may take, and
// how long calls are made at most: who loses answers waits for them, and does
// fewer.
const (
	home        = 2
	connectTime = 10 * time.Second
	callTime    = 10 * time.Second
)

// Connect is the task of connecting again and again, each time with a new key.
func (dial Dial) Connect(in Input) (Result, error) {
	result := Result{Tried: in.Count}
	m := Start()
	for range in.Count {
		ctx, cancel := context.WithTimeout(context.Background(), connectTime)
		c, err := dial(ctx, in.Network, nil)
		if err != nil {
			result.fail(err)
		} else {
			c.Close()
		}
		cancel()
	}
	result.Figures = m.Stop(in.Count)
	return result, nil
}

func (r *Result) fail(err error) {
	if r.Failed++; r.Failure == "" {
		r.Failure = err.Error()
	}
}

// open connects for the tasks that are not about connecting.
func (dial Dial) open(ctx context.Context, in Input, key any) (Client, error) {
	var c Client
	var err error
	for range 3 {
		if c, err = dial(ctx, in.Network, key); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	return c, nil
}

// call makes one call and checks the answer.
func call(ctx context.Context, c Client) error {
	got, err := c.Nearest(ctx)
	if err == nil && got != home {
		err = fmt.Errorf("got this_dc %d, want %d", got, home)
	}
	return err
}

// inFlight is how many calls the task parallel has under way at any time.
const inFlight = 64

// warmUp is how many calls are made before the count begins.
const warmUp = 50

// Parallel is the task of making calls with many in flight, on one connection.
func (dial Dial) Parallel(in Input) (Result, error) { return dial.calls(in, inFlight) }

// Sequential is the task of making one call after the other.
func (dial Dial) Sequential(in Input) (Result, error) { return dial.calls(in, 1) }

// calls makes calls from several goroutines on one connection.
func (dial Dial) calls(in Input, goroutines int) (Result, error) {
	ctx := context.Background()
	c, err := dial.open(ctx, in, nil)
	if err != nil {
		return Result{}, err
	}
	defer c.Close()
	for range warmUp {
		if err := call(ctx, c); err != nil {
			return Result{}, fmt.Errorf("warming up: %w", err)
		}
	}
	var left, tried atomic.Int64
	left.Store(int64(in.Count))
	var result Result
	var mu sync.Mutex
	var running sync.WaitGroup
	m := Start()
	end := time.Now().Add(callTime)
	for range goroutines {
		running.Go(func() {
			for left.Add(-1) >= 0 && time.Now().Before(end) {
				tried.Add(1)
				if err := call(ctx, c); err != nil {
					mu.Lock()
					result.fail(err)
					mu.Unlock()
				}
			}
		})
	}
	running.Wait()
	result.Tried = int(tried.Load())
	result.Figures = m.Stop(result.Tried)
	return result, nil
}

// sessionsOfKey is how many clients share a key in the task idle: making a key
// for each would take one library minutes, and a server ends the oldest of too
// many sessions.
const sessionsOfKey = 50

// Idle is the task of opening clients that do nothing. Each makes one call first.
func (dial Dial) Idle(in Input) (Result, error) {
	ctx := context.Background()
	keys := make([]any, (in.Count+sessionsOfKey-1)/sessionsOfKey)
	for i := range keys {
		c, err := dial.open(ctx, in, nil)
		if err != nil {
			return Result{}, err
		}
		keys[i] = c.Key()
		c.Close()
	}
	time.Sleep(time.Second)
	clients := make([]Client, in.Count)
	result, err := Idle(in.Count, func(i int) error {
		var err error
		if clients[i], err = dial.open(ctx, in, keys[i/sessionsOfKey]); err != nil {
			return err
		}
		return call(ctx, clients[i])
	})
	runtime.KeepAlive(clients)
	return result, err
}
