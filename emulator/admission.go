package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// admission is how a login came about.
type admission struct {
	hash    int64
	trusted bool // another device has let it in
}

func (w *world) newAdmission(trusted bool) admission { return admission{w.random64() | 1, trusted} }

// letIn lets key in to a, whose owner has shown that it is he: by a code, a
// token, a passkey, another device. There is nobody to let in to a number that
// was banned since; and where there is a password it is asked for, in a refusal
// with which key begins to wait for it.
// https://core.telegram.org/api/srp#checking-the-password-with-srp
func (w *world) letIn(now time.Time, key *authKey, a *account, how admission) (tg.AnyAuthAuthorization, *refusal) {
	switch {
	case a.banned:
		return nil, phoneNumberBanned
	case a.password != nil:
		w.askPassword(now, key, a, how)
		return nil, sessionPasswordNeeded
	}
	return w.enter(now, key, a, how), nil
}

// enter signs key in to a and returns the answer that says so.
func (w *world) enter(now time.Time, key *authKey, a *account, how admission) *tg.AuthAuthorization {
	l := &login{account: a, hash: how.hash, created: now, active: now}
	if key.device != nil {
		l.device = *key.device
	}
	key.leave()
	w.arrive(now, l, how.trusted)
	key.signIn(l)
	a.active = now
	w.log.Info("signed in", "phone", a.phone, "user", a.id, "dc", key.dc)
	in := authorization(a)
	if a.bot == nil {
		in.FutureAuthToken = w.newFutureToken(key, a)
	}
	return in
}

// authorization is the answer to whoever is signed in to a.
//
// The user in it is marked as the caller's own.
// https://core.telegram.org/constructor/auth.authorization
func authorization(a *account) *tg.AuthAuthorization {
	return &tg.AuthAuthorization{User: a.self()}
}

// voidTokens ends all that would let somebody in to a without a code.
func (w *world) voidTokens(a *account) {
	for len(a.tokens) > 0 {
		w.dropToken(a.tokens[0])
	}
	w.webTokens.dropIf(func(t webToken) bool { return t.account == a })
	for _, t := range w.loginTokens.things {
		if t.by != a {
			continue
		}
		if t.used = true; t.key.invited == t {
			t.key.invited = nil
		}
	}
}
