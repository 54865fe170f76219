package emulator

import "time"

// halfLogin is a sign-in that waits for its password. The account's other
// devices see it in their list, and may end it.
// https://core.telegram.org/constructor/authorization
type halfLogin struct {
	admission
	key *authKey
	at  time.Time
}

// maxHalfLogins bounds the sign-ins to one account that wait. With one more the
// oldest is over.
const maxHalfLogins = 100

// askPassword makes key one that waits for the password of a. The caller
// refuses with SESSION_PASSWORD_NEEDED.
func (w *world) askPassword(now time.Time, key *authKey, a *account, how admission) {
	key.leave()
	key.pending, key.ended = a, nil
	if len(a.halfway) >= maxHalfLogins {
		a.halfway[0].key.leave()
	}
	a.halfway = append(a.halfway, &halfLogin{how, key, now})
}

// admission is how k gets in to a: as it was said when it began to wait for the
// password, or else like anybody who knows what to know.
func (k *authKey) admission(w *world, a *account) admission {
	for _, h := range a.halfway {
		if h.key == k {
			return h.admission
		}
	}
	return w.newAdmission(false)
}
