package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

func (p *program) checkCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Ask Telegram whether a session is still signed in, and if not, why",
		Long: `Ask Telegram whether a session is still signed in, and if not, why: as far as
Telegram's words and what the session remembers tell. The reasons: never signed in,
password pending, logged out here, ended elsewhere, expired, duplicated, banned,
deleted, key unknown, unknown.

Exit codes: 0 signed in, 6 not signed in, 7 signed in, but Telegram has frozen the
account; others say that there was no answer. With --json:
{"signed_in":true,"user_id":5000000001}, {"signed_in":false,"reason":"expired"} or
{"signed_in":true,"user_id":5000000001,"frozen":{"since":"2026-01-02T15:04:05Z",
"until":"2027-01-02T15:04:05Z","appeal":"https://t.me/…"}}`,
		Example: `  telekey session check --session me.session
  telekey session check || telekey login`,
		Args: arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error {
			standing, err := p.standing(ctx, &f)
			if err != nil {
				return err
			}
			return p.printStanding(standing)
		}),
	}
	f.add(cmd)
	return cmd
}

// standing asks Telegram. A session without a key was never there, or logged out:
// it is not worth making a key to be told so.
func (p *program) standing(ctx context.Context, f *connection) (auth.Standing, error) {
	held, err := p.holdFor(ctx, f)
	if err != nil {
		return auth.Standing{}, err
	}
	before := held.Data()
	if len(before.Keys) == 0 {
		nobody := tg.NewError(401, string(tg.ErrAuthKeyUnregistered))
		return auth.Standing{Reason: auth.ReasonOf(nobody, before)}, held.Release(context.WithoutCancel(ctx))
	}
	c, hangUp, err := p.dialHeld(ctx, f, held)
	if err != nil {
		reason := auth.ReasonOf(err, before)
		if reason == "" {
			return auth.Standing{}, err
		}
		return auth.Standing{Reason: reason}, nil
	}
	standing, err := auth.Status(ctx, c)
	return standing, errors.Join(err, hangUp())
}

func (p *program) printStanding(s auth.Standing) error {
	result := struct {
		SignedIn bool         `json:"signed_in"`
		Reason   auth.Reason  `json:"reason,omitempty"`
		User     int64        `json:"user_id,omitempty"`
		Frozen   *auth.Freeze `json:"frozen,omitempty"`
	}{SignedIn: s.Reason == "", Reason: s.Reason, Frozen: s.Frozen}
	if s.User != nil {
		result.User = s.User.ID
	}
	switch {
	case s.Reason != "":
		return errors.Join(p.print(result, "not signed in: %s", s.Reason), exited(exitNotSignedIn))
	case s.Frozen != nil:
		return errors.Join(p.print(result, "signed in as user %d, whose account is frozen%s", result.User, freezeWords(s.Frozen)), exited(exitFrozen))
	}
	return p.print(result, "signed in as user %d", result.User)
}

func freezeWords(f *auth.Freeze) string {
	words := " since " + moment(f.Since)
	if !f.Until.IsZero() {
		words += ", and will be deleted after " + moment(f.Until)
	}
	if f.Appeal != "" {
		words += "; its owner can appeal at " + f.Appeal
	}
	return words
}
