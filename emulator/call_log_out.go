package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// logOut answers auth.logOut: the login ends, in all data centres, and so does a
// sign-in that waits for its password. A stranger's key is as logged out as it
// can be. The answer has a token that spares the next sign-in its code.
// https://core.telegram.org/method/auth.logOut
func logOut(w *world, c *caller, _ time.Time, _ *tg.AuthLogOut) (*tg.AuthLoggedOut, *refusal) {
	out := &tg.AuthLoggedOut{}
	if l := c.key.login; l != nil {
		out.FutureAuthToken = w.newFutureToken(c.key, l.account)
		l.end()
		w.log.Info("logged out", "phone", l.account.phone, "dc", c.dc)
	}
	c.key.leave()
	return out, nil
}
