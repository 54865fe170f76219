package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
)

func (p *program) devicesCommand() *cobra.Command {
	return group("devices", "See where the account is signed in, and end that",
		p.devicesListCommand(), p.devicesEndCommand(), p.devicesConfirmCommand(),
		p.devicesTTLCommand(), p.devicesAcceptCommand())
}

func (p *program) devicesListCommand() *cobra.Command {
	var f connection
	var web bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the logins of the account",
		Long: `List the logins of the account. What a device says of itself may be made up;
address and country are what Telegram saw. With --web, list the web sites on
which the account was used to sign in.

With --json, a list of objects: of a device with "id", "current", "unconfirmed",
"password_pending", "official", "model", "platform", "system", "app",
"app_version", "app_id", "created", "active", "ip", "country" and "region"; of a
web login with "id", "bot", "domain", "browser", "platform", "created", "active",
"ip" and "region". What is false or empty is left out.`,
		Example: `  telekey devices list
  telekey devices list --json | jq '.[] | select(.unconfirmed).id'`,
		Args: arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error {
			if web {
				return p.listWebLogins(ctx, &f)
			}
			return p.listDevices(ctx, &f)
		}),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&web, "web", false, "list web logins instead")
	return cmd
}

func (p *program) listDevices(ctx context.Context, f *connection) error {
	devices, err := withUser(ctx, p, f, func(c *client) ([]auth.Device, error) { return auth.Devices(ctx, c) })
	if err != nil {
		return err
	}
	var lines []string
	for _, d := range devices {
		lines = append(lines, fmt.Sprintf("%d: %s, %s, from %s %s, last seen %s%s", d.ID,
			joined(", ", d.Model, d.Platform, d.System), joined(" ", d.App, d.AppVersion), d.IP, d.Country, moment(d.Active), notes(d)))
	}
	return p.printLines(devices, lines)
}

// notes are what stands out about a device.
func notes(d auth.Device) string {
	var notes string
	for _, note := range []struct {
		is   bool
		text string
	}{{d.Current, "this login"}, {d.Unconfirmed, "not confirmed"}, {d.PasswordPending, "password still to come"}} {
		if note.is {
			notes += " (" + note.text + ")"
		}
	}
	return notes
}

func (p *program) listWebLogins(ctx context.Context, f *connection) error {
	logins, err := withUser(ctx, p, f, func(c *client) ([]auth.WebLogin, error) { return auth.WebLogins(ctx, c) })
	if err != nil {
		return err
	}
	var lines []string
	for _, l := range logins {
		lines = append(lines, fmt.Sprintf("%d: %s, %s, from %s %s, last seen %s", l.ID,
			l.Domain, joined(", ", l.Browser, l.Platform), l.IP, l.Region, moment(l.Active)))
	}
	return p.printLines(logins, lines)
}

// joined joins what there is.
func joined(separator string, parts ...string) string {
	var there []string
	for _, part := range parts {
		if part != "" {
			there = append(there, part)
		}
	}
	return strings.Join(there, separator)
}

func (p *program) devicesTTLCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "ttl [DAYS]",
		Short: "Say after how many days without use a device is signed out, or set that",
		Long: `Say after how many days without use a device is signed out, or set that. Telegram's
own apps offer 7, 30, 90, 180 and 365. With --json: {"days":180}`,
		Example: `  telekey devices ttl
  telekey devices ttl 90`,
		Args: arguments(0, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			return p.ttl(ctx, &f, args, auth.DeviceTTL, auth.SetDeviceTTL, "a device that is not used is signed out after %d days")
		}),
	}
	f.add(cmd)
	return cmd
}

// days is a number of days from the command line.
func days(arg string) (int, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 1 {
		return 0, usage("got something else, want a number of days")
	}
	return n, nil
}
