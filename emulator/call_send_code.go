package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// sendCode answers auth.sendCode.
//
// A number is served by its home data centre; any other names that one.
// https://core.telegram.org/api/auth#sending-a-verification-code
func sendCode(w *world, c *caller, now time.Time, q *tg.AuthSendCode) (tg.AnyAuthSentCode, *refusal) {
	if q.APIID == 0 || q.APIHash == "" {
		return nil, apiIDInvalid
	}
	phone, ok := parsePhone(q.PhoneNumber)
	if !ok {
		return nil, phoneNumberInvalid
	}
	if home := w.homeOf(phone, c.dc); home != c.dc {
		return nil, phoneMigrate(home)
	}
	switch a := w.accounts.byPhone[phone]; {
	case a != nil && a.banned:
		return nil, phoneNumberBanned
	case a == nil && w.signUp == SignUpForbidden:
		return nil, signUpForbidden
	}
	if a := w.redeem(now, c.key, phone, q.Settings.LogoutTokens); a != nil {
		return w.enterByToken(now, c.key, a)
	}
	if a := w.accounts.byPhone[phone]; a != nil {
		a.home = c.dc
		a.finishEmailReset(now)
		if p := a.password; p != nil {
			w.background(func() { p.verifier() })
		}
	}
	r := w.requestCode(now, c.key, phone, w.waysTo(c.key, phone))
	r.pushed = q.Settings.Token != nil && *q.Settings.Token != ""
	return w.sentCode(now, r), nil
}

// homeOf returns the data centre of a number; here is the one that is asked.
// Where nothing says otherwise, a number is at home where it first turns up.
func (w *world) homeOf(phone phoneNumber, here int) int {
	if a := w.accounts.byPhone[phone]; a != nil && a.home != 0 {
		return a.home
	}
	if x := phone.testCentre(); x != 0 && w.hasCentre(x) {
		return x
	}
	return here
}
