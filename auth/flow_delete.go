package auth

import (
	"fmt"
	"math"
	"time"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

// Deleting the account, and the owner's way to stop somebody else who does.
//
// https://core.telegram.org/api/account-deletion

// DeleteAccount deletes the account, with everything in it, for good; reason may
// be empty. An account without a password goes at once, and nobody is asked. If
// there is one it is asked for ([PasswordQuestion]): with it the account
// goes at once. [Skip] is the way for who has lost it; then an account whose
// password is older than a week and that was used in the last one goes only after
// seven days, [Done] says when, and its owner is told and can stop it
// ([ConfirmPhone]). When that time has come, DeleteAccount with Skip deletes it at
// last. Any other account goes at once, too.
//
// It also works when a sign-in has come as far as the password and no further.
// [Run] notes in the session that nobody is signed in any more.
//
// https://core.telegram.org/method/account.deleteAccount
func DeleteAccount(reason string) Task { return deleteAccount(reason) }

type deleteAccount string

func (r deleteAccount) set(f *Flow) state {
	f.m.Errand.Name, f.m.Errand.Reason = taskDeleteAccount, string(r)
	if len(r) > maxAnswer {
		f.fail(fmt.Errorf("got a reason of %d bytes, want at most %d", len(r), maxAnswer))
		return stateFailed
	}
	return stateSurvey
}

// passwordSkipped goes on without the password, where that is possible.
func (f *Flow) passwordSkipped() error {
	if f.task() != taskDeleteAccount {
		return unfit("Secret or Cancel")
	}
	f.forget()
	f.to(stateDeleteAccount)
	return nil
}

func (f *Flow) nextDeleteAccount() Step {
	m := &tg.AccountDeleteAccount{Reason: f.m.Errand.Reason}
	if f.proof != nil {
		m.Password = f.proof
	}
	return newCall(m)
}

func (f *Flow) accountDeleted(_ time.Time, result any) error {
	if ok, _ := result.(bool); !ok {
		return unexpected(result, "boolTrue")
	}
	return f.finish()
}

// waits takes it for an outcome, and no error, that the account goes later.
//
// https://core.telegram.org/method/account.deleteAccount#possible-errors
func (f *Flow) waits(now time.Time, e *tg.Error) error {
	if f.m.State != stateDeleteAccount || e.Arg < 1 || e.Arg >= math.MaxInt32 {
		return explained(e)
	}
	f.m.Errand.Until = now.UTC().Round(0).Add(time.Duration(e.Arg) * time.Second)
	return f.finish()
}

// ConfirmPhone stops the deletion of the account that somebody without its
// password has asked for, and signs that one out. link is the one in Telegram's
// message about it, tg://confirmphone?phone=…&hash=…; a code is sent to the
// number, and asked for.
//
// Errors: tg.ErrHashInvalid when the link is too old, or that of another account.
//
// https://core.telegram.org/api/links#phone-confirmation-links
func ConfirmPhone(link string) Task { return confirmPhone(link) }

// confirmPhone is a link. Its hash makes a code worth something: it does not
// print.
type confirmPhone string

func (l confirmPhone) set(f *Flow) state {
	f.m.Errand.Name = taskConfirmPhone
	phone, hash, err := input.ConfirmLink(string(l))
	if err != nil {
		f.fail(err)
		return stateFailed
	}
	f.m.Phone, f.m.Errand.Hash = phone, []byte(hash)
	return stateSendConfirmCode
}

func (f *Flow) nextSendConfirmCode() Step {
	return newCall(&tg.AccountSendConfirmPhoneCode{Hash: string(f.m.Errand.Hash), Settings: &tg.CodeSettings{}})
}

func (f *Flow) nextConfirmPhone() Step {
	return newCall(&tg.AccountConfirmPhone{PhoneCodeHash: string(f.m.Sent.Hash), PhoneCode: f.code.Reveal()})
}

func (f *Flow) phoneConfirmed(_ time.Time, result any) error {
	if ok, _ := result.(bool); !ok {
		return unexpected(result, "boolTrue")
	}
	return f.finish()
}
