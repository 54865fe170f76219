package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// recoverFlags are the flags of telekey password recover.
type recoverFlags struct {
	connection
	answerFlags
	next   newPasswordFlags
	remove bool
}

func (p *program) passwordRecoverCommand() *cobra.Command {
	var f recoverFlags
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "Replace a lost password by way of its mailbox",
		Long: `Replace a lost password, or with --remove take it away: by the code that Telegram
sends to the mailbox that was named for that. It works where the account is signed
in, and where telekey login came as far as the password; then it signs in.

With --json: {"set":true}`,
		Example: `  telekey password recover
  telekey password recover --remove`,
		Args: arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error { return p.recoverPassword(ctx, &f) }),
	}
	f.connection.add(cmd)
	f.next.add(cmd)
	f.addCode(cmd)
	cmd.Flags().BoolVar(&f.remove, "remove", false, "have no password afterwards")
	cmd.MarkFlagsMutuallyExclusive("remove", "new-password")
	cmd.MarkFlagsMutuallyExclusive("remove", "new-password-file")
	return cmd
}

func (p *program) recoverPassword(ctx context.Context, f *recoverFlags) error {
	answers, end, err := p.answers(&f.answerFlags, &f.connection)
	if err != nil {
		return err
	}
	defer end()
	if answers.NewPassword, err = p.readNewPassword(&f.next, &f.connection); err != nil {
		return err
	}
	defer answers.NewPassword.Password.Wipe()
	asker := &recoverer{remove: f.remove, answers: answers, nobody: p.notSignedIn()}
	_, err = withUser(ctx, p, &f.connection, func(c *client) (struct{}, error) {
		var err error
		if c.Session().User != nil {
			_, err = auth.Run(ctx, c, auth.RecoverPassword(), asker)
		} else { // there may be a sign-in that waits for the password
			_, err = auth.SignIn(ctx, c, auth.Phone(""), asker)
		}
		return struct{}{}, err
	})
	if err != nil {
		return err
	}
	if asker.removed {
		return p.print(map[string]bool{"set": false}, "the password is gone")
	}
	return p.print(map[string]bool{"set": true}, "the password is set")
}

// errNoRecovery says that a lost password cannot be replaced at once.
var errNoRecovery = errors.New("the password has no mailbox to recover it by: telekey password reset takes it away after a week, from a device that is signed in")

// recoverer answers a sign-in that its password is not known, and notes what takes
// its place.
type recoverer struct {
	remove  bool
	removed bool
	answers auth.Answers
	nobody  error // where no sign-in waits
}

// Ask answers q.
func (r *recoverer) Ask(ctx context.Context, q auth.Question) (auth.Answer, error) {
	switch q := q.(type) {
	case auth.PhoneQuestion: // of a sign-in that has not begun
		return nil, r.nobody
	case auth.PasswordQuestion:
		if !q.HasRecovery || q.Refused != nil {
			return nil, errNoRecovery
		}
		return auth.Recover{}, nil
	case auth.NewPasswordQuestion:
		answer, err := r.replacement(ctx, q)
		_, r.removed = answer.(auth.Skip)
		return answer, err
	}
	return r.answers.Ask(ctx, q)
}

func (r *recoverer) replacement(ctx context.Context, q auth.NewPasswordQuestion) (auth.Answer, error) {
	if r.remove {
		return auth.Skip{}, nil
	}
	return r.answers.Ask(ctx, q)
}

func (p *program) passwordResetCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Take away a password that nobody remembers, in a week",
		Long: `Take away a password that nobody remembers and that has no mailbox to recover it
by. It takes a week, in which any device of the account can call it off; when the
week is over, run it again.

With --json: {"done":true}, {"at":"2026-01-02T15:04:05Z"} when the password goes
then, or {"retry_at":"…"} when it was called off not long ago.`,
		Example: `  telekey password reset`,
		Args:    arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error {
			r, err := withUser(ctx, p, &f, func(c *client) (auth.PasswordReset, error) { return auth.ResetPassword(ctx, c) })
			switch {
			case err != nil:
				return err
			case r.Done:
				return p.print(r, "the password is gone")
			case !r.RetryAt.IsZero():
				return p.print(r, "a reset was called off not long ago: try again after %s", moment(r.RetryAt))
			}
			return p.print(r, "run this again after %s, then the password goes; telekey password decline calls it off", moment(r.At))
		}),
	}
	f.add(cmd)
	return cmd
}

func (p *program) passwordDeclineCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:     "decline",
		Short:   "Call off a reset of the password",
		Long:    `Call off a reset of the password that somebody asked for. With --json: {"declined":true}`,
		Example: `  telekey password decline`,
		Args:    arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error {
			return p.change(ctx, &f, map[string]bool{"declined": true}, "called off: the password stays", func(c tg.Invoker) error {
				return auth.DeclinePasswordReset(ctx, c)
			})
		}),
	}
	f.add(cmd)
	return cmd
}
