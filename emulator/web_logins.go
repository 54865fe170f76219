package emulator

import (
	"fmt"
	"slices"
	"time"

	"github.com/telekey/telekey/internal/strictjson"
	"github.com/telekey/telekey/tg"
)

// WebLogin is a website that somebody has signed in to with an account of
// Telegram.
// https://core.telegram.org/widgets/login
type WebLogin struct {
	Phone    string `json:"phone"`  // of the account
	Domain   string `json:"domain"` // of the website
	Browser  string `json:"browser"`
	Platform string `json:"platform"`
	BotID    int64  `json:"bot_id"` // of the website's bot; 0: one is made
}

// maxWebLogins bounds those of an account.
const maxWebLogins = 100

// AddWebLogin puts a website into the list of an account. Errors name the field
// that is wrong.
func (s *Server) AddWebLogin(l WebLogin) error {
	return s.withAccount(l.Phone, "add a web login", func(now time.Time, a *account) error {
		return s.addWebLogin(now, a, l)
	})
}

// addWebLogin is AddWebLogin, for the owner.
func (s *Server) addWebLogin(now time.Time, a *account, l WebLogin) error {
	w, bot := s.world, s.world.accounts.byID[l.BotID]
	if err := l.check(); err != nil {
		return err
	}
	switch {
	case len(a.webLogins) >= maxWebLogins:
		return fmt.Errorf("got one more than %d", maxWebLogins)
	case l.BotID != 0 && (bot == nil || bot.bot == nil):
		return fmt.Errorf("bot_id: got %d, which is no bot's", l.BotID)
	case bot == nil:
		made, err := s.addBot(Bot{Name: l.Domain})
		if err != nil {
			return err
		}
		bot = w.accounts.byID[made.ID]
	}
	at := unix(w.accountTime(now))
	a.webLogins = append(a.webLogins, &tg.WebAuthorization{
		Hash: w.random64() | 1, BotID: bot.id, Domain: l.Domain, Browser: l.Browser, Platform: l.Platform,
		DateCreated: at, DateActive: at, IP: "127.0.0.1", Region: localhost,
	})
	return nil
}

// check says what is wrong with a web login by itself.
func (l *WebLogin) check() error {
	_, err := checkPhone(l.Phone)
	switch {
	case err != nil:
		return err
	case l.Domain == "" || !isName(l.Domain):
		return fmt.Errorf("domain: got %q, want up to %d characters", cut(l.Domain), maxName)
	case !isName(l.Browser), !isName(l.Platform):
		return fmt.Errorf("browser, platform: got more than %d characters", maxName)
	}
	return nil
}

// UnmarshalJSON reads phone, domain, browser, platform and bot_id. Other fields
// are an error.
func (l *WebLogin) UnmarshalJSON(data []byte) error {
	type fields WebLogin // without its methods
	return strictjson.Read(data, (*fields)(l))
}

// getWebAuthorizations answers account.getWebAuthorizations.
// https://core.telegram.org/method/account.getWebAuthorizations
func getWebAuthorizations(w *world, c *caller, _ time.Time, _ *tg.AccountGetWebAuthorizations) (*tg.AccountWebAuthorizations, *refusal) {
	list := &tg.AccountWebAuthorizations{Authorizations: c.account().webLogins}
	for _, l := range list.Authorizations {
		if bot := w.accounts.byID[l.BotID]; bot != nil {
			list.Users = append(list.Users, bot.seenByOthers())
		}
	}
	return list, nil
}

// resetWebAuthorization answers account.resetWebAuthorization.
// https://core.telegram.org/method/account.resetWebAuthorization
func resetWebAuthorization(_ *world, c *caller, _ time.Time, q *tg.AccountResetWebAuthorization) (bool, *refusal) {
	a := c.account()
	rest := slices.DeleteFunc(slices.Clone(a.webLogins), func(l *tg.WebAuthorization) bool { return l.Hash == q.Hash })
	if len(rest) == len(a.webLogins) {
		return false, hashInvalid
	}
	a.webLogins = rest
	return true, nil
}

// resetWebAuthorizations answers account.resetWebAuthorizations.
// https://core.telegram.org/method/account.resetWebAuthorizations
func resetWebAuthorizations(_ *world, c *caller, _ time.Time, _ *tg.AccountResetWebAuthorizations) (bool, *refusal) {
	c.account().webLogins = nil
	return true, nil
}
