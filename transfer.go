package telekey

import (
	"context"
	"errors"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// enter makes sure that calls on a data centre are made as the user: if the
// account is signed in at home and not there, its authorization is brought over.
//
// https://core.telegram.org/api/datacenter#authorized-on-one-dc-and-want-to-connect-to-another
func (c *Client) enter(ctx context.Context, id int, follow bool) error {
	home := c.Home()
	if id == home || !follow {
		return nil
	}
	data := c.held.Data()
	if !data.Keys[home].SignedIn || data.Keys[id].SignedIn {
		return nil
	}
	err := c.transfer(ctx, home, id)
	if errors.Is(err, tg.ErrAuthBytesInvalid) { // the ticket was used already, or too old: take another
		err = c.transfer(ctx, home, id)
	}
	if err != nil {
		return err
	}
	return c.markSignedIn(ctx, id, true)
}

func (c *Client) transfer(ctx context.Context, home, id int) error {
	exported, err := tg.Call(ctx, c.bringing(home), &tg.AuthExportAuthorization{DCID: int32(id)})
	if err != nil {
		return err
	}
	_, err = tg.Call(ctx, c.bringing(id), &tg.AuthImportAuthorization{ID: exported.ID, Bytes: exported.Bytes})
	return err
}

// bringing makes the calls that bring an authorization over.
func (c *Client) bringing(id int) tg.Invoker { return c.With(DC(id), Follow(false), Repeatable()) }

// follow moves home to where Telegram says that the account lives, and takes the
// authorization along if there is one.
func (c *Client) follow(ctx context.Context, id int) error {
	if _, ok := c.cfg.Network.Endpoint(id); ok {
		if err := c.enter(ctx, id, true); err != nil {
			return err
		}
	}
	return c.Move(ctx, id)
}

// forgetLogin notes that a data centre does not know the user any more: the next
// call there brings the authorization over again.
func (c *Client) forgetLogin(ctx context.Context, id int) error {
	return c.markSignedIn(ctx, id, false)
}

func (c *Client) markSignedIn(ctx context.Context, id int, signedIn bool) error {
	return c.held.Update(ctx, func(d *session.Data) error {
		if key, ok := d.Keys[id]; ok {
			key.SignedIn = signedIn
			d.Keys[id] = key
		}
		return nil
	})
}
