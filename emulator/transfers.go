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

// transfers are all that are on their way, by their bytes.
type transfers struct {
	byBytes map[string]transfer
	order   []string
}

func (t *transfers) add(bytes []byte, one transfer) {
	if t.byBytes == nil {
		t.byBytes = map[string]transfer{}
	}
	if len(t.order) >= maxTransfers {
		delete(t.byBytes, t.order[0])
		t.order = t.order[1:]
	}
	t.byBytes[string(bytes)] = one
	t.order = append(t.order, string(bytes))
}

// exportAuthorization answers auth.exportAuthorization: a ticket, good once and
// for a minute, with which another key signs in to another data centre.
// https://core.telegram.org/api/datacenter#auth-transfer
func exportAuthorization(w *world, c *caller, now time.Time, q *tg.AuthExportAuthorization) (*tg.AuthExportedAuthorization, *refusal) {
	to := int(q.DCID)
	if to == c.dc || !w.hasCentre(to) {
		return nil, dcIDInvalid
	}
	ticket := w.randomBytes(transferSize)
	w.tickets.add(ticket, transfer{c.key.login, to, now.Add(transferLife)})
	return &tg.AuthExportedAuthorization{ID: c.key.login.account.id, Bytes: ticket}, nil
}

// importAuthorization answers auth.importAuthorization: the key joins the login
// that was exported.
// https://core.telegram.org/api/datacenter#auth-transfer
func importAuthorization(w *world, c *caller, now time.Time, q *tg.AuthImportAuthorization) (tg.AnyAuthAuthorization, *refusal) {
	t, ok := w.tickets.byBytes[string(q.Bytes)]
	switch {
	// A login that has ended since has no keys.
	case !ok, t.to != c.dc, !now.Before(t.until), len(t.login.keys) == 0:
		return nil, authBytesInvalid
	case t.login.account.id != q.ID:
		return nil, userIDInvalid
	}
	delete(w.tickets.byBytes, string(q.Bytes))
	c.key.leave()
	c.key.signIn(t.login)
	return authorization(t.login.account), nil
}
