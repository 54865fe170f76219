package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// place stores a hold's data and proves that the hold is valid.
type place interface {
	fmt.Stringer     // names the session in errors
	guard() error    // nil while the session is certainly held
	save(Data) error // whole or not at all; durable when it returns nil
	free() error     // releases the session
}

// hold is the Held of the stores in this package: the data in memory, and the
// place that it is saved to.
type hold struct {
	at   place
	turn chan struct{} // full while an Update or a Release works
	lost chan struct{}

	mu       sync.Mutex // guards what follows; never locked while saving
	data     Data       // as it was saved last
	noted    map[int]State
	over     error // why the hold ended; nil while it lasts
	released bool
}

func newHold(at place, data Data) *hold {
	return &hold{
		at:    at,
		turn:  make(chan struct{}, 1),
		lost:  make(chan struct{}),
		data:  data,
		noted: make(map[int]State),
	}
}

// Format prints a hold without its keys.
func (h *hold) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "session.Held(%v)", h.at) }

func (h *hold) Until() time.Time { return time.Time{} }

func (h *hold) Lost() <-chan struct{} { return h.lost }

func (h *hold) Data() Data {
	d, _, _ := h.snapshot()
	return d
}

// snapshot returns the data including the notes, the notes, and the reason of the
// hold's end or nil.
func (h *hold) snapshot() (Data, map[int]State, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.data.Clone()
	for _, s := range h.noted {
		d.note(s)
	}
	return d, maps.Clone(h.noted), h.over
}

func (h *hold) Note(s State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.data.Keys[s.DC]; !ok || h.over != nil {
		return
	}
	if s.Salt == 0 {
		s.Salt = h.noted[s.DC].Salt
	}
	h.noted[s.DC] = s
}

func (h *hold) Update(ctx context.Context, change func(*Data) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.turn }()
	draft, noted, err := h.snapshot()
	if err == nil {
		err = change(&draft)
	}
	if err != nil {
		return err
	}
	d := draft.Clone() // change may have kept its argument
	if err := h.store(d); err != nil {
		return err
	}
	h.settle(d, noted)
	return nil
}

// store saves d if it is valid and the session is still held.
func (h *hold) store(d Data) error {
	if where, problem := d.check(); problem != "" {
		return fmt.Errorf("session %v: cannot save %s: %s", h.at, where, problem)
	}
	if err := h.at.guard(); err != nil {
		err = fmt.Errorf("session %v: %w: %w", h.at, ErrLost, err)
		h.end(err)
		return err
	}
	return h.at.save(d)
}

// settle adopts the saved data, and drops the notes that it includes and those for
// removed keys.
func (h *hold) settle(d Data, saved map[int]State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	maps.DeleteFunc(h.noted, func(id int, s State) bool {
		return s == saved[id] || !d.Keys[id].Auth.Equal(h.data.Keys[id].Auth)
	})
	h.data.Wipe()
	h.data = d
}

// end ends the hold, and reports whether it lasted until now.
func (h *hold) end(why error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over != nil {
		return false
	}
	h.over = why
	close(h.lost)
	return true
}

func (h *hold) Release(ctx context.Context) error {
	ours := h.end(fmt.Errorf("session %v: %w: it was released", h.at, ErrLost))
	h.mu.Lock()
	again := h.released
	h.released = true
	h.mu.Unlock()
	if again {
		return nil
	}
	// First without ctx: a session without a running Update is released even if ctx
	// has ended, as is common when a program ends.
	select {
	case h.turn <- struct{}{}:
		return h.finish(ours)
	default:
	}
	select {
	case h.turn <- struct{}{}:
		return h.finish(ours)
	case <-ctx.Done():
		go func() {
			h.turn <- struct{}{}
			h.finish(ours)
		}()
		return fmt.Errorf("session %v is released when the running Update ends: %w", h.at, ctx.Err())
	}
}

// finish saves the notes of a hold that was not lost, releases the session and
// wipes it. The caller has the turn.
func (h *hold) finish(ours bool) error {
	defer func() { <-h.turn }()
	d, noted, _ := h.snapshot()
	defer d.Wipe()
	var err error
	if ours && len(noted) > 0 {
		err = h.store(d)
	}
	err = errors.Join(err, h.at.free())
	h.mu.Lock()
	defer h.mu.Unlock()
	h.data.Wipe()
	clear(h.noted)
	return err
}
