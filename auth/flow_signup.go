package auth

import (
	"io"
	"time"
	"unicode/utf8"

	"github.com/telekey/telekey/tg"
)

// Signing up: the code was right and the number has no account. Terms first, so
// that nobody gets an account under terms that were not seen, then the name,
// then the calls. Telegram itself lets only its own apps do this.
//
// https://core.telegram.org/api/auth#sign-up

// terms are the terms of service that the new account is under.
type terms struct {
	ID     []byte `json:"id"`
	Text   string `json:"text"`
	MinAge int    `json:"min_age,omitempty"`
	Popup  bool   `json:"popup,omitempty"`
}

// signUp goes on with the sign-up, under terms if there are any.
func (f *Flow) signUp(tos *tg.HelpTermsOfService) {
	f.m.Terms = nil
	if tos == nil {
		f.first(stateAskName)
		return
	}
	f.m.Terms = &terms{Text: tos.Text, Popup: tos.Popup}
	if tos.ID != nil {
		f.m.Terms.ID = []byte(tos.ID.Data)
	}
	if tos.MinAgeConfirm != nil {
		f.m.Terms.MinAge = int(*tos.MinAgeConfirm)
	}
	f.first(stateAskTerms)
}

func (f *Flow) nextAskTerms() Step {
	t := f.m.Terms
	return Ask{TermsQuestion{Text: t.Text, MinAge: t.MinAge, Popup: t.Popup}}
}

func (f *Flow) termsAnswered(a Answer, _ io.Reader) error {
	switch a.(type) {
	case Accept:
		f.first(stateAskName)
	case Cancel:
		f.to(stateCancelCode)
	default:
		return unfit("Accept or Cancel")
	}
	return nil
}

func (f *Flow) nextAskName() Step { return Ask{NameQuestion{Refused: f.m.Refused}} }

func (f *Flow) nameAnswered(a Answer, _ io.Reader) error {
	switch a := a.(type) {
	case Name:
		if !utf8.ValidString(a.First + a.Last) {
			return unfit("a name in UTF-8")
		}
		f.m.Name = a
		f.to(stateSignUp)
	case Cancel:
		f.to(stateCancelCode)
	default:
		return unfit("Name or Cancel")
	}
	return nil
}

func (f *Flow) nextSignUp() Step {
	return newCall(&tg.AuthSignUp{
		PhoneNumber: f.m.Phone, PhoneCodeHash: string(f.m.Sent.Hash),
		FirstName: f.m.Name.First, LastName: f.m.Name.Last,
	})
}

func (f *Flow) signedUp(_ time.Time, result any) error {
	if err := f.authorized(result); err != nil {
		return err
	}
	if f.m.Terms != nil {
		f.to(stateAcceptTerms)
	}
	return nil
}

// signUpRefused asks for another name; or for the code, which may have expired
// while the name was thought about.
//
// https://core.telegram.org/method/auth.signUp#possible-errors
func (f *Flow) signUpRefused(e *tg.Error) bool {
	switch e.Type {
	case tg.ErrFirstnameInvalid, tg.ErrLastnameInvalid:
		f.again(stateAskName, e)
		return true
	case tg.ErrPhoneCodeInvalid, tg.ErrPhoneCodeEmpty, tg.ErrPhoneCodeExpired:
		return f.codeRefused(e)
	}
	return false
}

// nextAcceptTerms tells Telegram that the terms were accepted: only an account
// can do that.
//
// https://core.telegram.org/method/help.acceptTermsOfService
func (f *Flow) nextAcceptTerms() Step {
	return newCall(&tg.HelpAcceptTermsOfService{ID: &tg.DataJSON{Data: string(f.m.Terms.ID)}})
}

// termsAccepted is the end even if Telegram did not take it: the account is
// there and signed in, and its terms come up again by
// help.getTermsOfServiceUpdate.
func (f *Flow) termsAccepted(time.Time, any) error { return f.finish() }
