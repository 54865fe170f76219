package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// signIn answers auth.signIn. After the right code come, by what the number is:
// the account, the question for its password (a refusal, with which the key
// begins to wait for it), or the invitation to sign up.
// https://core.telegram.org/api/auth#sign-in-sign-up
func signIn(w *world, c *caller, now time.Time, q *tg.AuthSignIn) (tg.AnyAuthAuthorization, *refusal) {
	r, no := c.key.requestTo(toSignIn, now, q.PhoneNumber, q.PhoneCodeHash)
	if no != nil {
		return nil, no
	}
	a := w.accounts.byPhone[r.phone]
	if no := r.enterAs(now, a, q); no != nil {
		return nil, no
	}
	if a == nil {
		return w.invite(now, c.key, r)
	}
	r.state = codeDead
	return w.letIn(now, c.key, a, w.newAdmission(false))
}

// enterAs tries the code of a's sign-in, which came to the phone or by mail; a may
// be nil. A mailbox that was proven on the way is a's from now on.
func (r *codeRequest) enterAs(now time.Time, a *account, q *tg.AuthSignIn) (no *refusal) {
	switch {
	case r.channel() != Email:
		no = r.enter(now, q.PhoneCode)
	case a != nil && a.loginEmail != r.email && !r.proven: // it has another one since
		no = phoneCodeExpired
	default:
		no = r.enterByMail(now, q.EmailVerification)
	}
	if no == nil && a != nil && (r.proven || r.channel() == Email) {
		a.setLoginEmail(r.email)
	}
	return no
}
