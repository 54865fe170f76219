package auth

import (
	"context"
	"time"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// The calls of a sign-in one by one, under the names of the user authorization
// guide of @mtproto/core where it has them. Whoever signs in with them ends with
// Remember; a code's hash counts at one data centre alone, so between SendCode
// and CheckCode the client must not move.

// GetUser returns who is signed in: the guide's getUser.
//
// Errors, for errors.Is: tg.ErrAuthKeyUnregistered when nobody is;
// tg.ErrSessionPasswordNeeded when the code was right and the password is still
// to come; tg.ErrSessionRevoked, tg.ErrUserDeactivated and tg.ErrUserDeactivatedBan
// when the login or the account is gone.
//
// https://core.telegram.org/method/users.getUsers
func GetUser(ctx context.Context, c tg.Invoker) (*tg.User, error) {
	users, err := tg.Call(ctx, c, &tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}})
	if err != nil {
		return nil, err
	}
	if len(users) == 0 {
		return nil, unexpected(users, "the user that is signed in")
	}
	return asUser(users[0])
}

// SendCode has a code sent to the owner of a number: the guide's sendCode. The
// answer is most often a *tg.AuthSentCode, with the hash that CheckCode wants; it
// is a *tg.AuthSentCodeSuccess when a future auth token of the session let c in.
//
// Errors, for errors.Is: tg.ErrPhoneNumberInvalid, tg.ErrPhoneNumberBanned,
// tg.ErrPhoneNumberFlood, tg.ErrAPIIDInvalid, tg.ErrAPIIDPublishedFlood,
// tg.ErrFloodWait.
//
// https://core.telegram.org/method/auth.sendCode
func SendCode(ctx context.Context, c Client, phone string) (tg.AnyAuthSentCode, error) {
	send := complete(&tg.AuthSendCode{PhoneNumber: phone}, c, 0).(*tg.AuthSendCode)
	return callKeeping(ctx, c, send)
}

// CheckCode signs in with the code that was sent: the guide's signIn. The answer
// is a *tg.AuthAuthorization, or a *tg.AuthAuthorizationSignUpRequired when the
// number has no account: see SignUp.
//
// Errors, for errors.Is: tg.ErrSessionPasswordNeeded when the code was right and
// the account has a password: go on with GetPassword; tg.ErrPhoneCodeInvalid,
// tg.ErrPhoneCodeEmpty, tg.ErrPhoneCodeExpired.
//
// https://core.telegram.org/method/auth.signIn
func CheckCode(ctx context.Context, c tg.Invoker, phone, hash string, code CodeAnswer) (tg.AnyAuthAuthorization, error) {
	return callKeeping(ctx, c, &tg.AuthSignIn{PhoneNumber: phone, PhoneCodeHash: hash, PhoneCode: new(code.Reveal())})
}

// SignUp opens the account of a number whose code was right: the guide's signUp.
//
// Errors, for errors.Is: tg.ErrFirstnameInvalid, tg.ErrLastnameInvalid,
// tg.ErrPhoneCodeExpired, tg.ErrPhoneNumberOccupied.
//
// https://core.telegram.org/method/auth.signUp
func SignUp(ctx context.Context, c tg.Invoker, phone, hash string, name Name) (*tg.User, error) {
	return userOf(callKeeping(ctx, c, &tg.AuthSignUp{
		PhoneNumber: phone, PhoneCodeHash: hash, FirstName: name.First, LastName: name.Last,
	}))
}

// GetPassword returns what one attempt at the password needs: the guide's
// getPassword. See PasswordProof.
//
// Errors, for errors.Is: tg.ErrAuthKeyUnregistered when the key neither is signed
// in nor waits for a password.
//
// https://core.telegram.org/method/account.getPassword
func GetPassword(ctx context.Context, c tg.Invoker) (*tg.AccountPassword, error) {
	return tg.Call(ctx, c, &tg.AccountGetPassword{})
}

// CheckPassword signs in with the proof of a password: the guide's checkPassword.
//
// Errors, for errors.Is: tg.ErrPasswordHashInvalid when the password is wrong;
// tg.ErrSRPIDInvalid when the proof's parameters are stale and
// tg.ErrSRPPasswordChanged when the password has just been changed: begin again
// with GetPassword.
//
// https://core.telegram.org/method/auth.checkPassword
func CheckPassword(ctx context.Context, c tg.Invoker, proof *tg.InputCheckPasswordSRP) (*tg.User, error) {
	return userOf(callKeeping(ctx, c, &tg.AuthCheckPassword{Password: proof}))
}

// LogOut ends the login and notes it in the session, with the future auth token
// that may spare the next sign-in its code. The keys of all data centres are
// destroyed, there as far as they can be reached, and here. It also makes a key
// forget that it waits for a password. Being logged out already is no error, and
// neither is that the account is gone or that the server does not know the key. With
// such a key no new client connects: see [Forget].
//
// https://core.telegram.org/method/auth.logOut
func LogOut(ctx context.Context, c Client) error {
	_, err := callKeeping(ctx, c, &tg.AuthLogOut{})
	if err != nil && !isOver(ReasonOf(err, c.Session())) {
		return err
	}
	if err := c.Remember(ctx, forgetLogin); err != nil {
		return err
	}
	return c.Forget(ctx)
}

// Forget empties a session as [LogOut] does, without a call: the future auth tokens
// stay. It is the change that logs a session out whose key the server does not know
// (telekey.ErrKeyUnknown), for the Update of a session that is held:
//
//	err := held.Update(ctx, auth.Forget)
func Forget(d *session.Data) error {
	clear(d.Keys)
	return forgetLogin(d)
}

// forgetLogin notes that nobody is signed in, because this program ended it.
func forgetLogin(d *session.Data) error {
	if d.User != nil {
		d.LoggedOut = time.Now().UTC().Round(0)
	}
	d.User, d.Pending, d.Ended = nil, nil, ""
	for dc, key := range d.Keys {
		key.SignedIn = false
		d.Keys[dc] = key
	}
	return nil
}

// callKeeping makes a call, and notes what it says of future auth tokens if c has
// a session.
func callKeeping[R any](ctx context.Context, c tg.Invoker, m tg.Method[R]) (R, error) {
	result, err := tg.Call(ctx, c, m)
	if whole, ok := c.(Client); ok {
		keepTokens(ctx, whole, m, result, err)
	}
	return result, err
}

// userOf takes the user out of auth.authorization.
func userOf(result tg.AnyAuthAuthorization, err error) (*tg.User, error) {
	if err != nil {
		return nil, err
	}
	a, _ := result.(*tg.AuthAuthorization)
	if a == nil {
		return nil, unexpected(result, "auth.authorization")
	}
	return asUser(a.User)
}

func asUser(user tg.AnyUser) (*tg.User, error) {
	u, _ := user.(*tg.User)
	if u == nil {
		return nil, unexpected(user, "user")
	}
	return u, nil
}
