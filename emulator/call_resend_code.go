package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// resendCode answers auth.resendCode: a new code on the channel that was
// announced as the next one. The hash stays. Nobody is made to wait for the
// timeout, which is advice to those who show a countdown.
// https://core.telegram.org/method/auth.resendCode
func resendCode(w *world, c *caller, now time.Time, q *tg.AuthResendCode) (tg.AnyAuthSentCode, *refusal) {
	r, no := c.key.request(now, q.PhoneNumber, q.PhoneCodeHash)
	switch {
	case no != nil:
		return nil, no
	case r.nextTo == "":
		return nil, sendCodeUnavailable
	}
	w.sendTo(now, r, r.nextTo)
	return sentCode(r), nil
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
