package sessiontest

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/telekey/telekey/session"
)

func aFreshSessionIsEmpty(s story) {
	h := s.hold()
	s.equal(h.Data(), session.Data{})
	s.release(h)
	h = s.hold()
	s.equal(h.Data(), session.Data{})
}

func whatWasSavedIsThereAgain(s story) {
	want := Sample()
	h := s.hold()
	s.update(h, func(d *session.Data) { *d = Sample() })
	s.equal(h.Data(), want)
	s.release(h)

	h = s.hold()
	s.equal(h.Data(), want)
	s.update(h, func(d *session.Data) {
		d.User = nil
		delete(d.Keys, 2)
		d.Tokens = nil
	})
	s.release(h)

	want.User, want.Tokens = nil, nil
	delete(want.Keys, 2)
	s.equal(s.hold().Data(), want)
}

func aFailedUpdateChangesNothing(s story) {
	h := s.hold()
	s.update(h, func(d *session.Data) { *d = Sample() })
	no := errors.New("no")
	err := h.Update(s.Context(), func(d *session.Data) error {
		d.Home = 5
		d.Keys[2] = session.Key{}
		d.User.ID = 1
		d.Tokens[0].Bytes()[0]++
		return no
	})
	if !errors.Is(err, no) {
		s.Errorf("Update: got %v, want the change's own error", err)
	}
	s.equal(h.Data(), Sample())
	s.release(h)
	s.equal(s.hold().Data(), Sample())
}

func aPanicInAnUpdateChangesNothing(s story) {
	h := s.hold()
	s.update(h, func(d *session.Data) { *d = Sample() })
	func() {
		defer func() { recover() }()
		h.Update(s.Context(), func(d *session.Data) error {
			d.Home = 5
			panic("a bug of the caller")
		})
	}()
	s.equal(h.Data(), Sample())
	s.update(h, func(d *session.Data) { d.Home = 3 }) // must not hang
	s.release(h)
}

func whatIsNoSessionIsNotSaved(s story) {
	h := s.hold()
	s.update(h, func(d *session.Data) { *d = Sample() })
	for name, change := range map[string]func(*session.Data){
		"a key of zeros":              func(d *session.Data) { d.Keys[4] = session.Key{Salt: 1} },
		"data centre 0":               func(d *session.Data) { d.Keys[0] = d.Keys[2] },
		"home -1":                     func(d *session.Data) { d.Home = -1 },
		"a user without id":           func(d *session.Data) { d.User.ID = 0 },
		"more tokens than Telegram's": func(d *session.Data) { d.Tokens = slices.Repeat(d.Tokens, session.MaxTokens) },
		"a text without end":          func(d *session.Data) { d.User.FirstName = string(make([]byte, session.MaxSize)) },
	} {
		if err := h.Update(s.Context(), func(d *session.Data) error { change(d); return nil }); err == nil {
			s.Errorf("%s was saved", name)
		}
		s.equal(h.Data(), Sample())
	}
	s.release(h)
	s.equal(s.hold().Data(), Sample())
}

func updatesRunOneAfterAnother(s story) {
	const writers, each = 8, 5
	h := s.hold()
	s.update(h, func(d *session.Data) { *d = Sample(); d.User.ID = 1 })
	var wait sync.WaitGroup
	for range writers {
		wait.Go(func() {
			for range each {
				s.update(h, func(d *session.Data) { d.User.ID++ })
				h.Note(session.State{DC: 2, Salt: h.Data().User.ID})
			}
		})
	}
	wait.Wait()
	s.release(h)
	if got := s.hold().Data().User.ID; got != 1+writers*each {
		s.Errorf("%d updates counted to %d, want %d", writers*each, got, 1+writers*each)
	}
}

func nothingIsShared(s story) {
	h := s.hold()
	var kept *session.Data
	s.update(h, func(d *session.Data) { *d = Sample(); kept = d })
	spoil := func(d *session.Data) {
		d.Home = 5
		clear(d.Keys)
		d.User.ID = 1
		d.Tokens[0].Bytes()[0]++
		d.Network.DCs[0].ID = 5
		d.Network.Keys[0] = nil
	}
	spoil(kept)
	s.equal(h.Data(), Sample())
	read := h.Data()
	spoil(&read)
	s.equal(h.Data(), Sample())
	s.release(h)
	h = s.hold()
	s.equal(h.Data(), Sample())
}

func aNoteOutlivesRelease(s story) {
	h := s.hold()
	s.update(h, func(d *session.Data) { *d = Sample() })
	h.Note(session.State{DC: 2, Salt: 1})
	h.Note(session.State{DC: 2, Salt: 77, Offset: time.Second})
	h.Note(session.State{DC: 2, Offset: -time.Hour}) // knows no newer salt

	want := Sample()
	key := want.Keys[2]
	key.Salt, key.Offset = 77, -time.Hour
	want.Keys[2] = key
	s.equal(h.Data(), want)
	s.release(h)
	s.equal(s.hold().Data(), want)
}

func aNoteGoesWithTheNextUpdate(s story) {
	h := s.hold()
	s.update(h, func(d *session.Data) { *d = Sample() })
	h.Note(session.State{DC: 2, Salt: 77})
	s.update(h, func(d *session.Data) {
		if d.Keys[2].Salt != 77 {
			s.Errorf("Update saw salt %d, want the noted 77", d.Keys[2].Salt)
		}
		key := d.Keys[2]
		key.Salt = 78
		d.Keys[2] = key
	})
	if got := h.Data().Keys[2].Salt; got != 78 {
		s.Errorf("after the Update: got salt %d, want the newer 78", got)
	}
	s.release(h)
}

// A salt belongs to a key, and must not be kept for a key that replaces it.
func aNoteDoesNotOutliveItsKey(s story) {
	h := s.hold()
	s.update(h, func(d *session.Data) { *d = Sample() })
	next := session.Key{Auth: session.NewAuthKey([256]byte{1, 2, 3}), Salt: 5}
	h.Note(session.State{DC: 4, Salt: 79})
	s.update(h, func(d *session.Data) {
		d.Keys[4] = next
		h.Note(session.State{DC: 4, Salt: 80}) // comes too late
	})
	if got := h.Data().Keys[4]; !sameKey(got, next) {
		s.Errorf("the new key has salt %d, want its own, %d", got.Salt, next.Salt)
	}
	s.release(h)
	if got := s.hold().Data().Keys[4]; !sameKey(got, next) {
		s.Errorf("the new key was saved with salt %d, want its own, %d", got.Salt, next.Salt)
	}
}

func aNoteWithoutAKeyIsDropped(s story) {
	h := s.hold()
	h.Note(session.State{DC: 2, Salt: 77})
	s.equal(h.Data(), session.Data{})
	s.release(h)
	s.equal(s.hold().Data(), session.Data{})
}

// sameKey compares the state kept for a data centre.
func sameKey(a, b session.Key) bool {
	return a.Auth.Equal(b.Auth) && a.Salt == b.Salt && a.Offset == b.Offset && a.SignedIn == b.SignedIn
}
