package auth

import (
	"io"
	"time"

	"github.com/telekey/telekey/tg"
)

// A recovery address counts when its owner has shown the code that was sent to
// it.
//
// https://core.telegram.org/api/srp#email-verification

// mailSent goes on with the code that was sent to the address.
func (f *Flow) mailSent(length int) {
	address := f.m.Errand.Email
	if f.fresh != nil {
		address = f.fresh.Email
	}
	f.forget()
	f.m.Errand.Email = address
	f.m.Sent = &sentCode{Kind: CodeByEmail, Length: length, Detail: address, Next: CodeByEmail}
	f.first(stateAskMailCode)
}

// confirmWaiting asks for the code of an address that waits for one.
func (f *Flow) confirmWaiting(p *tg.AccountPassword) error {
	if text(p.EmailUnconfirmedPattern) == "" {
		return explained(tg.NewError(400, string(tg.ErrEmailHashExpired)))
	}
	f.m.Errand.Email = text(p.EmailUnconfirmedPattern)
	f.mailSent(0)
	return nil
}

func (f *Flow) nextAskMailCode() Step {
	s := f.m.Sent
	return Ask{CodeQuestion{Purpose: ForRecoveryEmail, Kind: s.Kind, Length: s.Length, Detail: s.Detail, Next: s.Next, MaySkip: true, Wrong: f.m.Wrong, Refused: f.m.Refused}}
}

func (f *Flow) mailCodeAnswered(a Answer, _ io.Reader) error {
	switch a := a.(type) {
	case CodeAnswer:
		f.code = clean(CodeByEmail, a)
		f.to(stateConfirmMail)
	case Resend:
		f.to(stateResendMail)
	case Skip:
		f.m.Errand.Unconfirmed = true
		return f.finish()
	case Cancel:
		f.to(stateCancelMail)
	default:
		return unfit("Code, Resend, Skip or Cancel")
	}
	return nil
}

func (f *Flow) nextConfirmMail() Step {
	return newCall(&tg.AccountConfirmPasswordEmail{Code: f.code.Reveal()})
}

func (f *Flow) mailConfirmed(_ time.Time, result any) error {
	if ok, _ := result.(bool); !ok {
		return unexpected(result, "boolTrue")
	}
	return f.finish()
}

// mailCodeRefused asks again for a wrong code. One that is too old ends the
// task: the address has to be named again.
//
// https://core.telegram.org/method/account.confirmPasswordEmail#possible-errors
func (f *Flow) mailCodeRefused(e *tg.Error) bool {
	if e.Type != tg.ErrCodeInvalid && e.Type != tg.ErrCodeEmpty {
		return false
	}
	f.m.Wrong++
	f.again(stateAskMailCode, e)
	return true
}

func (f *Flow) nextResendMail() Step { return newCall(&tg.AccountResendPasswordEmail{}) }

func (f *Flow) mailResent(time.Time, any) error {
	f.first(stateAskMailCode)
	return nil
}

// nextCancelMail takes the address back; see cancelled.
func (f *Flow) nextCancelMail() Step { return newCall(&tg.AccountCancelPasswordEmail{}) }
