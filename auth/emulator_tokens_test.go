package auth_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/emutest"
	"github.com/telekey/telekey/tg"
)

// Tokens to sign in with, and tasks that a mailbox is needed for, played with a
// client on a socket and an emulator behind it.

// https://core.telegram.org/method/auth.importBotAuthorization
func TestBotIsFollowedHomeAndRevokedAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv := emutest.Start(t)
	robby, err := srv.AddBot(emulator.Bot{Name: "Robby", DC: 3})
	if err != nil {
		t.Fatal(err)
	}
	c := emutest.Dial(t, srv)
	token := auth.Secret(robby.Token)
	u, err := auth.SignIn(t.Context(), c, auth.Bot(token), nil)
	isSignedIn(t, c, u, err, "Robby")
	if home := c.Session().Home; home != 3 || !u.Bot || !c.Session().User.Bot {
		t.Errorf("got %+v at data centre %d, want a bot at 3", u, home)
	}
	if _, err := auth.Devices(t.Context(), c); !errors.Is(err, tg.ErrBotMethodInvalid) {
		t.Errorf("got %v, want that bots may not", err)
	}

	events := watch(t, c)
	fresh, err := srv.RevokeBot(robby.ID)
	if err != nil {
		t.Fatal(err)
	}
	if e := next[auth.Ended](t, events); e.Reason != auth.EndedElsewhere {
		t.Errorf("got %+v, want that the login has ended", e)
	}
	asked := 0
	u, err = auth.SignIn(t.Context(), c, auth.Bot(auth.SecretAnswer{}), once(srv, func(q auth.Question) auth.Answer {
		if asked++; asked == 1 {
			return auth.Secret("7:no token")
		}
		return nil
	}))
	if !errors.Is(err, tg.ErrAccessTokenInvalid) || asked != 1 {
		t.Errorf("got %v, %v after %d questions, want that there is no such bot", u, err, asked)
	}
	if _, err = auth.SignIn(t.Context(), c, auth.Bot(token), nil); !errors.Is(err, tg.ErrAccessTokenExpired) {
		t.Errorf("got %v, want that the token has been revoked", err)
	}
	u, err = auth.SignIn(t.Context(), c, auth.Bot(auth.Secret(fresh.Token)), nil)
	isSignedIn(t, c, u, err, "Robby")
}

// https://core.telegram.org/method/auth.importWebTokenAuthorization
func TestWebTokenSignsInAtTheEmulator(t *testing.T) {
	t.Parallel()
	for _, ann := range []emulator.User{{Phone: annsNumber, FirstName: "Ann"}, {Phone: annAbroad.Phone, DC: 3, FirstName: "Ann", Password: "correct horse"}} {
		srv := emutest.Start(t, ann)
		token, err := srv.NewWebToken(ann.Phone)
		if err != nil {
			t.Fatal(err)
		}
		c := emutest.Dial(t, srv)
		u, err := auth.SignIn(t.Context(), c, auth.WebToken(auth.Secret(token)), auth.Answers{Password: auth.Secret(ann.Password)})
		isSignedIn(t, c, u, err, "Ann")
	}
}

// A person who types a web token is asked again for one that is wrong, or too old.
func TestWebTokenMayBeMistypedAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv := emutest.Start(t, emulator.User{Phone: annsNumber, FirstName: "Ann"})
	token := func() auth.SecretAnswer {
		token, err := srv.NewWebToken(annsNumber)
		if err != nil {
			t.Fatal(err)
		}
		return auth.Secret(token)
	}
	late := token()
	srv.FastForward(6 * time.Minute)
	var refused []tg.ErrorType
	c := emutest.Dial(t, srv)
	u, err := auth.SignIn(t.Context(), c, auth.WebToken(auth.SecretAnswer{}), auth.AskerFunc(func(_ context.Context, q auth.Question) (auth.Answer, error) {
		if e := q.(auth.TokenQuestion).Refused; e != nil {
			refused = append(refused, e.Type)
		}
		return []auth.Answer{auth.Secret("no token"), late, token()}[len(refused)], nil
	}))
	isSignedIn(t, c, u, err, "Ann")
	if len(refused) != 2 || refused[0] != tg.ErrAuthTokenInvalid || refused[1] != tg.ErrAuthTokenExpired {
		t.Errorf("got the refusals %q", refused)
	}
}

// A password that is lost while one is signed in is replaced, too.
//
// https://core.telegram.org/api/srp#password-recovery
func TestLostPasswordIsReplacedByATaskAtTheEmulator(t *testing.T) {
	t.Parallel()
	ann := emulator.User{Phone: annsNumber, FirstName: "Ann", Password: "correct horse", RecoveryEmail: "ann@example.org"}
	srv := emutest.Start(t, ann)
	c := emutest.SignIn(t, srv, ann)
	if _, err := auth.Run(t.Context(), c, auth.RecoverPassword(), once(srv, nil)); err != nil {
		t.Fatal(err)
	}
	emutest.SignIn(t, srv, emulator.User{Phone: annsNumber, Password: "battery staple"})
}

// https://core.telegram.org/api/auth#email-verification
func TestLoginEmailIsChangedByATaskAtTheEmulator(t *testing.T) {
	t.Parallel()
	ann := emulator.User{Phone: annsNumber, FirstName: "Ann", LoginEmail: "ann@example.org"}
	srv := emutest.Start(t, ann)
	c := emutest.SignIn(t, srv, ann)
	resent := firstSaying[auth.CodeQuestion](auth.Resend{})
	end, err := auth.Run(t.Context(), c, auth.ChangeLoginEmail("new@example.org"), once(srv, resent))
	if err != nil || end.Email != "new@example.org" {
		t.Fatalf("got %+v, %v, want the new address", end, err)
	}
	if p, err := auth.PasswordInfo(t.Context(), c); err != nil || p.LoginEmail == "" || p.LoginEmail[0] != 'n' {
		t.Errorf("got %+v, %v, want the new address, partly hidden", p, err)
	}
	if u, _ := srv.User(annsNumber); u.LoginEmail != "new@example.org" {
		t.Errorf("got %q, want the new address", u.LoginEmail)
	}
}

// Neither what is no link stops a deletion, nor a link of long ago.
//
// https://core.telegram.org/api/links#phone-confirmation-links
func TestDeletionIsNotStoppedByAnyLinkAtTheEmulator(t *testing.T) {
	t.Parallel()
	_, _, c := atHome(t, "")
	for _, link := range []string{"tg://confirmphone?phone=9996620001&hash=", "https://example.org/", ""} {
		if _, err := auth.Run(t.Context(), c, auth.ConfirmPhone(link), nil); err == nil || tg.AsError(err) != nil {
			t.Errorf("%q: got %v, want that it is no such link", link, err)
		}
	}
	if _, err := auth.Run(t.Context(), c, auth.ConfirmPhone("tg://confirmphone?phone=9996620001&hash=long-ago"), nil); !errors.Is(err, tg.ErrHashInvalid) {
		t.Errorf("got %v, want that the link is too old", err)
	}
}
