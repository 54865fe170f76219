package auth_test

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/secret"
)

// signing is a way to sign in, and what Ann says on it; says makes it for each
// attempt.
func signing(ann emulator.User, m auth.Method, says func() func(auth.Question) auth.Answer) way {
	return way{ann: ann, call: func(ctx context.Context, srv *emulator.Server, c *telekey.Client) error {
		var said func(auth.Question) auth.Answer
		if says != nil {
			said = says()
		}
		_, err := auth.SignIn(ctx, c, m, once(srv, said))
		return err
	}}
}

// plainly is a call by itself.
func plainly(call func(ctx context.Context, c *telekey.Client) error) way {
	return way{call: func(ctx context.Context, _ *emulator.Server, c *telekey.Client) error { return call(ctx, c) }}
}

var (
	byPhone   = auth.Phone(annsNumber)
	nobodyYet = emulator.User{LastName: "nobody"} // the number has no account
	mailed    = emulator.User{LoginEmail: "ann@example.org"}
	mailless  = emulator.User{Channels: []emulator.Channel{emulator.EmailSetup}}
)

// showing is a sign-in by QR code, whose links Ann accepts on another device.
func showing(ann emulator.User) way {
	number := cmp.Or(ann.Phone, annsNumber)
	return way{ann: ann, call: func(ctx context.Context, srv *emulator.Server, c *telekey.Client) error {
		_, err := auth.SignIn(ctx, c, auth.QR(), scannedBy(srv, number))
		return err
	}}
}

// scannedBy has each link accepted that is shown.
func scannedBy(srv *emulator.Server, number string) auth.Asker {
	return auth.AskerFunc(func(_ context.Context, q auth.Question) (auth.Answer, error) {
		if qr, ok := q.(auth.ShowQR); ok {
			return nil, srv.AcceptLogin(number, qr.Link.Reveal())
		}
		return nil, &auth.UnansweredError{Question: q}
	})
}

// annAbroad lives at data centre 3, where no client is at home that is new.
var annAbroad = emulator.User{Phone: "+9996630001", FirstName: "Ann", DC: 3}

var signInRefusals = []refusals{
	// https://core.telegram.org/method/auth.sendCode#possible-errors
	{"auth.sendCode", signing(emulator.User{}, byPhone, nil), `
		400 API_ID_INVALID: copy both from https://my.telegram.org
		400 API_ID_PUBLISHED_FLOOD: get your own at https://my.telegram.org
		400 PHONE_NUMBER_APP_SIGNUP_FORBIDDEN: for its own apps alone
		400 PHONE_NUMBER_BANNED: only its support can change that
		400 PHONE_NUMBER_FLOOD: wait, a day if need be
		400 PHONE_NUMBER_INVALID: write the number with its country code
		400 PHONE_PASSWORD_PROTECTED: only with its password
		400 SMS_CODE_CREATE_FAILED: try again later
		303 PHONE_MIGRATE_3: this is move 5, want an end after 4
		303 NETWORK_MIGRATE_3: this is move 5, want an end after 4
		303 USER_MIGRATE_3: this is move 5, want an end after 4
		406 PHONE_PASSWORD_FLOOD: wait, a day if need be
		406 UPDATE_APP_TO_LOGIN: for its own apps alone
		420 FLOOD_WAIT_3600: try again in 1h0m0s
		500 AUTH_RESTART: try again later
		403 RECAPTCHA_CHECK_signin__KEY -> a proof against robots (recaptcha) was asked for, and there is no answer ready
		403 INTEGRITY_CHECK_CLASSIC_4711 -> a proof against robots (play integrity) was asked for, and there is no answer ready
		403 APNS_VERIFY_CHECK_4711 -> a proof against robots (apns) was asked for, and there is no answer ready`},
	{"auth.sendCode", plainly(func(ctx context.Context, c *telekey.Client) error {
		_, err := auth.SendCode(ctx, c, annsNumber)
		return err
	}), `
		401 SESSION_PASSWORD_NEEDED
		400 PHONE_NUMBER_INVALID
		420 FLOOD_WAIT_3600`},
	// https://core.telegram.org/method/auth.resendCode#possible-errors
	{"auth.resendCode", signing(emulator.User{}, byPhone, func() func(auth.Question) auth.Answer {
		return firstSaying[auth.CodeQuestion](auth.Resend{})
	}), `
		400 PHONE_CODE_EMPTY: begin anew
		400 PHONE_CODE_EXPIRED -> done
		400 PHONE_CODE_HASH_EMPTY: begin anew
		400 PHONE_NUMBER_INVALID: write the number with its country code
		406 SEND_CODE_UNAVAILABLE: the code (app) was refused`},
	// https://core.telegram.org/method/auth.cancelCode#possible-errors
	{"auth.cancelCode", signing(emulator.User{}, byPhone, func() func(auth.Question) auth.Answer {
		return saying[auth.CodeQuestion](auth.Cancel{})
	}), `
		400 PHONE_CODE_EXPIRED -> cancelled
		400 PHONE_NUMBER_INVALID -> cancelled`},
	// https://core.telegram.org/method/auth.signIn#possible-errors
	{"auth.signIn", signing(emulator.User{}, byPhone, nil), `
		400 PHONE_CODE_EMPTY: the code (sms) was refused
		400 PHONE_CODE_EXPIRED: the code (sms) was refused
		400 PHONE_CODE_INVALID: the code (sms) was refused
		400 PHONE_NUMBER_INVALID: write the number with its country code
		406 UPDATE_APP_TO_LOGIN: for its own apps alone
		500 AUTH_RESTART: try again later
		500 SIGN_IN_FAILED: begin anew`},
	{"auth.signIn", plainly(func(ctx context.Context, c *telekey.Client) error {
		_, err := auth.CheckCode(ctx, c, annsNumber, "hash", auth.Code("22222"))
		return err
	}), `
		400 PHONE_NUMBER_UNOCCUPIED
		401 SESSION_PASSWORD_NEEDED
		400 PHONE_CODE_INVALID`},
	// https://core.telegram.org/method/auth.requestFirebaseSms#possible-errors
	{"auth.requestFirebaseSms", signing(emulator.User{Channels: []emulator.Channel{emulator.Firebase}}, byPhone, func() func(auth.Question) auth.Answer {
		return saying[auth.CodeQuestion](auth.DeviceProof{PlayIntegrity: secret.New("an app")})
	}), `
		400 PHONE_NUMBER_INVALID: write the number with its country code`},

	// https://core.telegram.org/method/account.sendVerifyEmailCode#possible-errors
	{"account.sendVerifyEmailCode", signing(mailless, byPhone, nil), `
		400 EMAIL_INVALID: an address for the login e-mail was refused
		400 EMAIL_NOT_ALLOWED: an address for the login e-mail was refused
		400 EMAIL_NOT_SETUP: no login e-mail
		400 PHONE_HASH_EXPIRED: begin anew
		400 PHONE_NUMBER_INVALID: write the number with its country code`},
	// https://core.telegram.org/method/account.verifyEmail#possible-errors
	{"account.verifyEmail", signing(mailless, byPhone, nil), `
		400 EMAIL_INVALID: an address for the login e-mail was refused
		400 EMAIL_VERIFY_EXPIRED: the code (email) was refused
		400 CODE_INVALID: the code (email) was refused`},
	// https://core.telegram.org/method/auth.resetLoginEmail#possible-errors
	{"auth.resetLoginEmail", signing(mailed, byPhone, func() func(auth.Question) auth.Answer {
		return saying[auth.CodeQuestion](auth.ResetEmail{})
	}), `
		400 PHONE_NUMBER_INVALID: write the number with its country code
		400 TASK_ALREADY_EXISTS: the code (email) was refused`},

	// https://core.telegram.org/method/auth.signUp#possible-errors
	{"auth.signUp", signing(nobodyYet, byPhone, nil), `
		400 FIRSTNAME_INVALID: the name of the new account was refused
		400 LASTNAME_INVALID: the name of the new account was refused
		400 PHONE_CODE_EMPTY: the code (sms) was refused
		400 PHONE_CODE_EXPIRED: the code (sms) was refused
		400 PHONE_CODE_INVALID: the code (sms) was refused
		400 PHONE_NUMBER_FLOOD: wait, a day if need be
		400 PHONE_NUMBER_INVALID: write the number with its country code
		400 PHONE_NUMBER_OCCUPIED: another account has this number`},

	// https://core.telegram.org/method/auth.exportLoginToken#possible-errors
	{"auth.exportLoginToken", showing(emulator.User{}), `
		400 API_ID_INVALID: copy both from https://my.telegram.org
		400 API_ID_PUBLISHED_FLOOD: get your own at https://my.telegram.org`},
	// https://core.telegram.org/method/auth.importLoginToken#possible-errors
	{"auth.importLoginToken", showing(annAbroad), `
		400 AUTH_TOKEN_ALREADY_ACCEPTED: show a new one
		400 AUTH_TOKEN_EXCEPTION: show a new one
		400 AUTH_TOKEN_EXPIRED: show a new one
		400 AUTH_TOKEN_INVALID: scan or copy it again
		400 AUTH_TOKEN_INVALIDX: scan or copy it again`},
	// https://core.telegram.org/method/auth.acceptLoginToken#possible-errors
	{"auth.acceptLoginToken", way{inside: true, call: func(ctx context.Context, _ *emulator.Server, c *telekey.Client) error {
		_, err := auth.AcceptLogin(ctx, c, auth.LoginLink("tg://login?token=AAAA"))
		return err
	}}, `
		400 AUTH_TOKEN_ALREADY_ACCEPTED: show a new one
		400 AUTH_TOKEN_EXCEPTION: show a new one
		400 AUTH_TOKEN_EXPIRED: show a new one
		400 AUTH_TOKEN_INVALID: scan or copy it again
		400 AUTH_TOKEN_INVALIDX: scan or copy it again`},

	// https://core.telegram.org/method/auth.importBotAuthorization#possible-errors
	{"auth.importBotAuthorization", signing(emulator.User{}, auth.Bot(auth.Secret("7:token")), nil), `
		400 ACCESS_TOKEN_EXPIRED: has had another token made
		400 ACCESS_TOKEN_INVALID: copy it from BotFather
		400 API_ID_INVALID: copy both from https://my.telegram.org
		400 API_ID_PUBLISHED_FLOOD: get your own at https://my.telegram.org
		303 USER_MIGRATE_3: this is move 5, want an end after 4`},
	// https://core.telegram.org/method/auth.importWebTokenAuthorization#possible-errors
	{"auth.importWebTokenAuthorization", signing(emulator.User{}, auth.WebToken(auth.Secret("token")), nil), `
		400 API_ID_INVALID: copy both from https://my.telegram.org
		400 AUTH_TOKEN_EXPIRED: have the app open the page once more
		400 AUTH_TOKEN_INVALID: have the app open the page once more
		400 WEBAUTH_TOKEN_EXPIRED: have the app open the page once more`},
	// https://core.telegram.org/method/users.getUsers
	{"users.getUsers", way{inside: true, call: func(ctx context.Context, _ *emulator.Server, c *telekey.Client) error {
		_, err := auth.GetUser(ctx, c)
		return err
	}}, `
		401 AUTH_KEY_UNREGISTERED
		401 SESSION_PASSWORD_NEEDED
		401 SESSION_REVOKED
		401 SESSION_EXPIRED
		401 USER_DEACTIVATED
		401 USER_DEACTIVATED_BAN
		406 AUTH_KEY_DUPLICATED`},
	// The account is there: its terms come up again.
	// https://core.telegram.org/method/help.acceptTermsOfService#possible-errors
	{"help.acceptTermsOfService", way{ann: nobodyYet, call: func(ctx context.Context, srv *emulator.Server, c *telekey.Client) error {
		_, err := auth.SignIn(ctx, c, byPhone, once(srv, nil))
		return err
	}}, `
		400 DATA_JSON_INVALID -> done`},
}

// The emulator of these tests knows no passkeys, so that they need no library for
// them: the refusals are a fake's.
//
// https://core.telegram.org/method/auth.finishPasskeyLogin#possible-errors
func TestRefusalsOfPasskeysReachTheCallerTyped(t *testing.T) {
	for method, refusals := range map[string]map[string]string{
		"auth.initPasskeyLogin": {"500 AUTH_RESTART": "try again later", "400 API_ID_INVALID": "copy both"},
		"auth.finishPasskeyLogin": {
			"400 CREDENTIAL_INVALID": "a passkey was refused", "400 PASSKEY_CREDENTIAL_NOT_FOUND": "a passkey was refused",
			"400 PASSKEY_ORIGIN_MISMATCH": "only those of telegram.org", "500 AUTH_RESTART": "try again later", "500 PASSKEY_AUTH_RESTART": "try again later",
		},
	} {
		for line, words := range refusals {
			e := refusalOf(t, line)
			c := newFake()
			c.refuse = map[string][]error{method: {e, e}}
			said := saying[auth.PasskeyQuestion](auth.Assertion{ID: "id", UserHandle: "2:42"})
			if _, err := auth.SignIn(t.Context(), c, auth.Passkey(), once(nil, said)); !errors.Is(err, e) || !strings.Contains(err.Error(), words) {
				t.Errorf("%s: %s: got %v", method, line, err)
			}
		}
	}
	for line, words := range map[string]string{
		"400 CREDENTIAL_INVALID": "does not take what the authenticator made", "400 PASSKEY_ORIGIN_MISMATCH": "only those of telegram.org",
		"400 PASSKEY_CREDENTIAL_NOT_FOUND": "has been deleted",
	} {
		e := refusalOf(t, line)
		c := newDesk(map[string][]any{
			"account.initPasskeyRegistration": {registrationOptions}, "account.registerPasskey": {e}, "account.deletePasskey": {e},
		})
		_, err := auth.RegisterPasskey(t.Context(), c, &device{says: created})
		for _, err := range []error{err, auth.DeletePasskey(t.Context(), c, "id")} {
			if !errors.Is(err, e) || !strings.Contains(err.Error(), words) {
				t.Errorf("%s: got %v", line, err)
			}
		}
	}
}
