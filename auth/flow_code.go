package auth

import (
	"io"
	"time"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

// Signing in by code: auth.sendCode brings a hash and sends the owner of the
// number a code, auth.signIn shows both. auth.resendCode has it sent in the next
// way, auth.cancelCode takes it back.
//
// https://core.telegram.org/api/auth

func (f *Flow) nextSendCode() Step {
	return newCall(&tg.AuthSendCode{PhoneNumber: f.m.Phone, Settings: &tg.CodeSettings{}})
}

// codeSent takes the answer of auth.sendCode and auth.resendCode.
//
// https://core.telegram.org/type/auth.SentCode
func (f *Flow) codeSent(now time.Time, result any) error {
	switch r := result.(type) {
	case *tg.AuthSentCode:
		if r == nil {
			break
		}
		return f.askForCode(describe(now, r), r.Type)
	case *tg.AuthSentCodeSuccess:
		if r != nil && f.m.Errand == nil {
			return f.authorized(r.Authorization)
		}
	case *tg.AuthSentCodePaymentRequired:
		if r != nil {
			f.payFor(r)
			return nil
		}
	}
	return unexpected(result, "auth.sentCode")
}

// askForCode asks for the code that was sent; or for a login e-mail, which Telegram
// wants of who signs in, and which nothing else than a sign-in goes through.
func (f *Flow) askForCode(s *sentCode, sent tg.AnyAuthSentCodeType) error {
	_, wantsEmail := sent.(*tg.AuthSentCodeTypeSetUpEmailRequired)
	switch {
	case wantsEmail && f.m.Errand != nil:
		return unexpected(sent, "a code that was sent")
	case f.m.Errand != nil:
		s.Google, s.Apple, s.ResetAfter, s.ResetAt = false, false, 0, time.Time{}
	}
	f.m.Sent = s
	if f.first(stateAskCode); wantsEmail {
		f.first(stateAskEmail)
	}
	return nil
}

// sendCodeRefused asks for the number again, if a person typed it.
func (f *Flow) sendCodeRefused(e *tg.Error) bool {
	if e.Type != tg.ErrPhoneNumberInvalid || !f.m.Typed {
		return false
	}
	f.again(stateAskPhone, e)
	return true
}

func (f *Flow) nextAskCode() Step { return Ask{f.codeQuestion()} }

func (f *Flow) codeQuestion() CodeQuestion {
	s := f.m.Sent
	return CodeQuestion{
		Purpose: f.route().code, Phone: "+" + f.m.Phone, Kind: s.Kind, Length: s.Length, Detail: s.Detail,
		Next: s.Next, ResendAt: s.ResendAt, Firebase: s.Firebase,
		Google: s.Google, Apple: s.Apple, ResetAfter: s.ResetAfter, ResetAt: s.ResetAt,
		Wrong: f.m.Wrong, Refused: f.m.Refused,
	}
}

func (f *Flow) codeAnswered(a Answer, _ io.Reader) error {
	s := f.m.Sent
	switch a := a.(type) {
	case CodeAnswer:
		f.code = clean(s.Kind, a)
		f.to(f.route().show)
		return nil
	case Resend:
		f.to(stateResendCode)
		// The hash of an expired code is dead: a new code is a new auth.sendCode.
		// https://core.telegram.org/method/auth.resendCode#possible-errors
		if e := f.m.Refused; e != nil && e.Type == tg.ErrPhoneCodeExpired {
			f.to(f.route().send)
		}
		return nil
	case Cancel:
		f.to(stateCancelCode)
		return nil
	case Missing:
		f.m.MNC = a.MNC
		f.to(stateReportMissing)
		return nil
	case DeviceProof:
		if s.Firebase != nil {
			f.device = a
			f.to(stateRequestFirebase)
			return nil
		}
	case ResetEmail:
		if resets(f.codeQuestion()) {
			f.to(stateResetEmail)
			return nil
		}
	default:
		if v := vouched(a, s.Google, s.Apple); v != nil {
			f.mailbox = v
			f.to(stateSignIn)
			return nil
		}
	}
	return unfit(takes(f.codeQuestion()))
}

// takes says what a question for a code takes.
func takes(q CodeQuestion) string {
	list := "Code, "
	if q.Firebase != nil {
		list += "DeviceProof, "
	}
	if q.Google {
		list += "GoogleToken, "
	}
	if q.Apple {
		list += "AppleToken, "
	}
	if resets(q) {
		list += "ResetEmail, "
	}
	return list + "Resend or Cancel"
}

// resets reports whether a question takes ResetEmail.
func resets(q CodeQuestion) bool { return q.Kind == CodeByEmail && q.Purpose == ForSignIn }

// clean drops what people type between the digits of a code; a code by e-mail is
// most often digits, too. Everything else is Telegram's to judge.
func clean(kind CodeKind, c CodeAnswer) CodeAnswer {
	if kind.digits() || kind == CodeByEmail {
		return Code(input.Code(c.Reveal()))
	}
	return Code(input.Trim(c.Reveal()))
}

// nextSignIn shows the code: as the phone's, or as the proof of a mailbox.
//
// https://core.telegram.org/method/auth.signIn
func (f *Flow) nextSignIn() Step {
	m := &tg.AuthSignIn{PhoneNumber: f.m.Phone, PhoneCodeHash: string(f.m.Sent.Hash)}
	switch {
	case f.mailbox != nil:
		m.EmailVerification = f.mailbox
	case f.m.Sent.Kind == CodeByEmail:
		m.EmailVerification = &tg.EmailVerificationCode{Code: f.code.Reveal()}
	default:
		m.PhoneCode = new(f.code.Reveal())
	}
	return newCall(m)
}

func (f *Flow) signedIn(_ time.Time, result any) error {
	if r, _ := result.(*tg.AuthAuthorizationSignUpRequired); r != nil {
		f.signUp(r.TermsOfService)
		return nil
	}
	return f.authorized(result)
}

// codeRefused asks again. How often is for Telegram to limit: it ends with
// PHONE_CODE_EXPIRED or FLOOD_WAIT.
//
// https://core.telegram.org/method/auth.signIn#possible-errors
func (f *Flow) codeRefused(e *tg.Error) bool {
	switch e.Type {
	case tg.ErrPhoneCodeInvalid, tg.ErrPhoneCodeEmpty, tg.ErrCodeInvalid, tg.ErrCodeEmpty:
		f.m.Wrong++
		f.again(stateAskCode, e)
	case tg.ErrPhoneCodeExpired, tg.ErrEmailVerifyExpired:
		f.again(stateAskCode, e)
	case tg.ErrPhoneNumberUnoccupied: // how older servers say that sign-up is required
		f.signUp(nil)
	default:
		return false
	}
	return true
}

func (f *Flow) nextResendCode() Step {
	return newCall(&tg.AuthResendCode{PhoneNumber: f.m.Phone, PhoneCodeHash: string(f.m.Sent.Hash)})
}

// resendRefused: who asks for another code gets a new one if the old one has
// expired meanwhile, and is told if there is none to be had.
//
// https://core.telegram.org/method/auth.resendCode#possible-errors
func (f *Flow) resendRefused(e *tg.Error) bool {
	switch e.Type {
	case tg.ErrPhoneCodeExpired:
		f.to(f.route().send)
	case tg.ErrSendCodeUnavailable:
		f.again(stateAskCode, e)
	default:
		return false
	}
	return true
}

func (f *Flow) nextCancelCode() Step {
	return newCall(&tg.AuthCancelCode{PhoneNumber: f.m.Phone, PhoneCodeHash: string(f.m.Sent.Hash)})
}

// cancelled ends the flow whatever came of taking the code back: who gives up
// is not to be held up, and an unused code expires by itself.
func (f *Flow) cancelled(time.Time, any) error { return ErrCancelled }
