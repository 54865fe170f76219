package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

func (p *program) watchCommand() *cobra.Command {
	var f connection
	var invalidate bool
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Tell what happens to the account's logins, until interrupted",
		Long: `Tell what happens to the account's logins, as it happens, until interrupted: a new
device, a login code that was sent, the account frozen, a call refused in Telegram's
own words, this login ended. What a code is stays in the chat with Telegram. With
--invalidate-codes every code that is sent is made worthless at once, so that nobody
signs in by code meanwhile.

An interrupt is the ordinary end; exits with 6 when the login has ended. With
--json, a line each, the first one when all that follows will be told:
{"event":"watching"}
{"event":"new_device","id":"8123456789012345678","unconfirmed":true,"at":"…",
"device":"…","location":"…"}
{"event":"code_sent","at":"…","device":"…","invalidated":true}
{"event":"frozen","since":"…","until":"…","appeal":"…"}
{"event":"notice","type":"UPDATE_APP_TO_LOGIN","text":"…"}
{"event":"ended","reason":"ended elsewhere"}
What is false or empty is left out.`,
		Example: `  telekey watch --json | while read -r event; do …; done`,
		Args:    arguments(0, 0),
		RunE:    p.run(func(ctx context.Context, _ []string) error { return p.watch(ctx, &f, invalidate) }),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&invalidate, "invalidate-codes", false, "make every login code worthless")
	return cmd
}

// watch shows each event when it comes.
func (p *program) watch(ctx context.Context, f *connection, invalidate bool) error {
	f.needsUser = true
	c, hangUp, err := p.dial(ctx, f)
	if err != nil {
		return err
	}
	// From then on Telegram tells this connection, which is what is printed first.
	// https://core.telegram.org/api/updates#subscribing-to-updates
	if _, err := tg.Call(ctx, c, &tg.UpdatesGetState{}); err != nil {
		return errors.Join(err, hangUp())
	}
	ended := make(chan error, 1)
	stop := auth.Watch(ctx, c, func(e auth.Event) {
		if err := p.react(ctx, e, invalidate); err != nil {
			select {
			case ended <- err:
			default:
			}
		}
	})
	defer stop()
	if err := p.print(map[string]string{"event": "watching"}, "watching"); err != nil {
		return errors.Join(err, hangUp())
	}
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	return errors.Join(err, hangUp())
}

// react does what is to be done about an event. An error ends the watch.
func (p *program) react(ctx context.Context, e auth.Event, invalidate bool) error {
	code, isCode := e.(auth.CodeSent)
	if isCode && invalidate {
		if err := code.Invalidate(ctx); err != nil {
			return err
		}
	}
	if err := p.printEvent(e, isCode && invalidate); err != nil {
		return err
	}
	if _, over := e.(auth.Ended); over {
		return exited(exitNotSignedIn)
	}
	return nil
}

// printEvent prints an event; one that this version does not know is left out.
func (p *program) printEvent(e auth.Event, invalidated bool) error {
	switch e := e.(type) {
	case auth.NewDevice:
		return p.print(struct {
			Event string `json:"event"`
			auth.NewDevice
		}{"new_device", e}, "%s: a new login, %s%s", at(e), joined(", ", fmt.Sprintf("id %d", e.ID), e.Device, e.Location), unconfirmed(e))
	case auth.CodeSent:
		return p.print(struct {
			Event string `json:"event"`
			auth.CodeSent
			Invalidated bool `json:"invalidated,omitempty"`
		}{"code_sent", e, invalidated}, "%s: somebody asked for a login code%s%s", moment(e.At), from(e.Device), worthless(invalidated))
	case auth.Frozen:
		return p.print(struct {
			Event string `json:"event"`
			auth.Freeze
		}{"frozen", e.Freeze}, "the account is frozen%s", freezeWords(&e.Freeze))
	case auth.Notice:
		return p.print(struct {
			Event string `json:"event"`
			auth.Notice
		}{"notice", e}, "%s", noticeWords(e))
	case auth.Ended:
		return p.print(struct {
			Event string `json:"event"`
			auth.Ended
		}{"ended", e}, "this login has ended: %s", e.Reason)
	}
	return nil
}

func noticeWords(e auth.Notice) string {
	if e.Text == "" {
		return fmt.Sprintf("Telegram has refused a call: %s", e.Type)
	}
	return "Telegram says: " + e.Text
}

func at(e auth.NewDevice) string {
	if e.At.IsZero() {
		return "now"
	}
	return moment(e.At)
}

func unconfirmed(e auth.NewDevice) string {
	if !e.Unconfirmed {
		return ""
	}
	return fmt.Sprintf("; if it is yours: telekey devices confirm %d, if not: telekey devices end %d", e.ID, e.ID)
}

func worthless(invalidated bool) string {
	if !invalidated {
		return ""
	}
	return ", and it is worth nothing any more"
}

func from(device string) string {
	if device == "" {
		return ""
	}
	return " from " + device
}
