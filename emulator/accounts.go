package emulator

import (
	"time"

	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/tg"
)

// account is one Telegram user.
type account struct {
	id         int64
	accessHash int64
	phone      phoneNumber
	firstName  string
	lastName   string
	home       int // data centre; 0: the first one that is asked for a code
	password   *password
	change     *passwordChange // of the password, which waits for the mailbox to be proven
	offer      *srp.Group      // for the next password
	reset      passwordReset
	tokens     []futureToken // good ones, oldest first
	loginEmail emailAddress  // where codes go; "": not by mail
	emailReset time.Time     // when that ends; zero: nobody has asked
	premium    bool
	rich       bool        // Telegram writes to it in rich messages
	banned     bool        // no code is sent to it
	bot        *botAccount // nil: a person
	logins     []*login
	halfway    []*halfLogin
	webLogins  []*tg.WebAuthorization
	notices    notices // what Telegram wrote to it
	passkeys   []*ownPasskey
	events     []event // and told it, oldest first

	active     time.Time      // when somebody used it last; zero: never
	sessionTTL int32          // days; 0: as usual
	accountTTL int32          // likewise
	deletion   *deletion      // nil: none
	frozen     *Frozen        // nil: not frozen
	asked      []*codeRequest // for its number, see remember
}

// firstAccountID is above 2^32, as real user ids are, so that a client which
// keeps them in 32 bits is found out.
const firstAccountID = 5_000_000_001

// maxAccounts bounds what clients can make grow by signing up.
const maxAccounts = 100_000

// accounts are all users, of all data centres.
type accounts struct {
	byPhone map[phoneNumber]*account
	byID    map[int64]*account
	order   []*account
	last    int64 // that nextID has counted
}

// add makes an account. The caller has seen that the number is free.
func (w *world) addAccount(phone phoneNumber, firstName, lastName string, home int) *account {
	a := &account{
		id:         w.accounts.nextID(),
		accessHash: w.random64(),
		phone:      phone,
		firstName:  firstName,
		lastName:   lastName,
		home:       home,
	}
	w.accounts.keep(a)
	return a
}

// nextID returns an id that no account has had.
func (as *accounts) nextID() int64 {
	for {
		as.last++
		if id := firstAccountID - 1 + as.last; as.byID[id] == nil {
			return id
		}
	}
}

// keep makes an account known.
func (as *accounts) keep(a *account) {
	if as.byID == nil {
		as.byPhone, as.byID = map[phoneNumber]*account{}, map[int64]*account{}
	}
	if a.bot == nil {
		as.byPhone[a.phone] = a
	}
	as.byID[a.id] = a
	as.order = append(as.order, a)
}

// remove forgets an account whose sessions have ended.
func (w *world) remove(a *account) {
	as := &w.accounts
	if as.byPhone[a.phone] == a {
		delete(as.byPhone, a.phone)
	}
	delete(as.byID, a.id)
	as.order = without(as.order, a)
	for _, p := range a.passkeys {
		delete(w.passkeyOwners, p.ID)
	}
	w.voidTokens(a)
}

// hasOtherLogin says whether a is signed in anywhere but with key.
func (a *account) hasOtherLogin(key *authKey) bool {
	for _, l := range a.logins {
		if l != key.login {
			return true
		}
	}
	return false
}

// self is the account as it sees itself.
func (a *account) self() *tg.User {
	u := a.seenByOthers()
	u.Self = true
	if a.bot != nil {
		return u
	}
	u.Contact, u.MutualContact = true, true
	u.Phone = new(string(a.phone))
	return u
}

// seenByOthers is the account as one sees it who knows its access hash.
func (a *account) seenByOthers() *tg.User {
	u := &tg.User{
		ID:         a.id,
		AccessHash: new(a.accessHash),
		FirstName:  new(a.firstName),
		Status:     &tg.UserStatusRecently{},
		Premium:    a.premium,
	}
	if a.lastName != "" {
		u.LastName = new(a.lastName)
	}
	// https://core.telegram.org/constructor/user
	if a.bot != nil {
		u.Bot, u.BotInfoVersion, u.Status = true, new(int32(1)), nil
		u.Username = new(a.bot.username)
	}
	return u
}
