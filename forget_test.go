package telekey_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// enter signs Ann in, here and at data centre 3.
func enter(t *testing.T, c *telekey.Client) {
	t.Helper()
	if _, err := auth.SignIn(t.Context(), c, auth.Phone(ann), auth.Answers{Code: auth.Code(annCode)}); err != nil {
		t.Fatal(err)
	}
	if _, err := tg.Call(t.Context(), c.With(telekey.DC(3)), &tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}}); err != nil {
		t.Fatal(err)
	}
}

// keep puts a copy of what c remembers into a store.
func keep(t *testing.T, d session.Data) session.Store {
	t.Helper()
	store := new(session.Memory)
	held, err := store.Hold(context.Background())
	if err == nil {
		err = held.Update(context.Background(), func(into *session.Data) error { *into = d; return nil })
	}
	if err = errors.Join(err, held.Release(context.Background())); err != nil {
		t.Fatal(err)
	}
	return store
}

// https://core.telegram.org/method/destroy_auth_key
func TestLogOutDestroysTheKeysEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, emulator.User{Phone: ann, FirstName: "Ann"})
		c := w.dial(t, nil)
		enter(t, c)
		before := c.Session().Clone()
		if err := auth.LogOut(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if d := c.Session(); len(d.Keys) != 0 || d.User != nil || d.LoggedOut.IsZero() || d.Home != 2 {
			t.Errorf("got %v, want no keys, nobody, and when that was", d)
		}
		for home := range 2 { // with what somebody may have copied
			stolen := before.Clone()
			stolen.Home = home + 2
			if _, err := w.tryDial(t, keep(t, stolen)); !errors.Is(err, telekey.ErrKeyUnknown) {
				t.Errorf("data centre %d: got %v, want that the key is unknown", stolen.Home, err)
			}
		}
		status, err := auth.Status(t.Context(), c) // with a new key
		if err != nil || status.Reason != auth.LoggedOutHere || c.Session().Keys[2].Auth.Equal(before.Keys[2].Auth) {
			t.Errorf("got %+v, %v, want that it was logged out here, said on another key", status, err)
		}
		enter(t, c)
		if !c.Session().LoggedOut.IsZero() {
			t.Error("who is signed in is still remembered as logged out")
		}
	})
}

func TestLogOutWithTemporaryKeysForgetsTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, emulator.User{Phone: ann, FirstName: "Ann"})
		c, _ := w.dialPFS(t, nil)
		enter(t, c)
		before := c.Session().Keys[2].Auth
		if err := auth.LogOut(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if len(c.Session().Keys) != 0 {
			t.Errorf("got %v, want no keys", c.Session())
		}
		enter(t, c)
		if c.Session().Keys[2].Auth.Equal(before) {
			t.Error("the key that was forgotten is used again")
		}
	})
}

// A data centre that is away does not keep anybody from logging out.
func TestForgetDoesNotWaitForDataCentresThatAreAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, emulator.User{Phone: ann, FirstName: "Ann"})
		c := w.dial(t, nil)
		enter(t, c)
		w.cut(true)
		if err := c.Forget(t.Context()); err != nil || len(c.Session().Keys) != 0 {
			t.Errorf("got %v, %v, want that the keys are forgotten", err, c.Session())
		}
	})
}

func TestRefusalsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t, emulator.User{Phone: ann, FirstName: "Ann"}).dial(t, nil)
		var mu sync.Mutex
		var got []string
		stop := c.Refusals(func(dc int, err error) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, tg.AsError(err).Message)
		})
		auth.GetUser(t.Context(), c)
		tg.Call(t.Context(), c, &tg.HelpGetNearestDC{}) // is not refused
		auth.SendCode(t.Context(), c, "1")
		stop()
		auth.GetUser(t.Context(), c)
		mu.Lock()
		defer mu.Unlock()
		if want := []string{"AUTH_KEY_UNREGISTERED", "PHONE_NUMBER_INVALID"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// A key may be destroyed while its client is connected.
func TestLogOutEmptiesASessionWhoseKeyIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, emulator.User{Phone: ann, FirstName: "Ann"})
		c := w.dial(t, nil)
		enter(t, c)
		w.rule(t, emulator.Rule{Method: "auth.logOut", DC: 2, Nth: 1, Do: "forget_key"})
		if err := auth.LogOut(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if d := c.Session(); len(d.Keys) != 0 || d.User != nil || d.LoggedOut.IsZero() {
			t.Errorf("got %v, want an empty session", d)
		}
		enter(t, c) // on new keys
	})
}
