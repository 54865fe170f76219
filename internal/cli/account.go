package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
)

func (p *program) accountCommand() *cobra.Command {
	return group("account", "Delete the account, or keep it from being deleted",
		p.accountDeleteCommand(), p.accountConfirmCommand(), p.accountTTLCommand())
}

// deleteFlags are the flags of telekey account delete.
type deleteFlags struct {
	connection
	answerFlags
	reason string
	yes    bool
	lost   bool
}

func (p *program) accountDeleteCommand() *cobra.Command {
	var f deleteFlags
	cmd := &cobra.Command{
		Use:   "delete",
		Short: "Delete the account, for good",
		Long: `Delete the account with everything in it, for good. It asks for a word to confirm
that, and for the password if the account has one: with it the account goes at
once. Without it (--password-lost, or when asked) it goes only after seven days, in
which its owner can stop it, if its password is older than a week and it was used
in the last one: run it again when they are over. Otherwise it goes at once, too.

With --json: {"deleted":true}, or {"deleted":false,"until":"2026-01-02T15:04:05Z"}`,
		Example: `  telekey account delete
  telekey account delete --yes --password-file secret.txt --reason "a new start"`,
		Args: arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error { return p.deleteAccount(ctx, &f) }),
	}
	f.connection.add(cmd)
	f.addPassword(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.reason, "reason", "", "`text` that tells Telegram why")
	flags.BoolVar(&f.yes, "yes", false, "do not ask for a word to confirm it")
	flags.BoolVar(&f.lost, "password-lost", false, "nobody knows the account's password")
	cmd.MarkFlagsMutuallyExclusive("password-lost", "password")
	cmd.MarkFlagsMutuallyExclusive("password-lost", "password-file")
	return cmd
}

func (p *program) deleteAccount(ctx context.Context, f *deleteFlags) error {
	if !f.yes && p.terminal() == nil {
		return unanswered("whether the account is to be deleted for good has to be confirmed and there is no terminal to ask at: give --yes")
	}
	answers, end, err := p.answers(&f.answerFlags, &f.connection)
	if err != nil {
		return err
	}
	defer end()
	asker := auth.Asker(answers)
	if f.lost {
		asker = skipsPassword(asker)
	}
	done, err := withUser(ctx, p, &f.connection, func(c *client) (auth.Done, error) {
		if !f.yes {
			if err := p.confirm(ctx, "delete", whose(c)); err != nil {
				return auth.Done{}, err
			}
		}
		return auth.Run(ctx, c, auth.DeleteAccount(f.reason), asker)
	})
	if err != nil {
		return err
	}
	result := struct {
		Deleted bool      `json:"deleted"`
		Until   time.Time `json:"until,omitzero"`
	}{done.Until.IsZero(), wholeSecond(done.Until)}
	if !result.Deleted {
		return p.print(result, "the account is deleted when this is run again after %s, unless its owner stops it", moment(done.Until))
	}
	return p.print(result, "the account is deleted")
}

// wholeSecond is the first second that is not before t: what is allowed from t on
// is allowed then, and more readers of JSON take a time without a fraction.
func wholeSecond(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); whole.Before(t) {
		return whole.Add(time.Second)
	}
	return t
}

// skipsPassword says that the password is not known.
func skipsPassword(next auth.Asker) auth.Asker {
	return auth.AskerFunc(func(ctx context.Context, q auth.Question) (auth.Answer, error) {
		if password, ok := q.(auth.PasswordQuestion); ok && password.MaySkip {
			return auth.Skip{}, nil
		}
		return next.Ask(ctx, q)
	})
}

// whose says which account is at stake.
func whose(c *client) string {
	user := c.Session().User
	if user == nil {
		return "the account"
	}
	return fmt.Sprintf("the account +%s (user %d)", cmp.Or(user.Phone, "?"), user.ID)
}

func (p *program) accountConfirmCommand() *cobra.Command {
	var f struct {
		connection
		answerFlags
	}
	cmd := &cobra.Command{
		Use:   "confirm LINK|-",
		Short: "Stop somebody who deletes the account without its password",
		Long: `Stop the deletion of the account that somebody has asked for without knowing its
password, and sign that one out. LINK is the one in Telegram's message about it,
tg://confirmphone?phone=…; - reads it from standard input, and on Telegram's own
networks it is taken from there alone. A code goes to the number, which is asked for.

With --json: {"kept":true}`,
		Example: `  telekey account confirm - < link.txt`,
		Args:    arguments(1, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			link, err := p.link(&f.connection, args[0])
			if err != nil {
				return err
			}
			if _, err := p.task(ctx, &f.connection, &f.answerFlags, auth.ConfirmPhone(link)); err != nil {
				return err
			}
			return p.print(map[string]bool{"kept": true}, "the account stays, and who wanted to delete it is signed out")
		}),
	}
	f.connection.add(cmd)
	f.addCode(cmd)
	return cmd
}

func (p *program) accountTTLCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "ttl [DAYS]",
		Short: "Say after how many days without use the account is deleted, or set that",
		Long: `Say after how many days in which no device is used Telegram deletes the account,
or set that: 30 to 730. With --json: {"days":365}`,
		Example: `  telekey account ttl
  telekey account ttl 730`,
		Args: arguments(0, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			return p.ttl(ctx, &f, args, auth.AccountTTL, auth.SetAccountTTL, "an account that is not used is deleted after %d days")
		}),
	}
	f.add(cmd)
	return cmd
}
