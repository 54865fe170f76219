package auth

import (
	"context"
	"errors"
	"time"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// Reason is why nobody is signed in, as far as Telegram's words and what the
// session remembers tell.
type Reason string

// The reasons.
const (
	NeverSignedIn   Reason = "never signed in"
	PasswordPending Reason = "password pending" // a sign-in came as far as the password: SignIn goes on there
	LoggedOutHere   Reason = "logged out here"  // by LogOut, or because DeleteAccount deleted the account
	EndedElsewhere  Reason = "ended elsewhere"  // from another device, or by Telegram
	Expired         Reason = "expired"
	Duplicated      Reason = "duplicated" // two programs used the key at the same time, and lost it
	Banned          Reason = "banned"
	Deleted         Reason = "deleted"     // the account is
	KeyUnknown      Reason = "key unknown" // the data centre does not know the session's key, which is kept all the same
	Unknown         Reason = "unknown"
)

// Standing is what became of a login: see [Status].
type Standing struct {
	// Reason is why nobody is signed in; empty: User is.
	Reason Reason   `json:"reason,omitempty"`
	User   *tg.User `json:"-"`

	// Frozen says that Telegram has frozen the account; nil: it has not.
	Frozen *Freeze `json:"frozen,omitempty"`
}

// Freeze is what Telegram tells of an account that it has frozen, which then can
// only be read.
//
// https://core.telegram.org/api/auth#frozen-accounts
type Freeze struct {
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until,omitzero"` // then the account is deleted, unless an appeal is heard
	Appeal string    `json:"appeal,omitempty"`
}

// Status asks Telegram who is signed in, and if nobody is, why. That nobody
// is, is an answer and no error; errors are those of a client that gets none.
//
// The client is there by then: that a data centre does not know the session's key
// is mostly learned while connecting, for which there is [ReasonOf].
func Status(ctx context.Context, c Client) (Standing, error) {
	u, err := GetUser(ctx, c)
	if err != nil {
		if reason := ReasonOf(err, c.Session()); reason != "" {
			return Standing{Reason: reason}, nil
		}
		return Standing{}, explainedCall(err)
	}
	frozen, err := frozen(ctx, c)
	if err != nil && tg.AsError(err) == nil {
		return Standing{}, err
	}
	return Standing{User: u, Frozen: frozen}, nil
}

// ReasonOf is the reason in an error, of a call at the account's home or of
// connecting to it; empty: the error is about something else. d is the session
// as it was when the error came.
//
// https://core.telegram.org/api/errors#401-unauthorized
// https://core.telegram.org/api/errors#406-not-acceptable
func ReasonOf(err error, d session.Data) Reason {
	if errors.Is(err, session.ErrKeyUnknown) {
		return KeyUnknown
	}
	e := tg.AsError(err)
	if e == nil {
		return ""
	}
	switch e.Type {
	case tg.ErrSessionPasswordNeeded:
		return PasswordPending
	case tg.ErrAuthKeyUnregistered, tg.ErrAuthKeyInvalid:
		return remembered(d)
	}
	if reason, ok := endings[e.Type]; ok {
		return reason
	}
	if e.Code == 401 {
		return Unknown
	}
	return ""
}

// endings are Telegram's words for the end of a login.
//
// https://core.telegram.org/api/errors#401-unauthorized
var endings = map[tg.ErrorType]Reason{
	tg.ErrSessionRevoked:     EndedElsewhere,
	tg.ErrSessionExpired:     Expired,
	tg.ErrAuthKeyDuplicated:  Duplicated,
	tg.ErrUserDeactivatedBan: Banned,
	tg.ErrUserDeactivated:    Deleted,
}

// remembered is the reason when Telegram says only that the key is nobody's. What
// it said before that, the client has noted.
func remembered(d session.Data) Reason {
	if reason, ok := endings[tg.ErrorType(d.Ended)]; ok {
		return reason
	}
	switch {
	case d.User != nil:
		return EndedElsewhere
	case !d.LoggedOut.IsZero():
		return LoggedOutHere
	}
	return NeverSignedIn
}

// isOver reports whether there is nothing left to log out.
func isOver(r Reason) bool { return r != "" && r != PasswordPending }

// frozen asks whether the account is frozen.
//
// https://core.telegram.org/api/config#freeze-since-date
func frozen(ctx context.Context, c tg.Invoker) (*Freeze, error) {
	answer, err := tg.Call(ctx, c, &tg.HelpGetAppConfig{})
	if err != nil {
		return nil, err
	}
	config, _ := answer.(*tg.HelpAppConfig)
	if config == nil {
		return nil, nil
	}
	object, _ := config.Config.(*tg.JSONObject)
	if object == nil {
		return nil, nil
	}
	f := &Freeze{}
	for _, field := range object.Value {
		switch field.Key {
		case "freeze_since_date":
			f.Since = jsonTime(field.Value)
		case "freeze_until_date":
			f.Until = jsonTime(field.Value)
		case "freeze_appeal_url":
			if s, ok := field.Value.(*tg.JSONString); ok {
				f.Appeal = s.Value
			}
		}
	}
	if f.Since.IsZero() {
		return nil, nil
	}
	return f, nil
}

// jsonTime is a time in seconds; zero: none.
func jsonTime(v tg.AnyJSONValue) time.Time {
	n, _ := v.(*tg.JSONNumber)
	if n == nil || !(n.Value >= 1 && n.Value < 1<<40) {
		return time.Time{}
	}
	return time.Unix(int64(n.Value), 0).UTC()
}
