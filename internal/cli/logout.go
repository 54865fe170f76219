package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
)

func (p *program) logoutCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "logout",
		Short: "Sign out",
		Long: `Sign out, or give up a login that came as far as the password. The session file
stays, and the next login uses it again. A session whose key the server does not
know is emptied.`,
		Example: `  telekey logout --session me.session`,
		Args:    arguments(0, 0),
		RunE:    p.run(func(ctx context.Context, _ []string) error { return p.logout(ctx, &f) }),
	}
	f.add(cmd)
	return cmd
}

func (p *program) logout(ctx context.Context, f *connection) error {
	f.needsUser = true
	c, hangUp, err := p.dial(ctx, f)
	if errors.Is(err, telekey.ErrKeyUnknown) {
		return p.forget(ctx, f)
	}
	if err != nil {
		return err
	}
	anything := c.Session().User != nil
	if !anything {
		before, err := auth.Status(ctx, c)
		if err != nil {
			return errors.Join(err, hangUp())
		}
		anything = before.User != nil || before.Reason == auth.PasswordPending
	}
	if err := errors.Join(auth.LogOut(ctx, c), hangUp()); err != nil {
		return err
	}
	if !anything {
		return p.notSignedIn()
	}
	return p.print(map[string]bool{"logged_out": true}, "signed out")
}

// forget empties a session whose key the server does not know: there is no login
// any more that could be ended.
func (p *program) forget(ctx context.Context, f *connection) error {
	held, err := p.holdFor(ctx, f)
	if err != nil {
		return err
	}
	err = errors.Join(held.Update(ctx, auth.Forget), held.Release(context.WithoutCancel(ctx)))
	if err != nil {
		return err
	}
	return p.print(map[string]bool{"logged_out": true}, "signed out: the server did not know the session's key any more")
}
