package auth

import (
	"io"
	"strings"
	"time"

	"github.com/telekey/telekey/tg"
)

// ChangeLoginEmail has codes for signing in sent to another mailbox. It asks for
// the code that goes there first. [PasswordInfo] shows the address there is.
//
// Errors: tg.ErrEmailInvalid, tg.ErrEmailNotAllowed; tg.ErrEmailVerifyExpired when
// the code was waited for too long.
//
// https://core.telegram.org/api/auth#email-verification
func ChangeLoginEmail(address string) Task {
	return emailTask{taskLoginEmail, strings.TrimSpace(address), stateSendLoginMail}
}

func (f *Flow) nextSendLoginMail() Step {
	return newCall(&tg.AccountSendVerifyEmailCode{Purpose: &tg.EmailVerifyPurposeLoginChange{}, Email: f.m.Errand.Email})
}

// loginMailSent asks for the code.
//
// https://core.telegram.org/constructor/account.sentEmailCode
func (f *Flow) loginMailSent(_ time.Time, result any) error {
	r, _ := result.(*tg.AccountSentEmailCode)
	if r == nil {
		return unexpected(result, "account.sentEmailCode")
	}
	f.m.Sent = &sentCode{Kind: CodeByEmail, Length: int(r.Length), Detail: r.EmailPattern, Next: CodeByEmail}
	f.first(stateAskLoginMail)
	return nil
}

func (f *Flow) nextAskLoginMail() Step {
	s := f.m.Sent
	return Ask{CodeQuestion{Purpose: ForNewEmail, Kind: s.Kind, Length: s.Length, Detail: s.Detail, Next: s.Next, Wrong: f.m.Wrong, Refused: f.m.Refused}}
}

func (f *Flow) loginMailAnswered(a Answer, _ io.Reader) error {
	switch a := a.(type) {
	case Code:
		f.code = clean(CodeByEmail, a)
		f.to(stateVerifyLoginMail)
	case Resend:
		f.to(stateSendLoginMail)
	case Cancel: // the code expires by itself
		f.fail(ErrCancelled)
		return ErrCancelled
	default:
		return unfit("Code, Resend or Cancel")
	}
	return nil
}

func (f *Flow) nextVerifyLoginMail() Step {
	return newCall(&tg.AccountVerifyEmail{
		Purpose: &tg.EmailVerifyPurposeLoginChange{}, Verification: &tg.EmailVerificationCode{Code: string(f.code)},
	})
}

// loginMailVerified: the answer is the address, in full.
//
// https://core.telegram.org/constructor/account.emailVerified
func (f *Flow) loginMailVerified(_ time.Time, result any) error {
	r, _ := result.(*tg.AccountEmailVerified)
	if r == nil {
		return unexpected(result, "account.emailVerified")
	}
	f.m.Errand.Email = r.Email
	return f.finish()
}

// loginMailRefused asks again for a wrong code.
//
// https://core.telegram.org/method/account.verifyEmail#possible-errors
func (f *Flow) loginMailRefused(e *tg.Error) bool {
	if e.Type != tg.ErrCodeInvalid && e.Type != tg.ErrCodeEmpty {
		return false
	}
	f.m.Wrong++
	f.again(stateAskLoginMail, e)
	return true
}
