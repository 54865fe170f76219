package emulator

import (
	"slices"
	"time"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
)

// event is an update that is no message. Nothing counts it, so a device that
// was not there gets it by its date.
type event struct {
	at     time.Time
	update tg.AnyUpdate
	except []*login // who need not be told
}

// maxEvents bounds those of an account that are kept.
const maxEvents = 100

// tellOthers sends an update to all devices of a but some, and keeps it for
// those that are not there.
func (w *world) tellOthers(now time.Time, a *account, u tg.AnyUpdate, except ...*login) {
	e := event{now, u, except}
	if len(a.events) >= maxEvents {
		a.events = a.events[1:]
	}
	a.events = append(a.events, e)
	for _, l := range a.logins {
		if e.concerns(l) {
			w.pushTo(l, &tg.Updates{Updates: []tg.AnyUpdate{u}, Users: []tg.AnyUser{a.self()}, Date: unix(now)})
		}
	}
}

// concerns says whether l is to be told of e.
func (e event) concerns(l *login) bool {
	return !slices.Contains(e.except, l)
}

// since returns what the caller has missed, that is no message. An event of the
// very second is among it: better twice than never.
// https://core.telegram.org/api/updates#recovering-gaps
func (a *account) since(c *caller, date int32) (missed []tg.AnyUpdate) {
	for _, e := range a.events {
		if unix(e.at) >= date && e.concerns(c.key.login) && known(c.key.layer, e.update) {
			missed = append(missed, e.update)
		}
	}
	return missed
}

// popup shows text to the person who uses key. Refusals with 406 have theirs sent
// so: a client shows nothing of its own. Some kinds of it are more than words to
// applications. The key need not be signed in, and before the login TDLib looks
// at updateShort alone.
// https://core.telegram.org/api/errors#406-not-acceptable
func (w *world) popup(kind string, now time.Time, key *authKey, text string) {
	w.push(key, &tg.UpdateShort{
		Update: &tg.UpdateServiceNotification{Popup: true, Type: kind, Message: text, Media: &tg.MessageMediaEmpty{}},
		Date:   unix(now),
	})
}

// known says whether a client of a layer can read u.
func known(layer int, u tg.AnyUpdate) bool {
	return layers.Known(layer, tg.Schema.DefinitionOf(u).Name)
}

// readable says whether a client of a layer can read all of u. It could not skip
// what it does not know.
func readable(layer int, u tg.AnyUpdates) bool {
	switch u := u.(type) {
	case *tg.UpdateShort:
		return known(layer, u.Update)
	case *tg.Updates:
		for _, one := range u.Updates {
			if !known(layer, one) {
				return false
			}
		}
	}
	return true
}
