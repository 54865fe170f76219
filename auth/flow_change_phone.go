package auth

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// Codes that are not for signing in: the one that goes to a new number of the
// account, and the one that stops its deletion. They travel, are sent again and
// taken back as those of a sign-in are; only who sends and who takes them differs.
//
// https://core.telegram.org/api/auth#confirming-phone-number

// ChangePhone moves the account to another number, to which a code is sent. Of
// number is written as for [Phone]; if it is empty it is asked for. [Run] notes the
// new number in the session.
//
// Errors: a [*TooFreshError] while this login is younger than 24 hours;
// tg.ErrPhoneNumberOccupied when the number has an account; tg.ErrPhoneNumberBanned.
//
// https://core.telegram.org/method/account.sendChangePhoneCode
func ChangePhone(number string) Task { return changePhone(number) }

type changePhone string

func (p changePhone) set(f *Flow) state {
	f.m.Errand.Name = taskChangePhone
	return f.number(string(p), stateSendChangeCode)
}

func (f *Flow) nextSendChangeCode() Step {
	return newCall(&tg.AccountSendChangePhoneCode{PhoneNumber: f.m.Phone, Settings: &tg.CodeSettings{}})
}

// sendChangeRefused asks for the number again, if a person typed it; and for how
// old this login is, if that is what is wrong.
//
// https://core.telegram.org/method/account.sendChangePhoneCode#possible-errors
func (f *Flow) sendChangeRefused(e *tg.Error) bool {
	if tellsNotWhen(e) {
		f.m.Errand.Fresh = e
		f.to(stateFreshSince)
		return true
	}
	return f.sendCodeRefused(e)
}

func (f *Flow) nextChangePhone() Step {
	return newCall(&tg.AccountChangePhone{
		PhoneNumber: f.m.Phone, PhoneCodeHash: string(f.m.Sent.Hash), PhoneCode: f.code.Reveal(),
	})
}

// phoneChanged: the answer is the user, with the new number.
//
// https://core.telegram.org/method/account.changePhone
func (f *Flow) phoneChanged(_ time.Time, result any) error {
	user, _ := result.(tg.AnyUser)
	u, err := asUser(user)
	if err != nil {
		return err
	}
	f.user = u
	return f.finish()
}

// changeRefused: a login may also be too new for the last step.
func (f *Flow) changeRefused(e *tg.Error) bool {
	if tellsNotWhen(e) {
		return f.sendChangeRefused(e)
	}
	return f.taskCodeRefused(e)
}

// taskCodeRefused asks again for a wrong code, as codeRefused does: but nobody
// signs up here.
//
// https://core.telegram.org/method/account.changePhone#possible-errors
func (f *Flow) taskCodeRefused(e *tg.Error) bool {
	return e.Type != tg.ErrPhoneNumberUnoccupied && f.codeRefused(e)
}

// nextFreshSince asks since when this login is there: the refusal of a login that
// is too new does not say until when.
func (f *Flow) nextFreshSince() Step { return newCall(&tg.AccountGetAuthorizations{}) }

// freshSince ends the flow, whatever came of asking.
func (f *Flow) freshSince(now time.Time, result any) error {
	var since time.Time
	if answer, _ := result.(*tg.AccountAuthorizations); answer != nil {
		since = currentSince(devicesIn(answer))
	}
	return explainedAt(now, since, f.m.Errand.Fresh)
}
