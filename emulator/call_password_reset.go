package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// passwordReset is how far the owner of an account is with a password that he
// has forgotten, and has no mailbox to recover it by.
type passwordReset struct {
	until time.Time // when it may be reset; zero: nobody has asked
	retry time.Time // when somebody may ask, who was stopped
}

// A week is documented; how long one waits who was stopped is not.
// https://core.telegram.org/api/srp#password-reset
const (
	resetWait   = 7 * 24 * time.Hour
	declineWait = 24 * time.Hour
)

// resetPassword answers account.resetPassword: the first call begins to wait, one
// after a week removes the password.
// https://core.telegram.org/method/account.resetPassword
func resetPassword(w *world, c *caller, now time.Time, _ *tg.AccountResetPassword) (tg.AnyAccountResetPasswordResult, *refusal) {
	a := c.account()
	r := &a.reset
	switch {
	case a.password == nil:
		return nil, passwordEmpty
	case r.until.IsZero() && now.Before(r.retry):
		return &tg.AccountResetPasswordFailedWait{RetryDate: unix(r.retry)}, nil
	case r.until.IsZero():
		r.until = now.Add(resetWait)
		w.notify(now, a, "The password of this account will be reset. If that was not you, decline it.")
	case !now.Before(r.until):
		a.apply(now, passwordChange{remove: true})
		w.log.Info("password reset", "phone", a.phone)
		return &tg.AccountResetPasswordOk{}, nil
	}
	return &tg.AccountResetPasswordRequestedWait{UntilDate: unix(r.until)}, nil
}

// declinePasswordReset answers account.declinePasswordReset: the owner knows his
// password after all, or was not the one who asked.
// https://core.telegram.org/method/account.declinePasswordReset
func declinePasswordReset(_ *world, c *caller, now time.Time, _ *tg.AccountDeclinePasswordReset) (bool, *refusal) {
	a := c.account()
	if a.reset.until.IsZero() {
		return false, resetRequestMissing
	}
	a.reset = passwordReset{retry: now.Add(declineWait)}
	return true, nil
}
