package emulator

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/telekey/telekey/tg"
)

// confirmTime is how long the others may deny a new device: what
// help.getAppConfig says as authorization_autoconfirm_period.
const confirmTime = 7 * 24 * time.Hour

var (
	freshReset     = &refusal{406, string(tg.ErrFreshResetAuthorisationForbidden)}
	hashInvalid    = badRequest(tg.ErrHashInvalid)
	ttlDaysInvalid = badRequest(tg.ErrTTLDaysInvalid)
)

// fresh says whether l is too young for what concerns other devices.
//
// For a day a device may not end others, nor take the number away: who has just
// stolen an account must not be able to lock its owner out. There is no such
// rule for a device that was the account's only one when it signed in.
// https://core.telegram.org/method/account.resetAuthorization
func (l *login) fresh(now time.Time) bool { return now.Before(l.freshUntil) }

// unconfirmed says whether the account's other devices are asked if l is theirs.
// https://core.telegram.org/api/auth#confirming-login
func (l *login) unconfirmed(now time.Time) bool { return now.Before(l.confirmedAt) }

// arrive makes l a login of its account, and tells the other devices.
func (w *world) arrive(now time.Time, l *login, trusted bool) {
	a := l.account
	if len(a.logins) > 0 && a.bot == nil {
		l.freshUntil = now.Add(freshFor)
		if !trusted {
			l.confirmedAt = now.Add(confirmTime)
		}
	}
	a.logins = append(a.logins, l)
	if len(a.logins) == 1 || a.bot != nil {
		return
	}
	w.announce(now, l, l)
	// Applications show this among Telegram's messages; it is none. The type is
	// what tells a notice that comes twice.
	// https://core.telegram.org/constructor/updateServiceNotification
	w.tellOthers(now, a, &tg.UpdateServiceNotification{
		InboxDate: new(unix(now)), Type: fmt.Sprintf("auth%d_%d", l.hash, unix(now)), Media: &tg.MessageMediaEmpty{},
		Message: fmt.Sprintf("New login. Your account was signed in to from the device %q, in %s. "+
			"If that was not you, end its session in the list of devices.", l.device.model, localhost),
	}, l)
}

// announce tells the account's devices of l, but for the one that knows.
// https://core.telegram.org/constructor/updateNewAuthorization
func (w *world) announce(now time.Time, l, knows *login) {
	u := &tg.UpdateNewAuthorization{Hash: l.hash}
	if l.unconfirmed(now) {
		u.Unconfirmed = true
		u.Date, u.Device, u.Location = new(unix(l.created)), new(l.device.model), new(localhost)
	}
	w.tellOthers(now, l.account, u, l, knows)
}

// tooFresh refuses a call of a device that is too young. An application shows
// nothing for a 406; what there is to say comes as an update.
// https://core.telegram.org/api/errors#406-not-acceptable
func (w *world) tooFresh(c *caller, now time.Time, no *refusal) *refusal {
	until := c.key.login.freshUntil.UTC()
	w.popup(no.message, now, c.key, "For safety, a device can do this only when it has been signed in for a day: from "+
		until.Format("2 January 2006, 15:04")+" UTC on.")
	return no
}

func (a *account) sessionDays() int32 { return cmp.Or(a.sessionTTL, sessionDays) }
func (a *account) accountDays() int32 { return cmp.Or(a.accountTTL, accountDays) }

// passTime ends what time has ended of a: sessions that nobody used, and
// the account if nobody used any.
func (w *world) passTime(now time.Time, a *account) {
	days := func(n int32) time.Duration { return time.Duration(n) * 24 * time.Hour }
	for _, l := range slices.Clone(a.logins) {
		if now.Sub(l.active) >= days(a.sessionDays()) && a.bot == nil {
			w.endLogin(now, l, sessionExpired)
		}
	}
	// Who has never signed in has left nothing unused.
	unused := a.bot == nil && !a.active.IsZero() && now.Sub(a.active) >= days(a.accountDays())
	if unused || a.frozen != nil && !now.Before(a.frozen.Until) {
		w.deleteAccount(now, a, nil)
	}
}
