package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

func (p *program) phoneCommand() *cobra.Command {
	return group("phone", "Look after the account's number", p.phoneChangeCommand())
}

func (p *program) phoneChangeCommand() *cobra.Command {
	var f struct {
		connection
		answerFlags
	}
	cmd := &cobra.Command{
		Use:   "change NUMBER",
		Short: "Move the account to another number",
		Long: `Move the account to another number, and print the user as telekey whoami does. A
code goes to the new number, which it asks for. Telegram allows it only 24 hours
after this login was made, and says until when it does not.`,
		Example: `  telekey phone change +9996621235`,
		Args:    arguments(1, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			number, err := input.Number(args[0])
			if err != nil {
				return usage("%v", err)
			}
			answers, end, err := p.answers(&f.answerFlags, &f.connection)
			if err != nil {
				return err
			}
			defer end()
			home := 0
			me, err := withUser(ctx, p, &f.connection, func(c *client) (*tg.User, error) {
				done, err := auth.Run(ctx, c, auth.ChangePhone(number), answers)
				home = c.Home()
				return done.User, err
			})
			if err != nil {
				return err
			}
			return p.printUser(home, me)
		}),
	}
	f.connection.add(cmd)
	f.addCode(cmd)
	return cmd
}
