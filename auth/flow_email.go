package auth

import (
	"io"
	"time"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

// The login e-mail: where Telegram wants one it comes before everything else, by
// account.sendVerifyEmailCode and account.verifyEmail; later its mailbox gets the
// codes. The task that changes it goes through the same calls, for another purpose.
// auth.resetLoginEmail takes it away from who has lost the mailbox.
//
// https://core.telegram.org/api/auth#email-verification

// sentMail is what is remembered of a code that was sent to a mailbox.
type sentMail struct {
	Pattern string `json:"pattern"` // of the address
	Length  int    `json:"length,omitempty"`
}

// vouched is an answer in which Google or Apple say whose mailbox it is, if that
// is taken.
func vouched(a Answer, google, apple bool) tg.AnyEmailVerification {
	switch a := a.(type) {
	case GoogleTokenAnswer:
		if google {
			return &tg.EmailVerificationGoogle{Token: a.Reveal()}
		}
	case AppleTokenAnswer:
		if apple {
			return &tg.EmailVerificationApple{Token: a.Reveal()}
		}
	}
	return nil
}

func (f *Flow) nextAskEmail() Step {
	return Ask{EmailQuestion{Google: f.m.Sent.Google, Apple: f.m.Sent.Apple, Refused: f.m.Refused}}
}

func (f *Flow) emailAnswered(a Answer, _ io.Reader) error {
	switch a := a.(type) {
	case Email:
		if f.m.Email = input.Trim(string(a)); f.m.Email == "" {
			return unfit("an address")
		}
		f.to(stateSendEmailCode)
		return nil
	case Cancel:
		f.to(stateCancelCode)
		return nil
	}
	if f.mailbox = vouched(a, f.m.Sent.Google, f.m.Sent.Apple); f.mailbox == nil {
		return unfit("Email, Cancel, or a token of a company that the question names")
	}
	f.m.Mail = nil
	f.to(stateVerifyEmail)
	return nil
}

func (f *Flow) nextSendEmailCode() Step {
	return newCall(&tg.AccountSendVerifyEmailCode{Purpose: f.emailPurpose(), Email: f.m.Email})
}

func (f *Flow) emailCodeSent(_ time.Time, result any) error {
	r, _ := result.(*tg.AccountSentEmailCode)
	if r == nil {
		return unexpected(result, "account.sentEmailCode")
	}
	f.m.Mail = &sentMail{Pattern: r.EmailPattern, Length: int(r.Length)}
	f.first(stateAskEmailCode)
	return nil
}

func (f *Flow) nextAskEmailCode() Step {
	q := CodeQuestion{
		Purpose: ForNewEmail, Kind: CodeByEmail, Length: f.m.Mail.Length, Detail: f.m.Mail.Pattern,
		Next: CodeByEmail, Wrong: f.m.Wrong, Refused: f.m.Refused,
	}
	if f.m.Errand == nil {
		q.Purpose, q.Phone = ForEmail, "+"+f.m.Phone
	}
	return Ask{q}
}

func (f *Flow) emailCodeAnswered(a Answer, _ io.Reader) error {
	switch a := a.(type) {
	case CodeAnswer:
		f.mailbox = &tg.EmailVerificationCode{Code: clean(CodeByEmail, a).Reveal()}
		f.to(stateVerifyEmail)
	case Resend:
		f.to(stateSendEmailCode)
	case Cancel:
		if f.m.Errand != nil { // the code expires by itself
			f.fail(ErrCancelled)
			return ErrCancelled
		}
		f.to(stateCancelCode)
	default:
		return unfit("Code, Resend or Cancel")
	}
	return nil
}

func (f *Flow) nextVerifyEmail() Step {
	return newCall(&tg.AccountVerifyEmail{Purpose: f.emailPurpose(), Verification: f.mailbox})
}

// emailVerified goes on with the sign-in, by the code that comes with the answer.
//
// https://core.telegram.org/constructor/account.emailVerifiedLogin
func (f *Flow) emailVerified(now time.Time, result any) error {
	if f.m.Errand != nil {
		return f.emailChanged(result)
	}
	r, _ := result.(*tg.AccountEmailVerifiedLogin)
	if r == nil {
		return unexpected(result, "account.emailVerifiedLogin")
	}
	return f.codeSent(now, r.SentCode)
}

// emailRefused asks again: for the code if one was sent and is wrong, else for the
// address. Who took too long over it begins anew.
//
// https://core.telegram.org/method/account.verifyEmail#possible-errors
func (f *Flow) emailRefused(e *tg.Error) bool {
	switch e.Type {
	case tg.ErrCodeInvalid, tg.ErrCodeEmpty:
		f.m.Wrong++
		fallthrough
	case tg.ErrEmailVerifyExpired:
		if f.m.Mail != nil {
			f.again(stateAskEmailCode, e)
			return true
		}
		return f.anotherEmail(e)
	case tg.ErrEmailInvalid, tg.ErrEmailNotAllowed:
		return f.anotherEmail(e)
	case tg.ErrPhoneHashExpired, tg.ErrPhoneCodeExpired:
		if f.m.Errand != nil || f.m.Restarts >= maxRestarts {
			return false
		}
		f.m.Restarts++
		f.restart(f.m.Start)
	default:
		return false
	}
	return true
}

// anotherEmail asks for another address; that of a task was the caller's.
func (f *Flow) anotherEmail(e *tg.Error) bool {
	if f.m.Errand != nil {
		return false
	}
	f.again(stateAskEmail, e)
	return true
}

func (f *Flow) nextResetEmail() Step {
	return newCall(&tg.AuthResetLoginEmail{PhoneNumber: f.m.Phone, PhoneCodeHash: string(f.m.Sent.Hash)})
}

// resetRefused: that it was asked for already is told with the question.
//
// https://core.telegram.org/method/auth.resetLoginEmail#possible-errors
func (f *Flow) resetRefused(e *tg.Error) bool {
	if e.Code != 400 || e.Type == tg.ErrPhoneNumberInvalid {
		return false
	}
	f.again(stateAskCode, e)
	return true
}
