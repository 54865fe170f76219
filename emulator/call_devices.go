package emulator

import (
	"slices"
	"time"

	"github.com/telekey/telekey/tg"
)

// getAuthorizations answers account.getAuthorizations: the account's devices,
// the caller's own first and under the hash 0, and at the end those that wait
// for the password.
// https://core.telegram.org/method/account.getAuthorizations
func getAuthorizations(_ *world, c *caller, now time.Time, _ *tg.AccountGetAuthorizations) (*tg.AccountAuthorizations, *refusal) {
	a := c.account()
	own := c.key.login.describe(now)
	own.Current, own.Hash = true, 0
	list := []*tg.Authorization{own}
	for _, l := range a.logins {
		if l != c.key.login {
			list = append(list, l.describe(now))
		}
	}
	for _, h := range a.halfway {
		list = append(list, h.describe(now))
	}
	return &tg.AccountAuthorizations{AuthorizationTTLDays: a.sessionDays(), Authorizations: list}, nil
}

// describe shows a login in the list of devices.
func (l *login) describe(now time.Time) *tg.Authorization {
	return &tg.Authorization{
		OfficialApp:               slices.Contains(officialApps, l.device.apiID),
		EncryptedRequestsDisabled: l.noSecretChats,
		CallRequestsDisabled:      l.noCalls,
		Unconfirmed:               l.unconfirmed(now),
		Hash:                      l.hash,
		DeviceModel:               l.device.model,
		Platform:                  "Desktop", // as its makers registered it, which nobody did here
		SystemVersion:             l.device.systemVersion,
		APIID:                     l.device.apiID,
		AppName:                   "Application",
		AppVersion:                l.device.appVersion,
		DateCreated:               unix(l.created),
		DateActive:                unix(l.active),
		IP:                        "127.0.0.1",
		Country:                   localhost,
		Region:                    localhost,
	}
}

// localhost is where all devices are.
const localhost = "Localhost"

// officialApps are the application ids of Telegram's own applications, as they
// stand in their published sources.
var officialApps = []int32{4, 6, 8, 2040, 2496, 2834, 10840, 21724, 1025907}

// describe shows a sign-in that waits for its password.
func (h *halfLogin) describe(now time.Time) *tg.Authorization {
	l := &login{hash: h.hash, created: h.at, active: h.at}
	if h.key.device != nil {
		l.device = *h.key.device
	}
	shown := l.describe(now)
	shown.PasswordPending = true
	return shown
}

// resetAuthorization answers account.resetAuthorization: another device is
// signed out, or its sign-in is ended before the password came.
// https://core.telegram.org/method/account.resetAuthorization
func resetAuthorization(w *world, c *caller, now time.Time, q *tg.AccountResetAuthorization) (bool, *refusal) {
	a, own := c.account(), c.key.login
	l := a.loginOf(q.Hash)
	i := slices.IndexFunc(a.halfway, func(h *halfLogin) bool { return h.hash == q.Hash })
	switch {
	case l == own, l == nil && i < 0:
		return false, hashInvalid
	case own.fresh(now):
		return false, w.tooFresh(c, now, freshReset)
	case l != nil:
		w.endLogin(now, l, sessionRevoked)
	default:
		w.endKey(now, a.halfway[i].key, sessionRevoked)
	}
	return true, nil
}

// loginOf returns the login of that hash, or nil.
func (a *account) loginOf(hash int64) *login {
	for _, l := range a.logins {
		if l.hash == hash {
			return l
		}
	}
	return nil
}

// resetAuthorizations answers auth.resetAuthorizations: every device but the
// caller's is signed out.
// https://core.telegram.org/method/auth.resetAuthorizations
func resetAuthorizations(w *world, c *caller, now time.Time, _ *tg.AuthResetAuthorizations) (bool, *refusal) {
	a, own := c.account(), c.key.login
	if own.fresh(now) {
		return false, w.tooFresh(c, now, freshReset)
	}
	for _, l := range slices.Clone(a.logins) {
		if l != own {
			w.endLogin(now, l, sessionRevoked)
		}
	}
	for len(a.halfway) > 0 {
		w.endKey(now, a.halfway[0].key, sessionRevoked)
	}
	return true, nil
}

// changeAuthorizationSettings answers account.changeAuthorizationSettings.
// The hash 0 is the caller's own, as in the list.
//
// A device that nobody has confirmed yet cannot do so itself.
// https://core.telegram.org/method/account.changeAuthorizationSettings
func changeAuthorizationSettings(w *world, c *caller, now time.Time, q *tg.AccountChangeAuthorizationSettings) (bool, *refusal) {
	own := c.key.login
	l := own
	if q.Hash != 0 {
		l = c.account().loginOf(q.Hash)
	}
	if l == nil || q.Confirmed && (l == own || own.unconfirmed(now)) {
		return false, hashInvalid
	}
	if q.EncryptedRequestsDisabled != nil {
		l.noSecretChats = *q.EncryptedRequestsDisabled
	}
	if q.CallRequestsDisabled != nil {
		l.noCalls = *q.CallRequestsDisabled
	}
	if q.Confirmed && l.unconfirmed(now) {
		l.confirmedAt = time.Time{}
		w.announce(now, l, own)
	}
	return true, nil
}

// Days that a session, or an account, may go unused.
const (
	sessionDays, minSessionDays, maxSessionDays = 180, 1, 366
	accountDays, minAccountDays, maxAccountDays = 365, 30, 730
)

// setAuthorizationTTL answers account.setAuthorizationTTL.
// https://core.telegram.org/method/account.setAuthorizationTTL
func setAuthorizationTTL(w *world, c *caller, now time.Time, q *tg.AccountSetAuthorizationTTL) (bool, *refusal) {
	switch {
	case q.AuthorizationTTLDays < minSessionDays || q.AuthorizationTTLDays > maxSessionDays:
		return false, ttlDaysInvalid
	case c.key.login.fresh(now):
		return false, w.tooFresh(c, now, freshReset)
	}
	c.account().sessionTTL = q.AuthorizationTTLDays
	return true, nil
}

// getAccountTTL answers account.getAccountTTL.
// https://core.telegram.org/method/account.getAccountTTL
func getAccountTTL(_ *world, c *caller, _ time.Time, _ *tg.AccountGetAccountTTL) (*tg.AccountDaysTTL, *refusal) {
	return &tg.AccountDaysTTL{Days: c.account().accountDays()}, nil
}

// setAccountTTL answers account.setAccountTTL.
// https://core.telegram.org/method/account.setAccountTTL
func setAccountTTL(_ *world, c *caller, _ time.Time, q *tg.AccountSetAccountTTL) (bool, *refusal) {
	if q.TTL.Days < minAccountDays || q.TTL.Days > maxAccountDays {
		return false, ttlDaysInvalid
	}
	c.account().accountTTL = q.TTL.Days
	return true, nil
}
