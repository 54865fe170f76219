package auth_test

import (
	"testing"

	"github.com/telekey/telekey/auth"
)

// https://core.telegram.org/api/auth#sign-up
func TestSignUpShowsTermsAndAsksForAName(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 22222
		> auth.signIn
		< signup terms=16
		? terms be kind 16
		! accept
		? name
		! name . Lee
		> auth.signUp phone_number=9996621234 phone_code_hash=h1 first_name=. last_name=Lee
		< 400 FIRSTNAME_INVALID
		? name FIRSTNAME_INVALID
		! name Ann Lee
		> auth.signUp first_name=Ann last_name=Lee
		< in Ann
		> help.acceptTermsOfService id.data=tos
		< true
		done Ann
	`)
}

func TestSignUpWithoutTermsAsksOnlyForAName(t *testing.T) {
	for _, reply := range []string{"signup", "400 PHONE_NUMBER_UNOCCUPIED"} {
		play(t, ann, codeIsSent+`
			! code 22222
			> auth.signIn
			< `+reply+`
			? name
			! name Ann Lee
			> auth.signUp
			< in Ann
			done Ann
		`)
	}
}

func TestSignUpIsDoneThoughTheTermsWereNotTaken(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 22222
		> auth.signIn
		< signup terms=0
		? terms be kind
		! accept
		? name
		! name Ann Lee
		> auth.signUp
		< in Ann
		> help.acceptTermsOfService
		< 400 DATA_JSON_INVALID
		done Ann
	`)
}

func TestWhoGivesUpGetsNoAccount(t *testing.T) {
	for _, at := range []string{termsAreAsked, nameIsAsked} {
		play(t, ann, at+`
			! cancel
			> auth.cancelCode phone_code_hash=h1
			< true
			fails cancelled
		`)
	}
	play(t, auth.Phone(""), nobodyIsAsked+`
		! cancel
		fails cancelled
	`)
}

func TestCodeMayExpireWhileANameIsThoughtAbout(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 22222
		> auth.signIn
		< signup
		? name
		! name Ann Lee
		> auth.signUp
		< 400 PHONE_CODE_EXPIRED
		? code app 5 next=sms in=60 PHONE_CODE_EXPIRED
		! resend
		> auth.sendCode
		< sent h2 app 5
		? code app 5
	`)
}

func TestSignUpForOfficialAppsOnlySaysSo(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< 400 PHONE_NUMBER_APP_SIGNUP_FORBIDDEN
		fails Telegram does this for its own apps alone
	`)
}
