package auth

import "github.com/telekey/telekey/tg"

// Notice says that Telegram has refused a call with error 406, whose words it
// writes itself: the error is not to be shown, Text is. Type is the error's. Text is
// empty while the words have not come; they come in another Notice of the same Type.
//
// https://core.telegram.org/api/errors#406-not-acceptable
type Notice struct {
	Type tg.ErrorType `json:"type"`
	Text string       `json:"text,omitempty"`
}

func (Notice) isEvent() {}

// notAcceptable is a refusal with 406.
type notAcceptable tg.ErrorType

// isNotAcceptable reports whether a refusal is one for which Telegram sends words.
// AUTH_KEY_DUPLICATED is the one 406 that has a meaning of its own.
//
// https://core.telegram.org/api/errors#406-not-acceptable
func isNotAcceptable(e *tg.Error) bool { return e.Code == 406 && e.Type != tg.ErrAuthKeyDuplicated }

// maxNotices is how many refusals wait for their words, and the other way round.
const maxNotices = 16

// notices brings refusals and words together. The words come as an update right
// after the refusal; which of the two is seen first is not certain.
type notices struct {
	refused map[tg.ErrorType]bool   // words have not come yet
	words   map[tg.ErrorType]string // refusals have not come yet
}

// refuse takes a refusal, and returns the words for it; empty: they are not there.
func (n *notices) refuse(t tg.ErrorType) string {
	text, ok := n.words[t]
	delete(n.words, t)
	if !ok {
		if n.refused == nil || len(n.refused) >= maxNotices {
			n.refused = map[tg.ErrorType]bool{}
		}
		n.refused[t] = true
	}
	return text
}

// say takes words, and reports whether their refusal was there.
func (n *notices) say(t tg.ErrorType, text string) bool {
	if n.refused[t] {
		delete(n.refused, t)
		return true
	}
	if n.words == nil || len(n.words) >= maxNotices {
		n.words = map[tg.ErrorType]string{}
	}
	n.words[t] = text
	return false
}

// notice looks at words for the user. Their type is that of an error. Telegram may
// say in them that a key was used twice.
//
// https://core.telegram.org/constructor/updateServiceNotification
func (w *watcher) notice(u *tg.UpdateServiceNotification) {
	if u.Type == "AUTH_KEY_DROP_DUPLICATE" {
		w.ended = Duplicated
		return
	}
	t := tg.NewError(406, u.Type).Type
	if u.Popup && w.notices.say(t, u.Message) {
		w.tell(Notice{Type: t, Text: u.Message})
	}
}
