package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/passkey"
	"github.com/telekey/telekey/tg"
)

func (p *program) passkeyCommand() *cobra.Command {
	return group("passkey", "Look after the account's passkeys",
		p.passkeyAddCommand(), p.passkeyListCommand(), p.passkeyRemoveCommand())
}

// passkeyJSON is a passkey as Telegram lists it.
type passkeyJSON struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used,omitzero"`
}

func passkeyOf(k *tg.Passkey) passkeyJSON {
	j := passkeyJSON{ID: k.ID, Name: k.Name, Created: time.Unix(int64(k.Date), 0).UTC()}
	if k.LastUsageDate != nil {
		j.Used = time.Unix(int64(*k.LastUsageDate), 0).UTC()
	}
	return j
}

func (p *program) passkeyAddCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "add FILE",
		Short: "Make a passkey for the account, in a file",
		Long: `Make a passkey for the account, and keep it in a file, for telekey login --passkey.
Who has the file can sign in: it is for its owner alone (mode 0600).

Telegram's own servers take only passkeys of telegram.org, which their apps alone
can make: this is for other networks, such as that of telekey emulator.

With --json: {"id":"…","name":"…","created":"2026-01-02T15:04:05Z"}`,
		Example: `  telekey passkey add me.passkeys
  telekey login --passkey me.passkeys --network network.json`,
		Args: arguments(1, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			device, err := passkey.Open(args[0])
			if err != nil {
				return config("%v", err)
			}
			made, err := withUser(ctx, p, &f, func(c *client) (*tg.Passkey, error) { return auth.RegisterPasskey(ctx, c, device) })
			if err != nil {
				return err
			}
			return p.print(passkeyOf(made), "a passkey was made, id %s", made.ID)
		}),
	}
	f.add(cmd)
	return cmd
}

func (p *program) passkeyListCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the passkeys of the account",
		Long: `List the passkeys of the account. With --json, a list of
{"id":"…","name":"…","created":"2026-01-02T15:04:05Z","used":"…"}, without used
where it was not yet.`,
		Example: `  telekey passkey list`,
		Args:    arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error {
			keys, err := withUser(ctx, p, &f, func(c *client) ([]*tg.Passkey, error) { return auth.Passkeys(ctx, c) })
			if err != nil {
				return err
			}
			list, lines := []passkeyJSON{}, []string(nil)
			for _, k := range keys {
				j := passkeyOf(k)
				list = append(list, j)
				lines = append(lines, fmt.Sprintf("%s: %s, made %s%s", j.ID, j.Name, moment(j.Created), used(j)))
			}
			return p.printLines(list, lines)
		}),
	}
	f.add(cmd)
	return cmd
}

func used(k passkeyJSON) string {
	if k.Used.IsZero() {
		return ""
	}
	return ", last used " + moment(k.Used)
}

func (p *program) passkeyRemoveCommand() *cobra.Command {
	var f connection
	var file string
	cmd := &cobra.Command{
		Use:   "remove ID",
		Short: "Have Telegram forget a passkey",
		Long: `Have Telegram forget a passkey; ids are those of telekey passkey list. With
--passkey, remove it from its file as well. With --json: {"removed":true}`,
		Example: `  telekey passkey remove 9WtE4y8k3tX0WZbXe5zYHw --passkey me.passkeys`,
		Args:    arguments(1, 1),
		RunE: p.run(func(ctx context.Context, args []string) error {
			device := passkey.New()
			if file != "" {
				var err error
				if device, err = openPasskeys("--passkey", file); err != nil {
					return err
				}
			}
			return p.change(ctx, &f, map[string]bool{"removed": true}, "removed", func(c tg.Invoker) error {
				if err := auth.DeletePasskey(ctx, c, args[0]); err != nil || file == "" {
					return err
				}
				if err := device.Forget(args[0]); !errors.Is(err, passkey.ErrNoCredential) {
					return err
				}
				return nil
			})
		}),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&file, "passkey", "", "remove it from this `file`, too")
	return cmd
}
