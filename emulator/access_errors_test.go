package emulator

import (
	"testing"
	"time"

	"github.com/telekey/telekey/tg"
)

// story is a world in which something is about to go wrong: Ann's phone, signed
// in at home, and somebody new.
type story struct {
	*desk
	phone, screen *visitor
}

func newStory(t *testing.T) *story {
	d := newDesk(t, User{Phone: ann}, User{Phone: "+9996620002", Password: "correct horse"})
	s := &story{d, d.visitor(2), d.visitor(2)}
	signedIn(t, s.phone, ann)
	return s
}

// inStory makes the state of affairs in a world of its own.
func inStory(raise func(t *testing.T, s *story) (*visitor, any)) func(*testing.T, *desk) (*visitor, any) {
	return func(t *testing.T, _ *desk) (*visitor, any) { return raise(t, newStory(t)) }
}

// accessErrors are the refusals that Telegram's documentation lists, by method,
// and how each comes about here.
var accessErrors = []documented{
	// https://core.telegram.org/method/auth.exportLoginToken
	{"auth.exportLoginToken", 400, "API_ID_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.screen, &tg.AuthExportLoginToken{APIHash: "x"}
	})},
	{"auth.exportLoginToken", 401, "SESSION_PASSWORD_NEEDED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		_, _ = s.w.acceptToken(s.now, s.w.accounts.byPhone["9996620002"], export(t, s.screen).Token)
		return s.screen, exporting()
	})},
	// https://core.telegram.org/method/auth.acceptLoginToken
	{"auth.acceptLoginToken", 400, "AUTH_TOKEN_INVALIDX", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AuthAcceptLoginToken{Token: []byte("abc")}
	})},
	{"auth.acceptLoginToken", 400, "AUTH_TOKEN_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AuthAcceptLoginToken{Token: make([]byte, loginTokenSize)}
	})},
	{"auth.acceptLoginToken", 400, "AUTH_TOKEN_EXPIRED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		token := export(t, s.screen).Token
		s.now = s.now.Add(lateBy)
		return s.phone, &tg.AuthAcceptLoginToken{Token: token}
	})},
	{"auth.acceptLoginToken", 400, "AUTH_TOKEN_ALREADY_ACCEPTED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		accept := &tg.AuthAcceptLoginToken{Token: export(t, s.screen).Token}
		get(t, s.phone, accept)
		return s.phone, accept
	})},
	// The screen has this very account already.
	{"auth.acceptLoginToken", 400, "AUTH_TOKEN_EXCEPTION", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AuthAcceptLoginToken{Token: export(t, s.screen, s.phone.account().id).Token}
	})},
	// https://core.telegram.org/method/auth.importLoginToken
	{"auth.importLoginToken", 400, "AUTH_TOKEN_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.screen, &tg.AuthImportLoginToken{Token: export(t, s.screen).Token} // nobody has accepted it
	})},
	{"auth.importLoginToken", 400, "AUTH_TOKEN_INVALIDX", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.screen, &tg.AuthImportLoginToken{}
	})},
	{"auth.importLoginToken", 400, "AUTH_TOKEN_EXPIRED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		token := export(t, s.screen).Token
		s.now = s.now.Add(lateBy)
		return s.screen, &tg.AuthImportLoginToken{Token: token}
	})},
	{"auth.importLoginToken", 400, "AUTH_TOKEN_ALREADY_ACCEPTED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		token := export(t, s.screen).Token
		get(t, s.phone, &tg.AuthAcceptLoginToken{Token: token})
		get(t, s.screen, exporting())
		return s.visitor(2), &tg.AuthImportLoginToken{Token: token}
	})},
	{"auth.importLoginToken", 401, "SESSION_PASSWORD_NEEDED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		abroad := s.visitor(1)
		token := export(t, abroad).Token
		_, _ = s.w.acceptToken(s.now, s.w.accounts.byPhone["9996620002"], token)
		s.w.accounts.byPhone["9996620002"].home = 2
		return s.screen, &tg.AuthImportLoginToken{Token: token}
	})},

	// https://core.telegram.org/method/auth.importBotAuthorization
	{"auth.importBotAuthorization", 400, "API_ID_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.screen, &tg.AuthImportBotAuthorization{BotAuthToken: echo}
	})},
	{"auth.importBotAuthorization", 400, "ACCESS_TOKEN_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.screen, byToken(echo)
	})},
	{"auth.importBotAuthorization", 400, "ACCESS_TOKEN_EXPIRED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		s.w.bots.revoked = append(s.w.bots.revoked, echo) // as Server.RevokeBot does
		return s.screen, byToken(echo)
	})},
	{"auth.importBotAuthorization", 303, "USER_MIGRATE_3", inStory(func(t *testing.T, s *story) (*visitor, any) {
		addBot(t, s.desk, Bot{Token: echo, DC: 3})
		return s.screen, byToken(echo)
	})},
	{"account.getAuthorizations", 400, "BOT_METHOD_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		addBot(t, s.desk, Bot{Token: echo})
		get(t, s.screen, byToken(echo))
		return s.screen, &tg.AccountGetAuthorizations{}
	})},
	// https://core.telegram.org/method/account.initPasskeyRegistration#possible-errors
	{"account.initPasskeyRegistration", 403, "ACCESS_DENIED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		s.w.passkeys = trusting{}
		addBot(t, s.desk, Bot{Token: echo})
		get(t, s.screen, byToken(echo))
		return s.screen, &tg.AccountInitPasskeyRegistration{}
	})},
	{"account.initPasskeyRegistration", 406, "FRESH_RESET_AUTHORISATION_FORBIDDEN", inStory(func(t *testing.T, s *story) (*visitor, any) {
		s.w.passkeys = trusting{}
		second(t, s)
		return s.screen, &tg.AccountInitPasskeyRegistration{}
	})},
	// https://core.telegram.org/method/auth.importWebTokenAuthorization
	{"auth.importWebTokenAuthorization", 400, "API_ID_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.screen, &tg.AuthImportWebTokenAuthorization{}
	})},
	{"auth.importWebTokenAuthorization", 400, "AUTH_TOKEN_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.screen, &tg.AuthImportWebTokenAuthorization{APIID: 1, APIHash: "x", WebAuthToken: "none"}
	})},
	{"auth.importWebTokenAuthorization", 400, "AUTH_TOKEN_EXPIRED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		token := s.w.newWebToken(s.now, s.phone.account())
		s.now = s.now.Add(lateBy)
		return s.screen, &tg.AuthImportWebTokenAuthorization{APIID: 1, APIHash: "x", WebAuthToken: string(token)}
	})},
	{"auth.importWebTokenAuthorization", 303, "USER_MIGRATE_2", inStory(func(t *testing.T, s *story) (*visitor, any) {
		token := s.w.newWebToken(s.now, s.phone.account())
		return s.visitor(1), &tg.AuthImportWebTokenAuthorization{APIID: 1, APIHash: "x", WebAuthToken: string(token)}
	})},
	{"auth.importWebTokenAuthorization", 401, "SESSION_PASSWORD_NEEDED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		token := s.w.newWebToken(s.now, s.w.accounts.byPhone["9996620002"])
		return s.screen, &tg.AuthImportWebTokenAuthorization{APIID: 1, APIHash: "x", WebAuthToken: string(token)}
	})},

	// https://core.telegram.org/method/account.resetAuthorization
	{"account.resetAuthorization", 400, "HASH_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AccountResetAuthorization{Hash: 0} // its own
	})},
	{"account.resetAuthorization", 406, "FRESH_RESET_AUTHORISATION_FORBIDDEN", inStory(func(t *testing.T, s *story) (*visitor, any) {
		second(t, s)
		return s.screen, &tg.AccountResetAuthorization{Hash: s.phone.key.login.hash}
	})},
	{"auth.resetAuthorizations", 406, "FRESH_RESET_AUTHORISATION_FORBIDDEN", inStory(func(t *testing.T, s *story) (*visitor, any) {
		second(t, s)
		return s.screen, &tg.AuthResetAuthorizations{}
	})},
	{"users.getUsers", 401, "SESSION_REVOKED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		second(t, s)
		get(t, s.phone, &tg.AuthResetAuthorizations{})
		return s.screen, self
	})},
	{"users.getUsers", 401, "SESSION_EXPIRED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		s.now = s.now.Add(sessionDays * 24 * time.Hour)
		return s.phone, self
	})},
	{"users.getUsers", 401, "AUTH_KEY_UNREGISTERED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		get(t, s.phone, &tg.AuthLogOut{})
		return s.phone, self
	})},
	// https://core.telegram.org/method/account.changeAuthorizationSettings
	{"account.changeAuthorizationSettings", 400, "HASH_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		second(t, s)
		return s.screen, &tg.AccountChangeAuthorizationSettings{Confirmed: true, Hash: s.screen.key.login.hash}
	})},
	// https://core.telegram.org/method/account.setAuthorizationTTL
	{"account.setAuthorizationTTL", 400, "TTL_DAYS_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AccountSetAuthorizationTTL{}
	})},
	{"account.setAuthorizationTTL", 406, "FRESH_RESET_AUTHORISATION_FORBIDDEN", inStory(func(t *testing.T, s *story) (*visitor, any) {
		second(t, s)
		return s.screen, &tg.AccountSetAuthorizationTTL{AuthorizationTTLDays: 7}
	})},
	// https://core.telegram.org/method/account.setAccountTTL
	{"account.setAccountTTL", 400, "TTL_DAYS_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AccountSetAccountTTL{TTL: &tg.AccountDaysTTL{Days: 29}}
	})},
	// https://core.telegram.org/method/account.resetWebAuthorization
	{"account.resetWebAuthorization", 400, "HASH_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AccountResetWebAuthorization{Hash: 1}
	})},

	// https://core.telegram.org/method/account.sendChangePhoneCode
	{"account.sendChangePhoneCode", 400, "PHONE_NUMBER_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, changingTo("x")
	})},
	{"account.sendChangePhoneCode", 400, "PHONE_NUMBER_OCCUPIED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, changingTo("+9996620002")
	})},
	{"account.sendChangePhoneCode", 400, "PHONE_NUMBER_BANNED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		s.w.accounts.byPhone["9996620002"].banned = true
		return s.phone, changingTo("+9996620002")
	})},
	{"account.sendChangePhoneCode", 406, "FRESH_CHANGE_PHONE_FORBIDDEN", inStory(func(t *testing.T, s *story) (*visitor, any) {
		second(t, s)
		return s.screen, changingTo(stranger)
	})},
	// https://core.telegram.org/method/account.changePhone
	{"account.changePhone", 400, "PHONE_NUMBER_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AccountChangePhone{PhoneNumber: "x", PhoneCodeHash: "x", PhoneCode: codeX}
	})},
	{"account.changePhone", 400, "PHONE_CODE_EMPTY", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AccountChangePhone{PhoneNumber: stranger, PhoneCodeHash: changing(t, s)}
	})},
	{"account.changePhone", 400, "PHONE_CODE_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AccountChangePhone{PhoneNumber: stranger, PhoneCodeHash: changing(t, s), PhoneCode: "00000"}
	})},
	{"account.changePhone", 400, "PHONE_CODE_EXPIRED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		// A code to sign in with changes no number.
		return s.phone, &tg.AccountChangePhone{PhoneNumber: stranger, PhoneCodeHash: ask(t, s.phone, stranger), PhoneCode: codeX}
	})},
	{"account.changePhone", 400, "PHONE_NUMBER_OCCUPIED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		hash := changing(t, s)
		s.w.addAccount("9996621234", "Quick", "", 2)
		return s.phone, &tg.AccountChangePhone{PhoneNumber: stranger, PhoneCodeHash: hash, PhoneCode: codeX}
	})},
	// https://core.telegram.org/method/account.deleteAccount
	{"account.deleteAccount", 401, "AUTH_KEY_UNREGISTERED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.screen, &tg.AccountDeleteAccount{}
	})},
	{"account.deleteAccount", 400, "PASSWORD_HASH_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		protect(s)
		return s.phone, &tg.AccountDeleteAccount{Password: &tg.InputCheckPasswordEmpty{}}
	})},
	{"account.deleteAccount", 420, "2FA_CONFIRM_WAIT_604800", inStory(func(t *testing.T, s *story) (*visitor, any) {
		protect(s)
		return s.phone, &tg.AccountDeleteAccount{Reason: "testing"}
	})},
	{"users.getUsers", 401, "USER_DEACTIVATED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		second(t, s)
		get(t, s.phone, &tg.AccountDeleteAccount{})
		return s.screen, self
	})},
	// https://core.telegram.org/method/account.sendConfirmPhoneCode
	{"account.sendConfirmPhoneCode", 400, "HASH_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AccountSendConfirmPhoneCode{Settings: &tg.CodeSettings{}}
	})},
	// https://core.telegram.org/method/account.confirmPhone
	{"account.confirmPhone", 400, "CODE_HASH_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		return s.phone, &tg.AccountConfirmPhone{PhoneCodeHash: changing(t, s), PhoneCode: codeX}
	})},
	{"account.confirmPhone", 400, "PHONE_CODE_EMPTY", inStory(func(t *testing.T, s *story) (*visitor, any) {
		protect(s)
		_, hash := stopping(t, s)
		return s.phone, &tg.AccountConfirmPhone{PhoneCodeHash: hash}
	})},
	// https://core.telegram.org/api/errors#420-flood
	{"account.setAccountTTL", 420, "FROZEN_METHOD_INVALID", inStory(func(t *testing.T, s *story) (*visitor, any) {
		s.phone.account().frozen, _ = (&Frozen{}).complete(s.now)
		return s.phone, &tg.AccountSetAccountTTL{TTL: &tg.AccountDaysTTL{Days: 30}}
	})},
	{"users.getFullUser", 400, "FROZEN_PARTICIPANT_MISSING", inStory(func(t *testing.T, s *story) (*visitor, any) {
		s.phone.account().frozen, _ = (&Frozen{}).complete(s.now)
		return s.phone, &tg.UsersGetFullUser{ID: &tg.InputUser{UserID: 5}}
	})},
	{"users.getUsers", 401, "USER_DEACTIVATED_BAN", inStory(func(t *testing.T, s *story) (*visitor, any) {
		s.w.endAll(s.now, s.phone.account(), endings[Banned])
		return s.phone, self
	})},
	{"users.getUsers", 406, "AUTH_KEY_DUPLICATED", inStory(func(t *testing.T, s *story) (*visitor, any) {
		s.w.endAll(s.now, s.phone.account(), endings[Duplicated])
		return s.phone, self
	})},
}

func changingTo(phone string) *tg.AccountSendChangePhoneCode {
	return &tg.AccountSendChangePhoneCode{PhoneNumber: phone, Settings: &tg.CodeSettings{}}
}

// changing asks for a code to a new number and returns its hash.
func changing(t *testing.T, s *story) string {
	t.Helper()
	return get(t, s.phone, changingTo(stranger)).(*tg.AuthSentCode).PhoneCodeHash
}

// protect gives Ann a password that is old enough to matter.
func protect(s *story) {
	p := *oldPassword
	s.phone.account().password = &p
}

// oldPassword is one for all: to make what it is checked with takes a while.
var oldPassword = newPassword(newWorld(Config{Random: noise(7)}, nil).newGroup(), "correct horse", "")

// stopping has somebody ask to delete Ann's account, and Ann stop it. It returns
// who asked, and the hash of the code that Ann was sent.
func stopping(t *testing.T, s *story) (thief *visitor, hash string) {
	t.Helper()
	halfIn(t, s.screen)
	wantRefusal(t, s.screen, &tg.AccountDeleteAccount{}, 420, "2FA_CONFIRM_WAIT_604800")
	q := &tg.AccountSendConfirmPhoneCode{Hash: s.phone.account().deletion.hash, Settings: &tg.CodeSettings{}}
	return s.screen, get(t, s.phone, q).(*tg.AuthSentCode).PhoneCodeHash
}

// second signs the screen in to Ann's account, too.
func second(t *testing.T, s *story) {
	t.Helper()
	signedIn(t, s.screen, ann)
}

// https://core.telegram.org/api/errors
func TestEveryDocumentedErrorOfAccessIsRaised(t *testing.T) {
	wantRaised(t, accessErrors)
}

// Nobody has published an application's id here.
func TestAPublishedApplicationIsSaidByARule(t *testing.T) {
	s := running(t, Config{})
	l := connect(t, s, 2, plain)
	for method, call := range map[string]any{
		"auth.exportLoginToken":            exporting(),
		"auth.importBotAuthorization":      byToken(echo),
		"auth.importWebTokenAuthorization": &tg.AuthImportWebTokenAuthorization{},
	} {
		if _, err := s.AddRule(Rule{Method: method, Do: "error", Code: 400, Message: "API_ID_PUBLISHED_FLOOD"}); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Invoke(t.Context(), bytesOf(call)); tg.AsError(err) == nil || tg.AsError(err).Type != tg.ErrAPIIDPublishedFlood {
			t.Errorf("%s: got %v", method, err)
		}
	}
}
