package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// logOut answers auth.logOut: the login ends, in all data centres, and so does a
// sign-in that waits for its password. A stranger's key is as logged out as it
// can be. There are no tokens yet that would spare the next sign-in its code.
// https://core.telegram.org/method/auth.logOut
func logOut(w *world, c *caller, _ time.Time, _ *tg.AuthLogOut) (*tg.AuthLoggedOut, *refusal) {
	if l := c.key.login; l != nil {
		l.end()
		w.log.Info("logged out", "phone", l.account.phone, "dc", c.dc)
	}
	c.key.leave()
	return &tg.AuthLoggedOut{}, nil
}
