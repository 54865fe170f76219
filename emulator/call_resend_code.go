package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// resendCode answers auth.resendCode: a new code in the way that was announced as
// the next one, once the time has passed that was announced with it. The hash
// stays.
//
// An application that cannot prove what it is to Firebase says why, and need not
// wait.
// https://core.telegram.org/method/auth.resendCode
func resendCode(w *world, c *caller, now time.Time, q *tg.AuthResendCode) (tg.AnyAuthSentCode, *refusal) {
	r, no := c.key.request(now, q.PhoneNumber, q.PhoneCodeHash)
	if no != nil {
		return nil, no
	}
	excused := r.channel() == Firebase && q.Reason != nil && *q.Reason != ""
	if r.next() == "" || now.Before(r.resendAt) && !excused {
		return nil, sendCodeUnavailable
	}
	w.take(now, r, r.at+1)
	return w.sentCode(now, r), nil
}

// cancelCode answers auth.cancelCode: the code and its hash are dead.
// https://core.telegram.org/method/auth.cancelCode
func cancelCode(_ *world, c *caller, now time.Time, q *tg.AuthCancelCode) (bool, *refusal) {
	r, no := c.key.request(now, q.PhoneNumber, q.PhoneCodeHash)
	if no != nil {
		return false, no
	}
	r.state = codeDead
	return true, nil
}

// reportMissingCode answers auth.reportMissingCode, of which nothing follows.
// https://core.telegram.org/method/auth.reportMissingCode
func reportMissingCode(_ *world, c *caller, now time.Time, q *tg.AuthReportMissingCode) (bool, *refusal) {
	_, no := c.key.request(now, q.PhoneNumber, q.PhoneCodeHash)
	return no == nil, no
}
