package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// requestPasswordRecovery answers auth.requestPasswordRecovery: a code goes to
// the mailbox that was proven when the password was set.
// https://core.telegram.org/api/srp#password-recovery
func requestPasswordRecovery(w *world, c *caller, now time.Time, _ *tg.AuthRequestPasswordRecovery) (*tg.AuthPasswordRecovery, *refusal) {
	a := c.account()
	switch {
	case a.password == nil:
		return nil, passwordEmpty
	case a.password.email == "":
		return nil, recoveryNA
	}
	c.key.mails[mailRecovery] = w.mailTo(now, a.phone, a.password.email)
	return &tg.AuthPasswordRecovery{EmailPattern: a.password.email.pattern()}, nil
}

// checkRecoveryPassword answers auth.checkRecoveryPassword: whether the code is
// right. It is not used up.
// https://core.telegram.org/method/auth.checkRecoveryPassword
func checkRecoveryPassword(_ *world, c *caller, now time.Time, q *tg.AuthCheckRecoveryPassword) (bool, *refusal) {
	no := c.tryRecovery(now, q.Code)
	return no == nil, no
}

// recoverPassword answers auth.recoverPassword: with the code in the mailbox the
// password is removed or replaced, and a sign-in that waited for it is done.
// https://core.telegram.org/method/auth.recoverPassword
func recoverPassword(w *world, c *caller, now time.Time, q *tg.AuthRecoverPassword) (tg.AnyAuthAuthorization, *refusal) {
	if q.Code == "" {
		return nil, codeEmpty
	}
	if no := c.tryRecovery(now, q.Code); no != nil {
		return nil, no
	}
	a, change := c.account(), passwordChange{remove: true}
	if q.NewSettings != nil {
		var no *refusal
		change, no = w.readChange(a, q.NewSettings)
		// Another mailbox is proven by other calls.
		if no != nil || change.secret == nil || change.needsProof(a) {
			return nil, newSettingsInvalid
		}
	}
	c.key.mails[mailRecovery] = nil
	a.apply(now, change)
	w.log.Info("password recovered", "phone", a.phone, "password", a.password != nil)
	if c.key.login != nil {
		return authorization(a), nil
	}
	return w.enter(now, c.key, a, c.key.admission(w, a)), nil
}

// tryRecovery tries the code that was mailed to recover the password of the
// caller's account. The password that it was meant for may be gone.
func (c *caller) tryRecovery(now time.Time, code string) *refusal {
	m, p := c.key.mails[mailRecovery], c.account().password
	switch {
	case !m.open(now), p == nil, p.email != m.address:
		return recoveryExpired
	case !m.fits(code):
		return codeInvalid
	}
	return nil
}
