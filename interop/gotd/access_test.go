package gotd

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/auth"
	"github.com/gotd/td/telegram/auth/qrlogin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"github.com/telekey/telekey/emulator"
)

// more accounts of the emulator.
const (
	dora = "+9996620004"
	eve  = "+9996610005" // at home in data centre 1, with a password and a mailbox

	evesPassword = "battery"
)

// withEve starts an emulator in which she and dora have accounts, too.
func withEve(t *testing.T) *emulator.Server {
	t.Helper()
	s := emulated(t)
	for _, u := range []emulator.User{
		{Phone: dora, FirstName: "Dora"},
		{Phone: eve, FirstName: "Eve", Password: evesPassword, RecoveryEmail: "eve@example.org"},
	} {
		if err := s.AddUser(u); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// read is how another device reads a QR code.
type read func(ctx context.Context, token qrlogin.Token) error

// byQR returns a story: gotd shows a QR code, the account's other device reads
// it, and gotd asks who it is. With a password, gotd's flow asks for that.
//
// Its own OnLoginToken loses the update that comes before it waits.
func byQR(d tg.UpdateDispatcher, other read, password, want string) func(context.Context, *telegram.Client) error {
	accepted := make(chan struct{}, 1)
	d.OnLoginToken(func(context.Context, tg.Entities, *tg.UpdateLoginToken) error {
		accepted <- struct{}{}
		return nil
	})
	return func(ctx context.Context, c *telegram.Client) error {
		_, err := c.QR().Auth(ctx, accepted, other)
		if password != "" && tgerr.Is(err, "SESSION_PASSWORD_NEEDED") {
			_, err = c.Auth().Password(ctx, password)
		}
		if err != nil {
			return err
		}
		return named(want)(ctx, c)
	}
}

func TestGotdSignsInByQRCode(t *testing.T) {
	for name, c := range map[string]struct{ phone, password, want string }{
		"at once":                  {ann, "", "Ann"},
		"with a password":          {bob, bobsPassword, "Bob"},
		"from another data centre": {cleo, "", "Cleo"},
		"from there, with one":     {eve, evesPassword, "Eve"},
	} {
		t.Run(name, func(t *testing.T) {
			s := withEve(t)
			d, o := tg.NewUpdateDispatcher(), options(t, s)
			o.UpdateHandler = d
			run(t, o, byQR(d, func(_ context.Context, token qrlogin.Token) error {
				return s.AcceptLogin(c.phone, token.URL())
			}, c.password, c.want))
			run(t, o, named(c.want))
		})
	}
}

func TestGotdLetsAnotherGotdInAndEndsItAgain(t *testing.T) {
	s := emulated(t)
	d, o := tg.NewUpdateDispatcher(), options(t, s)
	o.UpdateHandler = d
	run(t, options(t, s), func(ctx context.Context, old *telegram.Client) error {
		if err := signedIn(person{phone: ann}, "Ann")(ctx, old); err != nil {
			return err
		}
		var device *tg.Authorization
		run(t, o, byQR(d, func(ctx context.Context, token qrlogin.Token) (err error) {
			device, err = old.QR().Accept(ctx, token)
			return err
		}, "", "Ann"))
		run(t, o, func(ctx context.Context, c *telegram.Client) error {
			_, err := c.API().AuthResetAuthorizations(ctx)
			return refused(err, 406, "FRESH_RESET_AUTHORISATION_FORBIDDEN")
		})
		list, err := old.API().AccountGetAuthorizations(ctx)
		if err != nil {
			return err
		}
		if a := list.Authorizations; len(a) != 2 || !a[0].Current || a[1].Hash != device.Hash {
			return errors.New("want this device and " + strconv.FormatInt(device.Hash, 10) + " in the list")
		}
		if _, err := old.API().AccountResetAuthorization(ctx, device.Hash); err != nil {
			return err
		}
		run(t, o, func(ctx context.Context, c *telegram.Client) error {
			if _, err := c.Self(ctx); !auth.IsUnauthorized(err) {
				return errors.Join(errors.New("want the ended device to be signed out"), err)
			}
			return nil
		})
		return nil
	})
}

func TestGotdSignsInAsABot(t *testing.T) {
	s := emulated(t)
	bot, err := s.AddBot(emulator.Bot{Name: "Echo", DC: 1}) // which is not where gotd begins
	if err != nil {
		t.Fatal(err)
	}
	o := options(t, s)
	run(t, o, func(ctx context.Context, c *telegram.Client) error {
		_, err := c.Auth().Bot(ctx, "7654321:wrong")
		if err := refused(err, 400, "ACCESS_TOKEN_INVALID"); err != nil {
			return err
		}
		_, err = c.Auth().Bot(ctx, string(bot.Token))
		return err
	})
	run(t, o, func(ctx context.Context, c *telegram.Client) error {
		self, err := c.Self(ctx)
		if err == nil && (!self.Bot || self.ID != bot.ID) {
			err = errors.New("got somebody else")
		}
		if err != nil {
			return err
		}
		_, err = c.API().AccountGetAuthorizations(ctx)
		return refused(err, 400, "BOT_METHOD_INVALID")
	})
}

// knows returns a function that answers a password question with password.
func knows(password string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return password, nil }
}

func TestGotdSetsChangesAndResetsAPassword(t *testing.T) {
	s := withEve(t)
	run(t, options(t, s), func(ctx context.Context, c *telegram.Client) error {
		if err := signedIn(person{phone: dora}, "Dora")(ctx, c); err != nil {
			return err
		}
		if err := c.Auth().UpdatePassword(ctx, "one", auth.UpdatePasswordOptions{Hint: "a number"}); err != nil {
			return err
		}
		err := c.Auth().UpdatePassword(ctx, "two", auth.UpdatePasswordOptions{Password: knows("wrong")})
		if !tgerr.Is(err, "PASSWORD_HASH_INVALID") {
			return errors.Join(errors.New("want PASSWORD_HASH_INVALID"), err)
		}
		return c.Auth().UpdatePassword(ctx, "two", auth.UpdatePasswordOptions{Hint: "another", Password: knows("one")})
	})
	o := options(t, s)
	run(t, o, signedIn(person{dora, "two"}, "Dora"))
	// The user has forgotten the password and resets it: first the reset is cancelled,
	// then it is completed.
	const week = 7 * 24 * time.Hour
	run(t, o, func(ctx context.Context, c *telegram.Client) error {
		until, err := c.Auth().ResetPassword(ctx)
		if err != nil || time.Until(until) < week-time.Hour {
			return errors.Join(errors.New("want to wait for a week, not until "+until.String()), err)
		}
		return c.Auth().CancelPasswordReset(ctx)
	})
	s.FastForward(week)
	run(t, o, func(ctx context.Context, c *telegram.Client) error {
		_, err := c.Auth().ResetPassword(ctx)
		return err
	})
	s.FastForward(week)
	run(t, o, func(ctx context.Context, c *telegram.Client) error {
		if _, err := c.Auth().ResetPassword(ctx); err != nil {
			return err
		}
		p, err := c.API().AccountGetPassword(ctx)
		if err == nil && p.HasPassword {
			err = errors.New("the password is still there")
		}
		return err
	})
}

func TestGotdRecoversAForgottenPasswordByMail(t *testing.T) {
	for name, replaced := range map[string]string{"removed": "", "replaced": "new"} {
		t.Run(name, func(t *testing.T) {
			s := withEve(t)
			run(t, options(t, s), func(ctx context.Context, c *telegram.Client) error {
				wrong := auth.NewFlow(person{eve, "wrong"}, auth.SendCodeOptions{}).Run(ctx, c.Auth())
				if !errors.Is(wrong, auth.ErrPasswordInvalid) {
					return errors.Join(errors.New("want: the password is invalid"), wrong)
				}
				if _, err := c.Auth().RequestPasswordRecovery(ctx); err != nil {
					return err
				}
				codes := s.Codes(eve)
				code := codes[len(codes)-1]
				if code.Email != "eve@example.org" {
					return errors.New("the newest code went to " + code.Email)
				}
				if _, err := c.Auth().CheckRecoveryPassword(ctx, "000000"); !tgerr.Is(err, "CODE_INVALID") {
					return errors.Join(errors.New("want CODE_INVALID"), err)
				}
				_, err := c.Auth().RecoverPassword(ctx, auth.RecoverPasswordOptions{Code: code.Code, NewPassword: replaced})
				return err
			})
			run(t, options(t, s), signedIn(person{eve, replaced}, "Eve"))
		})
	}
}
