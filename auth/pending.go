package auth

import (
	"context"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// A sign-in that came as far as the password waits on its key, and the server does
// not say whose it is: the session remembers that. The password of one account must
// not be asked for, nor given, in place of another's.

// ways name where a sign-in begins, in the session: names stay.
var ways = map[state]string{
	stateSendCode: "phone", stateAskPhone: "phone", stateExportToken: "qr", stateInitPasskey: "passkey",
	stateAskToken: "token", stateImportGiven: "token",
}

// Replaces returns the sign-in that waits for its password in c's session and that
// m would not go on with, or nil: [SignIn] and [Drive] give it up, as [LogOut] does,
// and begin anew. m goes on with a sign-in of its own number, or by its own way; a
// Phone without a number with any.
func Replaces(c Client, m Method) *session.Pending {
	waiting := c.Session().Pending
	if waiting == nil || m == nil || NewFlow(m).continues(*waiting) {
		return nil
	}
	return waiting
}

// continues reports whether the flow may go on with a sign-in that waits.
func (f *Flow) continues(waiting session.Pending) bool {
	switch way := ways[f.m.Start]; {
	case f.m.Start == stateAskPhone:
		return true
	case way == "token": // bots have no password
		return false
	default:
		return waiting.Way == way && waiting.Phone == f.m.Phone
	}
}

// giveUpOther gives up the sign-in that waits on c's key, unless f goes on with it.
func (f *Flow) giveUpOther(ctx context.Context, c Client) error {
	waiting := c.Session().Pending
	if waiting == nil || f.m.Errand != nil || f.m.State != stateWhoAmI {
		return nil
	}
	if f.continues(*waiting) {
		f.m.Whose = waiting.Phone
		return nil
	}
	return LogOut(ctx, c)
}

// notePending notes in c's session whose password is asked for. Of a sign-in that
// waited before the flow began, the session knows more than the flow.
func (f *Flow) notePending(ctx context.Context, c Client) error {
	if f.m.State != stateAskPassword || f.m.Errand != nil || f.m.Earlier {
		return nil
	}
	now := session.Pending{Way: ways[f.m.Start], Phone: f.m.Whose}
	if waiting := c.Session().Pending; waiting != nil && *waiting == now {
		return nil
	}
	return c.Remember(ctx, func(d *session.Data) error {
		d.Pending = &now
		return nil
	})
}

// awaitsPassword notes whose password is wanted: of this flow's number, or of a
// sign-in that waited already.
func (f *Flow) awaitsPassword(e *tg.Error) {
	if e.Type != tg.ErrSessionPasswordNeeded {
		return
	}
	if f.m.Earlier = f.m.State == stateWhoAmI; !f.m.Earlier {
		f.m.Whose = f.m.Phone
	}
}
