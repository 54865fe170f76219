package emulator

import (
	"testing"
	"time"

	"github.com/telekey/telekey/tg"
)

// documented is an error that Telegram's documentation names for a method, and
// how one comes by it here: raise makes the state of affairs in which the call
// that it returns is refused so. Where nothing in a local Telegram is a reason
// for it, as with limits, raise is nil: a Rule says it.
type documented struct {
	method  string
	code    int
	message string
	raise   func(t *testing.T, d *desk) (*visitor, any)
}

// of is a state of affairs that needs no more than a client and a call.
func of(call any) func(*testing.T, *desk) (*visitor, any) {
	return func(_ *testing.T, d *desk) (*visitor, any) { return d.visitor(2), call }
}

// afterAsking is a client that has asked for a code to ann's number.
func afterAsking(call func(hash string) any) func(*testing.T, *desk) (*visitor, any) {
	return func(t *testing.T, d *desk) (*visitor, any) {
		v := d.visitor(2)
		return v, call(ask(t, v, ann))
	}
}

// inside is a client in ann's account, whose password is "secret".
func inside(call func(v *visitor) any) func(*testing.T, *desk) (*visitor, any) {
	return func(_ *testing.T, d *desk) (*visitor, any) {
		v := d.insider()
		return v, call(v)
	}
}

// open is a client in an account without password.
func open(call func(d *desk, v *visitor) any) func(*testing.T, *desk) (*visitor, any) {
	return func(t *testing.T, d *desk) (*visitor, any) {
		d.w.accounts.byPhone["9996620001"].password = nil
		v := d.member("")
		return v, call(d, v)
	}
}

// toSignUp is a client of a number without account.
func toSignUp(change func(d *desk, v *visitor, up *tg.AuthSignUp)) func(*testing.T, *desk) (*visitor, any) {
	return func(t *testing.T, d *desk) (*visitor, any) {
		v := d.visitor(2)
		hash, _ := invited(t, v)
		up := &tg.AuthSignUp{PhoneNumber: stranger, PhoneCodeHash: hash, FirstName: "New"}
		change(d, v, up)
		return v, up
	}
}

// toMail is a client that is asked to set up a login e-mail.
func toMail(call func(d *desk, v *visitor, p *tg.EmailVerifyPurposeLoginSetup) any) func(*testing.T, *desk) (*visitor, any) {
	return func(t *testing.T, d *desk) (*visitor, any) {
		d.by(stranger, EmailSetup)
		v := d.visitor(2)
		return v, call(d, v, setup(stranger, ask(t, v, stranger)))
	}
}

var documentedErrors = []documented{
	// https://core.telegram.org/method/auth.sendCode#possible-errors
	{"auth.sendCode", 400, "API_ID_INVALID", of(&tg.AuthSendCode{PhoneNumber: ann, Settings: &tg.CodeSettings{}})},
	{"auth.sendCode", 400, "API_ID_PUBLISHED_FLOOD", nil},
	{"auth.sendCode", 400, "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN", func(_ *testing.T, d *desk) (*visitor, any) {
		d.w.signUp = SignUpForbidden
		return d.visitor(2), codeFor(stranger)
	}},
	{"auth.sendCode", 400, "PHONE_NUMBER_BANNED", func(_ *testing.T, d *desk) (*visitor, any) {
		d.w.accounts.byPhone["9996620001"].banned = true
		return d.visitor(2), codeFor(ann)
	}},
	{"auth.sendCode", 400, "PHONE_NUMBER_FLOOD", nil},
	{"auth.sendCode", 400, "PHONE_NUMBER_INVALID", of(codeFor("x"))},
	{"auth.sendCode", 400, "PHONE_PASSWORD_PROTECTED", nil},
	{"auth.sendCode", 400, "SMS_CODE_CREATE_FAILED", nil},
	{"auth.sendCode", 303, "PHONE_MIGRATE_2", func(_ *testing.T, d *desk) (*visitor, any) { return d.visitor(1), codeFor(ann) }},
	{"auth.sendCode", 303, "NETWORK_MIGRATE_3", nil},
	{"auth.sendCode", 303, "USER_MIGRATE_3", nil},
	{"auth.sendCode", 401, "SESSION_PASSWORD_NEEDED", func(t *testing.T, d *desk) (*visitor, any) {
		v := d.insider()
		return d.visitor(2), with(ann, get(t, v, &tg.AuthLogOut{}).FutureAuthToken)
	}},
	{"auth.sendCode", 406, "PHONE_PASSWORD_FLOOD", nil},
	{"auth.sendCode", 406, "UPDATE_APP_TO_LOGIN", nil},
	{"auth.sendCode", 420, "FLOOD_WAIT_3", nil},
	{"auth.sendCode", 500, "AUTH_RESTART", nil},

	// https://core.telegram.org/method/auth.resendCode#possible-errors
	{"auth.resendCode", 400, "PHONE_CODE_EMPTY", nil},
	{"auth.resendCode", 400, "PHONE_CODE_EXPIRED", of(&tg.AuthResendCode{PhoneNumber: ann, PhoneCodeHash: "x"})},
	{"auth.resendCode", 400, "PHONE_CODE_HASH_EMPTY", of(&tg.AuthResendCode{PhoneNumber: ann})},
	{"auth.resendCode", 400, "PHONE_NUMBER_INVALID", of(&tg.AuthResendCode{PhoneNumber: "x", PhoneCodeHash: "x"})},
	{"auth.resendCode", 406, "SEND_CODE_UNAVAILABLE", afterAsking(func(hash string) any {
		return &tg.AuthResendCode{PhoneNumber: ann, PhoneCodeHash: hash}
	})},
	{"auth.cancelCode", 400, "PHONE_CODE_EXPIRED", of(&tg.AuthCancelCode{PhoneNumber: ann, PhoneCodeHash: "x"})},
	{"auth.cancelCode", 400, "PHONE_NUMBER_INVALID", of(&tg.AuthCancelCode{PhoneNumber: "x", PhoneCodeHash: "x"})},
	{"auth.requestFirebaseSms", 400, "PHONE_NUMBER_INVALID", of(&tg.AuthRequestFirebaseSMS{PhoneNumber: "x", PhoneCodeHash: "x"})},

	// https://core.telegram.org/method/auth.signIn#possible-errors
	{"auth.signIn", 400, "PHONE_CODE_EMPTY", afterAsking(func(hash string) any { return typeIn(ann, hash, "") })},
	{"auth.signIn", 400, "PHONE_CODE_EXPIRED", of(typeIn(ann, "x", codeX))},
	{"auth.signIn", 400, "PHONE_CODE_INVALID", afterAsking(func(hash string) any { return typeIn(ann, hash, "00000") })},
	{"auth.signIn", 400, "PHONE_NUMBER_INVALID", of(typeIn("x", "x", codeX))},
	{"auth.signIn", 400, "PHONE_NUMBER_UNOCCUPIED", func(t *testing.T, d *desk) (*visitor, any) {
		d.w.signUp = SignUpUnoccupied
		v := d.visitor(2)
		return v, typeIn(stranger, ask(t, v, stranger), codeX)
	}},
	{"auth.signIn", 401, "SESSION_PASSWORD_NEEDED", afterAsking(func(hash string) any { return typeIn(ann, hash, codeX) })},
	{"auth.signIn", 406, "UPDATE_APP_TO_LOGIN", func(t *testing.T, d *desk) (*visitor, any) {
		d.w.signUp = SignUpUpdateApp
		v := d.visitor(2)
		return v, typeIn(stranger, ask(t, v, stranger), codeX)
	}},
	{"auth.signIn", 500, "AUTH_RESTART", nil},
	{"auth.signIn", 500, "SIGN_IN_FAILED", nil},

	// https://core.telegram.org/method/account.sendVerifyEmailCode#possible-errors
	{"account.sendVerifyEmailCode", 400, "EMAIL_INVALID", toMail(func(_ *desk, _ *visitor, p *tg.EmailVerifyPurposeLoginSetup) any {
		return &tg.AccountSendVerifyEmailCode{Purpose: p, Email: "x"}
	})},
	{"account.sendVerifyEmailCode", 400, "EMAIL_NOT_SETUP", inside(func(*visitor) any {
		return &tg.AccountSendVerifyEmailCode{Purpose: &tg.EmailVerifyPurposeLoginChange{}, Email: mailbox}
	})},
	{"account.sendVerifyEmailCode", 400, "PHONE_HASH_EXPIRED", of(&tg.AccountSendVerifyEmailCode{Purpose: setup(ann, "x"), Email: mailbox})},
	{"account.sendVerifyEmailCode", 400, "PHONE_NUMBER_INVALID", of(&tg.AccountSendVerifyEmailCode{Purpose: setup("x", "x"), Email: mailbox})},
	{"account.verifyEmail", 400, "EMAIL_INVALID", toMail(func(_ *desk, _ *visitor, p *tg.EmailVerifyPurposeLoginSetup) any {
		return &tg.AccountVerifyEmail{Purpose: p, Verification: &tg.EmailVerificationGoogle{Token: "x"}}
	})},
	{"account.verifyEmail", 400, "EMAIL_VERIFY_EXPIRED", toMail(func(_ *desk, _ *visitor, p *tg.EmailVerifyPurposeLoginSetup) any {
		return &tg.AccountVerifyEmail{Purpose: p, Verification: mailed("123456")}
	})},
	{"account.verifyEmail", 400, "CODE_INVALID", toMail(func(d *desk, v *visitor, p *tg.EmailVerifyPurposeLoginSetup) any {
		get(d.t, v, &tg.AccountSendVerifyEmailCode{Purpose: p, Email: mailbox})
		return &tg.AccountVerifyEmail{Purpose: p, Verification: mailed("x")}
	})},
	{"auth.resetLoginEmail", 400, "PHONE_NUMBER_INVALID", of(&tg.AuthResetLoginEmail{PhoneNumber: "x", PhoneCodeHash: "x"})},
	{"auth.resetLoginEmail", 400, "TASK_ALREADY_EXISTS", func(t *testing.T, d *desk) (*visitor, any) {
		d.w.accounts.byPhone["9996620001"].loginEmail = mailbox
		v := d.visitor(2)
		q := &tg.AuthResetLoginEmail{PhoneNumber: ann, PhoneCodeHash: ask(t, v, ann)}
		get(t, v, q)
		return v, q
	}},

	// https://core.telegram.org/method/auth.signUp#possible-errors
	{"auth.signUp", 400, "FIRSTNAME_INVALID", toSignUp(func(_ *desk, _ *visitor, up *tg.AuthSignUp) { up.FirstName = "" })},
	{"auth.signUp", 400, "LASTNAME_INVALID", toSignUp(func(_ *desk, _ *visitor, up *tg.AuthSignUp) { up.LastName = "\xff" })},
	{"auth.signUp", 400, "PHONE_CODE_EMPTY", toSignUp(func(d *desk, v *visitor, up *tg.AuthSignUp) { up.PhoneCodeHash = ask(d.t, v, stranger) })},
	{"auth.signUp", 400, "PHONE_CODE_EXPIRED", toSignUp(func(d *desk, _ *visitor, _ *tg.AuthSignUp) { d.now = d.now.Add(5 * time.Minute) })},
	{"auth.signUp", 400, "PHONE_CODE_INVALID", toSignUp(func(d *desk, v *visitor, up *tg.AuthSignUp) {
		up.PhoneCodeHash = ask(d.t, v, stranger)
		wantRefusal(d.t, v, typeIn(stranger, up.PhoneCodeHash, "x"), 400, "PHONE_CODE_INVALID")
	})},
	{"auth.signUp", 400, "PHONE_NUMBER_FLOOD", toSignUp(func(d *desk, _ *visitor, _ *tg.AuthSignUp) {
		d.w.accounts.order = make([]*account, maxAccounts) // there is no room for more
	})},
	{"auth.signUp", 400, "PHONE_NUMBER_INVALID", toSignUp(func(_ *desk, _ *visitor, up *tg.AuthSignUp) { up.PhoneNumber = "x" })},
	{"auth.signUp", 400, "PHONE_NUMBER_OCCUPIED", toSignUp(func(d *desk, _ *visitor, _ *tg.AuthSignUp) {
		d.w.addAccount("9996621234", "Quicker", "", 2)
	})},
	{"help.acceptTermsOfService", 400, "DATA_JSON_INVALID", of(&tg.HelpAcceptTermsOfService{ID: &tg.DataJSON{Data: "{"}})},

	// https://core.telegram.org/method/auth.checkPassword#possible-errors
	{"auth.checkPassword", 400, "PASSWORD_HASH_INVALID", inside(func(*visitor) any { return &tg.AuthCheckPassword{Password: nothing} })},
	{"auth.checkPassword", 400, "SRP_ID_INVALID", inside(func(*visitor) any {
		return &tg.AuthCheckPassword{Password: &tg.InputCheckPasswordSRP{SRPID: 1}}
	})},
	{"auth.checkPassword", 400, "SRP_PASSWORD_CHANGED", inside(func(v *visitor) any {
		old := v.proven("secret")
		v.key.owner().apply(v.now, passwordChange{remove: true}) // as by another device
		return &tg.AuthCheckPassword{Password: old}
	})},
	{"auth.checkPassword", 400, "PASSWORD_EMPTY", open(func(*desk, *visitor) any { return &tg.AuthCheckPassword{Password: nothing} })},
	{"auth.checkPassword", 420, "FLOOD_WAIT_3", nil},

	// https://core.telegram.org/method/account.updatePasswordSettings#possible-errors
	{"account.updatePasswordSettings", 400, "EMAIL_INVALID", inside(func(v *visitor) any { return update(v.proven("secret"), email("x")) })},
	{"account.updatePasswordSettings", 400, "EMAIL_UNCONFIRMED", nil},
	{"account.updatePasswordSettings", 400, "EMAIL_UNCONFIRMED_6", inside(func(v *visitor) any { return update(v.proven("secret"), email(mailbox2)) })},
	{"account.updatePasswordSettings", 400, "NEW_SALT_INVALID", open(func(_ *desk, v *visitor) any {
		s := v.settings("new", "")
		get(v.t, v, update(nothing, s))
		return update(v.proven("new"), s)
	})},
	{"account.updatePasswordSettings", 400, "NEW_SETTINGS_EMPTY", open(func(*desk, *visitor) any { return update(nothing, email(mailbox)) })},
	{"account.updatePasswordSettings", 400, "NEW_SETTINGS_INVALID", open(func(_ *desk, v *visitor) any {
		s := v.settings("new", "")
		s.NewPasswordHash = s.NewPasswordHash[1:]
		return update(nothing, s)
	})},
	{"account.updatePasswordSettings", 400, "PASSWORD_HASH_INVALID", inside(func(*visitor) any { return update(nothing, removal()) })},
	{"account.updatePasswordSettings", 400, "SRP_ID_INVALID", inside(func(*visitor) any {
		return update(&tg.InputCheckPasswordSRP{SRPID: 1}, removal())
	})},
	{"account.updatePasswordSettings", 400, "SRP_PASSWORD_CHANGED", inside(func(v *visitor) any {
		old := v.proven("secret")
		v.key.owner().apply(v.now, passwordChange{remove: true})
		return update(old, removal())
	})},
	{"account.confirmPasswordEmail", 400, "CODE_INVALID", inside(func(v *visitor) any {
		wantRefusal(v.t, v, update(v.proven("secret"), email(mailbox2)), 400, "EMAIL_UNCONFIRMED_6")
		return &tg.AccountConfirmPasswordEmail{Code: "x"}
	})},
	{"account.confirmPasswordEmail", 400, "EMAIL_HASH_EXPIRED", inside(func(*visitor) any { return &tg.AccountConfirmPasswordEmail{Code: "x"} })},
	{"account.resendPasswordEmail", 400, "EMAIL_HASH_EXPIRED", inside(func(*visitor) any { return &tg.AccountResendPasswordEmail{} })},
	{"account.cancelPasswordEmail", 400, "EMAIL_HASH_EXPIRED", inside(func(*visitor) any { return &tg.AccountCancelPasswordEmail{} })},
	{"account.getPasswordSettings", 400, "PASSWORD_HASH_INVALID", inside(func(*visitor) any { return &tg.AccountGetPasswordSettings{Password: nothing} })},
	{"account.getTmpPassword", 400, "PASSWORD_HASH_INVALID", inside(func(*visitor) any { return &tg.AccountGetTmpPassword{Password: nothing} })},
	{"account.getTmpPassword", 400, "TMP_PASSWORD_DISABLED", open(func(*desk, *visitor) any { return &tg.AccountGetTmpPassword{Password: nothing} })},

	// https://core.telegram.org/api/srp#password-recovery
	{"auth.requestPasswordRecovery", 400, "PASSWORD_EMPTY", open(func(*desk, *visitor) any { return &tg.AuthRequestPasswordRecovery{} })},
	{"auth.requestPasswordRecovery", 400, "PASSWORD_RECOVERY_NA", inside(func(v *visitor) any {
		v.key.owner().password.email = ""
		return &tg.AuthRequestPasswordRecovery{}
	})},
	{"auth.checkRecoveryPassword", 400, "PASSWORD_RECOVERY_EXPIRED", inside(func(*visitor) any { return &tg.AuthCheckRecoveryPassword{Code: "x"} })},
	{"auth.checkRecoveryPassword", 400, "CODE_INVALID", inside(func(v *visitor) any {
		get(v.t, v, &tg.AuthRequestPasswordRecovery{})
		return &tg.AuthCheckRecoveryPassword{Code: "x"}
	})},
	{"auth.recoverPassword", 400, "CODE_EMPTY", inside(func(*visitor) any { return &tg.AuthRecoverPassword{} })},
	{"auth.recoverPassword", 400, "CODE_INVALID", inside(func(v *visitor) any {
		get(v.t, v, &tg.AuthRequestPasswordRecovery{})
		return &tg.AuthRecoverPassword{Code: "x"}
	})},
	{"auth.recoverPassword", 400, "NEW_SETTINGS_INVALID", inside(func(v *visitor) any {
		get(v.t, v, &tg.AuthRequestPasswordRecovery{})
		return &tg.AuthRecoverPassword{Code: v.newest().Code, NewSettings: removal()}
	})},
	{"auth.recoverPassword", 400, "PASSWORD_RECOVERY_EXPIRED", inside(func(*visitor) any { return &tg.AuthRecoverPassword{Code: "x"} })},
	{"account.resetPassword", 400, "PASSWORD_EMPTY", open(func(*desk, *visitor) any { return &tg.AccountResetPassword{} })},
	{"account.declinePasswordReset", 400, "RESET_REQUEST_MISSING", inside(func(*visitor) any { return &tg.AccountDeclinePasswordReset{} })},

	// Calls that only the owner may make.
	// https://core.telegram.org/api/rights#ownership-transfer
	{"payments.getStarsRevenueWithdrawalUrl", 400, "PASSWORD_MISSING", open(func(*desk, *visitor) any { return withdraw(nothing) })},
	{"payments.getStarsRevenueWithdrawalUrl", 400, "PASSWORD_TOO_FRESH_86400", open(func(_ *desk, v *visitor) any {
		get(v.t, v, update(nothing, v.settings("new", "")))
		return withdraw(nothing)
	})},
	{"payments.getStarsRevenueWithdrawalUrl", 400, "SESSION_TOO_FRESH_86400", inside(func(*visitor) any { return withdraw(nothing) })},

	// https://core.telegram.org/api/errors: checks of who is calling.
	{"auth.sendCode", 403, "RECAPTCHA_CHECK_sign_in__6LeKey", nil},
	{"auth.sendCode", 403, "INTEGRITY_CHECK_CLASSIC_n0nce", nil},
	{"auth.sendCode", 403, "APNS_VERIFY_CHECK_n0nce", nil},
}

func withdraw(p tg.AnyInputCheckPasswordSRP) *tg.PaymentsGetStarsRevenueWithdrawalURL {
	return &tg.PaymentsGetStarsRevenueWithdrawalURL{Peer: &tg.InputPeerSelf{}, Password: p}
}

func TestEveryDocumentedErrorIsRaisedForItsReason(t *testing.T) {
	wantRaised(t, documentedErrors)
}

// wantRaised wants each error for its reason, if there is one here.
func wantRaised(t *testing.T, errors []documented) {
	for _, e := range errors {
		if e.raise == nil {
			continue
		}
		t.Run(e.method+"/"+e.message, func(t *testing.T) {
			d := newDesk(t, User{Phone: ann, Password: "secret", RecoveryEmail: mailbox})
			v, call := e.raise(t, d)
			if name := tg.Schema.DefinitionOf(call).Name; name != e.method {
				t.Fatalf("%s is called, want %s", name, e.method)
			}
			if _, no := v.bring(bytesOf(call)); no == nil || no.code != e.code || no.message != e.message {
				t.Errorf("got %+v, want %d %s", no, e.code, e.message)
			}
		})
	}
}

// What has no reason in a local Telegram is said by rules.
func TestEveryOtherDocumentedErrorIsRaisedByARule(t *testing.T) {
	s := running(t, Config{})
	l := connect(t, s, 2, how{})
	for _, e := range documentedErrors {
		if e.raise != nil {
			continue
		}
		rule := Rule{Method: e.method, Do: "error", Code: e.code, Message: e.message}
		if e.code == 403 {
			rule.Do, rule.Code, rule.Token = "challenge", 0, "passed"
		}
		s.ClearRules()
		if _, err := s.AddRule(rule); err != nil {
			t.Error(err)
			continue
		}
		calls := map[string]func(){
			"auth.sendCode":   func() { wantRefusal(t, l, codeFor(ann), e.code, e.message) },
			"auth.resendCode": func() { wantRefusal(t, l, &tg.AuthResendCode{PhoneNumber: ann}, e.code, e.message) },
			"auth.signIn":     func() { wantRefusal(t, l, typeIn(ann, "x", codeX), e.code, e.message) },
			"auth.checkPassword": func() {
				wantRefusal(t, l, &tg.AuthCheckPassword{Password: nothing}, e.code, e.message)
			},
			"account.updatePasswordSettings": func() { wantRefusal(t, l, update(nothing, removal()), e.code, e.message) },
		}
		if call := calls[e.method]; call != nil {
			call()
		} else {
			t.Errorf("%s is not called", e.method)
		}
	}
}
