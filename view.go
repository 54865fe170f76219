package telekey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// CallOption changes how calls are made: see [Client.With].
type CallOption func(*view)

// DC makes calls on that data centre instead of home.
func DC(id int) CallOption { return func(v *view) { v.dc = id } }

// Follow(false) returns PHONE_MIGRATE and its kin to the caller instead of
// moving home. A sign-in flow wants that: its code belongs to a data centre.
func Follow(follow bool) CallOption { return func(v *view) { v.follow = follow } }

// MaxFlood replaces [Config.MaxFlood] and has its values. Zero: one minute.
// Negative: none.
func MaxFlood(longest time.Duration) CallOption {
	return func(v *view) { v.maxFlood = longestFlood(longest) }
}

// longestFlood replaces a zero value by the default.
func longestFlood(longest time.Duration) time.Duration {
	if longest == 0 {
		return time.Minute
	}
	return longest
}

// Repeatable says that making the calls twice does no harm: they are made again
// instead of ending with [ErrOutcomeUnknown].
func Repeatable() CallOption { return func(v *view) { v.repeatable = true } }

// With makes calls through c in another way:
//
//	users, err := tg.Call(ctx, c.With(telekey.Repeatable()), &tg.UsersGetUsers{ … })
func (c *Client) With(options ...CallOption) tg.Invoker { return c.with(options...) }

func (c *Client) with(options ...CallOption) *view {
	v := &view{client: c, follow: true, maxFlood: c.cfg.MaxFlood}
	for _, option := range options {
		option(v)
	}
	return v
}

// view is a client seen through call options.
type view struct {
	client     *Client
	dc         int // 0: home
	follow     bool
	repeatable bool
	maxFlood   time.Duration // negative: none
}

// How often a call is made again before its refusal is the caller's.
const (
	maxHops     = 4 // to other data centres
	maxWaits    = 5 // after a FLOOD_WAIT
	maxFailures = 4 // after an error of Telegram's own
	maxImports  = 1 // after bringing the authorization to a data centre that lost it
)

// tries counts how often a call has been made again, by reason.
type tries struct{ hops, waits, failures, imports int }

// Invoke makes one call, as often as the policy of its refusals says.
func (v *view) Invoke(ctx context.Context, request []byte) (answer []byte, err error) {
	var t tries
	for {
		dc := v.dc
		if dc == 0 {
			dc = v.client.Home()
		}
		if _, ok := v.client.cfg.Network.Endpoint(dc); !ok {
			return nil, fmt.Errorf("got data centre %d, want one of the network", dc)
		}
		if err := v.client.enter(ctx, dc, v.follow); err != nil {
			return nil, err
		}
		answer, err = v.client.link(dc).do(ctx, request, v.repeatable)
		switch {
		case err == nil:
			return answer, nil
		case errors.Is(err, errRetired): // closed for idleness before it took the call
			continue
		}
		if err := v.again(ctx, dc, err, &t); err != nil {
			return nil, err
		}
	}
}

// again prepares for making a refused call again, or returns the refusal.
//
// https://core.telegram.org/api/errors
func (v *view) again(ctx context.Context, dc int, err error, t *tries) error {
	refusal := tg.AsError(err)
	if refusal == nil {
		return err
	}
	wait, flooded := tg.FloodPause(refusal, t.waits)
	switch {
	case refusal.Code == 303 && v.follow && v.dc == 0 && t.hops < maxHops && moves(refusal.Type):
		t.hops++
		return v.client.follow(ctx, refusal.Arg)
	case refusal.Type == tg.ErrAuthKeyUnregistered && v.follow && dc != v.client.Home() && t.imports < maxImports:
		t.imports++
		return v.client.forgetLogin(ctx, dc)
	case flooded && t.waits < maxWaits:
		if wait > v.maxFlood {
			return err
		}
		t.waits++
		v.client.cfg.Log.Info("waiting as told", "error", refusal.Message)
		return sleep(ctx, wait)
	case failed(refusal) && t.failures < maxFailures:
		t.failures++
		v.client.cfg.Log.Info("trying again", "error", refusal.Message)
		return sleep(ctx, time.Second<<(t.failures-1))
	case refusal.Type.EndsLogin() && dc == v.client.Home():
		v.client.noteEnd(ctx, refusal)
	}
	return err
}

// moves reports whether the error says that the account, not just this one call,
// belongs to another data centre.
func moves(t tg.ErrorType) bool {
	return t == tg.ErrPhoneMigrate || t == tg.ErrNetworkMigrate || t == tg.ErrUserMigrate
}

// noteEnd remembers why the login is over, for whoever asks later: later calls hear
// no more than AUTH_KEY_UNREGISTERED.
func (c *Client) noteEnd(ctx context.Context, why *tg.Error) {
	if d := c.held.Data(); d.User == nil || d.Ended == string(why.Type) {
		return
	}
	err := c.held.Update(context.WithoutCancel(ctx), func(d *session.Data) error {
		d.Ended = string(why.Type)
		return nil
	})
	if err != nil {
		c.cfg.Log.Warn("the session could not note why the login has ended", "why", string(why.Type), "error", err)
	}
}

// failed reports whether Telegram failed at something that may work the next
// time. What ends a sign-in flow is the flow's to decide.
func failed(e *tg.Error) bool {
	switch e.Type {
	case tg.ErrAuthRestart, tg.ErrSignInFailed, "PASSKEY_AUTH_RESTART":
		return false
	}
	return e.Internal()
}

// sleep waits for d, or for ctx to end.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
