package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
)

func (p *program) passwordEmailCommand() *cobra.Command {
	var f setFlags
	var remove bool
	cmd := &cobra.Command{
		Use:   "email ADDRESS | --remove",
		Short: "Name the mailbox by which a lost password is replaced",
		Long: `Name the mailbox by which a lost password is replaced. It takes the password, and
the code that goes to the mailbox; where there is no terminal to type that at, it
is left for telekey password confirm.

With --json: {"set":true,"email":"ann@example.org","unconfirmed":true}`,
		Example: `  telekey password email ann@example.org
  telekey password email --remove`,
		Args: arguments(0, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			if remove == (len(args) == 1) {
				return usage("want either an address or --remove")
			}
			return p.recoveryEmail(ctx, &f, append(args, "")[0])
		}),
	}
	f.connection.add(cmd)
	f.answerFlags.add(cmd)
	cmd.Flags().BoolVar(&remove, "remove", false, "name none")
	return cmd
}

func (p *program) recoveryEmail(ctx context.Context, f *setFlags, address string) error {
	answers, end, err := p.answers(&f.answerFlags, &f.connection)
	if err != nil {
		return err
	}
	defer end()
	done, err := withUser(ctx, p, &f.connection, func(c *client) (auth.Done, error) {
		return auth.Run(ctx, c, auth.SetRecoveryEmail(address), laterIfNobody(answers))
	})
	if err != nil {
		return err
	}
	result := recovery{Email: done.Email, Unconfirmed: done.Unconfirmed}
	switch {
	case address == "":
		return p.print(result, "there is no mailbox to recover the password by")
	case done.Unconfirmed:
		return p.print(result, "a code was sent to %s: type it with telekey password confirm", done.Email)
	}
	return p.print(result, "the password is recovered by way of %s", done.Email)
}

// recovery is what became of a recovery address.
type recovery struct {
	Email       string `json:"email,omitempty"`
	Unconfirmed bool   `json:"unconfirmed,omitempty"`
}

func (p *program) passwordConfirmCommand() *cobra.Command {
	var f setFlags
	cmd := &cobra.Command{
		Use:   "confirm",
		Short: "Type the code that was sent to the mailbox to recover the password by",
		Long: `Type the code that was sent to the mailbox to recover the password by. With the
address a password counts that was set together with it. At the terminal, r has
the code sent again and q takes the address back. With --json: {"confirmed":true}`,
		Example: `  telekey password confirm`,
		Args:    arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error {
			if _, err := p.task(ctx, &f.connection, &f.answerFlags, auth.ConfirmRecoveryEmail()); err != nil {
				return err
			}
			return p.print(map[string]bool{"confirmed": true}, "the mailbox is confirmed")
		}),
	}
	f.connection.add(cmd)
	f.addCode(cmd)
	return cmd
}
