package auth

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// Client is what signing in needs of a connected client; *telekey.Client is one.
type Client interface {
	tg.Invoker

	// On makes calls on one data centre, 0 being the home of the moment. The
	// flow alone decides about refusals: PHONE_MIGRATE and its kin are not
	// followed, and FLOOD_WAIT is not waited for. Both are returned as errors.
	On(dc int) tg.Invoker

	// AtOnce makes calls as Invoke does, except that it returns FLOOD_WAIT at once.
	AtOnce() tg.Invoker

	// MaxFlood is the longest FLOOD_WAIT that Invoke waits for; negative: none.
	// SignIn and Run wait as long.
	MaxFlood() time.Duration

	// Move makes a data centre the home: it connects, makes a key if there is
	// none, and remembers it.
	Move(ctx context.Context, dc int) error

	// App is the application's id and hash.
	App() (id int, hash string)

	// Session is a copy of what the session holds now.
	Session() session.Data

	// Subscribe has updates delivered, also before anybody is signed in.
	Subscribe(func(tg.AnyUpdates)) (stop func())

	// Refusals has what ends calls told: Telegram's refusals, and that a data
	// centre does not know the session's key. f must not block.
	Refusals(f func(dc int, err error)) (stop func())

	// Forget destroys the keys of all data centres, there and in the session.
	Forget(ctx context.Context) error

	// Remember changes the session; when it returns nil the change is durable.
	Remember(ctx context.Context, change func(*session.Data) error) error
}

// Asker answers questions: a person at a terminal, a form, a table. An error ends
// the sign-in; ctx ends when the question is no longer of interest, and then Ask
// has to return. For a question that takes no answer, as [ShowQR], it returns nil.
type Asker interface {
	Ask(ctx context.Context, q Question) (Answer, error)
}

// AskerFunc is a function as an [Asker].
type AskerFunc func(ctx context.Context, q Question) (Answer, error)

// Ask calls a.
func (a AskerFunc) Ask(ctx context.Context, q Question) (Answer, error) { return a(ctx, q) }

// SignIn signs c in by m, asking a what only a person can know, and returns who
// it is. If c is signed in already nobody is asked for anything, and no code is
// sent; it may be signed in as somebody else: see the user. If c waits for the
// password of an earlier sign-in of the same number, or by the same way, only that
// is asked for; any other is given up: see [Replaces].
//
// Errors begin with the call that was refused and keep Telegram's [*tg.Error];
// [*UnsupportedError] says what Telegram wants that cannot be done here;
// [ErrCancelled] that a question was answered with [Cancel]; and what a, c or ctx
// say comes back as it is. After any error SignIn can be tried again. If c is
// signed in and only its session could not note that, the user comes with the
// error.
func SignIn(ctx context.Context, c Client, m Method, a Asker) (*tg.User, error) {
	f := NewFlow(m)
	f.MaxFlood = c.MaxFlood()
	defer f.forget()
	end, err := converse(ctx, c, f, a)
	if err != nil {
		return nil, err
	}
	return end.User, remember(ctx, c, end)
}

// converse drives f to its end, asking a.
func converse(ctx context.Context, c Client, f *Flow, a Asker) (Done, error) {
	news, stop := listen(c)
	defer stop()
	for {
		step, err := Drive(ctx, c, f)
		if err != nil {
			return Done{}, err
		}
		switch s := step.(type) {
		case Done:
			return s, nil
		case Ask:
			answer, err := a.Ask(ctx, s.Question)
			if err != nil {
				return Done{}, err
			}
			if err := f.Answered(time.Now(), answer, rand.Reader); err != nil {
				return Done{}, err
			}
		case Show:
			if err := show(ctx, f, a, s, news); err != nil {
				return Done{}, err
			}
		case Wait:
			if err := waitUntil(ctx, s.Until); err != nil {
				return Done{}, err
			}
		}
	}
}

// Drive does what f wants (calls and moves) until it asks, shows, has to wait or is
// done, and returns that [Ask], [Show], [Wait] or [Done]. SignIn loops around it. A
// program that answers questions outside of a loop, such as in one HTTP request
// after another, calls Resume, Answered, Drive and Marshal. After Done, [Remember]
// the user.
//
// Drive itself never waits: after a FLOOD_WAIT of up to [Flow.MaxFlood] it returns
// a [Wait], and again one until its time has come. Call it again then, in this
// process or another.
//
// f is bound to the session that c has when Drive returns, whatever data centre
// the login has moved to: Marshal it with [BindingOf] that session, taken after
// Drive.
//
// An error that did not end the flow, such as a broken connection or the end of
// ctx, leaves it at its step: it can be marshalled, or driven on.
func Drive(ctx context.Context, c Client, f *Flow) (Step, error) {
	defer func() { f.bound = BindingOf(c.Session()) }()
	f.bound.Network = c.Session().Network.Identity()
	if err := f.giveUpOther(ctx, c); err != nil {
		return nil, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var result any
		var err error
		switch s := f.Next().(type) {
		case Call:
			result, err = s.Do(ctx, c)
		case Move:
			if s.DC != c.Session().Home {
				err = c.Move(ctx, s.DC)
			}
		case Wait:
			if time.Now().Before(s.Until) {
				return s, nil
			}
		case Failed:
			return nil, s.Err
		default:
			return s, f.notePending(ctx, c)
		}
		if err := f.Returned(time.Now(), result, err); err != nil {
			return nil, err
		}
	}
}

func waitUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// remember notes in the session who is signed in, and that the other data centres
// do not know yet if the sign-in is new.
func remember(ctx context.Context, c Client, done Done) error {
	u := done.User
	err := c.Remember(ctx, func(d *session.Data) error {
		d.User = &session.User{
			ID: u.ID, Bot: u.Bot,
			FirstName: text(u.FirstName), LastName: text(u.LastName), Username: text(u.Username), Phone: text(u.Phone),
		}
		d.LoggedOut, d.Ended, d.Pending = time.Time{}, "", nil
		for dc, key := range d.Keys {
			key.SignedIn = dc == d.Home || key.SignedIn && done.Already
			d.Keys[dc] = key
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("signed in as user %d, but the session could not note it: %w", u.ID, err)
	}
	return nil
}

// Remember notes in c's session that user has just signed in. [SignIn] does it by
// itself; it is for those who sign in with a [Flow] or call by call.
func Remember(ctx context.Context, c Client, user *tg.User) error {
	return remember(ctx, c, Done{User: user})
}
