package auth_test

import (
	"context"
	"testing"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/tg"
)

// doing is a way to do a task with Ann's account.
func doing(ann emulator.User, task auth.Task, says func() func(auth.Question) auth.Answer) way {
	return way{ann: ann, inside: true, call: func(ctx context.Context, srv *emulator.Server, c *telekey.Client) error {
		var said func(auth.Question) auth.Answer
		if says != nil {
			said = says()
		}
		_, err := auth.Run(ctx, c, task, once(srv, said))
		return err
	}}
}

// caring is a call by which Ann's account is looked after.
func caring(call func(ctx context.Context, c *telekey.Client) error) way {
	w := plainly(call)
	w.inside = true
	return w
}

// unconfirmed has Ann name a recovery address, and leave it at that.
func (w way) unconfirmed() way {
	w.before = func(t *testing.T, srv *emulator.Server, c *telekey.Client) {
		said := func(q auth.Question) auth.Answer {
			switch q.(type) {
			case auth.NewPasswordQuestion:
				return auth.NewPassword{Password: auth.Secret("correct horse"), Email: "ann@example.org"}
			case auth.CodeQuestion:
				return auth.Skip{}
			}
			return nil
		}
		if end, err := auth.Run(t.Context(), c, auth.SetPassword(), once(srv, said)); err != nil || !end.Unconfirmed {
			t.Fatalf("got %+v, %v, want an address that waits", end, err)
		}
	}
	return w
}

var (
	locked      = emulator.User{Password: "correct horse"}
	recoverable = emulator.User{Password: "correct horse", RecoveryEmail: "ann@example.org"}
)

// withdrawal is a call that wants the password.
var withdrawal = &tg.PaymentsGetStarsRevenueWithdrawalURL{Peer: &tg.InputPeerSelf{}, Amount: new(int64(1))}

var passwordRefusals = []refusals{
	// https://core.telegram.org/method/auth.checkPassword#possible-errors
	{"auth.checkPassword", signing(locked, byPhone, nil), `
		400 PASSWORD_HASH_INVALID: the password of two-step verification was refused
		400 SRP_ID_INVALID: try again
		400 SRP_PASSWORD_CHANGED: the password of two-step verification was refused
		400 PASSWORD_EMPTY: no password
		420 FLOOD_WAIT_3600: try again in 1h0m0s`},
	// https://core.telegram.org/method/account.updatePasswordSettings#possible-errors
	{"account.updatePasswordSettings", doing(emulator.User{}, auth.SetPassword(), func() func(auth.Question) auth.Answer {
		return saying[auth.CodeQuestion](auth.Skip{})
	}), `
		400 EMAIL_INVALID: the new password was refused
		400 EMAIL_UNCONFIRMED -> done
		400 EMAIL_UNCONFIRMED_6 -> done
		400 NEW_SALT_INVALID: begin anew
		400 NEW_SETTINGS_EMPTY: nothing in it that would change
		400 NEW_SETTINGS_INVALID: the new password was refused`},
	{"account.updatePasswordSettings", doing(locked, auth.RemovePassword(), nil), `
		400 PASSWORD_HASH_INVALID: the password of two-step verification was refused
		400 SRP_ID_INVALID: try again
		400 SRP_PASSWORD_CHANGED: the password of two-step verification was refused`},
	// https://core.telegram.org/method/account.getPasswordSettings#possible-errors
	{"account.getPasswordSettings", doing(locked, auth.SetPassword(), nil), `
		400 PASSWORD_HASH_INVALID: the password of two-step verification was refused`},
	// https://core.telegram.org/method/account.confirmPasswordEmail#possible-errors
	{"account.confirmPasswordEmail", doing(emulator.User{}, auth.ConfirmRecoveryEmail(), nil).unconfirmed(), `
		400 CODE_INVALID: the code (email) was refused
		400 EMAIL_HASH_EXPIRED: set it again`},
	// https://core.telegram.org/method/account.resendPasswordEmail#possible-errors
	{"account.resendPasswordEmail", doing(emulator.User{}, auth.ConfirmRecoveryEmail(), func() func(auth.Question) auth.Answer {
		return saying[auth.CodeQuestion](auth.Resend{})
	}).unconfirmed(), `
		400 EMAIL_HASH_EXPIRED: set it again`},
	// https://core.telegram.org/method/account.cancelPasswordEmail#possible-errors
	{"account.cancelPasswordEmail", doing(emulator.User{}, auth.ConfirmRecoveryEmail(), func() func(auth.Question) auth.Answer {
		return saying[auth.CodeQuestion](auth.Cancel{})
	}).unconfirmed(), `
		400 EMAIL_HASH_EXPIRED -> cancelled`},
	// https://core.telegram.org/method/account.getTmpPassword#possible-errors
	{"account.getTmpPassword", doing(locked, auth.WithPassword(&tg.AccountGetTmpPassword{Period: 60}), nil), `
		400 PASSWORD_HASH_INVALID: the password of two-step verification was refused
		400 TMP_PASSWORD_DISABLED: no temporary password`},
	// https://core.telegram.org/api/srp#using-the-2fa-password
	{"payments.getStarsRevenueWithdrawalUrl", doing(emulator.User{}, auth.WithPassword(withdrawal), nil), `
		400 PASSWORD_MISSING: set one with SetPassword
		400 PASSWORD_TOO_FRESH_86400: the password has been changed too recently
		400 SESSION_TOO_FRESH_86400: this login is too new
		403 RECAPTCHA_CHECK_withdraw__KEY -> a proof against robots (recaptcha) was asked for, and there is no answer ready`},

	// https://core.telegram.org/method/auth.requestPasswordRecovery#possible-errors
	{"auth.requestPasswordRecovery", doing(recoverable, auth.RecoverPassword(), nil), `
		400 PASSWORD_EMPTY: no password
		400 PASSWORD_RECOVERY_NA: no recovery e-mail`},
	{"auth.requestPasswordRecovery", signing(recoverable, byPhone, func() func(auth.Question) auth.Answer {
		return saying[auth.PasswordQuestion](auth.Recover{})
	}), `
		400 PASSWORD_RECOVERY_NA: the password of two-step verification was refused`},
	// https://core.telegram.org/method/auth.checkRecoveryPassword#possible-errors
	{"auth.checkRecoveryPassword", doing(recoverable, auth.RecoverPassword(), nil), `
		400 PASSWORD_RECOVERY_EXPIRED: the code (email) was refused
		400 CODE_INVALID: the code (email) was refused`},
	// https://core.telegram.org/method/auth.recoverPassword#possible-errors
	{"auth.recoverPassword", doing(recoverable, auth.RecoverPassword(), func() func(auth.Question) auth.Answer {
		return saying[auth.NewPasswordQuestion](auth.Skip{})
	}), `
		400 CODE_EMPTY: the code (email) was refused
		400 CODE_INVALID: the code (email) was refused
		400 NEW_SETTINGS_INVALID: the new password was refused
		400 PASSWORD_RECOVERY_EXPIRED: the code (email) was refused`},
	// https://core.telegram.org/method/account.resetPassword#possible-errors
	{"account.resetPassword", caring(func(ctx context.Context, c *telekey.Client) error {
		_, err := auth.ResetPassword(ctx, c)
		return err
	}), `
		400 PASSWORD_EMPTY: no password`},
	{"account.declinePasswordReset", caring(func(ctx context.Context, c *telekey.Client) error { return auth.DeclinePasswordReset(ctx, c) }), `
		400 RESET_REQUEST_MISSING: under way`},
}

var accountRefusals = []refusals{
	// https://core.telegram.org/method/account.sendVerifyEmailCode#possible-errors
	{"account.sendVerifyEmailCode", doing(emulator.User{}, auth.ChangeLoginEmail("new@example.org"), nil), `
		400 EMAIL_INVALID: write it as in ann@example.org
		400 EMAIL_NOT_ALLOWED: choose another
		400 EMAIL_NOT_SETUP: no login e-mail`},
	{"account.verifyEmail", doing(mailed, auth.ChangeLoginEmail("new@example.org"), nil), `
		400 EMAIL_INVALID: write it as in ann@example.org
		400 EMAIL_VERIFY_EXPIRED: the code (email) was refused
		400 CODE_INVALID: the code (email) was refused`},

	// https://core.telegram.org/method/account.deleteAccount#possible-errors
	{"account.deleteAccount", doing(emulator.User{}, auth.DeleteAccount("moving"), nil), `
		420 2FA_CONFIRM_WAIT_604800 -> done`},
	// https://core.telegram.org/method/account.sendConfirmPhoneCode#possible-errors
	{"account.sendConfirmPhoneCode", doing(emulator.User{}, auth.ConfirmPhone("tg://confirmphone?phone=9996620001&hash=x"), nil), `
		400 HASH_INVALID: mistyped`},
	// https://core.telegram.org/method/account.setAccountTTL#possible-errors
	{"account.setAccountTTL", caring(func(ctx context.Context, c *telekey.Client) error { return auth.SetAccountTTL(ctx, c, 30) }), `
		400 TTL_DAYS_INVALID: this number of days
		420 FROZEN_METHOD_INVALID: where to appeal`},

	// https://core.telegram.org/method/account.resetAuthorization#possible-errors
	{"account.resetAuthorization", caring(func(ctx context.Context, c *telekey.Client) error { return auth.EndDevice(ctx, c, 7) }), `
		400 HASH_INVALID: list them again
		406 FRESH_RESET_AUTHORISATION_FORBIDDEN: this login is too new for that: try again after`},
	// https://core.telegram.org/method/auth.resetAuthorizations#possible-errors
	{"auth.resetAuthorizations", caring(func(ctx context.Context, c *telekey.Client) error { return auth.EndOtherDevices(ctx, c) }), `
		406 FRESH_RESET_AUTHORISATION_FORBIDDEN: this login is too new for that: try again after`},
	{"account.getAuthorizations", caring(func(ctx context.Context, c *telekey.Client) error {
		_, err := auth.Devices(ctx, c)
		return err
	}), `
		400 BOT_METHOD_INVALID: bots`},
	{"account.changeAuthorizationSettings", caring(func(ctx context.Context, c *telekey.Client) error { return auth.ConfirmDevice(ctx, c, 7) }), `
		400 HASH_INVALID: list them again`},
	// https://core.telegram.org/method/account.setAuthorizationTTL#possible-errors
	{"account.setAuthorizationTTL", caring(func(ctx context.Context, c *telekey.Client) error { return auth.SetDeviceTTL(ctx, c, 30) }), `
		400 TTL_DAYS_INVALID: this number of days
		406 FRESH_RESET_AUTHORISATION_FORBIDDEN: this login is too new for that: try again after`},
	// https://core.telegram.org/method/account.resetWebAuthorization#possible-errors
	{"account.resetWebAuthorization", caring(func(ctx context.Context, c *telekey.Client) error { return auth.EndWebLogin(ctx, c, 7) }), `
		400 HASH_INVALID: list them again`},

	// https://core.telegram.org/method/account.sendChangePhoneCode#possible-errors
	{"account.sendChangePhoneCode", doing(emulator.User{}, auth.ChangePhone("+9996620002"), nil), `
		400 PHONE_NUMBER_BANNED: only its support can change that
		400 PHONE_NUMBER_INVALID: write the number with its country code
		400 PHONE_NUMBER_OCCUPIED: another account has this number
		406 FRESH_CHANGE_PHONE_FORBIDDEN: this login is too new for that: try again after`},
	// https://core.telegram.org/method/account.changePhone#possible-errors
	{"account.changePhone", doing(emulator.User{}, auth.ChangePhone("+9996620002"), func() func(auth.Question) auth.Answer {
		return saying[auth.CodeQuestion](auth.Code("22222"))
	}), `
		400 PHONE_CODE_EMPTY: the code (sms) was refused
		400 PHONE_CODE_EXPIRED: the code (sms) was refused
		400 PHONE_CODE_INVALID: the code (sms) was refused
		400 PHONE_NUMBER_INVALID: write the number with its country code
		400 PHONE_NUMBER_OCCUPIED: another account has this number`},
	// https://core.telegram.org/method/account.invalidateSignInCodes
	{"account.invalidateSignInCodes", caring(func(ctx context.Context, c *telekey.Client) error {
		return auth.InvalidateCodes(ctx, c, auth.Code("22222"))
	}), `
		400 FROZEN_PARTICIPANT_MISSING: is frozen`},
}
