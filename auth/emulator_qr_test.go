package auth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/emutest"
	"github.com/telekey/telekey/tg"
)

// Signing in by QR code, played with a client on a socket and an emulator behind
// it: https://core.telegram.org/api/qr-login

// isSignedIn fails unless c is in the account of this name, and its session knows.
func isSignedIn(t *testing.T, c *telekey.Client, u *tg.User, err error, name string) {
	t.Helper()
	if err != nil || *u.FirstName != name {
		t.Fatalf("got %v, %v, want to be signed in as %s", u, err, name)
	}
	if s, err := auth.Status(t.Context(), c); err != nil || s.User == nil || s.User.ID != u.ID || c.Session().User.ID != u.ID {
		t.Errorf("got %+v, %v, and the session of %+v, want user %d", s, err, c.Session().User, u.ID)
	}
}

func TestLinkIsAcceptedAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv := emutest.Start(t, emulator.User{Phone: annsNumber, FirstName: "Ann"})
	c := emutest.Dial(t, srv)
	u, err := auth.SignIn(t.Context(), c, auth.QR(), scannedBy(srv, annsNumber))
	isSignedIn(t, c, u, err, "Ann")
}

// A second client of ours is the device that accepts; the links of others do not
// help, and who accepts twice is told.
func TestOneClientLetsAnotherInAtTheEmulator(t *testing.T) {
	t.Parallel()
	ann := emulator.User{Phone: annsNumber, FirstName: "Ann"}
	srv := emutest.Start(t, ann)
	first, second := emutest.SignIn(t, srv, ann), emutest.Dial(t, srv)
	links, acceptances := make(chan auth.QRLink, 1), make(chan *tg.Authorization, 1)
	u, err := auth.SignIn(t.Context(), second, auth.QR(), auth.AskerFunc(func(_ context.Context, q auth.Question) (auth.Answer, error) {
		link := q.(auth.ShowQR).Link
		// The login may end the question before the acceptance is answered.
		accepted, err := auth.AcceptLogin(t.Context(), first, link)
		links <- link
		acceptances <- accepted
		return nil, err
	}))
	isSignedIn(t, second, u, err, "Ann")
	link, accepted := <-links, <-acceptances
	if accepted == nil {
		t.Fatal("the link was not accepted")
	}
	devices, err := auth.Devices(t.Context(), first)
	if err != nil || len(devices) != 2 || int64(devices[0].ID) != accepted.Hash && int64(devices[1].ID) != accepted.Hash {
		t.Errorf("got %+v, %v, want the device that was accepted, %d, among two", devices, err, accepted.Hash)
	}
	if _, err := auth.AcceptLogin(t.Context(), first, link); !errors.Is(err, tg.ErrAuthTokenAlreadyAccepted) || !strings.Contains(err.Error(), "show a new one") {
		t.Errorf("got %v, want that it has been accepted", err)
	}
	if _, err := auth.AcceptLogin(t.Context(), first, auth.LoginLink("tg://login?token=AAAA")); !errors.Is(err, tg.ErrAuthTokenInvalidx) && !errors.Is(err, tg.ErrAuthTokenInvalid) {
		t.Errorf("got %v, want that it is no link of Telegram's", err)
	}
	if _, err := auth.AcceptLogin(t.Context(), emutest.Dial(t, srv), link); !errors.Is(err, tg.ErrAuthKeyUnregistered) {
		t.Errorf("got %v, want that nobody is signed in who could accept", err)
	}
}

// The account lives elsewhere, and has a password: both are seen to, and the home
// moves.
//
// https://core.telegram.org/api/qr-login#accepting-a-login-token
func TestLinkLeadsToAnotherDataCentreAndAPasswordAtTheEmulator(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"", "correct horse"} {
		ann := annAbroad
		ann.Password = password
		srv := emutest.Start(t, ann)
		c := emutest.Dial(t, srv)
		known := auth.Answers{Password: auth.Secret(password), Else: scannedBy(srv, ann.Phone)}
		u, err := auth.SignIn(t.Context(), c, auth.QR(), known)
		isSignedIn(t, c, u, err, "Ann")
		if home := c.Session().Home; home != ann.DC {
			t.Errorf("with the password %q: got the home %d, want %d", password, home, ann.DC)
		}
	}
}

func TestLinkThatIsTooOldIsRefreshedAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv := emutest.Start(t, emulator.User{Phone: annsNumber, FirstName: "Ann"})
	c, f := emutest.Dial(t, srv), auth.NewFlow(auth.QR())
	old := shownBy(t, c, f)
	srv.FastForward(31 * time.Second)
	if err := srv.AcceptLogin(annsNumber, old.Question.(auth.ShowQR).Link.Reveal()); err == nil || !strings.Contains(err.Error(), "AUTH_TOKEN_EXPIRED") {
		t.Fatalf("got %v, want that the link has expired", err)
	}
	if err := f.Returned(old.Until, nil, nil); err != nil {
		t.Fatal(err)
	}
	fresh := shownBy(t, c, f)
	if fresh.Question.(auth.ShowQR).Link.Equal(old.Question.(auth.ShowQR).Link.Text) {
		t.Fatal("got the link that has expired, want another")
	}
	if err := srv.AcceptLogin(annsNumber, fresh.Question.(auth.ShowQR).Link.Reveal()); err != nil {
		t.Fatal(err)
	}
	if err := f.Returned(time.Now(), &tg.UpdateLoginToken{}, nil); err != nil {
		t.Fatal(err)
	}
	step, err := auth.Drive(t.Context(), c, f)
	if end, ok := step.(auth.Done); !ok || *end.User.FirstName != "Ann" {
		t.Errorf("got %v, %v, want Ann", step, err)
	}
}

// shownBy drives a flow to what it shows.
func shownBy(t *testing.T, c *telekey.Client, f *auth.Flow) auth.Show {
	t.Helper()
	step, err := auth.Drive(t.Context(), c, f)
	shown, ok := step.(auth.Show)
	if !ok {
		t.Fatalf("got %v, %v, want a link", step, err)
	}
	return shown
}

// Who is signed in here already is not let in a second time.
func TestLinkIsNotForWhoIsHereAlreadyAtTheEmulator(t *testing.T) {
	t.Parallel()
	ann := emulator.User{Phone: annsNumber, FirstName: "Ann"}
	srv := emutest.Start(t, ann)
	first := emutest.SignIn(t, srv, ann)
	f := auth.NewFlow(auth.QR(first.Session().User.ID))
	link := shownBy(t, emutest.Dial(t, srv), f).Question.(auth.ShowQR).Link
	if _, err := auth.AcceptLogin(t.Context(), first, link); !errors.Is(err, tg.ErrAuthTokenException) {
		t.Errorf("got %v, want that the link is not for this account", err)
	}
	if err := f.Answered(time.Now(), auth.Cancel{}, rand.Reader); !errors.Is(err, auth.ErrCancelled) {
		t.Errorf("got %v, want that it is given up", err)
	}
}
