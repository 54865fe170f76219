package auth_test

import "testing"

const emailIsWanted = nobody + `
		> auth.sendCode
		< sent h1 setup google=yes
		? email google=true
	`

// https://core.telegram.org/api/auth#email-verification
func TestLoginEmailIsSetUpBeforeTheSignInGoesOn(t *testing.T) {
	play(t, ann, emailIsWanted+`
		! email wrong
		> account.sendVerifyEmailCode email=wrong purpose._=emailVerifyPurposeLoginSetup purpose.phone_number=9996621234 purpose.phone_code_hash=h1
		< 400 EMAIL_INVALID
		? email google=true EMAIL_INVALID
		! email ann@b.c
		> account.sendVerifyEmailCode email=ann@b.c
		< mailed a***@b.c
		? code email for=login email 6 a***@b.c next=email
		! code 111111
		> account.verifyEmail verification._=emailVerificationCode verification.code=111111 purpose.phone_code_hash=h1
		< 400 CODE_INVALID
		? code email for=login email 6 a***@b.c next=email wrong=1 CODE_INVALID
		! resend
		> account.sendVerifyEmailCode email=ann@b.c
		< mailed a***@b.c
		? code email for=login email 6 a***@b.c next=email
		! code 222222
		> account.verifyEmail verification.code=222222
		< verified h2 email 6
		? code email 6 a***@b.c
		! code 333333
		> auth.signIn phone_code_hash=h2 email_verification.code=333333
		< in Ann
		done Ann
	`)
}

func TestGoogleVouchesForALoginEmail(t *testing.T) {
	play(t, ann, emailIsWanted+`
		! google token
		> account.verifyEmail verification._=emailVerificationGoogle verification.token=token
		< 400 EMAIL_NOT_ALLOWED
		? email google=true EMAIL_NOT_ALLOWED
		! google token2
		> account.verifyEmail verification.token=token2
		< verified h2 email 6 google=yes
		? code email 6 a***@b.c google=true
		! code 333333
		> auth.signIn phone_code_hash=h2
		< in Ann
		done Ann
	`)
}

func TestSetUpThatTookTooLongBeginsAnew(t *testing.T) {
	play(t, ann, emailIsWanted+`
		! email ann@b.c
		> account.sendVerifyEmailCode
		< mailed a***@b.c
		? code email for=login email 6 a***@b.c next=email
		! code 111111
		> account.verifyEmail
		< 400 EMAIL_VERIFY_EXPIRED
		? code email for=login email 6 a***@b.c next=email EMAIL_VERIFY_EXPIRED
		! resend
		> account.sendVerifyEmailCode
		< 400 PHONE_HASH_EXPIRED
		> auth.sendCode
		< sent h2 setup
		? email
		! cancel
		> auth.cancelCode phone_code_hash=h2
		< true
		fails cancelled
	`)
}

func TestGoogleAndAppleAreTakenForACodeWhereTelegramSaysSo(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< sent h1 email 6 google=yes apple=yes
		? code email 6 a***@b.c google=true apple=true
		! google wrong
		> auth.signIn email_verification._=emailVerificationGoogle email_verification.token=wrong phone_code=<nil>
		< 400 CODE_INVALID
		? code email 6 a***@b.c google=true apple=true wrong=1 CODE_INVALID
		! apple right
		> auth.signIn email_verification._=emailVerificationApple email_verification.token=right
		< in Ann
		done Ann
	`)
}

const codeIsMailed = nobody + `
		> auth.sendCode
		< sent h1 email 6 reset-after=604800
		? code email 6 a***@b.c reset-after=168h0m0s
		! reset-email
		> auth.resetLoginEmail phone_number=9996621234 phone_code_hash=h1
	`

// https://core.telegram.org/method/auth.resetLoginEmail
func TestLostLoginEmailIsTakenAwayAtOnce(t *testing.T) {
	play(t, ann, codeIsMailed+`
		< sent h2 sms 5
		? code sms 5
		! code 22222
		> auth.signIn phone_code_hash=h2 phone_code=22222
		< in Ann
		done Ann
	`)
}

func TestLostLoginEmailIsTakenAwayInAWeek(t *testing.T) {
	play(t, ann, codeIsMailed+`
		< sent h2 email 6 reset-in=604800
		? code email 6 a***@b.c reset-in=168h0m0s
		! reset-email
		> auth.resetLoginEmail phone_code_hash=h2
		< 400 TASK_ALREADY_EXISTS
		? code email 6 a***@b.c reset-in=168h0m0s TASK_ALREADY_EXISTS
		! code 123456
		> auth.signIn phone_code_hash=h2
		< in Ann
		done Ann
	`)
}
