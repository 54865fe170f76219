package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
)

// setFlags are the flags of telekey password set, change and remove.
type setFlags struct {
	connection
	answerFlags
	next  newPasswordFlags
	email string
}

func (p *program) passwordSetCommand() *cobra.Command {
	var f setFlags
	cmd := &cobra.Command{
		Use:   "set",
		Short: "Give the account a password",
		Long: `Give an account a password that has none. With --email it can be replaced by way
of that mailbox when it is lost: a code goes there, and counts as soon as it is
typed, here or later with telekey password confirm; where there is no terminal to
type it at, that is left for later, and until then there is no password.

With --json: {"set":true,"email":"ann@example.org","unconfirmed":true}`,
		Example: `  telekey password set
  telekey password set --new-password-file secret.txt --hint "a horse" --email ann@example.org`,
		Args: arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error { return p.setPassword(ctx, &f, false) }),
	}
	f.connection.add(cmd)
	f.next.add(cmd)
	f.addCode(cmd)
	cmd.Flags().StringVar(&f.email, "email", "", "`address` of the mailbox to recover it by")
	return cmd
}

func (p *program) passwordChangeCommand() *cobra.Command {
	var f setFlags
	cmd := &cobra.Command{
		Use:   "change",
		Short: "Change the account's password",
		Long: `Change the account's password. It takes the present one. The recovery e-mail stays
as it is: see telekey password email. With --json: {"set":true}`,
		Example: `  telekey password change
  telekey password change --password-file old.txt --new-password-file new.txt`,
		Args: arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error { return p.setPassword(ctx, &f, true) }),
	}
	f.connection.add(cmd)
	f.addPassword(cmd)
	f.next.add(cmd)
	return cmd
}

// errHasPassword is the mistake of giving an account its first password twice.
var errHasPassword = usage("the account has a password already: telekey password change changes it")

func (p *program) setPassword(ctx context.Context, f *setFlags, change bool) error {
	answers, end, err := p.answers(&f.answerFlags, &f.connection)
	if err != nil {
		return err
	}
	defer end()
	if answers.NewPassword, err = p.readNewPassword(&f.next, &f.connection); err != nil {
		return err
	}
	defer answers.NewPassword.Password.Wipe()
	answers.NewPassword.Email = f.email
	done, err := withUser(ctx, p, &f.connection, func(c *client) (auth.Done, error) {
		state, err := auth.PasswordInfo(ctx, c)
		switch {
		case err != nil:
			return auth.Done{}, err
		case change && !state.Set:
			return auth.Done{}, auth.ErrNoPassword
		case !change && state.Set:
			return auth.Done{}, errHasPassword
		}
		asker := laterIfNobody(answers)
		if change {
			asker = sameEmail(asker)
		}
		return auth.Run(ctx, c, auth.SetPassword(), asker)
	})
	if err != nil {
		return err
	}
	return p.printPassword(done)
}

// laterIfNobody leaves a recovery address to be confirmed later, where there is
// nobody to ask for its code.
func laterIfNobody(next auth.Asker) auth.Asker {
	return auth.AskerFunc(func(ctx context.Context, q auth.Question) (auth.Answer, error) {
		answer, err := next.Ask(ctx, q)
		code, ok := q.(auth.CodeQuestion)
		if ok && code.MaySkip && code.Refused == nil && isA[*auth.UnansweredError](err) {
			return auth.Skip{}, nil
		}
		return answer, err
	})
}

// sameEmail does not ask for a recovery address: a change leaves it as it is.
func sameEmail(next auth.Asker) auth.Asker {
	return auth.AskerFunc(func(ctx context.Context, q auth.Question) (auth.Answer, error) {
		if password, ok := q.(auth.NewPasswordQuestion); ok {
			password.TakesEmail = false
			q = password
		}
		return next.Ask(ctx, q)
	})
}

// printPassword prints what became of the password. With an address that is not
// confirmed it does not count yet.
//
// https://core.telegram.org/api/srp#email-verification
func (p *program) printPassword(done auth.Done) error {
	result := struct {
		Set bool `json:"set"`
		recovery
	}{!done.Unconfirmed, recovery{done.Email, done.Unconfirmed}}
	if done.Unconfirmed {
		return p.print(result, "a code was sent to %s: the password counts when telekey password confirm has taken it", done.Email)
	}
	return p.print(result, "the password is set")
}

func (p *program) passwordRemoveCommand() *cobra.Command {
	var f setFlags
	cmd := &cobra.Command{
		Use:     "remove",
		Short:   "Take the account's password away",
		Long:    `Take the account's password away. It takes the password. With --json: {"set":false}`,
		Example: `  telekey password remove`,
		Args:    arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error {
			if _, err := p.task(ctx, &f.connection, &f.answerFlags, auth.RemovePassword()); err != nil {
				return err
			}
			return p.print(map[string]bool{"set": false}, "the password is gone")
		}),
	}
	f.connection.add(cmd)
	f.addPassword(cmd)
	return cmd
}
