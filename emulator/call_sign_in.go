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
	r, no := c.key.request(now, q.PhoneNumber, q.PhoneCodeHash)
	if no != nil {
		return nil, no
	}
	if r.channel() == Email {
		no = r.enterByMail(now, q.EmailVerification)
	} else {
		no = r.enter(now, q.PhoneCode)
	}
	if no != nil {
		return nil, no
	}
	a := w.accounts.byPhone[r.phone]
	if a != nil && r.channel() == Email {
		a.setLoginEmail(r.email)
	}
	switch {
	case a == nil:
		return w.invite(now, c.key, r)
	case a.password != nil:
		r.state = codeDead
		c.key.leave()
		c.key.pending = a
		return nil, sessionPasswordNeeded
	}
	r.state = codeDead
	return w.enter(now, c.key, a), nil
}
