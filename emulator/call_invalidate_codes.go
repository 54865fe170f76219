package emulator

import (
	"slices"
	"time"

	"github.com/telekey/telekey/tg"
)

// maxAsked bounds the codes for a number that its account can end.
const maxAsked = 100

// remember keeps a code that was sent for a's number, with those that are still
// good for something.
func (a *account) remember(now time.Time, r *codeRequest) {
	a.asked = slices.DeleteFunc(a.asked, func(old *codeRequest) bool { return !old.open(now) })
	if len(a.asked) >= maxAsked {
		a.asked = a.asked[1:]
	}
	a.asked = append(a.asked, r)
}

// invalidateSignInCodes answers account.invalidateSignInCodes: codes that may
// have been shown to somebody, on a screenshot perhaps, sign nobody in any more.
// https://core.telegram.org/method/account.invalidateSignInCodes
func invalidateSignInCodes(_ *world, c *caller, _ time.Time, q *tg.AccountInvalidateSignInCodes) (bool, *refusal) {
	for _, r := range c.account().asked {
		if r.purpose == toSignIn && r.state == codeSent && slices.Contains(q.Codes, r.sent.Code) {
			r.state = codeDead
		}
	}
	return true, nil
}
