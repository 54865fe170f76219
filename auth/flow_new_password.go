package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
)

// A new password, and the recovery e-mail that may come with it. Nothing of the
// password is sent: it is hashed into what proofs are checked with later.
//
// https://core.telegram.org/api/srp#setting-a-new-2fa-password

// SetPassword gives the account a password, or another one. It asks for the
// present one if there is one ([PasswordQuestion]), then for the new one
// ([NewPasswordQuestion]), and for the code that goes to the recovery address, if
// one is named ([CodeQuestion]). Answering that with [Skip] leaves the address
// unconfirmed, which [Done] says; [Cancel] takes the address back, and the
// password stays as Telegram has it: see [PasswordInfo].
//
// Nobody is signed out by it, but for 24 hours Telegram refuses things that a
// thief of the password would do.
func SetPassword() Task { return plainTask{taskSetPassword, stateSurvey} }

// RemovePassword takes the account's password away. It asks for it.
func RemovePassword() Task { return plainTask{taskRemovePassword, stateSurvey} }

// SetRecoveryEmail names the mailbox by which a lost password can be replaced,
// in place of the one there was; an empty address removes it. It asks for the
// password, and for the code that is sent to the address as [SetPassword] does.
func SetRecoveryEmail(address string) Task { return setRecoveryEmail(address) }

// ConfirmRecoveryEmail asks for the code that was sent to a recovery address some
// time ago: who named it answered [Skip].
func ConfirmRecoveryEmail() Task { return plainTask{taskConfirmEmail, stateSurvey} }

// RecoverPassword replaces a password that is lost, or takes it away, by a code
// that is sent to the recovery e-mail: as a sign-in does when its password is
// answered with [Recover]. Without a recovery e-mail there is [ResetPassword].
//
// Errors: tg.ErrPasswordRecoveryNa when the account has none, tg.ErrPasswordEmpty
// when it has no password.
//
// https://core.telegram.org/api/srp#password-recovery
func RecoverPassword() Task { return plainTask{taskRecoverPassword, stateRequestRecovery} }

// plainTask is a task about which there is nothing more to know.
type plainTask struct {
	name  taskName
	start state
}

func (t plainTask) set(f *Flow) state {
	f.m.Errand.Name = t.name
	return t.start
}

type setRecoveryEmail string

func (e setRecoveryEmail) set(f *Flow) state {
	f.m.Errand.Name, f.m.Errand.Email = taskRecoveryEmail, string(e)
	return stateSurvey
}

func (f *Flow) nextAskNewPassword() Step {
	return Ask{NewPasswordQuestion{
		Changes: f.m.Check != nil, TakesEmail: true, KeepsPassword: f.fresh != nil, Refused: f.m.Errand.Rejected,
	}}
}

func (f *Flow) newPasswordAnswered(a Answer, random io.Reader) error {
	switch a := a.(type) {
	case NewPassword:
		if a.Password.IsZero() && f.fresh == nil || !utf8.Valid(a.Password.Bytes()) || !utf8.ValidString(a.Hint+a.Email) {
			a.Password.Wipe()
			return unfit("a password that is not empty, all in UTF-8")
		}
		return f.newPasswordGiven(a, random)
	case Cancel:
		f.fail(ErrCancelled)
		return ErrCancelled
	}
	return unfit("NewPassword or Cancel")
}

func (f *Flow) newPasswordGiven(a NewPassword, random io.Reader) error {
	if random == nil {
		a.Password.Wipe()
		return errors.New("got no random source for the password's salt, want one such as crypto/rand.Reader")
	}
	seed := make([]byte, spare)
	if _, err := io.ReadFull(random, seed); err != nil {
		a.Password.Wipe()
		return fmt.Errorf("random bytes for the password's salt: %w", err)
	}
	f.seed.Wipe()
	f.seed, f.random = secret.New(seed), bytes.NewReader(seed)
	if a.Password.IsZero() { // only its address was refused
		a.Password, a.Hint = f.fresh.Password, f.fresh.Hint
	} else {
		f.dropFresh()
	}
	f.fresh = &a
	f.m.Renewed, f.m.Errand.Rejected = false, nil
	f.to(stateRenewSurvey)
	return nil
}

// newSettings hashes the new password in the way that Telegram has just named,
// and proves the old one if there is one.
func (f *Flow) newSettings(p *tg.AccountPassword) error {
	settings, err := NewPasswordSettings(p, *f.fresh, f.random)
	if err != nil {
		return err
	}
	f.settings = settings
	if f.fresh.Email != "" {
		f.settings.Email = new(f.fresh.Email)
	}
	if f.m.Check == nil {
		f.to(stateUpdatePassword)
		return nil
	}
	if f.password.Bytes() == nil { // somebody has set a password meanwhile
		f.forget()
		f.first(stateAskPassword)
		return nil
	}
	return f.prove()
}

func (f *Flow) nextUpdatePassword() Step {
	m := &tg.AccountUpdatePasswordSettings{Password: &tg.InputCheckPasswordEmpty{}, NewSettings: f.settings}
	if f.proof != nil {
		m.Password = f.proof
	}
	switch f.task() {
	case taskRemovePassword:
		m.NewSettings = &tg.AccountPasswordInputSettings{
			NewAlgo: &tg.PasswordKdfAlgoUnknown{}, NewPasswordHash: []byte{}, Hint: new(""),
		}
	case taskRecoveryEmail:
		m.NewSettings = &tg.AccountPasswordInputSettings{Email: new(f.m.Errand.Email)}
	}
	return newCall(m)
}

func (f *Flow) passwordUpdated(_ time.Time, result any) error {
	if ok, _ := result.(bool); !ok {
		return unexpected(result, "boolTrue")
	}
	return f.finish()
}

// updateRefused: that the address is not confirmed yet is no refusal, the rest
// has been stored.
//
// https://core.telegram.org/api/srp#email-verification
func (f *Flow) updateRefused(e *tg.Error) bool {
	switch e.Type {
	case tg.ErrEmailUnconfirmed:
		f.mailSent(e.Arg)
	case tg.ErrNewSaltInvalid:
		if f.m.Renewed || f.fresh == nil {
			return false
		}
		f.m.Renewed = true
		f.to(stateRenewSurvey)
	case tg.ErrNewSettingsInvalid, tg.ErrEmailInvalid:
		if f.fresh == nil {
			return false
		}
		f.m.Errand.Rejected = e
		if e.Type != tg.ErrEmailInvalid || f.fresh.Email == "" {
			f.dropFresh()
		}
		f.to(stateAskNewPassword)
	default:
		return f.proofRefused(e)
	}
	return true
}

// dropFresh wipes the new password, and keeps the old one.
func (f *Flow) dropFresh() {
	if f.fresh != nil {
		f.fresh.Password.Wipe()
	}
	if f.settings != nil {
		clear(f.settings.NewPasswordHash)
	}
	f.fresh, f.settings = nil, nil
}
