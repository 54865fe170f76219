package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// serviceID is the user that Telegram itself writes as.
// https://core.telegram.org/api/auth#sending-a-verification-code
const serviceID = 777000

// serviceUser is what clients are shown of it. It comes with every update that
// mentions it: a client that does not know a sender asks again or drops the
// message.
func serviceUser() *tg.User {
	return &tg.User{
		ID:         serviceID,
		AccessHash: new(int64(serviceID)),
		FirstName:  new("Telegram"),
		Phone:      new("42777"),
		Verified:   true,
		Support:    true,
		Status:     &tg.UserStatusOffline{WasOnline: 1},
	}
}

// notices are the messages from Telegram to an account, and all that its state
// of updates counts.
type notices struct {
	kept []*tg.Message // oldest first
	last int32         // the id of the newest
}

// firstPts is the pts of an account without messages; each message counts one up.
// TDLib drops an update whose pts is not higher than its pts_count, so a first
// message with pts 1 would be lost. The real servers are inferred to begin at 1.
const firstPts = 1

// pts is what the state of updates counts up to.
func (n *notices) pts() int32 { return firstPts + n.last }

// ptsOf is the pts that a message was told with.
func ptsOf(m *tg.Message) int32 { return firstPts + m.ID }

// maxNotices bounds how many messages are kept.
const maxNotices = 100

// push is an update on its way to a key.
type push struct {
	key    *authKey
	update tg.AnyUpdates
}

// push sends an update to whoever is connected with key, after the call.
func (w *world) push(key *authKey, update tg.AnyUpdates) {
	w.pushes = append(w.pushes, push{key, update})
}

// pushTo sends an update to wherever l is connected.
func (w *world) pushTo(l *login, update tg.AnyUpdates) {
	for _, k := range l.keys {
		w.push(k, update)
	}
}

// notify writes text to the account as Telegram, and sends it to all devices
// that are connected.
// https://core.telegram.org/api/updates
func (w *world) notify(now time.Time, a *account, text string) {
	if len(a.notices.kept) >= maxNotices {
		a.notices.kept = a.notices.kept[1:]
	}
	a.notices.last++
	m := &tg.Message{
		ID:      a.notices.last,
		FromID:  &tg.PeerUser{UserID: serviceID},
		PeerID:  &tg.PeerUser{UserID: serviceID},
		Date:    unix(now),
		Message: text,
	}
	if a.rich {
		m.RichMessage = richMessage(text)
	}
	a.notices.kept = append(a.notices.kept, m)
	for _, l := range a.logins {
		for _, k := range l.keys {
			w.push(k, &tg.Updates{
				Updates: []tg.AnyUpdate{&tg.UpdateNewMessage{Message: k.form(m), Pts: ptsOf(m), PtsCount: 1}},
				Users:   []tg.AnyUser{serviceUser(), a.self()},
				Date:    unix(now),
			})
		}
	}
}

// after returns the messages that a client which has seen pts has missed, as
// far as they are kept and in the form for its key, and whether that is all of
// them. A client without a pts has missed all messages.
func (n *notices) after(key *authKey, pts int32) (missed []tg.AnyMessage, all bool) {
	pts = max(pts, firstPts)
	for _, m := range n.kept {
		if ptsOf(m) > pts {
			missed = append(missed, key.form(m))
		}
	}
	return missed, len(n.kept) == 0 || ptsOf(n.kept[0]) <= pts+1
}

// state is where an account's updates stand.
func (n *notices) state(now time.Time) *tg.UpdatesState {
	return &tg.UpdatesState{Pts: n.pts(), Date: unix(now), UnreadCount: int32(len(n.kept))}
}
