package auth

import (
	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

// ChangeLoginEmail has codes for signing in sent to another mailbox. It asks for
// the code that goes there first. [PasswordInfo] shows the address there is.
//
// Errors: tg.ErrEmailInvalid, tg.ErrEmailNotAllowed; tg.ErrEmailNotSetup when the
// account has no login e-mail to change.
//
// https://core.telegram.org/api/auth#email-verification
func ChangeLoginEmail(address string) Task { return changeLoginEmail(address) }

type changeLoginEmail string

func (e changeLoginEmail) set(f *Flow) state {
	f.m.Errand.Name, f.m.Email = taskLoginEmail, input.Trim(string(e))
	return stateSendEmailCode
}

// emailPurpose ties an address to this sign-in, or to the account.
//
// https://core.telegram.org/constructor/emailVerifyPurposeLoginSetup
// https://core.telegram.org/constructor/emailVerifyPurposeLoginChange
func (f *Flow) emailPurpose() tg.AnyEmailVerifyPurpose {
	if f.m.Errand != nil {
		return &tg.EmailVerifyPurposeLoginChange{}
	}
	return &tg.EmailVerifyPurposeLoginSetup{PhoneNumber: f.m.Phone, PhoneCodeHash: string(f.m.Sent.Hash)}
}

// emailChanged ends the task: the answer is the address, in full.
//
// https://core.telegram.org/constructor/account.emailVerified
func (f *Flow) emailChanged(result any) error {
	r, _ := result.(*tg.AccountEmailVerified)
	if r == nil {
		return unexpected(result, "account.emailVerified")
	}
	f.m.Errand.Email = r.Email
	return f.finish()
}
