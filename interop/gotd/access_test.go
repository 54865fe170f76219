package gotd

import (
	"context"
	"errors"
	"testing"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/auth/qrlogin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"github.com/telekey/telekey/emulator"
)

// byQR returns a story: gotd shows a QR code, the account's other device reads
// it, and gotd asks who it is. With a password, gotd's flow asks for that.
func byQR(s *emulator.Server, d tg.UpdateDispatcher, phone, password, want string) func(context.Context, *telegram.Client) error {
	loggedIn := qrlogin.OnLoginToken(d)
	return func(ctx context.Context, c *telegram.Client) error {
		_, err := c.QR().Auth(ctx, loggedIn, func(_ context.Context, token qrlogin.Token) error {
			return s.AcceptLogin(phone, token.URL())
		})
		if password != "" && tgerr.Is(err, "SESSION_PASSWORD_NEEDED") {
			_, err = c.Auth().Password(ctx, password)
		}
		if err != nil {
			return err
		}
		self, err := c.Self(ctx)
		if err == nil && self.FirstName != want {
			err = errors.New("got " + self.FirstName + ", want " + want)
		}
		return err
	}
}

func TestAQRCodeSignsIn(t *testing.T) {
	for name, c := range map[string]struct{ phone, password, want string }{
		"at once":                  {ann, "", "Ann"},
		"with a password":          {bob, bobsPassword, "Bob"},
		"from another data centre": {cleo, "", "Cleo"},
	} {
		t.Run(name, func(t *testing.T) {
			s := emulated(t)
			d, o := tg.NewUpdateDispatcher(), options(t, s)
			o.UpdateHandler = d
			run(t, o, byQR(s, d, c.phone, c.password, c.want))
		})
	}
}

func TestABotSignsIn(t *testing.T) {
	s := emulated(t)
	bot, err := s.AddBot(emulator.Bot{Name: "Echo", DC: 1}) // which is not where gotd begins
	if err != nil {
		t.Fatal(err)
	}
	run(t, options(t, s), func(ctx context.Context, c *telegram.Client) error {
		if _, err := c.Auth().Bot(ctx, string(bot.Token)); err != nil {
			return err
		}
		self, err := c.Self(ctx)
		if err == nil && (!self.Bot || self.ID != bot.ID) {
			err = errors.New("got somebody else")
		}
		return err
	})
}
