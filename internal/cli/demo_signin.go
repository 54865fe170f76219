package cli

import (
	"context"
	"fmt"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/session"
)

// signIn has the library do all of it: auth.SignIn makes the calls and asks what
// only a person can know. In a program of your own auth.Terminal would be asked.
func (d *demo) signIn(ctx context.Context) error {
	d.scene("The same number signs in on a second device: auth.SignIn does all of it")
	c, err := d.dial(ctx, new(session.Memory))
	if err != nil {
		return err
	}
	defer c.Close()
	person := auth.AskerFunc(func(ctx context.Context, q auth.Question) (auth.Answer, error) {
		code, ok := q.(auth.CodeQuestion)
		if !ok {
			return nil, fmt.Errorf("got the question %T, want the one for the code", q)
		}
		d.say("asked for the code, which went out by %s, from data centre %d", code.Kind, c.Home())
		return d.code(ctx, newPhone)
	})
	me, err := auth.SignIn(ctx, c, auth.Phone(newPhone), person)
	if err != nil {
		return err
	}
	d.say("signed in as user %d, %s %s", me.ID, *me.FirstName, *me.LastName)
	return c.Close()
}
