package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// updatePasswordSettings answers account.updatePasswordSettings: the password is
// set, changed or removed, or its recovery e-mail is.
//
// A new address is proven first: until then all that was asked for waits, and the
// call is refused with the length of the code that has gone to the mailbox.
// https://core.telegram.org/api/srp#email-verification
func updatePasswordSettings(w *world, c *caller, now time.Time, q *tg.AccountUpdatePasswordSettings) (bool, *refusal) {
	a := c.account()
	if no := a.proveFor(c, q.Password); no != nil {
		return false, no
	}
	change, no := w.readChange(a, q.NewSettings)
	if no != nil {
		return false, no
	}
	if change.needsProof(a) {
		change.code = w.mailTo(now, a.phone, *change.email)
		a.change = &change
		return false, numbered(tg.ErrEmailUnconfirmed, mailLength)
	}
	a.apply(now, change)
	w.log.Info("password settings changed", "phone", a.phone, "password", a.password != nil)
	return true, nil
}

// proveFor is prove for who may have no password yet, and then proves nothing.
func (a *account) proveFor(c *caller, proof tg.AnyInputCheckPasswordSRP) *refusal {
	if _, empty := proof.(*tg.InputCheckPasswordEmpty); empty && a.password == nil {
		return nil
	}
	return a.prove(c, proof)
}

// confirmPasswordEmail answers account.confirmPasswordEmail: the code that came
// to the mailbox puts what was asked for in force.
// https://core.telegram.org/method/account.confirmPasswordEmail
func confirmPasswordEmail(w *world, c *caller, now time.Time, q *tg.AccountConfirmPasswordEmail) (bool, *refusal) {
	a := c.account()
	switch {
	case a.change == nil || !a.change.code.open(now):
		return false, emailHashExpired
	case !a.change.code.fits(q.Code):
		return false, codeInvalid
	}
	a.apply(now, *a.change)
	w.log.Info("recovery e-mail confirmed", "phone", a.phone)
	return true, nil
}

// resendPasswordEmail answers account.resendPasswordEmail: another code, and the
// one before is void. One that has expired can be had anew, too.
// https://core.telegram.org/method/account.resendPasswordEmail
func resendPasswordEmail(w *world, c *caller, now time.Time, _ *tg.AccountResendPasswordEmail) (bool, *refusal) {
	a := c.account()
	if a.change == nil {
		return false, emailHashExpired
	}
	a.change.code = w.mailTo(now, a.phone, a.change.code.address)
	return true, nil
}

// cancelPasswordEmail answers account.cancelPasswordEmail: what waits for the
// mailbox will not be.
// https://core.telegram.org/method/account.cancelPasswordEmail
func cancelPasswordEmail(_ *world, c *caller, _ time.Time, _ *tg.AccountCancelPasswordEmail) (bool, *refusal) {
	a := c.account()
	if a.change == nil {
		return false, emailHashExpired
	}
	a.change = nil
	return true, nil
}

// getPasswordSettings answers account.getPasswordSettings: what only the owner
// may see.
// https://core.telegram.org/method/account.getPasswordSettings
func getPasswordSettings(_ *world, c *caller, _ time.Time, q *tg.AccountGetPasswordSettings) (*tg.AccountPasswordSettings, *refusal) {
	a := c.account()
	if no := a.prove(c, q.Password); no != nil {
		return nil, no
	}
	answer := &tg.AccountPasswordSettings{SecureSettings: a.password.secure}
	if a.password.email != "" {
		answer.Email = new(string(a.password.email))
	}
	return answer, nil
}

// How long a temporary password lives, in seconds.
// https://core.telegram.org/method/account.getTmpPassword
const (
	minTmpPassword = 60
	maxTmpPassword = 86400
)

// getTmpPassword answers account.getTmpPassword, which payments by a stored card
// want. Nothing can be paid here, so nobody keeps it.
// https://core.telegram.org/method/account.getTmpPassword
func getTmpPassword(w *world, c *caller, now time.Time, q *tg.AccountGetTmpPassword) (*tg.AccountTmpPassword, *refusal) {
	a := c.account()
	if a.password == nil {
		return nil, tmpPasswordDisabled
	}
	if no := a.prove(c, q.Password); no != nil {
		return nil, no
	}
	life := time.Duration(min(max(q.Period, minTmpPassword), maxTmpPassword)) * time.Second
	return &tg.AccountTmpPassword{TmpPassword: w.randomBytes(32), ValidUntil: unix(now.Add(life))}, nil
}
