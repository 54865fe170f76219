package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

func (p *program) whoamiCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Ask Telegram who is signed in",
		Long: `Ask Telegram who is signed in with a session. With --json:
{"user_id":5000000001,"first_name":"Ann","last_name":"","phone":"9996620001","dc":2}`,
		Example: `  telekey whoami --session me.session
  telekey whoami --json | jq .user_id`,
		Args: arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error { return p.whoami(ctx, &f) }),
	}
	f.add(cmd)
	return cmd
}

func (p *program) whoami(ctx context.Context, f *connection) error {
	f.needsUser = true
	c, hangUp, err := p.dial(ctx, f)
	if err != nil {
		return err
	}
	me, err := auth.GetUser(ctx, c)
	if err := errors.Join(err, hangUp()); err != nil {
		return err
	}
	return p.printUser(c.Home(), me)
}

// printUser prints who is signed in, the same way for all commands.
func (p *program) printUser(home int, me *tg.User) error {
	u := struct {
		ID        int64  `json:"user_id"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Phone     string `json:"phone"` // as Telegram writes it: digits, no plus
		DC        int    `json:"dc"`
	}{me.ID, text(me.FirstName), text(me.LastName), text(me.Phone), home}
	name := strings.TrimSpace(u.FirstName + " " + u.LastName)
	if u.Phone != "" {
		name += fmt.Sprintf(" (+%s)", u.Phone)
	}
	return p.print(u, "%s, user %d, data centre %d", name, u.ID, u.DC)
}

// text is an optional string.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
