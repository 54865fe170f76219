package auth

import (
	"context"
	"strings"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

// telegramID is the user whom Telegram itself writes as.
const telegramID = 777000

// chat looks at a message, if it is Telegram's.
func (w *watcher) chat(m tg.AnyMessage) {
	message, _ := m.(*tg.Message)
	if message == nil || message.Out {
		return
	}
	if peer, _ := message.PeerID.(*tg.PeerUser); peer != nil && peer.UserID == telegramID {
		w.message(message.ID, message.Date, wordsOf(message))
	}
}

// message tells of a login code, if there is one in a message of Telegram's. One
// that comes twice, by itself and among what was missed, is told once.
func (w *watcher) message(id, date int32, words string) {
	if id <= w.seen {
		return
	}
	w.seen = id
	code := codeIn(words)
	if code.IsZero() {
		return
	}
	w.tell(CodeSent{At: moment(date), Device: deviceIn(words), invalidate: func(ctx context.Context) error {
		return InvalidateCodes(ctx, w.client, code)
	}})
}

// The digits of a login code: there may be dashes between them.
const (
	shortestCode = 5
	longestCode  = 7
)

// codeIn finds a login code: the first number of five to seven digits that stands
// by itself. What Telegram writes around it is free, in the owner's language.
//
// https://core.telegram.org/api/auth#invalidating-login-codes
func codeIn(words string) CodeAnswer {
	for _, word := range strings.FieldsFunc(words, func(r rune) bool { return r != '-' && (r < '0' || r > '9') }) {
		digits := input.Digits(word)
		if n := len(digits); n < shortestCode || n > longestCode || word[0] == '-' || strings.Contains(word, "--") {
			continue
		}
		return Code(digits)
	}
	return CodeAnswer{}
}

// deviceIn finds the line of a message that names a device.
func deviceIn(words string) string {
	for line := range strings.Lines(words) {
		if device, ok := strings.CutPrefix(strings.TrimSpace(line), "Device:"); ok {
			return strings.TrimSpace(device)
		}
	}
	return ""
}
