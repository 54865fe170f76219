package auth

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/telekey/telekey/tg"
)

// TooFreshError says that Telegram refuses something for the first 24 hours of a
// login or of a password, so that a thief cannot do it at once.
type TooFreshError struct {
	// Until is when it will be allowed; zero: within 24 hours, Telegram does not
	// tell more.
	Until time.Time

	Err *tg.Error // PASSWORD_TOO_FRESH, SESSION_TOO_FRESH, FRESH_RESET_AUTHORISATION_FORBIDDEN or FRESH_CHANGE_PHONE_FORBIDDEN
}

// Error says what is too new, and until when.
func (e *TooFreshError) Error() string {
	what := "this login is too new for that"
	if e.Err.Type == tg.ErrPasswordTooFresh {
		what = "the password has been changed too recently for that"
	}
	if e.Until.IsZero() {
		return fmt.Sprintf("%v: %s: try again tomorrow", e.Err, what)
	}
	return fmt.Sprintf("%v: %s: try again after %s", e.Err, what, e.Until.Format(time.RFC3339))
}

// Unwrap returns Err.
func (e *TooFreshError) Unwrap() error { return e.Err }

// freshness is how long a login or a password is too new for some things.
//
// https://core.telegram.org/api/auth#session-management
const freshness = 24 * time.Hour

// tooFresh makes a TooFreshError of a refusal that is one; since is when this
// login was made, if that is known.
//
// https://core.telegram.org/method/account.resetAuthorization#possible-errors
// https://core.telegram.org/method/messages.editChatCreator#possible-errors
func tooFresh(now, since time.Time, e *tg.Error) *TooFreshError {
	switch {
	case e.Type == tg.ErrPasswordTooFresh || e.Type == tg.ErrSessionTooFresh:
		if e.Arg < 1 || e.Arg >= math.MaxInt32 {
			return &TooFreshError{Err: e}
		}
		return &TooFreshError{Err: e, Until: now.UTC().Round(0).Add(time.Duration(e.Arg) * time.Second)}
	case tellsNotWhen(e) && since.IsZero():
		return &TooFreshError{Err: e}
	case tellsNotWhen(e):
		return &TooFreshError{Err: e, Until: since.Add(freshness)}
	}
	return nil
}

// tellsNotWhen reports whether e is one of the 24-hour refusals without a number:
// until when follows from when this login was made.
func tellsNotWhen(e *tg.Error) bool {
	return e.Type == tg.ErrFreshResetAuthorisationForbidden || e.Type == tg.ErrFreshChangePhoneForbidden
}

// explainedTo explains a refusal as explained does, and asks Telegram what it
// takes to say until when.
func explainedTo(ctx context.Context, c tg.Invoker, err error) error {
	var since time.Time
	if e := tg.AsError(err); e != nil && tellsNotWhen(e) {
		since = signedInSince(ctx, c)
	}
	return explainedAt(time.Now(), since, err)
}

// explainedAt explains a refusal; it is told the time, and when this login was
// made, if that is known.
func explainedAt(now, since time.Time, err error) error {
	if e := tg.AsError(err); e != nil {
		if fresh := tooFresh(now, since, e); fresh != nil {
			return fresh
		}
	}
	return explainedCall(err)
}

// signedInSince asks when this login was made; zero: Telegram does not say. What
// went wrong with asking is not worth an error: there is one already.
func signedInSince(ctx context.Context, c tg.Invoker) time.Time {
	devices, err := Devices(ctx, c)
	if err != nil {
		return time.Time{}
	}
	return currentSince(devices)
}

func currentSince(devices []Device) time.Time {
	for _, d := range devices {
		if d.Current {
			return d.Created
		}
	}
	return time.Time{}
}
