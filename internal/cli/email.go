package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
)

func (p *program) emailCommand() *cobra.Command {
	return group("email", "Look after the login e-mail, which codes for signing in go to",
		p.emailInfoCommand(), p.emailChangeCommand())
}

func (p *program) emailInfoCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Say which mailbox codes for signing in go to",
		Long: `Say which mailbox codes for signing in go to; Telegram shows the address partly
hidden. With --json: {"email":"a***@example.org"}, or {"email":""} if there is none.`,
		Example: `  telekey email info`,
		Args:    arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error {
			s, err := p.passwordState(ctx, &f)
			if err != nil {
				return err
			}
			result := map[string]string{"email": s.LoginEmail}
			if s.LoginEmail == "" {
				return p.print(result, "codes for signing in do not go by e-mail")
			}
			return p.print(result, "codes for signing in go to %s", s.LoginEmail)
		}),
	}
	f.add(cmd)
	return cmd
}

func (p *program) emailChangeCommand() *cobra.Command {
	var f struct {
		connection
		answerFlags
	}
	cmd := &cobra.Command{
		Use:   "change ADDRESS",
		Short: "Have codes for signing in sent to another mailbox",
		Long: `Have codes for signing in sent to another mailbox. Telegram sends a code there
first, which it asks for. With --json: {"email":"ann@example.org"}`,
		Example: `  telekey email change ann@example.org`,
		Args:    arguments(1, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			done, err := p.task(ctx, &f.connection, &f.answerFlags, auth.ChangeLoginEmail(args[0]))
			if err != nil {
				return err
			}
			return p.print(map[string]string{"email": done.Email}, "codes for signing in go to %s", done.Email)
		}),
	}
	f.connection.add(cmd)
	f.addCode(cmd)
	return cmd
}
