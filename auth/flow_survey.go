package auth

import (
	"errors"
	"time"

	"github.com/telekey/telekey/tg"
)

// What changes a password, or needs one, begins with account.getPassword: it
// tells whether there is a password, how to prove it, and how to hash a new one.
// It is asked again before each call with a proof, because proofs serve once and
// a question may have been open for long.
//
// https://core.telegram.org/api/srp

// ErrNoPassword ends a task that needs an account with a password.
var ErrNoPassword = errors.New("the account has no password")

// surveyed takes what account.getPassword told. What comes next follows from what
// is known by now, so that a flow that was resumed, and has forgotten its secrets,
// finds its way by itself.
func (f *Flow) surveyed(_ time.Time, result any) error {
	p, _ := result.(*tg.AccountPassword)
	if p == nil {
		return unexpected(result, "account.password")
	}
	f.m.Check = nil
	if p.HasPassword {
		c, err := checkOf(p)
		if err != nil {
			return err
		}
		f.m.Check = c
	}
	switch f.task() {
	case taskSetPassword:
		return f.setPassword(p)
	case taskConfirmEmail:
		return f.confirmWaiting(p)
	case taskDeleteAccount:
		if f.m.Check == nil {
			f.to(stateDeleteAccount)
			return nil
		}
	default:
		if f.m.Check == nil {
			return ErrNoPassword
		}
	}
	if f.password.Bytes() == nil {
		f.to(stateAskPassword)
		return nil
	}
	return f.prove()
}

// setPassword asks for the password there is and has it checked at once, asks for
// the new one, and sets it.
func (f *Flow) setPassword(p *tg.AccountPassword) error {
	switch {
	case f.fresh != nil:
		return f.newSettings(p)
	case f.m.Check == nil:
		f.to(stateAskNewPassword)
	case f.password.Bytes() != nil:
		return f.prove()
	default:
		f.to(stateAskPassword)
	}
	return nil
}

// nextCheckOwner proves the password by reading what only its owner may read.
//
// https://core.telegram.org/method/account.getPasswordSettings
func (f *Flow) nextCheckOwner() Step {
	return newCall(&tg.AccountGetPasswordSettings{Password: f.proof})
}

// ownerChecked keeps the password: it is proved once more with the change.
func (f *Flow) ownerChecked(time.Time, any) error {
	f.m.Wrong, f.m.Refused = 0, nil
	f.to(stateAskNewPassword)
	return nil
}

// proofRefused: a wrong password is asked for again, stale parameters are fetched
// anew, once per answer.
//
// https://core.telegram.org/method/account.updatePasswordSettings#possible-errors
func (f *Flow) proofRefused(e *tg.Error) bool {
	switch e.Type {
	case tg.ErrSRPIDInvalid:
		if f.m.Renewed {
			return false
		}
		f.m.Renewed = true
		f.to(stateRenewSurvey)
	case tg.ErrPasswordHashInvalid:
		f.m.Wrong++
		f.forget()
		f.again(stateSurvey, e)
	case tg.ErrSRPPasswordChanged:
		f.forget()
		f.again(stateSurvey, e)
	default:
		return false
	}
	return true
}
