package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
)

func (p *program) passwordCommand() *cobra.Command {
	return group("password", "Look after the password of two-step verification",
		p.passwordInfoCommand(), p.passwordSetCommand(), p.passwordChangeCommand(), p.passwordRemoveCommand(),
		p.passwordEmailCommand(), p.passwordConfirmCommand(),
		p.passwordRecoverCommand(), p.passwordResetCommand(), p.passwordDeclineCommand())
}

func (p *program) passwordInfoCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Say how it stands with the account's password",
		Long: `Say how it stands with the account's password. With --json:
{"set":true,"hint":"…","has_recovery":true,"unconfirmed":"a***@example.org",
"login_email":"a***@example.org","reset_at":"2026-01-02T15:04:05Z","passport":true}
where only set is always there.`,
		Example: `  telekey password info`,
		Args:    arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error {
			s, err := p.passwordState(ctx, &f)
			if err != nil {
				return err
			}
			return p.printLines(s, describePassword(s))
		}),
	}
	f.add(cmd)
	return cmd
}

func (p *program) passwordState(ctx context.Context, f *connection) (*auth.PasswordState, error) {
	return withUser(ctx, p, f, func(c *client) (*auth.PasswordState, error) { return auth.PasswordInfo(ctx, c) })
}

func describePassword(s *auth.PasswordState) []string {
	lines := []string{"the account has no password"}
	if s.Set {
		lines[0] = "the account has a password"
	}
	if s.Hint != "" {
		lines = append(lines, "its hint: "+s.Hint)
	}
	if s.HasRecovery {
		lines = append(lines, "lost, it can be replaced by way of an e-mail address: telekey password recover")
	}
	if s.Unconfirmed != "" {
		lines = append(lines, fmt.Sprintf("the address %s waits for its code: telekey password confirm", s.Unconfirmed))
	}
	if !s.ResetAt.IsZero() {
		lines = append(lines, fmt.Sprintf("somebody asked for it to be reset: from %s on telekey password reset takes it away, until then telekey password decline calls that off", moment(s.ResetAt)))
	}
	if s.LoginEmail != "" {
		lines = append(lines, "codes for signing in go to "+s.LoginEmail)
	}
	if s.Passport {
		lines = append(lines, "documents are stored under it, which are lost without it")
	}
	return lines
}
