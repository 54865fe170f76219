package telekey

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tl"
)

// errForgotten ends what is under way when the keys are forgotten.
var errForgotten = errors.New("the session's keys were forgotten")

// destroyAuthKey is the number of destroy_auth_key, which has no parameters.
const destroyAuthKey = 0xd1435160

// forgetTime is how long a data centre may take to destroy a key.
const forgetTime = 5 * time.Second

// Forget destroys the authorization keys of all data centres: each is told to,
// and those that cannot be reached in a few seconds keep a key that nobody has
// any more. The session has none then, and remembers nobody; its future auth
// tokens stay. The client can be used on: it makes new keys where it calls.
//
// With [Config.PFS] the data centres are told nothing: what they are told on a
// temporary key counts for that one alone, and it runs out by itself.
//
// It is the last step of logging out, see auth.LogOut, and what to do about
// [ErrKeyUnknown] without deleting the session.
func (c *Client) Forget(ctx context.Context) error {
	ids := slices.Collect(maps.Keys(c.held.Data().Keys))
	if !c.cfg.PFS {
		c.destroyKeys(ctx, ids)
	}
	err := c.held.Update(ctx, func(d *session.Data) error {
		d.User, d.Pending = nil, nil
		for _, id := range ids {
			delete(d.Keys, id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		c.retire(id)
	}
	return nil
}

// destroyKeys tells data centres to destroy the keys, all at once.
//
// https://core.telegram.org/method/destroy_auth_key
func (c *Client) destroyKeys(ctx context.Context, ids []int) {
	ctx, cancel := context.WithTimeout(ctx, forgetTime)
	defer cancel()
	var told sync.WaitGroup
	for _, id := range ids {
		if _, ok := c.cfg.Network.Endpoint(id); !ok {
			continue
		}
		told.Go(func() {
			_, err := c.link(id).do(ctx, tl.AppendUint32(nil, destroyAuthKey), false)
			c.cfg.Log.Info("the key was destroyed", "dc", id, "error", err)
		})
	}
	told.Wait()
}

// retire ends the connection to a data centre whose key is no more.
func (c *Client) retire(id int) {
	c.mu.Lock()
	l := c.links[id]
	delete(c.links, id)
	c.mu.Unlock()
	if l == nil {
		return
	}
	close(l.quit)
	<-l.ended
	if l.temp != nil {
		l.temp.key.Wipe()
	}
}
