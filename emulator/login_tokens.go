package emulator

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

// loginToken is what a device shows as a QR code: whoever is signed in and
// reads it lets the device in.
// https://core.telegram.org/api/qr-login
type loginToken struct {
	bytes  string
	key    *authKey // of the device
	except []int64  // accounts that the device has already
	until  time.Time
	used   bool

	// Set once it is accepted.
	by  *account
	how admission // of the login to come
}

const (
	loginTokenLife = 30 * time.Second // also for what follows once it is accepted
	loginTokenSize = 32               // bytes
	maxLoginTokens = 1000             // at once; the oldest give way
)

// Format hides everything, whatever the verb.
func (t *loginToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "login token(redacted)") }

// loginToken returns the token that somebody read, or why it is none. Telegram has
// numbered names for tokens that cannot be any; the number is nobody's business.
func (w *world) loginToken(now time.Time, token []byte) (*loginToken, *refusal) {
	t, _ := w.loginTokens.find(string(token))
	switch {
	case len(token) != loginTokenSize:
		return nil, authTokenInvalidX
	case t == nil:
		return nil, authTokenInvalid
	case !now.Before(t.until):
		return nil, authTokenExpired
	}
	return t, nil
}

// acceptToken lets a device in to a. The device is told at once.
//
// A device that named an account in except_ids has it already.
// https://core.telegram.org/method/auth.acceptLoginToken
func (w *world) acceptToken(now time.Time, a *account, token []byte) (*loginToken, *refusal) {
	t, no := w.loginToken(now, token)
	switch {
	case no != nil:
		return nil, no
	case t.used || t.by != nil || t.key.invited != nil && now.Before(t.key.invited.until):
		return nil, authTokenAlreadyAccepted
	case slices.Contains(t.except, a.id):
		return nil, authTokenException
	}
	t.by, t.how, t.until = a, w.newAdmission(true), now.Add(loginTokenLife)
	t.key.invited = t
	a.home = w.homeOf(a.phone, t.key.dc)
	// https://core.telegram.org/constructor/updateLoginToken
	w.push(t.key, &tg.UpdateShort{Update: &tg.UpdateLoginToken{}, Date: unix(now)})
	return t, nil
}

// describe shows the login that t will be.
func (t *loginToken) describe(now time.Time) *tg.Authorization {
	l := &login{account: t.by, hash: t.how.hash, created: now, active: now}
	if t.key.device != nil {
		l.device = *t.key.device
	}
	shown := l.describe(now)
	shown.PasswordPending = t.by.password != nil
	return shown
}

// AcceptLogin lets the device that shows a QR code in to the account of a
// number, as another device of the account would. The token is what the code
// says, tg://login?token=…, in any form that a QR code holds, or the part behind the =.
//
// What Telegram would refuse another device with is the error:
// AUTH_TOKEN_EXPIRED for instance.
func (s *Server) AcceptLogin(phone, token string) error {
	bytes, err := input.LoginToken(token)
	if err != nil {
		return fmt.Errorf("emulator: accept a login: token: %w", err)
	}
	return s.withAccount(phone, "accept a login", func(now time.Time, a *account) error {
		_, no := s.world.acceptToken(s.world.accountTime(now), a, bytes)
		s.deliver(now)
		if no != nil {
			return fmt.Errorf("token: %s", no.message)
		}
		return nil
	})
}
