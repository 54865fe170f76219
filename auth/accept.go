package auth

import (
	"context"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

// AcceptLogin lets another device in: link is what it shows, as [ShowQR] has it,
// and c is signed in. The answer is the new login as it stands in the account's
// list of devices. Show the person where the login comes from first: who accepts a
// link that a stranger sent gives the account away.
//
// Errors, for errors.Is: tg.ErrAuthTokenExpired, tg.ErrAuthTokenAlreadyAccepted,
// tg.ErrAuthTokenInvalid, tg.ErrAuthTokenInvalidx, tg.ErrAuthTokenException,
// tg.ErrAuthKeyUnregistered when c is not signed in. A text that is no such link
// is an error of its own, before anything is sent.
//
// https://core.telegram.org/method/auth.acceptLoginToken
func AcceptLogin(ctx context.Context, c tg.Invoker, link QRLink) (*tg.Authorization, error) {
	token, err := input.LoginToken(link.Reveal())
	if err != nil {
		return nil, err
	}
	accepted, err := tg.Call(ctx, c, &tg.AuthAcceptLoginToken{Token: token})
	if err != nil {
		return nil, explainedCall(err)
	}
	return accepted, nil
}
