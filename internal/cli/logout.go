package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
)

func (p *program) logoutCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:     "logout",
		Short:   "Sign out",
		Long:    "Sign out. The session file stays, and the next login uses it again.",
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
	if err != nil {
		return err
	}
	before := c.Session().User
	if err := errors.Join(auth.LogOut(ctx, c), hangUp()); err != nil {
		return err
	}
	if before == nil {
		return notSignedIn()
	}
	return p.print(map[string]bool{"logged_out": true}, "signed out")
}
