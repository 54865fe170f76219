package emulator

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/internal/strictjson"
	"github.com/telekey/telekey/tg"
)

// Bot is a bot as the people who run a Server see it. It prints without its
// token.
type Bot struct {
	// Token signs the bot in: its user id, a colon and some 35 letters, digits,
	// - and _. "": one is made.
	Token    AccessToken `json:"token"`
	Name     string      `json:"name"`     // "": "Bot" and its id
	Username string      `json:"username"` // without @; "": "bot", its id and "_bot"
	DC       int         `json:"dc"`       // home; 0: where it first signs in

	ID int64 `json:"id,omitempty"` // set in what the Server returns, and refused in what it is given
}

// UnmarshalJSON reads token, name, username and dc. Other fields are an error.
// What the fields say is checked when the bot is added.
func (b *Bot) UnmarshalJSON(data []byte) error {
	type fields Bot // without its methods
	return strictjson.Read(data, (*fields)(b))
}

// botAccount is what an account has that is a bot.
type botAccount struct {
	token    AccessToken
	username string
}

// bots are all of them, by token.
type bots struct {
	byToken map[AccessToken]*account
	revoked []AccessToken // the newest last
}

// Bounds of bots.
const (
	maxBotID     = 1<<52 - 1 // what JSON and JavaScript can hold
	maxRevoked   = 1000      // tokens that are remembered to have been good once
	minBotSecret = 3         // real ones have 35
	maxBotSecret = 64
)

// AddBot makes a bot and returns it with its id and its token. Errors name the
// field that is wrong.
func (s *Server) AddBot(b Bot) (Bot, error) {
	var made Bot
	var wrong error
	if err := s.ask(func(time.Time) { made, wrong = s.addBot(b) }); err != nil {
		return Bot{}, err
	}
	if wrong != nil {
		return Bot{}, fmt.Errorf("emulator: %w", wrong)
	}
	return made, nil
}

// Bots returns all bots, in the order in which they were made.
func (s *Server) Bots() []Bot {
	var list []Bot
	_ = s.ask(func(time.Time) {
		for _, a := range s.world.accounts.order {
			if a.bot != nil {
				list = append(list, a.asBot())
			}
		}
	})
	return list
}

// RevokeBot gives a bot another token, as BotFather does when the old one has
// got about. The old one is refused with ACCESS_TOKEN_EXPIRED, and whoever is
// signed in with it is signed out.
func (s *Server) RevokeBot(id int64) (Bot, error) {
	b, found := Bot{}, false
	err := s.ask(func(now time.Time) {
		a := s.world.accounts.byID[id]
		if found = a != nil && a.bot != nil; !found {
			return
		}
		bots := &s.world.bots
		if len(bots.revoked) >= maxRevoked {
			bots.revoked = bots.revoked[1:]
		}
		bots.revoked = append(bots.revoked, a.bot.token)
		delete(bots.byToken, a.bot.token)
		a.bot.token = s.world.newBotToken(id)
		bots.byToken[a.bot.token] = a
		s.world.endAll(s.world.accountTime(now), a, sessionRevoked)
		s.deliver(now)
		b = a.asBot()
	})
	if err == nil && !found {
		err = fmt.Errorf("emulator: id: got %d, which is no bot's: %w", id, ErrNoUser)
	}
	return b, err
}

// addBot is AddBot, for the owner.
func (s *Server) addBot(b Bot) (Bot, error) {
	id, err := b.check(s.cfg.DCs)
	w := s.world
	switch {
	case err != nil:
		return Bot{}, err
	case len(w.accounts.order) >= maxAccounts:
		return Bot{}, fmt.Errorf("bots: got one more than %d accounts", maxAccounts)
	case id == 0:
		id = w.accounts.nextID()
		b.Token = w.newBotToken(id)
	case id == serviceID || w.accounts.byID[id] != nil:
		return Bot{}, fmt.Errorf("token: the account %d: %w", id, ErrUserExists)
	}
	if b.Name == "" {
		b.Name = "Bot " + strconv.FormatInt(id, 10)
	}
	if b.Username == "" {
		b.Username = "bot" + strconv.FormatInt(id, 10) + "_bot"
	}
	a := &account{id: id, accessHash: w.random64(), firstName: b.Name, home: b.DC, bot: &botAccount{b.Token, b.Username}}
	w.accounts.keep(a)
	if w.bots.byToken == nil {
		w.bots.byToken = map[AccessToken]*account{}
	}
	w.bots.byToken[b.Token] = a
	return a.asBot(), nil
}

// check says what is wrong with a bot, and not what its token is. It returns the
// id in the token, or 0.
func (b *Bot) check(centres []int) (id int64, err error) {
	switch {
	case b.ID != 0:
		return 0, errors.New("id: got one, want none: it is in the token")
	case b.DC != 0 && !slices.Contains(centres, b.DC):
		return 0, fmt.Errorf("dc: got %d, want one of %v", b.DC, centres)
	case b.Name != "" && input.NameIsBlank(b.Name):
		return 0, errors.New("name: got only characters that do not show, want a name that shows, or none")
	case !isName(b.Name):
		return 0, fmt.Errorf("name: got more than %d characters", maxName)
	case b.Username != "" && (!isWord(b.Username) || len(b.Username) > maxName):
		return 0, fmt.Errorf("username: got something else, want up to %d letters, digits and _", maxName)
	case b.Token == "":
		return 0, nil
	}
	number, secret, _ := strings.Cut(string(b.Token), ":")
	id, err = strconv.ParseInt(number, 10, 64)
	if err != nil || id < 1 || id > maxBotID || !isWord(secret) || len(secret) < minBotSecret || len(secret) > maxBotSecret {
		return 0, errors.New("token: got something else, want a user id, a colon and letters, digits, - and _")
	}
	return id, nil
}

// isWord says whether s is of letters, digits, - and _ alone.
func isWord(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-')
	})
}

// newBotToken draws a token.
// https://core.telegram.org/bots/api#authorizing-your-bot
func (w *world) newBotToken(id int64) AccessToken {
	return AccessToken(strconv.FormatInt(id, 10) + ":AA" + base64.RawURLEncoding.EncodeToString(w.randomBytes(25))[:33])
}

// asBot is an account as the people who run the Server see it.
func (a *account) asBot() Bot {
	return Bot{Token: a.bot.token, Name: a.firstName, Username: a.bot.username, DC: a.home, ID: a.id}
}

// botMethods are those for members that serve bots, too, or refuse them in a way
// of their own.
// https://core.telegram.org/methods
var botMethods = map[string]bool{
	"auth.exportAuthorization": true, "auth.dropTempAuthKeys": true,
	"users.getUsers": true, "users.getFullUser": true,
	"updates.getState": true, "updates.getDifference": true,
	"account.initPasskeyRegistration": true,
}

// importBotAuthorization answers auth.importBotAuthorization: a bot signs in
// with its token, at home.
// https://core.telegram.org/method/auth.importBotAuthorization
func importBotAuthorization(w *world, c *caller, now time.Time, q *tg.AuthImportBotAuthorization) (tg.AnyAuthAuthorization, *refusal) {
	if q.APIID == 0 || q.APIHash == "" {
		return nil, apiIDInvalid
	}
	a := w.bots.byToken[AccessToken(q.BotAuthToken)]
	switch {
	case slices.Contains(w.bots.revoked, AccessToken(q.BotAuthToken)):
		return nil, accessTokenExpired
	case a == nil:
		return nil, accessTokenInvalid
	case a.home != 0 && a.home != c.dc:
		return nil, userMigrate(a.home)
	}
	a.home = c.dc
	return w.enter(now, c.key, a, w.newAdmission(false)), nil
}
