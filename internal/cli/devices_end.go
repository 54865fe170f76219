package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

func (p *program) devicesEndCommand() *cobra.Command {
	var f connection
	var others, web bool
	cmd := &cobra.Command{
		Use:   "end ID | --others",
		Short: "Sign a device out, or all others",
		Long: `Sign a device out, or all others but this one; ids are those of telekey devices
list. With --web, a web site, or all of them. telekey logout is for this login.

Telegram allows it only 24 hours after this login was made, and says until when
it does not.`,
		Example: `  telekey devices end 8123456789012345678
  telekey devices end --others
  telekey devices end --web --others`,
		Args: arguments(0, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			id, err := endID(args, others)
			if err != nil {
				return err
			}
			return p.change(ctx, &f, map[string]bool{"ended": true}, "signed out", func(c tg.Invoker) error {
				switch {
				case web && others:
					return auth.EndWebLogins(ctx, c)
				case web:
					return auth.EndWebLogin(ctx, c, auth.WebLoginID(id))
				case others:
					return auth.EndOtherDevices(ctx, c)
				}
				return auth.EndDevice(ctx, c, auth.DeviceID(id))
			})
		}),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&others, "others", false, "all but this one")
	cmd.Flags().BoolVar(&web, "web", false, "web logins instead of devices")
	return cmd
}

// endID is whose login is to end; 0 for all others.
func endID(args []string, others bool) (int64, error) {
	switch {
	case others && len(args) == 0:
		return 0, nil
	case others || len(args) == 0:
		return 0, usage("want either an id, as telekey devices list shows it, or --others")
	}
	return loginID(args[0])
}

// loginID reads the id of a device or a web login.
func loginID(arg string) (int64, error) {
	id, err := strconv.ParseInt(arg, 10, 64)
	if err != nil || id == 0 {
		return 0, usage("got something else than the id of another login, want one as telekey devices list shows it")
	}
	return id, nil
}

func (p *program) devicesConfirmCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "confirm ID",
		Short: "Say that a new login is your own",
		Long: `Say that a new login is your own: telekey devices list notes those that are not
confirmed. One that is not your own is ended by telekey devices end.`,
		Example: `  telekey devices confirm 8123456789012345678`,
		Args:    arguments(1, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			id, err := loginID(args[0])
			if err != nil {
				return err
			}
			return p.change(ctx, &f, map[string]bool{"confirmed": true}, "confirmed", func(c tg.Invoker) error {
				return auth.ConfirmDevice(ctx, c, auth.DeviceID(id))
			})
		}),
	}
	f.add(cmd)
	return cmd
}
