package cli

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/passkey"
	"github.com/telekey/telekey/tg"
)

// A way in names a user, or leaves it open. A session that is signed in already stays
// as it is; that is success only if its user is the one who was named.

// names reports whether the user who is signed in is the one to sign in. already says
// that a user was signed in before.
type names func(me *tg.User, already bool) bool

func anybody(*tg.User, bool) bool { return true }

// readPhone puts --phone into its one form.
func (f *loginFlags) readPhone() error {
	if f.phone == "" {
		return nil
	}
	number, err := input.Number(f.phone)
	if err != nil {
		return usage("--phone: %v", err)
	}
	f.phone = number
	return nil
}

// namesPhone names the user of a number; any user if it is empty.
func namesPhone(number string) names {
	return func(me *tg.User, _ bool) bool { return number == "" || number == text(me.Phone) }
}

// namesBot names the bot whose id is in front of the token's colon.
//
// https://core.telegram.org/bots/api#authorizing-your-bot
func namesBot(token auth.SecretAnswer) names {
	before, _, _ := bytes.Cut(token.Bytes(), []byte(":"))
	id, err := strconv.ParseInt(string(before), 10, 64)
	return func(me *tg.User, _ bool) bool { return err == nil && me.Bot && me.ID == id }
}

// namesUnknown names a user who is not known before the token is used.
func namesUnknown(_ *tg.User, already bool) bool { return !already }

// namesHandles names the users whose passkeys an authenticator has: Telegram's user
// handles are dcID:userID.
//
// https://core.telegram.org/method/auth.finishPasskeyLogin
func namesHandles(device *passkey.Authenticator) names {
	return func(me *tg.User, _ bool) bool {
		suffix := []byte(":" + strconv.FormatInt(me.ID, 10))
		return slices.ContainsFunc(device.Credentials(), func(c passkey.Credential) bool { return bytes.HasSuffix(c.UserHandle, suffix) })
	}
}
