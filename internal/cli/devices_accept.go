package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

func (p *program) devicesAcceptCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "accept LINK|-",
		Short: "Let a device in that shows a QR code",
		Long: `Let a device in that shows a QR code. LINK is what the code says,
tg://login?token=…; - reads it from standard input, and on Telegram's own networks
it is taken from there alone.

Accept only what you see on a device of your own: who sends you such a link wants
to be let in to your account. With --json, the new login:
{"id":"8123456789012345678","model":"…","app":"…","ip":"…","country":"…"}`,
		Example: `  telekey devices accept - < link.txt`,
		Args:    arguments(1, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			link, err := p.link(&f, args[0])
			if err != nil {
				return err
			}
			if _, err := input.LoginToken(link); err != nil {
				return config("%v", err)
			}
			return p.accept(ctx, &f, auth.LoginLink(link))
		}),
	}
	f.add(cmd)
	return cmd
}

// link is a link that is a way in: an argument, or a line of standard input.
func (p *program) link(f *connection, arg string) (string, error) {
	if arg != "-" {
		f.isSecret("a link", arg)
		return arg, nil
	}
	line, err := p.readSecret("the link", "-")
	return line.Reveal(), err
}

func (p *program) accept(ctx context.Context, f *connection, link auth.QRLink) error {
	login, err := withUser(ctx, p, f, func(c *client) (*tg.Authorization, error) { return auth.AcceptLogin(ctx, c, link) })
	if err != nil {
		return err
	}
	result := struct {
		ID      auth.DeviceID `json:"id,string"`
		Model   string        `json:"model"`
		App     string        `json:"app"`
		IP      string        `json:"ip,omitempty"`
		Country string        `json:"country,omitempty"`
	}{auth.DeviceID(login.Hash), login.DeviceModel, login.AppName, login.IP, login.Country}
	return p.print(result, "let in: %s, %s, from %s %s, id %d", result.Model, result.App, result.IP, result.Country, result.ID)
}
