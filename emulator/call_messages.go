package emulator

import (
	"slices"
	"time"

	"github.com/telekey/telekey/tg"
)

// getDialogs answers messages.getDialogs: the one dialog is Telegram's, and only
// once there is something in it.
// https://core.telegram.org/method/messages.getDialogs
func getDialogs(_ *world, c *caller, _ time.Time, q *tg.MessagesGetDialogs) (tg.AnyMessagesDialogs, *refusal) {
	n := &c.account().notices
	// A page further on, or another folder, is empty.
	elsewhere := q.FolderID != nil && *q.FolderID != 0
	if elsewhere || q.OffsetID != 0 || q.OffsetDate != 0 || len(n.kept) == 0 {
		return &tg.MessagesDialogs{}, nil
	}
	return &tg.MessagesDialogs{
		Dialogs:  []tg.AnyDialog{n.dialog()},
		Messages: []tg.AnyMessage{c.key.form(n.kept[len(n.kept)-1])},
		Users:    []tg.AnyUser{serviceUser(), c.account().self()},
	}, nil
}

// dialog is the chat with Telegram.
func (n *notices) dialog() *tg.Dialog {
	return &tg.Dialog{
		Peer:           &tg.PeerUser{UserID: serviceID},
		TopMessage:     n.last,
		UnreadCount:    int32(len(n.kept)),
		NotifySettings: &tg.PeerNotifySettings{},
	}
}

// getPeerDialogs answers messages.getPeerDialogs: the dialog with Telegram, if it
// is asked for and there is something in it. Telegram Desktop shows a new chat
// only after that.
// https://core.telegram.org/method/messages.getPeerDialogs
func getPeerDialogs(_ *world, c *caller, now time.Time, q *tg.MessagesGetPeerDialogs) (*tg.MessagesPeerDialogs, *refusal) {
	n := &c.account().notices
	answer := &tg.MessagesPeerDialogs{State: n.state(now)}
	if len(n.kept) > 0 && slices.ContainsFunc(q.Peers, isServiceDialog) {
		answer.Dialogs = []tg.AnyDialog{n.dialog()}
		answer.Messages = []tg.AnyMessage{c.key.form(n.kept[len(n.kept)-1])}
		answer.Users = []tg.AnyUser{serviceUser(), c.account().self()}
	}
	return answer, nil
}

func isServiceDialog(d tg.AnyInputDialogPeer) bool {
	one, _ := d.(*tg.InputDialogPeer)
	if one == nil {
		return false
	}
	user, _ := one.Peer.(*tg.InputPeerUser)
	return user != nil && user.UserID == serviceID
}

// getPinnedDialogs answers messages.getPinnedDialogs: none.
// https://core.telegram.org/method/messages.getPinnedDialogs
func getPinnedDialogs(_ *world, c *caller, now time.Time, _ *tg.MessagesGetPinnedDialogs) (*tg.MessagesPeerDialogs, *refusal) {
	return &tg.MessagesPeerDialogs{State: c.account().notices.state(now)}, nil
}

// getDialogFilters answers messages.getDialogFilters: no folders but the one of
// all chats. Older layers want the bare list.
// https://core.telegram.org/method/messages.getDialogFilters
func getDialogFilters(w *world, c *caller, _ time.Time, _ *tg.MessagesGetDialogFilters) (any, *refusal) {
	folders := []tg.AnyDialogFilter{&tg.DialogFilterDefault{}}
	method, err := w.views.of(c.key.layer).Lookup("messages.getDialogFilters")
	if err == nil && method.Result.Elem != nil {
		return folders, nil
	}
	return &tg.MessagesDialogFilters{Filters: folders}, nil
}

// maxHistory is the length of the longest page.
const maxHistory = 100

// getHistory answers messages.getHistory for the one chat that there is: the
// messages from Telegram, newest first. The code is read here by whoever has
// another device.
// https://core.telegram.org/api/offsets
func getHistory(_ *world, c *caller, _ time.Time, q *tg.MessagesGetHistory) (tg.AnyMessagesMessages, *refusal) {
	if p, ok := q.Peer.(*tg.InputPeerUser); !ok || p.UserID != serviceID {
		if c.account().frozen != nil {
			return nil, frozenParticipantMissing
		}
		return nil, peerIDInvalid
	}
	limit := int(q.Limit)
	if limit <= 0 || limit > maxHistory {
		limit = maxHistory
	}
	var page []tg.AnyMessage
	kept := c.account().notices.kept
	for i := len(kept) - 1; i >= 0 && len(page) < limit; i-- {
		m := kept[i]
		switch {
		case q.OffsetID != 0 && m.ID >= q.OffsetID:
		case q.MaxID != 0 && m.ID >= q.MaxID:
		case q.MinID != 0 && m.ID <= q.MinID:
		case q.OffsetDate != 0 && m.Date >= q.OffsetDate:
		default:
			page = append(page, c.key.form(m))
		}
	}
	return &tg.MessagesMessages{
		Messages: page,
		Users:    []tg.AnyUser{serviceUser(), c.account().self()},
	}, nil
}

// getContacts answers contacts.getContacts: none.
// https://core.telegram.org/method/contacts.getContacts
func getContacts(_ *world, _ *caller, _ time.Time, _ *tg.ContactsGetContacts) (tg.AnyContactsContacts, *refusal) {
	return &tg.ContactsContacts{}, nil
}
