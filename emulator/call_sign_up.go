package emulator

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

// maxName is the length of a name, in characters.
const maxName = 64

// signUp answers auth.signUp: it makes the account that signIn missed. A wrong
// name may be put right with the same code.
// https://core.telegram.org/api/auth#sign-in-sign-up
func signUp(w *world, c *caller, now time.Time, q *tg.AuthSignUp) (tg.AnyAuthAuthorization, *refusal) {
	r, no := c.key.requestTo(toSignIn, now, q.PhoneNumber, q.PhoneCodeHash)
	if no != nil {
		return nil, no
	}
	// A name of nothing that shows is none (inferred from what TDLib sends).
	first, last := strings.TrimSpace(q.FirstName), strings.TrimSpace(q.LastName)
	switch {
	case w.accounts.byPhone[r.phone] != nil:
		return nil, phoneNumberOccupied
	// The code has to be typed in before.
	case r.state != codeVerified && r.wrong == 0:
		return nil, phoneCodeEmpty
	case r.state != codeVerified:
		return nil, phoneCodeInvalid
	case input.NameIsBlank(first) || !isName(first):
		return nil, firstNameInvalid
	case !isName(last):
		return nil, lastNameInvalid
	case len(w.accounts.order) >= maxAccounts:
		return nil, phoneNumberFlood
	}
	r.state = codeDead
	a := w.addAccount(r.phone, first, last, c.dc)
	if r.proven {
		a.setLoginEmail(r.email)
	}
	return w.enter(now, c.key, a, w.newAdmission(false)), nil
}

func isName(s string) bool { return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxName }
