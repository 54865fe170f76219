package emulator

import (
	"fmt"
	"time"

	"github.com/telekey/telekey/tg"
)

// Ending is why a session of an account is over.
type Ending string

// The endings that Server.EndSessions plays, each with what calls are refused
// with from then on. Signing in again ends the first, second and last one. After
// Duplicated the key is dead: a client needs a new key and a new login.
// https://core.telegram.org/api/errors#401-unauthorized
const (
	Revoked      Ending = "revoked"      // by another device, its future auth tokens with it: 401 SESSION_REVOKED once, then AUTH_KEY_UNREGISTERED
	Expired      Ending = "expired"      // not used for too long: 401 SESSION_EXPIRED once, then AUTH_KEY_UNREGISTERED
	Duplicated   Ending = "duplicated"   // its key was used in two places: 406 AUTH_KEY_DUPLICATED once, then AUTH_KEY_UNREGISTERED, for any call
	Banned       Ending = "banned"       // with its account: 401 USER_DEACTIVATED_BAN; the number: 400 PHONE_NUMBER_BANNED
	Deleted      Ending = "deleted"      // with its account: 401 USER_DEACTIVATED; the number is free again
	Unregistered Ending = "unregistered" // without a word: 401 AUTH_KEY_UNREGISTERED
)

var (
	authKeyDuplicated  = &refusal{406, string(tg.ErrAuthKeyDuplicated)}
	authKeyDead        = &refusal{401, string(tg.ErrAuthKeyUnregistered)} // after that
	sessionExpired     = &refusal{401, string(tg.ErrSessionExpired)}
	sessionRevoked     = &refusal{401, string(tg.ErrSessionRevoked)}
	userDeactivated    = &refusal{401, string(tg.ErrUserDeactivated)}
	userDeactivatedBan = &refusal{401, string(tg.ErrUserDeactivatedBan)}
)

var endings = map[Ending]*refusal{
	Revoked: sessionRevoked, Expired: sessionExpired, Duplicated: authKeyDuplicated,
	Banned: userDeactivatedBan, Deleted: userDeactivated, Unregistered: nil,
}

// EndSessions ends all sessions of an account, and says how many there were.
// Banned and Deleted end the account, too. Clients that are connected are told
// that there is news (updatesTooLong), and find out when they ask for it.
func (s *Server) EndSessions(phone string, why Ending) (int, error) {
	no, known := endings[why]
	if !known {
		return 0, fmt.Errorf("emulator: end sessions: reason: got %q, want revoked, expired, duplicated, banned, deleted or unregistered", cut(string(why)))
	}
	n := 0
	err := s.withAccount(phone, "end sessions", func(now time.Time, a *account) error {
		n = len(a.logins)
		s.world.endAll(s.world.accountTime(now), a, no)
		switch why {
		case Banned:
			a.banned = true
			s.world.voidTokens(a)
		case Deleted:
			s.world.remove(a)
		}
		s.deliver(now)
		return nil
	})
	return n, err
}

// deleteAccount ends an account. Who deletes it, if somebody does, is signed out
// as by himself.
func (w *world) deleteAccount(now time.Time, a *account, by *authKey) {
	if by != nil {
		by.leave()
	}
	w.endAll(now, a, userDeactivated)
	w.remove(a)
	w.log.Info("account deleted", "phone", a.phone, "user", a.id)
}

// endAll ends all logins of a and all sign-ins that wait for its password. Their
// keys are refused with no; nil: as those of strangers.
func (w *world) endAll(now time.Time, a *account, no *refusal) {
	for len(a.logins) > 0 {
		w.endLogin(now, a.logins[0], no)
	}
	for len(a.halfway) > 0 {
		w.endKey(now, a.halfway[0].key, no)
	}
}

// endLogin ends one login.
func (w *world) endLogin(now time.Time, l *login, no *refusal) {
	for len(l.keys) > 0 {
		w.endKey(now, l.keys[0], no)
	}
}

// endKey ends what a key stands for. A client that waits for updates would not
// find out by itself.
// https://core.telegram.org/constructor/updatesTooLong
func (w *world) endKey(now time.Time, k *authKey, no *refusal) {
	if a := k.owner(); no == sessionRevoked && a != nil {
		w.dropTokensOf(k, a)
	}
	k.leave()
	k.ended = no
	if no == authKeyDuplicated {
		w.popup("AUTH_KEY_DROP_DUPLICATE", now, k, "This session is used in two places at once and had to be ended. Sign in again.")
		return
	}
	w.push(k, &tg.UpdatesTooLong{})
}

// farewell is what a key that stands for nobody is refused with. That a session
// was ended, and how, is said once; what holds for the account or the key is
// said whenever somebody asks.
func (k *authKey) farewell() *refusal {
	no := k.ended
	switch no {
	case nil:
		return authKeyUnregistered
	case sessionRevoked, sessionExpired:
		k.ended = nil
	case authKeyDuplicated:
		k.ended = authKeyDead
	}
	return no
}

// dead says whether k was used in two places: no call succeeds on it any more,
// those of signing in included. Telegram documents the first refusal, 406, and
// that a new key is needed then. With which error a second call is refused is not
// documented; 401 makes clients end the login that do not know the 406.
// https://core.telegram.org/api/errors#406-not-acceptable
func (k *authKey) dead() bool { return k.ended == authKeyDuplicated || k.ended == authKeyDead }
