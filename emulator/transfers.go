package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// transfer is a login on its way to another data centre.
type transfer struct {
	login *login
	to    int
	until time.Time
}

const (
	transferLife = 60 * time.Second
	maxTransfers = 1000 // on their way at once; the oldest give way
	transferSize = 128  // bytes
)

// exportAuthorization answers auth.exportAuthorization: a ticket, good once and
// for a minute, with which another key signs in to another data centre.
// https://core.telegram.org/api/datacenter#auth-transfer
func exportAuthorization(w *world, c *caller, now time.Time, q *tg.AuthExportAuthorization) (*tg.AuthExportedAuthorization, *refusal) {
	to := int(q.DCID)
	if to == c.dc || !w.hasCentre(to) {
		return nil, dcIDInvalid
	}
	ticket := w.randomBytes(transferSize)
	w.tickets.add(string(ticket), transfer{c.key.login, to, now.Add(transferLife)}, maxTransfers)
	return &tg.AuthExportedAuthorization{ID: c.key.login.account.id, Bytes: ticket}, nil
}

// importAuthorization answers auth.importAuthorization: the key joins the login
// that was exported.
// https://core.telegram.org/api/datacenter#auth-transfer
func importAuthorization(w *world, c *caller, now time.Time, q *tg.AuthImportAuthorization) (tg.AnyAuthAuthorization, *refusal) {
	t, ok := w.tickets.find(string(q.Bytes))
	switch {
	// A login that has ended since has no keys.
	case !ok, t.to != c.dc, !now.Before(t.until), len(t.login.keys) == 0:
		return nil, authBytesInvalid
	case t.login.account.id != q.ID:
		return nil, userIDInvalid
	}
	w.tickets.drop(string(q.Bytes))
	c.key.leave()
	c.key.signIn(t.login)
	return authorization(t.login.account), nil
}
