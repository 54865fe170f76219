package auth

import (
	"bytes"
	"context"
	"slices"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// Future auth tokens: Telegram gives one with a sign-in and with a log-out, and
// who shows it at the next auth.sendCode may be let in without a code. They are
// kept in the session and nowhere else; nobody has to do anything for it.
//
// https://core.telegram.org/api/auth#future-auth-tokens

// withTokens is settings with the tokens that the session keeps.
func withTokens(settings *tg.CodeSettings, d session.Data) *tg.CodeSettings {
	whole := tg.CodeSettings{}
	if settings != nil {
		whole = *settings
	}
	whole.LogoutTokens = nil
	for _, t := range d.Tokens {
		whole.LogoutTokens = append(whole.LogoutTokens, t.Bytes())
	}
	return &whole
}

// keepTokens notes the token that an answer brings; and that those which were
// shown are worth nothing, if a code was sent all the same.
//
// That the session does not take the note is no error of its own: a token that is
// not kept costs the next sign-in a code, and one that is kept too long nothing. A
// session that cannot be written to is told of all the same, by what has to be
// noted next: who is signed in, or that nobody is any more.
func keepTokens(ctx context.Context, c Client, method, result any, err error) {
	if err != nil {
		return // SESSION_PASSWORD_NEEDED too: a token was taken, and the password is still to come
	}
	fresh, refused := futureToken(result), refusedTokens(method, result)
	if fresh.IsZero() && len(refused) == 0 {
		return
	}
	_ = c.Remember(ctx, func(d *session.Data) error {
		d.Tokens = slices.DeleteFunc(d.Tokens, func(t session.Token) bool {
			return slices.ContainsFunc(refused, func(r []byte) bool { return bytes.Equal(t.Bytes(), r) })
		})
		d.AddToken(fresh)
		return nil
	})
}

// futureToken is the token in the answer of a call that signs in or out, if any.
func futureToken(result any) session.Token {
	switch r := result.(type) {
	case *tg.AuthAuthorization:
		return session.NewToken(r.FutureAuthToken)
	case *tg.AuthSentCodeSuccess:
		return futureToken(r.Authorization)
	case *tg.AuthLoginTokenSuccess:
		return futureToken(r.Authorization)
	case *tg.AuthLoggedOut:
		return session.NewToken(r.FutureAuthToken)
	}
	return session.Token{}
}

// refusedTokens are the tokens that were shown for nothing.
func refusedTokens(method, result any) [][]byte {
	send, _ := method.(*tg.AuthSendCode)
	_, accepted := result.(*tg.AuthSentCodeSuccess)
	if send == nil || send.Settings == nil || accepted {
		return nil
	}
	return send.Settings.LogoutTokens
}
