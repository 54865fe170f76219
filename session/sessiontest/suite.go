// Package sessiontest is the suite that every store of sessions must pass.
//
//	func TestStore(t *testing.T) {
//		sessiontest.Run(t, func(t *testing.T) session.Store { return mine.Open(t, …) })
//	}
//
// Run it with -race: a part of the promises is about goroutines.
package sessiontest

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/telekey/telekey/session"
)

// Run puts a store through everything that package session promises. Each part
// calls fresh for a store of its own, whose session was never saved; fresh takes
// care of whatever must be cleaned up. The suite holds a store again and again,
// and expects to find what it saved.
func Run(t *testing.T, fresh func(t *testing.T) session.Store) {
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) { part.test(story{t, fresh(t)}) })
	}
}

var parts = []struct {
	name string
	test func(story)
}{
	{"AFreshSessionIsEmpty", aFreshSessionIsEmpty},
	{"WhatWasSavedIsThereAgain", whatWasSavedIsThereAgain},
	{"OneHolderAtATime", oneHolderAtATime},
	{"AHundredWantItAndOneGetsIt", manyWantItAndOneGetsIt},
	{"WaitGetsItWhenItIsReleased", waitGetsItWhenItIsReleased},
	{"WaitEndsWithItsContext", waitEndsWithItsContext},
	{"AFailedUpdateChangesNothing", aFailedUpdateChangesNothing},
	{"APanicInAnUpdateChangesNothing", aPanicInAnUpdateChangesNothing},
	{"WhatIsNoSessionIsNotSaved", whatIsNoSessionIsNotSaved},
	{"UpdatesRunOneAfterAnother", updatesRunOneAfterAnother},
	{"NothingIsShared", nothingIsShared},
	{"ANoteShowsAtOnceAndOutlivesRelease", aNoteOutlivesRelease},
	{"ANoteGoesWithTheNextUpdate", aNoteGoesWithTheNextUpdate},
	{"ANoteDoesNotOutliveItsKey", aNoteDoesNotOutliveItsKey},
	{"ANoteWithoutAKeyIsDropped", aNoteWithoutAKeyIsDropped},
	{"NothingHappensAfterRelease", nothingHappensAfterRelease},
	{"AnEndedContextStillReleases", anEndedContextStillReleases},
	{"AnEndedContextHoldsAndChangesNothing", anEndedContextChangesNothing},
	{"ReleaseWaitsForARunningUpdate", releaseWaitsForARunningUpdate},
	{"TheHoldIsValidNow", theHoldIsValidNow},
}

// story is one part of the suite and its store.
type story struct {
	*testing.T
	store session.Store
}

func (s story) hold() session.Held {
	s.Helper()
	h, err := s.store.Hold(s.Context())
	if err != nil {
		s.Fatalf("Hold: %v", err)
	}
	s.Cleanup(func() { h.Release(context.Background()) })
	return h
}

func (s story) release(h session.Held) {
	s.Helper()
	if err := h.Release(s.Context()); err != nil {
		s.Errorf("Release: %v", err)
	}
}

func (s story) update(h session.Held, change func(*session.Data)) {
	s.Helper()
	if err := h.Update(s.Context(), func(d *session.Data) error { change(d); return nil }); err != nil {
		s.Errorf("Update: %v", err)
	}
}

func (s story) ended() context.Context {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	return ctx
}

// equal compares networks by identity; a store may write them as it likes.
func (s story) equal(got, want session.Data) {
	s.Helper()
	if g, w := got.Network.Identity(), want.Network.Identity(); g != w {
		s.Errorf("got network %s, want %s", g, w)
	}
	if got.Home != want.Home {
		s.Errorf("got home %d, want %d", got.Home, want.Home)
	}
	if !maps.EqualFunc(got.Keys, want.Keys, sameKey) {
		s.Errorf("got keys %v, want %v", got.Keys, want.Keys)
	}
	if (got.User == nil) != (want.User == nil) || got.User != nil && *got.User != *want.User {
		s.Errorf("got user %v, want %v", got.User, want.User)
	}
	if !slices.EqualFunc(got.Tokens, want.Tokens, session.Token.Equal) {
		s.Errorf("got tokens %v, want %v", got.Tokens, want.Tokens)
	}
}
