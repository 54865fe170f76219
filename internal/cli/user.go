package cli

import (
	"context"
	"errors"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// What commands have in common that do something with the account of a session.

// withUser connects with a session that has to be signed in, lets do do what it
// does, and hangs up.
func withUser[R any](ctx context.Context, p *program, f *connection, do func(*client) (R, error)) (R, error) {
	f.needsUser = true
	c, hangUp, err := p.dial(ctx, f)
	if err != nil {
		return *new(R), err
	}
	result, err := do(c)
	return result, errors.Join(err, hangUp())
}

// task does what takes questions, which the flags answer, or else whoever sits at
// the terminal.
func (p *program) task(ctx context.Context, f *connection, a *answerFlags, t auth.Task) (auth.Done, error) {
	answers, end, err := p.answers(a, f)
	if err != nil {
		return auth.Done{}, err
	}
	defer end()
	return withUser(ctx, p, f, func(c *client) (auth.Done, error) { return auth.Run(ctx, c, t, answers) })
}

// change makes a change to the account that is signed in, and says so.
func (p *program) change(ctx context.Context, f *connection, v any, sentence string, do func(tg.Invoker) error) error {
	_, err := withUser(ctx, p, f, func(c *client) (struct{}, error) { return struct{}{}, do(c) })
	if err != nil {
		return err
	}
	return p.print(v, "%s", sentence)
}

// ttl says or sets after how many days something that nobody uses ends: a device,
// or the account.
func (p *program) ttl(ctx context.Context, f *connection, args []string,
	get func(context.Context, tg.Invoker) (int, error), set func(context.Context, tg.Invoker, int) error, sentence string) error {
	wanted := 0
	if len(args) > 0 {
		var err error
		if wanted, err = days(args[0]); err != nil {
			return err
		}
	}
	n, err := withUser(ctx, p, f, func(c *client) (int, error) {
		if wanted == 0 {
			return get(ctx, c)
		}
		return wanted, set(ctx, c, wanted)
	})
	if err != nil {
		return err
	}
	return p.print(map[string]int{"days": n}, sentence, n)
}
