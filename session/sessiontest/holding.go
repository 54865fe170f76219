package sessiontest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/telekey/telekey/session"
)

func oneHolderAtATime(s story) {
	h := s.hold()
	_, err := s.store.Hold(s.Context())
	if !errors.Is(err, session.ErrHeld) {
		s.Fatalf("a second Hold: got %v, want ErrHeld", err)
	}
	by, ok := errors.AsType[*session.HeldError](err)
	if !ok {
		s.Fatalf("a second Hold: got %T, want a *HeldError in it, to say who holds the session", err)
	}
	if by.PID == 0 && by.Host == "" {
		s.Errorf("got %#v, want at least the holder's process or machine", by)
	}
	s.release(h)
	s.release(s.hold())
}

func manyWantItAndOneGetsIt(s story) {
	const many = 100
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		got  []session.Held
	)
	for range many {
		wait.Go(func() {
			h, err := s.store.Hold(s.Context())
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				got = append(got, h)
			} else if !errors.Is(err, session.ErrHeld) {
				s.Errorf("Hold: got %v, want ErrHeld", err)
			}
		})
	}
	wait.Wait()
	if len(got) != 1 {
		s.Errorf("%d of %d hold the session, want 1", len(got), many)
	}
	for _, h := range got {
		s.release(h)
	}
}

func waitGetsItWhenItIsReleased(s story) {
	first := s.hold()
	s.update(first, func(d *session.Data) { d.Home = 4 })
	type result struct {
		held session.Held
		err  error
	}
	refused := make(chan struct{}, 1000)
	second := make(chan result)
	go func() {
		h, err := session.Wait(s.Context(), watched{s.store, func() { refused <- struct{}{} }})
		second <- result{h, err}
	}()
	for range 2 {
		select {
		case <-refused:
		case r := <-second:
			s.Fatalf("Wait came back while the session was held: %v, %v", r.held, r.err)
		}
	}
	s.release(first)
	r := <-second
	if r.err != nil {
		s.Fatalf("Wait: %v", r.err)
	}
	if home := r.held.Data().Home; home != 4 {
		s.Errorf("after the wait: got home %d, want what the first holder saved, 4", home)
	}
	s.release(r.held)
}

func waitEndsWithItsContext(s story) {
	h := s.hold()
	ctx, cancel := context.WithCancel(s.Context())
	_, err := session.Wait(ctx, watched{s.store, cancel})
	if !errors.Is(err, session.ErrHeld) || !errors.Is(err, context.Canceled) {
		s.Errorf("Wait: got %v, want ErrHeld and Canceled", err)
	}
	s.release(h)
}

// watched is a store that says when it refuses.
type watched struct {
	session.Store
	refused func()
}

func (w watched) Hold(ctx context.Context) (session.Held, error) {
	h, err := w.Store.Hold(ctx)
	if errors.Is(err, session.ErrHeld) {
		w.refused()
	}
	return h, err
}

func nothingHappensAfterRelease(s story) {
	h := s.hold()
	s.update(h, func(d *session.Data) { *d = Sample() })
	select {
	case <-h.Lost():
		s.Error("Lost was closed before Release")
	default:
	}
	s.release(h)
	select {
	case <-h.Lost():
	default:
		s.Error("Lost was not closed by Release")
	}
	err := h.Update(s.Context(), func(d *session.Data) error { d.Home = 5; return nil })
	if !errors.Is(err, session.ErrLost) {
		s.Errorf("Update after Release: got %v, want ErrLost", err)
	}
	h.Note(session.State{DC: 2, Salt: 77})
	second := s.hold()
	s.release(h) // again, and not the second holder's
	if _, err := s.store.Hold(s.Context()); !errors.Is(err, session.ErrHeld) {
		s.Errorf("releasing twice let go of another's hold: got %v, want ErrHeld", err)
	}
	s.equal(second.Data(), Sample())
	s.release(second)
}

func anEndedContextStillReleases(s story) {
	h := s.hold()
	if err := h.Release(s.ended()); err != nil {
		s.Errorf("Release: %v", err)
	}
	s.release(s.hold())
}

func anEndedContextChangesNothing(s story) {
	if _, err := s.store.Hold(s.ended()); !errors.Is(err, context.Canceled) {
		s.Errorf("Hold: got %v, want context.Canceled", err)
	}
	h := s.hold()
	err := h.Update(s.ended(), func(d *session.Data) error { d.Home = 5; return nil })
	if !errors.Is(err, context.Canceled) {
		s.Errorf("Update: got %v, want context.Canceled", err)
	}
	s.equal(h.Data(), session.Data{})
	s.release(h)
}

func releaseWaitsForARunningUpdate(s story) {
	h := s.hold()
	running, goOn, updated := make(chan bool), make(chan bool), make(chan error)
	go func() {
		updated <- h.Update(s.Context(), func(d *session.Data) error {
			close(running)
			<-goOn
			*d = Sample()
			return nil
		})
	}()
	<-running
	if err := h.Release(s.ended()); !errors.Is(err, context.Canceled) {
		s.Errorf("Release during an Update: got %v, want context.Canceled", err)
	}
	if _, err := s.store.Hold(s.Context()); !errors.Is(err, session.ErrHeld) {
		s.Errorf("Hold during the released one's Update: got %v, want ErrHeld", err)
	}
	close(goOn)
	if err := <-updated; err != nil {
		s.Errorf("the running Update: %v", err)
	}
	second, err := session.Wait(s.Context(), s.store)
	if err != nil {
		s.Fatal(err)
	}
	s.equal(second.Data(), Sample())
	s.release(second)
}

func theHoldIsValidNow(s story) {
	h := s.hold()
	if until := h.Until(); !until.IsZero() && !time.Now().Before(until) {
		s.Errorf("Until: got %v, which is past, from a fresh hold", until)
	}
	s.release(h)
}
