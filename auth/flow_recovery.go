package auth

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/tg"
)

// A lost password: auth.requestPasswordRecovery sends a code to the recovery
// e-mail, auth.checkRecoveryPassword looks at it, and auth.recoverPassword takes it
// with the new password, or with none.
//
// https://core.telegram.org/api/srp#password-recovery

// hashing is how a new password is to be hashed, as the server told.
type hashing struct {
	Salt1 []byte `json:"salt1"`
	Salt2 []byte `json:"salt2"`
	G     int    `json:"g"`
	P     []byte `json:"p"`
}

func (f *Flow) nextRequestRecovery() Step { return newCall(&tg.AuthRequestPasswordRecovery{}) }

func (f *Flow) recoverySent(_ time.Time, result any) error {
	r, _ := result.(*tg.AuthPasswordRecovery)
	if r == nil {
		return unexpected(result, "auth.passwordRecovery")
	}
	f.m.Mail = &sentMail{Pattern: r.EmailPattern}
	f.first(stateAskRecoveryCode)
	return nil
}

// requestRefused asks for the password after all: there is no mailbox to write to.
//
// https://core.telegram.org/method/auth.requestPasswordRecovery#possible-errors
func (f *Flow) requestRefused(e *tg.Error) bool {
	if e.Type != tg.ErrPasswordRecoveryNa || f.m.Check == nil {
		return false
	}
	f.again(stateAskPassword, e)
	return true
}

func (f *Flow) nextAskRecoveryCode() Step {
	return Ask{CodeQuestion{
		Purpose: ForRecovery, Kind: CodeByEmail, Detail: f.m.Mail.Pattern, Length: f.m.Mail.Length,
		Next: CodeByEmail, Wrong: f.m.Wrong, Refused: f.m.Refused,
	}}
}

func (f *Flow) recoveryCodeAnswered(a Answer, _ io.Reader) error {
	switch a := a.(type) {
	case CodeAnswer:
		f.recovery = clean(CodeByEmail, a)
		f.to(stateCheckRecovery)
	case Resend:
		f.to(stateRequestRecovery)
	case Cancel:
		f.fail(ErrCancelled)
		return ErrCancelled
	default:
		return unfit("Code, Resend or Cancel")
	}
	return nil
}

func (f *Flow) nextCheckRecovery() Step {
	return newCall(&tg.AuthCheckRecoveryPassword{Code: f.recovery.Reveal()})
}

// recoveryChecked fetches how a new password is to be hashed, which may have
// changed since the old one was asked for.
func (f *Flow) recoveryChecked(_ time.Time, result any) error {
	if ok, _ := result.(bool); !ok {
		return unexpected(result, "boolTrue")
	}
	f.first(stateGetHashing)
	return nil
}

// recoveryRefused asks for the code again. One that is too old is only replaced by
// Resend.
//
// https://core.telegram.org/method/auth.checkRecoveryPassword#possible-errors
func (f *Flow) recoveryRefused(e *tg.Error) bool {
	switch e.Type {
	case tg.ErrCodeInvalid, tg.ErrCodeEmpty:
		f.m.Wrong++
	case tg.ErrPasswordRecoveryExpired:
	default:
		return false
	}
	f.dropReplacement()
	f.recovery = CodeAnswer{}
	f.again(stateAskRecoveryCode, e)
	return true
}

func (f *Flow) gotHashing(_ time.Time, result any) error {
	p, _ := result.(*tg.AccountPassword)
	if p == nil {
		return unexpected(result, "account.password")
	}
	// How to hash in a new way need not be known: Skip is an answer all the same.
	f.m.Hashing = nil
	if g, err := newGroup(p.NewAlgo); err == nil {
		f.m.Hashing = &hashing{Salt1: g.Salt1, Salt2: g.Salt2, G: g.G, P: g.P}
	}
	f.to(stateAskReplacement)
	return nil
}

func (f *Flow) nextAskReplacement() Step {
	return Ask{NewPasswordQuestion{MaySkip: true, Refused: f.m.Refused}}
}

func (f *Flow) replacementAnswered(a Answer, random io.Reader) error {
	switch a := a.(type) {
	case NewPassword:
		defer a.Password.Wipe()
		return f.replace(a, random)
	case Skip:
		f.dropReplacement()
		f.to(stateRecoverPassword)
	case Cancel:
		f.fail(ErrCancelled)
		return ErrCancelled
	default:
		return unfit("NewPassword, Skip or Cancel")
	}
	return nil
}

func (f *Flow) replace(n NewPassword, random io.Reader) error {
	h := f.m.Hashing
	switch {
	case n.Password.IsZero():
		return unfit("a password that is not empty")
	case h == nil:
		return unfit("Skip: new passwords are hashed in a way that this version does not know")
	case random == nil:
		return errors.New("got no random source for the password's salt, want one such as crypto/rand.Reader")
	}
	settings, err := newSettings(srp.Group{Salt1: h.Salt1, Salt2: h.Salt2, G: h.G, P: h.P}, n, random)
	if err != nil {
		return fmt.Errorf("the new password: %w", err)
	}
	f.replacement = settings
	f.to(stateRecoverPassword)
	return nil
}

func (f *Flow) nextRecoverPassword() Step {
	return newCall(&tg.AuthRecoverPassword{Code: f.recovery.Reveal(), NewSettings: f.replacement})
}

func (f *Flow) passwordRecovered(_ time.Time, result any) error { return f.authorized(result) }

// recoverRefused asks for another password, or for the code.
//
// https://core.telegram.org/method/auth.recoverPassword#possible-errors
func (f *Flow) recoverRefused(e *tg.Error) bool {
	switch e.Type {
	case tg.ErrNewSettingsInvalid, tg.ErrNewSettingsEmpty:
		f.dropReplacement()
		f.again(stateAskReplacement, e)
		return true
	case tg.ErrNewSaltInvalid:
		f.dropReplacement()
		f.again(stateGetHashing, e)
		return true
	}
	return f.recoveryRefused(e)
}

// dropReplacement wipes the hash of the new password.
func (f *Flow) dropReplacement() {
	if f.replacement != nil {
		clear(f.replacement.NewPasswordHash)
	}
	f.replacement = nil
}
