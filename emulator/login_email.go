package emulator

import (
	"strings"
	"time"

	"github.com/telekey/telekey/tg"
)

// emailResetWait is how long it takes until a login e-mail is reset. Subscribers
// to Premium need not wait.
// https://core.telegram.org/constructor/auth.sentCodeTypeEmailCode
const emailResetWait = 7 * 24 * time.Hour

// sentByMail describes a code that went to the login e-mail, and how the mailbox
// is done away with by who has lost it.
// https://core.telegram.org/constructor/auth.sentCodeTypeEmailCode
func (w *world) sentByMail(now time.Time, r *codeRequest) *tg.AuthSentCodeTypeEmailCode {
	sent := &tg.AuthSentCodeTypeEmailCode{
		AppleSigninAllowed: true, GoogleSigninAllowed: true,
		EmailPattern: r.email.pattern(), Length: mailLength,
	}
	a := w.accounts.byPhone[r.phone]
	switch {
	case a == nil || a.loginEmail != r.email: // it is only being set up
	case !a.emailReset.IsZero():
		sent.ResetPendingDate = new(unix(a.emailReset))
	default:
		sent.ResetAvailablePeriod = new(int32(seconds(a.emailWait())))
	}
	return sent
}

// emailWait is how long a reset takes that is asked for now.
func (a *account) emailWait() time.Duration {
	if a.premium {
		return 0
	}
	return emailResetWait
}

// finishEmailReset does away with the login e-mail if its time has come.
func (a *account) finishEmailReset(now time.Time) {
	if !a.emailReset.IsZero() && !now.Before(a.emailReset) {
		a.setLoginEmail("")
	}
}

// setLoginEmail makes address the mailbox to which codes go. A reset that was
// asked for is off: it was about the one before, or for somebody who had lost it.
func (a *account) setLoginEmail(address emailAddress) {
	a.loginEmail, a.emailReset = address, time.Time{}
}

// What stands for the tokens of Google and Apple here. Real ones are signed by
// them for one application; here the token of an address is the word with a
// colon, and the address: google:ann@example.com.
const (
	googleToken = "google:"
	appleToken  = "apple:"
)

// vouchedFor returns the address that a token of Google or Apple is about.
// https://core.telegram.org/type/EmailVerification
func vouchedFor(v tg.AnyEmailVerification) (emailAddress, bool) {
	var text, prefix string
	switch v := v.(type) {
	case *tg.EmailVerificationGoogle:
		text, prefix = v.Token, googleToken
	case *tg.EmailVerificationApple:
		text, prefix = v.Token, appleToken
	}
	address, ok := strings.CutPrefix(text, prefix)
	if !ok || prefix == "" {
		return "", false
	}
	return parseEmail(address)
}

// enterByMail tries what proves that r's mailbox is the client's: the code in it,
// or a token.
// https://core.telegram.org/method/auth.signIn
func (r *codeRequest) enterByMail(now time.Time, v tg.AnyEmailVerification) *refusal {
	if v == nil {
		return phoneCodeEmpty
	}
	if code, ok := v.(*tg.EmailVerificationCode); ok {
		return r.enter(now, &code.Code)
	}
	address, ok := vouchedFor(v)
	return r.try(now, ok && address == r.email)
}
