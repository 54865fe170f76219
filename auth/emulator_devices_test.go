package auth_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/emutest"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// next waits for an event of type E, and leaves out others.
func next[E auth.Event](t *testing.T, events <-chan auth.Event) E {
	t.Helper()
	patience := time.After(10 * time.Second)
	for {
		select {
		case e := <-events:
			if e, ok := e.(E); ok {
				return e
			}
		case <-patience:
			t.Fatalf("got no %T", *new(E))
		}
	}
}

// watch has events come by a channel.
func watch(t *testing.T, c *telekey.Client) <-chan auth.Event {
	events := make(chan auth.Event, 100)
	t.Cleanup(auth.Watch(context.Background(), c, func(e auth.Event) { events <- e }))
	return events
}

// atHome is an emulator where Ann lives, with her first device.
func atHome(t *testing.T, password string) (*emulator.Server, emulator.User, *telekey.Client) {
	t.Helper()
	ann := emulator.User{Phone: "+9996620001", FirstName: "Ann", Password: password}
	srv := emutest.Start(t, ann)
	c := emutest.SignIn(t, srv, ann)
	srv.FastForward(48 * time.Hour) // it is no new login any more
	return srv, ann, c
}

func TestNewDeviceIsToldOfListedAndEndedAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv, ann, c := atHome(t, "")
	ctx, events := t.Context(), watch(t, c)
	other := emutest.SignIn(t, srv, ann)
	fresh := next[auth.NewDevice](t, events)
	if fresh.ID == 0 {
		t.Fatalf("got %+v, want a device that can be ended", fresh)
	}
	devices, err := auth.Devices(ctx, c)
	if err != nil || len(devices) != 2 {
		t.Fatalf("got %+v, %v, want two devices", devices, err)
	}
	for _, d := range devices {
		if d.Current == (d.ID == fresh.ID) || d.Created.IsZero() {
			t.Errorf("got %+v, want this one and the new one %d", d, fresh.ID)
		}
	}

	var tooFresh *auth.TooFreshError
	if err := auth.EndOtherDevices(ctx, other); !errors.As(err, &tooFresh) || !tooFresh.Until.After(srv.Clock().Add(23*time.Hour)) {
		t.Errorf("got %v, want that a new login may not end others, and until when", err)
	}
	if fresh.Unconfirmed {
		if err := auth.ConfirmDevice(ctx, c, fresh.ID); err != nil {
			t.Errorf("confirm: %v", err)
		}
	}
	ends := watch(t, other)
	if err := auth.EndDevice(ctx, c, fresh.ID); err != nil {
		t.Fatal(err)
	}
	if e := next[auth.Ended](t, ends); e.Reason != auth.EndedElsewhere {
		t.Errorf("got %+v, want that it ended elsewhere", e)
	}
	if s, err := auth.Status(ctx, other); err != nil || s.Reason != auth.EndedElsewhere {
		t.Errorf("got %+v, %v, want that it ended elsewhere", s, err)
	}
	if err := auth.EndDevice(ctx, c, fresh.ID); !errors.Is(err, tg.ErrHashInvalid) {
		t.Errorf("got %v, want that there is no such device any more", err)
	}
}

func TestOtherDevicesAreEndedAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv, ann, c := atHome(t, "")
	emutest.SignIn(t, srv, ann)
	emutest.SignIn(t, srv, ann)
	if err := auth.EndOtherDevices(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if devices, err := auth.Devices(t.Context(), c); err != nil || len(devices) != 1 || !devices[0].Current {
		t.Errorf("got %+v, %v, want this one alone", devices, err)
	}
}

func TestTimesAndWebLoginsAreKeptAtTheEmulator(t *testing.T) {
	t.Parallel()
	_, _, c := atHome(t, "")
	ctx := t.Context()
	if err := auth.SetDeviceTTL(ctx, c, 30); err != nil {
		t.Error(err)
	}
	if days, err := auth.DeviceTTL(ctx, c); days != 30 || err != nil {
		t.Errorf("got %d, %v, want 30 days", days, err)
	}
	if err := auth.SetAccountTTL(ctx, c, 180); err != nil {
		t.Error(err)
	}
	if days, err := auth.AccountTTL(ctx, c); days != 180 || err != nil {
		t.Errorf("got %d, %v, want 180 days", days, err)
	}
	if err := auth.SetAccountTTL(ctx, c, 5000); !errors.Is(err, tg.ErrTTLDaysInvalid) {
		t.Errorf("got %v, want that so many days are refused", err)
	}
	if logins, err := auth.WebLogins(ctx, c); err != nil || len(logins) != 0 {
		t.Errorf("got %+v, %v, want none", logins, err)
	}
	if err := auth.EndWebLogins(ctx, c); err != nil {
		t.Error(err)
	}
	if err := auth.EndWebLogin(ctx, c, 7); !errors.Is(err, tg.ErrHashInvalid) {
		t.Errorf("got %v, want that there is none", err)
	}
}

func TestCodeIsToldOfAndInvalidatedAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv, ann, c := atHome(t, "")
	ctx, events := t.Context(), watch(t, c)
	other := emutest.Dial(t, srv)
	answer, err := auth.SendCode(ctx, other, ann.Phone)
	if err != nil {
		t.Fatal(err)
	}
	sent := next[auth.CodeSent](t, events)
	if err := sent.Invalidate(ctx); err != nil {
		t.Fatal(err)
	}
	_, err = auth.CheckCode(ctx, other, ann.Phone, answer.(*tg.AuthSentCode).PhoneCodeHash, auth.Code("22222"))
	if !errors.Is(err, tg.ErrPhoneCodeExpired) && !errors.Is(err, tg.ErrPhoneCodeInvalid) {
		t.Errorf("got %v, want that the code is worth nothing", err)
	}
}

func TestCodeInARichMessageIsInvalidatedAtTheEmulator(t *testing.T) {
	t.Parallel()
	ann := emulator.User{Phone: "+9996620001", RichMessages: true}
	srv := emutest.Start(t, ann)
	c := emutest.SignIn(t, srv, ann)
	ctx, events := t.Context(), watch(t, c)
	other := emutest.Dial(t, srv)
	answer, err := auth.SendCode(ctx, other, ann.Phone)
	if err != nil {
		t.Fatal(err)
	}
	sent := next[auth.CodeSent](t, events)
	page, err := tg.Call(ctx, c, &tg.MessagesGetHistory{Peer: &tg.InputPeerUser{UserID: 777000}, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if m := page.(*tg.MessagesMessages).Messages[0].(*tg.Message); m.Message != "" || m.RichMessage == nil {
		t.Errorf("got %q and %v, want a rich message without a plain text", m.Message, m.RichMessage)
	}
	if err := sent.Invalidate(ctx); err != nil {
		t.Fatal(err)
	}
	_, err = auth.CheckCode(ctx, other, ann.Phone, answer.(*tg.AuthSentCode).PhoneCodeHash, auth.Code("22222"))
	if !errors.Is(err, tg.ErrPhoneCodeExpired) && !errors.Is(err, tg.ErrPhoneCodeInvalid) {
		t.Errorf("got %v, want that the code is worth nothing", err)
	}
}

func TestNumberIsChangedAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv, ann, c := atHome(t, "")
	ctx := t.Context()
	newcomer := emutest.SignIn(t, srv, ann)
	var tooFresh *auth.TooFreshError
	if _, err := auth.Run(ctx, newcomer, auth.ChangePhone("+9996620002"), nil); !errors.As(err, &tooFresh) || tooFresh.Until.IsZero() {
		t.Errorf("got %v, want that a new login may not, and until when", err)
	}
	end, err := auth.Run(ctx, c, auth.ChangePhone("+9996620002"), auth.Answers{Code: auth.Code("22222")})
	if err != nil || *end.User.Phone != "9996620002" {
		t.Fatalf("got %+v, %v, want the new number", end, err)
	}
	if u := c.Session().User; u.Phone != "9996620002" {
		t.Errorf("got %+v in the session, want the new number", u)
	}
	emutest.SignIn(t, srv, annAt("+9996620002"))
}

func annAt(phone string) emulator.User { return emulator.User{Phone: phone, FirstName: "Ann"} }

// https://core.telegram.org/api/account-deletion
func TestOwnerStopsADeletionAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv, ann, c := atHome(t, "correct horse")
	ctx := t.Context()
	srv.FastForward(8 * 24 * time.Hour) // the password is older than a week
	links := make(chan string, 10)
	defer c.Subscribe(func(u tg.AnyUpdates) {
		for _, m := range messages(u) {
			if link := regexp.MustCompile(`tg://\S+`).FindString(m); link != "" {
				links <- link
			}
		}
	})()
	if _, err := auth.GetUser(ctx, c); err != nil { // a sign of life
		t.Fatal(err)
	}
	thief := emutest.SignIn(t, srv, ann)
	ends := watch(t, thief)
	skip := auth.AskerFunc(func(context.Context, auth.Question) (auth.Answer, error) { return auth.Skip{}, nil })
	end, err := auth.Run(ctx, thief, auth.DeleteAccount("mine now"), skip)
	if err != nil || time.Until(end.Until) < 6*24*time.Hour {
		t.Fatalf("got %+v, %v, want that it takes a week", end, err)
	}
	select {
	case link := <-links:
		if _, err := auth.Run(ctx, c, auth.ConfirmPhone(link), auth.Answers{Code: auth.Code("22222")}); err != nil {
			t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("got no link")
	}
	if e := next[auth.Ended](t, ends); e.Reason != auth.EndedElsewhere {
		t.Errorf("got %+v, want that who asked for it is signed out", e)
	}
}

// messages are the texts in a packet of updates.
func messages(u tg.AnyUpdates) (texts []string) {
	list := []tg.AnyUpdate{}
	switch u := u.(type) {
	case *tg.Updates:
		list = u.Updates
	case *tg.UpdateShort:
		list = append(list, u.Update)
	}
	for _, u := range list {
		if m, ok := u.(*tg.UpdateNewMessage); ok {
			if m, ok := m.Message.(*tg.Message); ok {
				texts = append(texts, m.Message)
			}
		}
	}
	return texts
}

func TestAccountIsDeletedAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv, ann, c := atHome(t, "correct horse")
	ctx := t.Context()
	other := emutest.SignIn(t, srv, ann)
	ends := watch(t, other)
	end, err := auth.Run(ctx, c, auth.DeleteAccount(""), auth.Answers{Password: auth.Secret("correct horse")})
	if err != nil || !end.Until.IsZero() || c.Session().User != nil {
		t.Fatalf("got %+v, %v, want the account gone", end, err)
	}
	if e := next[auth.Ended](t, ends); e.Reason != auth.Deleted {
		t.Errorf("got %+v, want that the account is deleted", e)
	}
}

// The first refusal, 406, is said once; from then on the key is dead, and calls are
// refused with 401. The session remembers the first.
// https://core.telegram.org/api/errors#406-not-acceptable
func TestASessionUsedInTwoPlacesIsOverForGood(t *testing.T) {
	t.Parallel()
	srv, ann, c := atHome(t, "")
	events := watch(t, c)
	if _, err := srv.EndSessions(ann.Phone, emulator.Duplicated); err != nil {
		t.Fatal(err)
	}
	if e := next[auth.Ended](t, events); e.Reason != auth.Duplicated {
		t.Errorf("got %+v, want that the session is duplicated", e)
	}
	var last error
	for range 2 {
		_, last = tg.Call(t.Context(), c, &tg.UpdatesGetState{})
	}
	if !errors.Is(last, tg.ErrAuthKeyUnregistered) {
		t.Errorf("got %v, want AUTH_KEY_UNREGISTERED", last)
	}
	if s, err := auth.Status(t.Context(), c); err != nil || s.User != nil || s.Reason != auth.Duplicated {
		t.Errorf("got %+v, %v, want no user and the reason", s, err)
	}
	if d := c.Session(); d.Ended != string(tg.ErrAuthKeyDuplicated) {
		t.Errorf("got the session's end %q, want AUTH_KEY_DUPLICATED", d.Ended)
	}
	// A login on the old key does not succeed; one with a new key does.
	if _, err := auth.SignIn(t.Context(), c, auth.Phone(ann.Phone), auth.Answers{}); !errors.Is(err, tg.ErrAuthKeyUnregistered) {
		t.Errorf("got %v, want AUTH_KEY_UNREGISTERED", err)
	}
	if again := emutest.SignIn(t, srv, ann); again.Session().User == nil {
		t.Error("the account cannot sign in with a new key")
	}
}

// The first call of a connection may be the one that is told. Its answer is not the
// user's, but the session remembers it.
func TestASessionLearnsOfItsEndWhenItConnects(t *testing.T) {
	t.Parallel()
	srv, ann, c := atHome(t, "")
	stored := new(session.Memory)
	before := c.Session()
	c.Close()
	if _, err := srv.EndSessions(ann.Phone, emulator.Duplicated); err != nil {
		t.Fatal(err)
	}
	held, err := stored.Hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Update(t.Context(), func(d *session.Data) error { *d = before; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := held.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := telekey.Dial(t.Context(), telekey.Config{Network: srv.Network(), Session: stored})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for range 2 {
		if s, err := auth.Status(t.Context(), again); err != nil || s.Reason != auth.Duplicated {
			t.Errorf("got %+v, %v, want that the session is duplicated", s, err)
		}
	}
}

func TestEndsAndFreezesAreToldAtTheEmulator(t *testing.T) {
	t.Parallel()
	for why, want := range map[emulator.Ending]auth.Reason{
		emulator.Revoked: auth.EndedElsewhere, emulator.Expired: auth.Expired, emulator.Duplicated: auth.Duplicated,
		emulator.Banned: auth.Banned, emulator.Deleted: auth.Deleted, emulator.Unregistered: auth.EndedElsewhere,
	} {
		t.Run(string(why), func(t *testing.T) {
			srv, ann, c := atHome(t, "")
			events := watch(t, c)
			if _, err := auth.Status(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if err := srv.SetFrozen(ann.Phone, &emulator.Frozen{}); err != nil {
				t.Fatal(err)
			}
			if s, err := auth.Status(t.Context(), c); err != nil || s.Frozen == nil || !strings.HasPrefix(s.Frozen.Appeal, "https://") {
				t.Errorf("got %+v, %v, want that it is frozen", s, err)
			}
			if err := auth.SetAccountTTL(t.Context(), c, 365); !errors.Is(err, tg.ErrFrozenMethodInvalid) {
				t.Errorf("got %v, want that a frozen account can only be read", err)
			}
			if f := next[auth.Frozen](t, events); f.Since.IsZero() || f.Until.Before(f.Since) {
				t.Errorf("got %+v, want since when and until when", f)
			}
			if _, err := srv.EndSessions(ann.Phone, why); err != nil {
				t.Fatal(err)
			}
			if e := next[auth.Ended](t, events); e.Reason != want {
				t.Errorf("got %+v, want %s", e, want)
			}
			// Telegram has said it once; the session remembers.
			for range 2 {
				if s, err := auth.Status(t.Context(), c); err != nil || s.Reason != want {
					t.Errorf("afterwards got %+v, %v, want %s", s, err, want)
				}
			}
		})
	}
}
