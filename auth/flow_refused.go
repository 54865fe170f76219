package auth

import (
	"fmt"
	"slices"
	"time"

	"github.com/telekey/telekey/tg"
)

// refused is the policy for what Telegram refuses, in all states that have none
// of their own for it: move, begin anew, go on with the password, or end.
//
// https://core.telegram.org/api/errors
func (f *Flow) refused(now time.Time, e *tg.Error) error {
	switch e.Type {
	case tg.ErrPhoneMigrate, tg.ErrNetworkMigrate, tg.ErrUserMigrate:
		if f.m.Errand == nil { // a task's client has followed it already, as far as it goes
			return f.move(e)
		}
	case tg.Err2faConfirmWait:
		return f.waits(now, e)
	case tg.ErrAuthRestart, errPasskeyRestart:
		// The sign-in is to begin anew, from the very first call.
		// https://core.telegram.org/method/auth.signIn#possible-errors
		if f.m.Restarts < maxRestarts {
			f.m.Restarts++
			f.restart(f.m.Start)
			return nil
		}
	case tg.ErrSessionPasswordNeeded:
		// The code was right, or not needed; the same key goes on with the password.
		// https://core.telegram.org/api/srp#checking-the-password-with-srp
		if f.m.Errand == nil && !slices.Contains(afterPassword, f.m.State) {
			f.awaitsPassword(e)
			return f.settle(stateGetPassword)
		}
	}
	return explainedAt(now, time.Time{}, e)
}

// afterPassword are the states whose calls are made because a password is wanted.
var afterPassword = []state{
	stateGetPassword, stateCheckPassword, stateRequestRecovery, stateCheckRecovery, stateGetHashing, stateRecoverPassword,
}

// restart forgets what was reached and begins anew in state s.
func (f *Flow) restart(s state) {
	f.forget()
	f.m.Sent, f.m.Terms, f.m.Name, f.m.Check, f.m.At, f.m.Options = nil, nil, Name{}, nil, 0, nil
	if f.first(s); s == f.m.Start {
		f.begin()
	}
}

// move goes to the data centre that e names. The hash of a code is known only
// where it was made, so there the sign-in begins anew.
//
// https://core.telegram.org/api/datacenter#user-migration
func (f *Flow) move(e *tg.Error) error {
	if f.m.Hops >= maxHops {
		return fmt.Errorf("%w: this is move %d, want an end after %d", e, f.m.Hops+1, maxHops)
	}
	if e.Arg < 1 || e.Arg > maxDC {
		return fmt.Errorf("%w: got data centre %d, want 1 to %d", e, e.Arg, maxDC)
	}
	f.m.Hops++
	f.restart(stateMove)
	f.m.MoveTo = e.Arg
	return nil
}

// maxDC is the highest number a data centre can have: 10000 and more mark test
// servers in the key exchange, and nowhere else.
const maxDC = 9999

func (f *Flow) nextMove() Step { return Move{DC: f.m.MoveTo} }

func (f *Flow) moved(time.Time, any) error {
	then := f.m.Then
	f.bound.DC, f.bound.KeyID = f.m.MoveTo, 0 // the key there is not known to the flow
	f.m.MoveTo, f.m.Then = 0, 0
	switch then {
	case 0:
		f.begin()
	case stateDone:
		return f.finish()
	default:
		f.first(then)
	}
	return nil
}

// settle goes on in state s, at the data centre that let the flow in: if that is
// not the home, it becomes it first.
func (f *Flow) settle(s state) error {
	dc := f.m.At
	if f.m.At = 0; dc != 0 {
		f.first(stateMove)
		f.m.MoveTo, f.m.Then = dc, s
		return nil
	}
	if s == stateDone {
		return f.finish()
	}
	f.first(s)
	return nil
}

// floods waits if e says so, and if that is not too long or too often.
func (f *Flow) floods(now time.Time, e *tg.Error) bool {
	pause, flooded := tg.FloodPause(e, f.m.Floods)
	return flooded && f.wait(now, pause)
}

// wait keeps the flow in its state for so long, if that is not too long or too
// often.
//
// https://core.telegram.org/api/errors#420-flood
func (f *Flow) wait(now time.Time, pause time.Duration) bool {
	longest := f.MaxFlood
	if longest == 0 {
		longest = time.Minute
	}
	if longest < 0 || pause > longest || f.m.Floods >= maxFloods {
		return false
	}
	f.m.Floods++
	f.m.Then, f.m.Until = f.m.State, now.UTC().Round(0).Add(pause)
	f.to(stateWait)
	return true
}

func (f *Flow) nextWait() Step { return Wait{Until: f.m.Until} }

// waited goes on, or keeps waiting if the time has not come.
func (f *Flow) waited(now time.Time, _ any) error {
	if now.Before(f.m.Until) {
		return nil
	}
	f.to(f.m.Then)
	f.m.Then, f.m.Until = 0, time.Time{}
	return nil
}
