package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// What an application needs to prove what it is.
const (
	playIntegrityProject = 760348033671
	nonceSize            = 32
	pushTimeout          = 15 // seconds
)

// firebase describes a text message that goes out when the application has proven
// what it is: with the secret of a push notification from Apple, or with a token
// from Google.
// https://core.telegram.org/constructor/auth.sentCodeTypeFirebaseSms
func (r *codeRequest) firebase(w *world) *tg.AuthSentCodeTypeFirebaseSMS {
	if r.pushed {
		return &tg.AuthSentCodeTypeFirebaseSMS{Receipt: new("receipt"), PushTimeout: new(int32(pushTimeout)), Length: codeLength}
	}
	return &tg.AuthSentCodeTypeFirebaseSMS{
		Nonce:                  w.randomBytes(nonceSize),
		PlayIntegrityProjectID: new(int64(playIntegrityProject)),
		PlayIntegrityNonce:     w.randomBytes(nonceSize),
		Length:                 codeLength,
	}
}

// requestFirebaseSMS answers auth.requestFirebaseSms: true, and the message is
// sent, for any token; false without one, and then a client asks for the next
// way, at once.
// https://core.telegram.org/method/auth.requestFirebaseSms
func requestFirebaseSMS(w *world, c *caller, now time.Time, q *tg.AuthRequestFirebaseSMS) (bool, *refusal) {
	r, no := c.key.request(now, q.PhoneNumber, q.PhoneCodeHash)
	if no != nil {
		return false, no
	}
	proven := false
	for _, token := range []*string{q.SafetyNetToken, q.PlayIntegrityToken, q.IosPushSecret} {
		proven = proven || token != nil && *token != ""
	}
	switch {
	case r.channel() != Firebase:
		return false, nil
	case !proven:
		r.resendAt = now
		return false, nil
	case r.state == codeHeld:
		w.send(now, r)
	}
	return true, nil
}
