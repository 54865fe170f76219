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
	banned     bool // no code is sent to it
	logins     []*login
	notices    notices // what Telegram wrote to it
	passkeys   []*ownPasskey
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
}

// add makes an account. The caller has seen that the number is free.
func (w *world) addAccount(phone phoneNumber, firstName, lastName string, home int) *account {
	a := &account{
		id:         firstAccountID + int64(len(w.accounts.order)),
		accessHash: w.random64(),
		phone:      phone,
		firstName:  firstName,
		lastName:   lastName,
		home:       home,
	}
	if w.accounts.byPhone == nil {
		w.accounts.byPhone, w.accounts.byID = map[phoneNumber]*account{}, map[int64]*account{}
	}
	w.accounts.byPhone[phone] = a
	w.accounts.byID[a.id] = a
	w.accounts.order = append(w.accounts.order, a)
	return a
}

// enter signs key in to a and returns the answer that says so.
func (w *world) enter(now time.Time, key *authKey, a *account) *tg.AuthAuthorization {
	l := &login{account: a, hash: w.random64() | 1, created: now, active: now}
	if key.device != nil {
		l.device = *key.device
	}
	key.leave()
	a.logins = append(a.logins, l)
	key.signIn(l)
	w.log.Info("signed in", "phone", a.phone, "user", a.id, "dc", key.dc)
	in := authorization(a)
	in.FutureAuthToken = w.newFutureToken(a)
	return in
}

// authorization is the answer to whoever is signed in to a.
//
// The user in it is marked as the caller's own.
// https://core.telegram.org/constructor/auth.authorization
func authorization(a *account) *tg.AuthAuthorization {
	return &tg.AuthAuthorization{User: a.self()}
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
	u.Self, u.Contact, u.MutualContact = true, true, true
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
	return u
}
