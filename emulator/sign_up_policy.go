package emulator

import (
	"fmt"
	"time"

	"github.com/telekey/telekey/tg"
)

// SignUp is what a Server makes of numbers that have no account. The real service
// lets applications of its own sign up, and tells others so in one of several
// ways.
// https://core.telegram.org/method/auth.signUp
type SignUp string

// The ways to treat a number without an account. "" is SignUpAllowed.
const (
	SignUpAllowed SignUp = "allowed"

	// SignUpForbidden refuses auth.sendCode with 400 PHONE_NUMBER_APP_SIGNUP_FORBIDDEN.
	SignUpForbidden SignUp = "forbidden"

	// SignUpUpdateApp refuses auth.signIn, after the right code, with 406
	// UPDATE_APP_TO_LOGIN and sends the words for it as a service notification.
	SignUpUpdateApp SignUp = "update_app"

	// SignUpUnoccupied refuses auth.signIn, after the right code, with 400
	// PHONE_NUMBER_UNOCCUPIED, as old servers did; auth.signUp comes next.
	SignUpUnoccupied SignUp = "unoccupied"
)

// check says what is wrong with a SignUp.
func (s SignUp) check() error {
	switch s {
	case "", SignUpAllowed, SignUpForbidden, SignUpUpdateApp, SignUpUnoccupied:
		return nil
	}
	return fmt.Errorf("sign_up: got %q, want %s, %s, %s or %s", cut(string(s)), SignUpAllowed, SignUpForbidden, SignUpUpdateApp, SignUpUnoccupied)
}

// maxAge bounds the age that terms may ask for, in years.
const maxAge = 150

func checkMinAge(years int) error {
	if years < 0 || years > maxAge {
		return fmt.Errorf("min_age: got %d, want 0 to %d", years, maxAge)
	}
	return nil
}

// invite answers the right code for a number that has no account.
// https://core.telegram.org/constructor/auth.authorizationSignUpRequired
func (w *world) invite(now time.Time, k *authKey, r *codeRequest) (tg.AnyAuthAuthorization, *refusal) {
	switch w.signUp {
	case SignUpForbidden: // the account was there when the code was sent
		r.state = codeDead
		return nil, signUpForbidden
	case SignUpUpdateApp:
		r.state = codeDead
		w.popup(string(tg.ErrUpdateAppToLogin), now, k, "Please update the application to sign up.")
		return nil, updateAppToLogin
	case SignUpUnoccupied:
		r.state = codeVerified
		return nil, phoneNumberUnoccupied
	}
	r.state = codeVerified
	return &tg.AuthAuthorizationSignUpRequired{TermsOfService: w.termsOfService()}, nil
}
