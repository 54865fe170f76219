package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// user returns whom an InputUser means to the caller, or nil.
//
// Another user is found by id only with the access hash that belongs to it.
// https://core.telegram.org/api/peers#access-hash
func (w *world) user(c *caller, who tg.AnyInputUser) *tg.User {
	self := c.account()
	switch who := who.(type) {
	case *tg.InputUserSelf:
		return self.self()
	case *tg.InputUser:
		a := w.accounts.byID[who.UserID]
		switch {
		case who.UserID == serviceID:
			return serviceUser()
		case a == self:
			return self.self()
		case a != nil && a.accessHash == who.AccessHash:
			return a.seenByOthers()
		}
	}
	return nil
}

// maxUsers bounds how many may be asked for at once: a name takes four bytes, and
// whom it names a hundred times as many.
const maxUsers = 1000

// getUsers answers users.getUsers. Who is not found is left as an empty user in
// their place.
// https://core.telegram.org/method/users.getUsers
func getUsers(w *world, c *caller, _ time.Time, q *tg.UsersGetUsers) ([]tg.AnyUser, *refusal) {
	if len(q.ID) > maxUsers {
		return nil, inputRequestTooLong
	}
	users := make([]tg.AnyUser, 0, len(q.ID))
	for _, who := range q.ID {
		if u := w.user(c, who); u != nil {
			users = append(users, u)
			continue
		}
		var id int64
		if who, ok := who.(*tg.InputUser); ok {
			id = who.UserID
		}
		users = append(users, &tg.UserEmpty{ID: id})
	}
	return users, nil
}

// getFullUser answers users.getFullUser.
// https://core.telegram.org/method/users.getFullUser
func getFullUser(w *world, c *caller, _ time.Time, q *tg.UsersGetFullUser) (*tg.UsersUserFull, *refusal) {
	u := w.user(c, q.ID)
	switch {
	case u == nil && c.account().frozen != nil:
		return nil, frozenParticipantMissing
	case u == nil:
		return nil, userIDInvalid
	}
	return &tg.UsersUserFull{
		FullUser: &tg.UserFull{
			ID:             u.ID,
			CanPinMessage:  u.Self,
			Settings:       &tg.PeerSettings{},
			NotifySettings: &tg.PeerNotifySettings{},
		},
		Users: []tg.AnyUser{u},
	}, nil
}
