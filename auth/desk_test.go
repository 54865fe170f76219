package auth_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// desk is a client that is signed in, and the Telegram behind it: says is what
// it answers to each method, one after the other, the last one for ever. A reply
// is an error, a bool, a struct, or a function of the method that returns one.
type desk struct {
	session.Held
	says map[string][]any

	mu          sync.Mutex
	calls       []string
	subscribers []func(tg.AnyUpdates)
	listeners   []func(int, error)
	forgotten   bool
}

func newDesk(says map[string][]any) *desk {
	held, err := new(session.Memory).Hold(context.Background())
	if err != nil {
		panic(err)
	}
	d := &desk{Held: held, says: says}
	held.Update(context.Background(), func(d *session.Data) error {
		d.Home = 2
		d.Keys = map[int]session.Key{2: {Auth: session.NewAuthKey([256]byte{1}), SignedIn: true}}
		d.User = &session.User{ID: 42, FirstName: "Ann", Phone: "9996621234"}
		return nil
	})
	return d
}

func (d *desk) On(int) tg.Invoker               { return d }
func (d *desk) AtOnce() tg.Invoker              { return d }
func (d *desk) MaxFlood() time.Duration         { return -1 }
func (d *desk) App() (id int, hash string)      { return 12345, "app hash" }
func (d *desk) Move(context.Context, int) error { panic("who is signed in does not move") }
func (d *desk) Session() session.Data           { return d.Data() }

func (d *desk) Remember(ctx context.Context, change func(*session.Data) error) error {
	return d.Update(ctx, change)
}

func (d *desk) Subscribe(f func(tg.AnyUpdates)) (stop func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.subscribers = append(d.subscribers, f)
	return func() { d.mu.Lock(); defer d.mu.Unlock(); d.subscribers = nil }
}

func (d *desk) Invoke(_ context.Context, request []byte) ([]byte, error) {
	r := tl.NewReader(request)
	method := tg.Schema.Read(r)
	if r.Err() != nil || r.Len() > 0 {
		return nil, fmt.Errorf("bad request: %v", r.Err())
	}
	reply := d.reply(tg.Schema.DefinitionOf(method).Name)
	if f, ok := reply.(func(any) any); ok {
		reply = f(method)
	}
	switch v := reply.(type) {
	case nil:
		return nil, tg.NewError(400, "INPUT_METHOD_INVALID")
	case error:
		return nil, v
	case bool:
		return tl.AppendBool(nil, v), nil
	case []any:
		b := tl.AppendInt(tl.AppendUint32(nil, tl.VectorID), int32(len(v)))
		for _, item := range v {
			var err error
			if b, err = tg.Schema.Append(b, item); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	return tg.Schema.Append(nil, reply)
}

// reply notes that a method was called and takes what is said to it.
func (d *desk) reply(name string) any {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, name)
	left := d.says[name]
	if len(left) == 0 {
		return nil
	}
	if len(left) > 1 {
		d.says[name] = left[1:]
	}
	return left[0]
}

// called compares the calls that were made since the last time, in order.
func (d *desk) called(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.calls, want) {
		t.Errorf("got the calls %q, want %q", d.calls, want)
	}
	d.calls = nil
}

// refusal is an error of Telegram's.
func refusal(code int, message string) error { return tg.NewError(code, message) }

func (d *desk) Refusals(f func(int, error)) (stop func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listeners = append(d.listeners, f)
	return func() { d.mu.Lock(); defer d.mu.Unlock(); d.listeners = nil }
}

func (d *desk) Forget(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forgotten = true
	return nil
}

// push brings an update, as the server does when it likes.
func (d *desk) push(u tg.AnyUpdates) {
	d.mu.Lock()
	subscribers := slices.Clone(d.subscribers)
	d.mu.Unlock()
	for _, f := range subscribers {
		f(u)
	}
}

// refuse tells that some call was refused.
func (d *desk) refuse(dc int, err error) {
	d.mu.Lock()
	listeners := slices.Clone(d.listeners)
	d.mu.Unlock()
	for _, f := range listeners {
		f(dc, err)
	}
}
