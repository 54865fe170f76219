package emulator

import (
	"encoding/base64"
	"time"

	"github.com/telekey/telekey/tg"
)

// webToken lets a web page in to an account: an application has opened the page
// and given it the token on the way.
// https://core.telegram.org/method/auth.importWebTokenAuthorization
type webToken struct {
	account *account
	until   time.Time
}

const (
	webTokenLife = 5 * time.Minute
	webTokenSize = 24   // bytes
	maxWebTokens = 1000 // at once; the oldest give way
)

// NewWebToken makes a token with which a web page signs in to the account of a
// number, as one does that an application has opened. It is good once and for
// five minutes of the account clock.
func (s *Server) NewWebToken(phone string) (AccessToken, error) {
	var token AccessToken
	err := s.withAccount(phone, "make a web token", func(now time.Time, a *account) error {
		token = s.world.newWebToken(s.world.accountTime(now), a)
		return nil
	})
	return token, err
}

func (w *world) newWebToken(now time.Time, a *account) AccessToken {
	token := AccessToken(base64.RawURLEncoding.EncodeToString(w.randomBytes(webTokenSize)))
	w.webTokens.add(token, webToken{a, now.Add(webTokenLife)}, maxWebTokens)
	return token
}

// importWebTokenAuthorization answers auth.importWebTokenAuthorization. A
// password is asked for here as anywhere.
//
// Telegram documents no refusal of a token; these are those of the other tokens
// that sign in.
// https://core.telegram.org/method/auth.importWebTokenAuthorization
func importWebTokenAuthorization(w *world, c *caller, now time.Time, q *tg.AuthImportWebTokenAuthorization) (tg.AnyAuthAuthorization, *refusal) {
	if q.APIID == 0 || q.APIHash == "" {
		return nil, apiIDInvalid
	}
	t, ok := w.webTokens.find(AccessToken(q.WebAuthToken))
	switch {
	case !ok:
		return nil, authTokenInvalid
	case !now.Before(t.until):
		return nil, authTokenExpired
	}
	if home := w.homeOf(t.account.phone, c.dc); home != c.dc {
		return nil, userMigrate(home)
	}
	w.webTokens.drop(AccessToken(q.WebAuthToken))
	t.account.home = c.dc
	return w.letIn(now, c.key, t.account, w.newAdmission(true))
}
