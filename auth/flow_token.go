package auth

import (
	"io"
	"time"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

// Signing in by a token that somebody was given: a bot's, by BotFather, or that of
// a web page, by a Telegram app. One call, which only the data centre of the
// account answers.
//
// https://core.telegram.org/api/bots
// https://core.telegram.org/method/auth.importWebTokenAuthorization

type byToken struct {
	token SecretAnswer
	web   bool
}

// Bot signs in as the bot whose token this is, as BotFather tells it:
// 12345:abc…. The token stays the caller's, to wipe; the flow wipes its copy. If it
// is empty the flow asks for it, and so does a flow that is resumed.
//
// Errors, for errors.Is: tg.ErrAccessTokenInvalid, tg.ErrAccessTokenExpired,
// tg.ErrAPIIDInvalid, tg.ErrAPIIDPublishedFlood.
func Bot(token SecretAnswer) Method { return byToken{token: token} }

// WebToken signs in by what a Telegram app hands to a web version that it opens,
// as tgWebAuthToken in the page's address. Otherwise it is as [Bot].
//
// Errors, for errors.Is: tg.ErrWebauthTokenExpired, tg.ErrAuthTokenExpired,
// tg.ErrAuthTokenInvalid, tg.ErrAPIIDInvalid.
func WebToken(token SecretAnswer) Method { return byToken{token: token, web: true} }

func (b byToken) begin(f *Flow) state {
	f.m.Web = b.web
	f.given = trimmed(b.token).Clone()
	if f.given.IsZero() {
		return stateAskToken
	}
	return stateImportGiven
}

// trimmed is a token without the blanks that files and copying put around it. It
// shares the token's bytes.
func trimmed(token SecretAnswer) SecretAnswer { return Secret(input.TrimBytes(token.Bytes())) }

func (f *Flow) nextAskToken() Step { return Ask{TokenQuestion{Web: f.m.Web, Refused: f.m.Refused}} }

func (f *Flow) tokenAnswered(a Answer, _ io.Reader) error {
	switch a := a.(type) {
	case SecretAnswer:
		if a = trimmed(a); a.IsZero() {
			return unfit("a token")
		}
		f.given.Wipe()
		f.given, f.m.Typed, f.m.Start = a, f.m.Typed || f.m.Start == stateAskToken, stateImportGiven
		f.to(stateImportGiven)
		return nil
	case Cancel:
		f.fail(ErrCancelled)
		return ErrCancelled
	}
	return unfit("Secret or Cancel")
}

func (f *Flow) nextImportGiven() Step {
	if f.m.Web {
		return newCall(&tg.AuthImportWebTokenAuthorization{WebAuthToken: f.given.Reveal()})
	}
	return newCall(&tg.AuthImportBotAuthorization{BotAuthToken: f.given.Reveal()})
}

func (f *Flow) tokenImported(_ time.Time, result any) error { return f.authorized(result) }

// tokenRefused asks again, if a person typed the token. What a program gave, here
// or to a flow that was resumed, does not get better by asking.
//
// https://core.telegram.org/method/auth.importBotAuthorization#possible-errors
func (f *Flow) tokenRefused(e *tg.Error) bool {
	if !f.m.Typed || !refusesToken(e, f.m.Web) {
		return false
	}
	f.again(stateAskToken, e)
	return true
}

// refusesToken reports whether it is the token that is wrong. Web tokens are refused
// in words of their own, or in those that links to accept are refused in.
func refusesToken(e *tg.Error, web bool) bool {
	switch e.Type {
	case tg.ErrAccessTokenInvalid, tg.ErrAccessTokenExpired:
		return !web
	case tg.ErrWebauthTokenExpired, errWebTokenInvalid, tg.ErrAuthTokenExpired, tg.ErrAuthTokenInvalid:
		return web
	}
	return false
}

// errWebTokenInvalid is in no list of errors.
const errWebTokenInvalid tg.ErrorType = "WEBAUTH_TOKEN_INVALID"
