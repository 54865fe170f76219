package auth

import (
	"fmt"
	"io"
	"time"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

// A sign-in begins with asking the server whether there is anything to do: what
// this side remembers of being signed in may long be untrue.

func (f *Flow) nextWhoAmI() Step {
	return newCall(&tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}})
}

func (f *Flow) whoAmI(_ time.Time, result any) error {
	users, _ := result.([]tg.AnyUser)
	if len(users) == 0 {
		return unexpected(result, "the user that is signed in")
	}
	u, err := asUser(users[0])
	if err != nil {
		return err
	}
	f.user, f.m.Already = u, true
	return f.finish()
}

// whoAmIRefused: every 401 but one says that the key is nobody's. That one is
// left to the policy for all calls, which goes on with the password.
//
// https://core.telegram.org/api/errors#401-unauthorized
func (f *Flow) whoAmIRefused(e *tg.Error) bool {
	if e.Code != 401 || e.Type == tg.ErrSessionPasswordNeeded {
		return false
	}
	f.m.Whose = "" // no sign-in waits any more
	f.begin()
	return true
}

func (f *Flow) nextAskPhone() Step { return Ask{PhoneQuestion{Refused: f.m.Refused}} }

func (f *Flow) phoneAnswered(a Answer, _ io.Reader) error {
	switch a := a.(type) {
	case PhoneNumber:
		number, err := input.Number(string(a))
		if err != nil {
			f.m.Refused = tg.NewError(400, string(tg.ErrPhoneNumberInvalid)) // what Telegram would say of it
			return unfit("a number with its country code: " + err.Error())
		}
		f.m.Phone, f.m.Typed, f.m.Start = number, true, f.route().send
		f.first(f.m.Start)
		return nil
	case Cancel:
		f.fail(ErrCancelled)
		return ErrCancelled
	}
	return unfit("PhoneNumber or Cancel")
}

// authorized takes the answer that all ways of signing in end with.
//
// https://core.telegram.org/constructor/auth.authorization
func (f *Flow) authorized(result any) error {
	a, _ := result.(tg.AnyAuthAuthorization)
	u, err := userOf(a, nil)
	if err != nil {
		return err
	}
	f.user = u
	return f.settle(stateDone)
}

// unexpected is the error for an answer that the schema allows, or the driver
// gave, and that makes no sense here.
func unexpected(got any, want string) error {
	return fmt.Errorf("the answer makes no sense here: got %T, want %s", got, want)
}
