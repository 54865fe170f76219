package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
)

// Two-step verification: account.getPassword brings the parameters of one
// attempt, auth.checkPassword a proof made with them. The parameters come before
// the question, so that a flow that waits for a password can be marshalled; they
// serve once, so each attempt fetches its own.
//
// https://core.telegram.org/api/srp#checking-the-password-with-srp

// check is what account.getPassword told.
type check struct {
	Hint        string    `json:"hint,omitempty"`
	HasRecovery bool      `json:"has_recovery,omitempty"`
	ResetAt     time.Time `json:"reset_at,omitzero"`

	ID    int64  `json:"id,string"`
	G     int    `json:"g"`
	P     []byte `json:"p"`
	Salt1 []byte `json:"salt1"`
	Salt2 []byte `json:"salt2"`
	GB    []byte `json:"gb"`
}

func (f *Flow) nextGetPassword() Step { return newCall(&tg.AccountGetPassword{}) }

// gotPassword asks for the password; or makes the proof anew, if the password
// has been given and only its parameters were stale.
func (f *Flow) gotPassword(_ time.Time, result any) error {
	p, _ := result.(*tg.AccountPassword)
	if p == nil {
		return unexpected(result, "account.password")
	}
	c, err := checkOf(p)
	if err != nil {
		return err
	}
	f.m.Check = c
	if f.password.Bytes() != nil {
		return f.prove()
	}
	f.to(stateAskPassword)
	return nil
}

func (f *Flow) nextAskPassword() Step {
	c := f.m.Check
	whose := ""
	if f.m.Errand == nil && f.m.Whose != "" {
		whose = "+" + f.m.Whose
	}
	return Ask{PasswordQuestion{
		Phone: whose, Earlier: f.m.Earlier, MaySkip: f.task() == taskDeleteAccount,
		Hint: c.Hint, HasRecovery: f.recovers(), ResetAt: c.ResetAt,
		Wrong: f.m.Wrong, Refused: f.m.Refused,
	}}
}

// spare is how many random bytes are taken with a password: for the proof, for a
// second one should the parameters be stale, and for the odd exponent that has to
// be drawn again.
const spare = 1024

// recovers reports whether a lost password can be replaced here. That ends with a
// sign-in, which is no end of a task: there is RecoverPassword.
func (f *Flow) recovers() bool { return f.m.Check.HasRecovery && f.m.Errand == nil }

func (f *Flow) passwordAnswered(a Answer, random io.Reader) error {
	switch a := a.(type) {
	case SecretAnswer:
		return f.passwordGiven(a, random)
	case Recover:
		if !f.recovers() {
			return unfit("Secret or Cancel: the account has no recovery e-mail")
		}
		f.to(stateRequestRecovery)
		return nil
	case Skip:
		return f.passwordSkipped()
	case Cancel: // the code is used up, there is nothing to take back
		f.fail(ErrCancelled)
		return ErrCancelled
	}
	return unfit("Secret or Cancel")
}

func (f *Flow) passwordGiven(password SecretAnswer, random io.Reader) error {
	if random == nil {
		password.Wipe()
		return errors.New("got no random source for the password's proof, want one such as crypto/rand.Reader")
	}
	seed := make([]byte, spare)
	if _, err := io.ReadFull(random, seed); err != nil {
		password.Wipe()
		return fmt.Errorf("random bytes for the password's proof: %w", err)
	}
	if password.Bytes() == nil {
		password = Secret("")
	}
	f.password, f.seed, f.random, f.m.Renewed = password, secret.New(seed), bytes.NewReader(seed), false
	if err := f.prove(); err != nil {
		f.fail(err)
		return err
	}
	return nil
}

// prove makes the proof that is sent instead of the password.
func (f *Flow) prove() error {
	proof, err := f.m.Check.prove(f.password, f.random)
	if err != nil {
		return err
	}
	f.proof = proof
	f.to(f.route().prove)
	if f.fresh != nil { // the owner's password was checked before the new one was asked for
		f.to(stateUpdatePassword)
	}
	return nil
}

func (f *Flow) nextCheckPassword() Step { return newCall(&tg.AuthCheckPassword{Password: f.proof}) }

func (f *Flow) passwordChecked(_ time.Time, result any) error { return f.authorized(result) }

// checkPasswordRefused: a wrong password is asked for again. Parameters that are
// stale, because the question was open for long, are no fault of whom was asked:
// once per answer they are fetched anew without a word.
//
// https://core.telegram.org/method/auth.checkPassword#possible-errors
func (f *Flow) checkPasswordRefused(e *tg.Error) bool {
	switch {
	case e.Type == tg.ErrSRPIDInvalid && !f.m.Renewed:
		f.m.Renewed, f.proof = true, nil
		f.to(stateGetPassword)
	case e.Type == tg.ErrPasswordHashInvalid:
		f.m.Wrong++
		f.forget()
		f.again(stateGetPassword, e)
	case e.Type == tg.ErrSRPPasswordChanged:
		f.forget()
		f.again(stateGetPassword, e)
	default:
		return false
	}
	return true
}
