package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// sendVerifyEmailCode answers account.sendVerifyEmailCode: a code goes to the
// mailbox that is to be proven.
// https://core.telegram.org/api/auth#email-verification
func sendVerifyEmailCode(w *world, c *caller, now time.Time, q *tg.AccountSendVerifyEmailCode) (*tg.AccountSentEmailCode, *refusal) {
	address, ok := parseEmail(q.Email)
	if setup, login := q.Purpose.(*tg.EmailVerifyPurposeLoginSetup); login {
		r, no := c.setup(now, setup)
		switch {
		case no != nil:
			return nil, no
		case !ok:
			return nil, emailInvalid
		}
		r.setup = w.mailTo(now, r.phone, address)
		r.until = r.setup.sent.ExpiresAt
		return sentEmailCode(address), nil
	}
	purpose, no := c.mailPurpose(q.Purpose)
	switch {
	case no != nil:
		return nil, no
	case !ok:
		return nil, emailInvalid
	}
	c.key.mails[purpose] = w.mailTo(now, c.account().phone, address)
	return sentEmailCode(address), nil
}

func sentEmailCode(address emailAddress) *tg.AccountSentEmailCode {
	return &tg.AccountSentEmailCode{EmailPattern: address.pattern(), Length: mailLength}
}

// setup returns the request for a code that waits for a login e-mail.
func (c *caller) setup(now time.Time, p *tg.EmailVerifyPurposeLoginSetup) (*codeRequest, *refusal) {
	r, no := c.key.request(now, p.PhoneNumber, p.PhoneCodeHash)
	switch {
	case no == phoneNumberInvalid:
		return nil, no
	case no != nil, r.channel() != EmailSetup:
		return nil, phoneHashExpired
	}
	return r, nil
}

// mailPurpose returns what somebody who is signed in wants to prove a mailbox
// for. A login e-mail is only changed where there is one.
// https://core.telegram.org/method/account.sendVerifyEmailCode#possible-errors
func (c *caller) mailPurpose(p tg.AnyEmailVerifyPurpose) (mailPurpose, *refusal) {
	switch {
	case c.key.login == nil && c.key.pending != nil:
		return 0, sessionPasswordNeeded
	case c.key.login == nil:
		return 0, authKeyUnregistered
	case c.account().bot != nil:
		return 0, botMethodInvalid
	case c.account().frozen != nil:
		return 0, frozenMethodInvalid
	}
	if _, passport := p.(*tg.EmailVerifyPurposePassport); passport {
		return mailPassport, nil
	}
	if c.account().loginEmail == "" {
		return 0, emailNotSetup
	}
	return mailLogin, nil
}

// verifyEmail answers account.verifyEmail: the mailbox is proven, by the code in
// it or by a token. Who was signing in goes on with another code.
// https://core.telegram.org/method/account.verifyEmail
func verifyEmail(w *world, c *caller, now time.Time, q *tg.AccountVerifyEmail) (tg.AnyAccountEmailVerified, *refusal) {
	if setup, login := q.Purpose.(*tg.EmailVerifyPurposeLoginSetup); login {
		r, no := c.setup(now, setup)
		if no != nil {
			return nil, no
		}
		address, no := r.setup.verify(now, q.Verification)
		if no != nil {
			return nil, no
		}
		r.email, r.proven, r.setup = address, true, nil
		if r.at+1 == len(r.ways) {
			r.ways = append(r.ways, Email)
		}
		w.take(now, r, r.at+1)
		return &tg.AccountEmailVerifiedLogin{Email: string(address), SentCode: w.sentCode(now, r)}, nil
	}
	purpose, no := c.mailPurpose(q.Purpose)
	if no != nil {
		return nil, no
	}
	address, no := c.key.mails[purpose].verify(now, q.Verification)
	if no != nil {
		return nil, no
	}
	c.key.mails[purpose] = nil
	if purpose == mailLogin {
		c.account().setLoginEmail(address)
		w.log.Info("login e-mail changed", "phone", c.account().phone)
	}
	return &tg.AccountEmailVerified{Email: string(address)}, nil
}

// verify returns the address that is proven. Tokens speak for themselves: no code
// need have gone there.
func (m *mailCode) verify(now time.Time, v tg.AnyEmailVerification) (emailAddress, *refusal) {
	code, typed := v.(*tg.EmailVerificationCode)
	if !typed {
		address, ok := vouchedFor(v)
		if !ok {
			return "", emailInvalid
		}
		return address, nil
	}
	switch {
	case !m.open(now):
		return "", emailVerifyExpired
	case !m.fits(code.Code):
		return "", codeInvalid
	}
	return m.address, nil
}

// resetLoginEmail answers auth.resetLoginEmail: who has lost the mailbox is sent a
// text message, at once or after a week. It cannot be asked for twice.
// https://core.telegram.org/method/auth.resetLoginEmail
func resetLoginEmail(w *world, c *caller, now time.Time, q *tg.AuthResetLoginEmail) (tg.AnyAuthSentCode, *refusal) {
	r, no := c.key.request(now, q.PhoneNumber, q.PhoneCodeHash)
	if no != nil {
		return nil, no
	}
	a := w.accounts.byPhone[r.phone]
	if r.channel() != Email || a == nil || a.loginEmail == "" {
		return nil, emailNotSetup
	}
	pending := !a.emailReset.IsZero()
	if !pending {
		a.emailReset = now.Add(a.emailWait())
	}
	a.finishEmailReset(now)
	switch {
	case a.loginEmail == "":
		r.email, r.ways = "", []Channel{SMS, Call}
		w.take(now, r, 0)
	case pending:
		return nil, taskAlreadyExists
	default:
		w.notify(now, a, "The login e-mail of this account will be reset. If that was not you, change it.")
	}
	return w.sentCode(now, r), nil
}
