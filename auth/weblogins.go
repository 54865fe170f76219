package auth

import (
	"context"
	"time"

	"github.com/telekey/telekey/tg"
)

// WebLoginID tells the web logins of an account apart.
type WebLoginID int64

// WebLogin is a web site on which the account was used to sign in.
//
// https://core.telegram.org/constructor/webAuthorization
type WebLogin struct {
	ID       WebLoginID `json:"id,string"`
	Bot      int64      `json:"bot"` // the id of the bot that the site works through
	Domain   string     `json:"domain"`
	Browser  string     `json:"browser,omitempty"`
	Platform string     `json:"platform,omitempty"`
	Created  time.Time  `json:"created"`
	Active   time.Time  `json:"active"`
	IP       string     `json:"ip,omitempty"`
	Region   string     `json:"region,omitempty"`
}

// WebLogins lists the web sites on which the account is signed in.
//
// https://core.telegram.org/method/account.getWebAuthorizations
func WebLogins(ctx context.Context, c tg.Invoker) ([]WebLogin, error) {
	answer, err := tg.Call(ctx, c, &tg.AccountGetWebAuthorizations{})
	if err != nil {
		return nil, explainedCall(err)
	}
	logins := make([]WebLogin, 0, len(answer.Authorizations))
	for _, a := range answer.Authorizations {
		if a == nil {
			continue
		}
		logins = append(logins, WebLogin{
			ID: WebLoginID(a.Hash), Bot: a.BotID, Domain: a.Domain, Browser: a.Browser, Platform: a.Platform,
			Created: moment(a.DateCreated), Active: moment(a.DateActive), IP: a.IP, Region: a.Region,
		})
	}
	return logins, nil
}

// EndWebLogin signs the account out of one web site.
//
// Errors: tg.ErrHashInvalid when there is no such login.
//
// https://core.telegram.org/method/account.resetWebAuthorization
func EndWebLogin(ctx context.Context, c tg.Invoker, id WebLoginID) error {
	return done(ctx, c, &tg.AccountResetWebAuthorization{Hash: int64(id)})
}

// EndWebLogins signs the account out of all web sites.
//
// https://core.telegram.org/method/account.resetWebAuthorizations
func EndWebLogins(ctx context.Context, c tg.Invoker) error {
	return done(ctx, c, &tg.AccountResetWebAuthorizations{})
}
