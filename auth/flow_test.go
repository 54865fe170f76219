package auth_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

var ann = auth.Phone("+999 66 2-1234")

// The rules of these stories: https://core.telegram.org/api/auth
const (
	nobody = `
		> users.getUsers
		< 401 AUTH_KEY_UNREGISTERED
	`
	codeIsSent = nobody + `
		> auth.sendCode phone_number=9996621234 api_id=0
		< sent h1 app 5 next=sms in=60
		? code app 5 next=sms in=60
	`
)

func TestCodeSignsIn(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 22222
		> auth.signIn phone_number=9996621234 phone_code_hash=h1 phone_code=22222
		< in Ann
		done Ann
	`)
}

func TestWhoIsSignedInIsAskedNothing(t *testing.T) {
	play(t, ann, `
		> users.getUsers
		< user Ann
		already Ann
	`)
}

func TestCodeMayBeMistypedTwice(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 11111
		> auth.signIn phone_code=11111
		< 400 PHONE_CODE_INVALID
		? code app 5 next=sms in=60 wrong=1 PHONE_CODE_INVALID
		! code
		> auth.signIn phone_code=code
		< 400 PHONE_CODE_EMPTY
		? code app 5 next=sms in=60 wrong=2 PHONE_CODE_EMPTY
		! code 22222
		> auth.signIn phone_code=22222
		< in Ann
		done Ann
	`)
}

func TestBlanksAndDashesInACodeDoNotMatter(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 2-2 2 22
		> auth.signIn phone_code=22222
		< in Ann
		done Ann
	`)
}

func TestWordsKeepTheirBlanks(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< sent h1 word
		? code word b
		! code  beer-4 
		> auth.signIn phone_code=beer-4
		< in Ann
		done Ann
	`)
}

func TestCodeByMailIsShownAsMail(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< sent h1 email 6
		? code email 6 a***@b.c
		! code 123456
		> auth.signIn phone_code=<nil> email_verification._=emailVerificationCode email_verification.code=123456
		< in Ann
		done Ann
	`)
}

func TestExpiredCodeIsReplacedOnRequest(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 22222
		> auth.signIn phone_code_hash=h1
		< 400 PHONE_CODE_EXPIRED
		? code app 5 next=sms in=60 PHONE_CODE_EXPIRED
		! resend
		> auth.sendCode phone_number=9996621234
		< sent h2 app 5
		? code app 5
		! code 33333
		> auth.signIn phone_code_hash=h2 phone_code=33333
		< in Ann
		done Ann
	`)
}

func TestResentCodeComesWithTheNewestHash(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 11111
		> auth.signIn
		< 400 PHONE_CODE_INVALID
		? code app 5 next=sms in=60 wrong=1 PHONE_CODE_INVALID
		! resend
		> auth.resendCode phone_number=9996621234 phone_code_hash=h1
		< sent h2 sms 5
		? code sms 5
		! code 22222
		> auth.signIn phone_code_hash=h2
		< in Ann
		done Ann
	`)
}

func TestResendingIsToldToBeImpossible(t *testing.T) {
	play(t, ann, codeIsSent+`
		! resend
		> auth.resendCode
		< 406 SEND_CODE_UNAVAILABLE
		? code app 5 next=sms in=60 SEND_CODE_UNAVAILABLE
		! code 22222
		> auth.signIn phone_code_hash=h1
		< in Ann
		done Ann
	`)
}

func TestResendingAnExpiredCodeSendsANewOne(t *testing.T) {
	play(t, ann, codeIsSent+`
		! resend
		> auth.resendCode
		< 400 PHONE_CODE_EXPIRED
		> auth.sendCode
		< sent h2 app 5
		? code app 5
	`)
}

func TestCancelTakesTheCodeBack(t *testing.T) {
	for _, outcome := range []string{"true", "400 PHONE_CODE_EXPIRED", "420 FLOOD_WAIT_3"} {
		play(t, ann, codeIsSent+`
			! cancel
			> auth.cancelCode phone_number=9996621234 phone_code_hash=h1
			< `+outcome+`
			fails cancelled
		`)
	}
}

func TestNumberIsAskedForAndAskedAgain(t *testing.T) {
	play(t, auth.Phone(""), nobody+`
		? phone
		! phone 123
		> auth.sendCode phone_number=123
		< 400 PHONE_NUMBER_INVALID
		? phone PHONE_NUMBER_INVALID
		! phone +9996621234
		> auth.sendCode phone_number=9996621234
		< sent h1 app 5
		? code app 5
	`)
}

func TestGivenNumberIsNotAskedAgain(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< 400 PHONE_NUMBER_INVALID
		fails auth.sendCode: telegram: 400 PHONE_NUMBER_INVALID: write the number with its country code
	`)
}

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

func TestWhoDeclinesTheTermsGetsNoAccount(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 22222
		> auth.signIn
		< signup terms=16
		? terms be kind 16
		! cancel
		> auth.cancelCode phone_code_hash=h1
		< true
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
		fails only its own apps open new accounts
	`)
}

// https://core.telegram.org/api/srp#checking-the-password-with-srp
const passwordIsAsked = codeIsSent + `
		! code 22222
		> auth.signIn
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password hint=horse
		? password hint=horse
	`

func TestPasswordFollowsTheCode(t *testing.T) {
	play(t, ann, passwordIsAsked+`
		! password correct
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
}

func TestWrongPasswordIsAskedAgainWithFreshParameters(t *testing.T) {
	play(t, ann, passwordIsAsked+`
		! password horse
		> auth.checkPassword proof=horse
		< 400 PASSWORD_HASH_INVALID
		> account.getPassword
		< password hint=horse
		? password hint=horse wrong=1 PASSWORD_HASH_INVALID
		! password correct
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
}

func TestStaleParametersAreFetchedAnewOnceWithoutAWord(t *testing.T) {
	story(t, false, ann, passwordIsAsked+`
		! password correct
		> auth.checkPassword proof=correct
		< 400 SRP_ID_INVALID
		> account.getPassword
		< password hint=horse
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
	story(t, false, ann, passwordIsAsked+`
		! password correct
		> auth.checkPassword proof=correct
		< 400 SRP_ID_INVALID
		> account.getPassword
		< password
		> auth.checkPassword proof=correct
		< 400 SRP_ID_INVALID
		fails auth.checkPassword: telegram: 400 SRP_ID_INVALID
	`)
}

func TestStaleParametersAfterAResumeAskAgain(t *testing.T) {
	story(t, true, ann, passwordIsAsked+`
		! password correct
		> auth.checkPassword proof=correct
		< 400 SRP_ID_INVALID
		> account.getPassword
		< password hint=horse
		? password hint=horse
	`)
}

func TestPasswordThatWasJustChangedIsAskedForAnew(t *testing.T) {
	play(t, ann, passwordIsAsked+`
		! password correct
		> auth.checkPassword proof=correct
		< 400 SRP_PASSWORD_CHANGED
		> account.getPassword
		< password
		? password SRP_PASSWORD_CHANGED
	`)
}

func TestCancelledPasswordIsCancelled(t *testing.T) {
	play(t, ann, passwordIsAsked+`
		! cancel
		fails cancelled
	`)
}

func TestHalfASignInGoesOnWithThePassword(t *testing.T) {
	play(t, ann, `
		> users.getUsers
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password
		? password
		! password correct
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
}

func TestPasswordThatIsGoneIsAnError(t *testing.T) {
	play(t, ann, `
		> users.getUsers
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password-none
		fails account.getPassword: the account has no password
	`)
}

// https://core.telegram.org/api/auth#future-auth-tokens
func TestCodeMayNotBeNeeded(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< sent-in Ann
		done Ann
	`)
	play(t, ann, nobody+`
		> auth.sendCode
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password
		? password
	`)
}

// https://core.telegram.org/api/datacenter#user-migration
func TestFlowMovesHomeAndHasTheCodeSentAnew(t *testing.T) {
	for _, refusal := range []string{"PHONE_MIGRATE_1", "NETWORK_MIGRATE_1", "USER_MIGRATE_1"} {
		play(t, ann, nobody+`
			> auth.sendCode
			< 303 `+refusal+`
			move 1
			> auth.sendCode
			< sent h1 app 5
			? code app 5
			! code 22222
			> auth.signIn
			< 303 USER_MIGRATE_3
			move 3
			> auth.sendCode
			< sent h2 app 5
			? code app 5
		`)
	}
}

func TestFlowDoesNotMoveForEver(t *testing.T) {
	play(t, ann, nobody+strings.Repeat(`
		> auth.sendCode
		< 303 PHONE_MIGRATE_1
		move 1
		> auth.sendCode
		< 303 PHONE_MIGRATE_2
		move 2
	`, 2)+`
		> auth.sendCode
		< 303 PHONE_MIGRATE_1
		fails PHONE_MIGRATE_1: this is move 5
	`)
	for _, nowhere := range []string{"PHONE_MIGRATE", "PHONE_MIGRATE_0", "PHONE_MIGRATE_10000"} {
		play(t, ann, nobody+`
			> auth.sendCode
			< 303 `+nowhere+`
			fails want 1 to 9999
		`)
	}
}

func TestCallsThatMoveElsewhereAreNotTheFlows(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< 303 FILE_MIGRATE_1
		fails FILE_MIGRATE_1
	`)
}

// https://core.telegram.org/api/errors#500-internal
func TestRestartBeginsAnewOnce(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 22222
		> auth.signIn
		< 500 AUTH_RESTART
		> auth.sendCode
		< sent h2 app 5
		? code app 5
		! code 22222
		> auth.signIn phone_code_hash=h2
		< 500 AUTH_RESTART
		fails auth.signIn: telegram: 500 AUTH_RESTART
	`)
}

// https://core.telegram.org/api/errors#420-flood
func TestShortFloodsAreWaitedFor(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< 420 FLOOD_WAIT_30
		wait 30s
		> auth.sendCode
		< 420 FLOOD_WAIT_0
		wait 1s
		> auth.sendCode
		< 420 FLOOD_WAIT_60
		wait 1m0s
		> auth.sendCode
		< sent h1 app 5
		? code app 5
		! code 22222
		> auth.signIn phone_code=22222
		< 420 FLOOD_WAIT_5
		wait 5s
	`)
	story(t, false, ann, codeIsSent+`
		! code 22222
		> auth.signIn phone_code=22222
		< 420 FLOOD_WAIT_5
		wait 5s
		> auth.signIn phone_code=22222
	`)
}

func TestLongFloodsAreErrors(t *testing.T) {
	for message, words := range map[string]string{
		"FLOOD_WAIT_61":                  "too many attempts, try again in 1m1s",
		"FLOOD_WAIT_9223372036854775807": "FLOOD_WAIT_9223372036854775807",
		"FLOOD_WAIT_9223372037":          "FLOOD_WAIT_9223372037", // seconds that overflow a time.Duration
		"2FA_CONFIRM_WAIT_10":            "2FA_CONFIRM_WAIT_10",
	} {
		play(t, ann, nobody+`
			> auth.sendCode
			< 420 `+message+`
			fails `+words+`
		`)
	}
}

func TestFloodsAreNotWaitedForForEver(t *testing.T) {
	play(t, ann, nobody+strings.Repeat(`
		> auth.sendCode
		< 420 FLOOD_WAIT_1
		wait 1s
	`, 10)+`
		> auth.sendCode
		< 420 FLOOD_WAIT_1
		fails FLOOD_WAIT_1
	`)
}

func TestWhatCannotBeDoneYetIsSaid(t *testing.T) {
	for reply, words := range map[string]string{
		"payment":       "auth.sentCodePaymentRequired, which this version cannot do",
		"sent h1 setup": "auth.sentCodeTypeSetUpEmailRequired, which this version cannot do",
		"raw 78563412":  "something new (#12345678), which this version cannot do",
	} {
		play(t, ann, nobody+`
			> auth.sendCode
			< `+reply+`
			fails `+words+`
		`)
	}
	play(t, ann, `
		> users.getUsers
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password-new-kind
		fails passwordKdfAlgoUnknown, which this version cannot do
	`)
}

func TestBrokenConnectionsLeaveTheFlowWhereItWas(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		lost connection reset
		> auth.sendCode
		< sent h1 app 5
		? code app 5
		! code 22222
		> auth.signIn phone_code=22222
		lost context canceled
		> auth.signIn phone_code=22222
		< in Ann
		done Ann
	`)
}

func TestErrorsKeepTelegramsOwn(t *testing.T) {
	f := auth.NewFlow(ann)
	err := f.Returned(start, nil, tg.NewError(400, "API_ID_INVALID"))
	var refusal *tg.Error
	if !errors.As(err, &refusal) || !errors.Is(err, tg.ErrAPIIDInvalid) {
		t.Errorf("got %v, want an error that is API_ID_INVALID", err)
	}
	if failed, ok := f.Next().(auth.Failed); !ok || failed.Err != err {
		t.Errorf("got %v, want Failed with the error that Returned gave", f.Next())
	}
}

func TestFlowIsNotToldOutOfTurn(t *testing.T) {
	f := auth.NewFlow(ann)
	if err := f.Answered(start, auth.Code("1"), nil); !errors.Is(err, auth.ErrOutOfTurn) {
		t.Errorf("got %v, want ErrOutOfTurn: the flow wants a call", err)
	}
	flowAt(t, f, codeIsSent)
	if err := f.Returned(start, nil, nil); !errors.Is(err, auth.ErrOutOfTurn) {
		t.Errorf("got %v, want ErrOutOfTurn: the flow asks", err)
	}
	if _, ok := f.Next().(auth.Ask); !ok {
		t.Errorf("got %v, want the question still", f.Next())
	}
}

func TestUnfitAnswersLeaveTheQuestionOpen(t *testing.T) {
	for at, answers := range map[string][]auth.Answer{
		codeIsSent:      {nil, auth.Secret("x"), auth.Accept{}, auth.Name{}, auth.PhoneNumber("1"), auth.Code(make([]byte, 5000))},
		passwordIsAsked: {nil, auth.Code("1"), auth.Resend{}, auth.Secret(make([]byte, 5000))},
	} {
		f := auth.NewFlow(ann)
		flowAt(t, f, at)
		before := f.Next()
		for _, a := range answers {
			var unfit *auth.AnswerError
			if err := f.Answered(start, a, nil); !errors.As(err, &unfit) {
				t.Errorf("got %v for a %T, want an AnswerError", err, a)
			}
		}
		if f.Next() != before {
			t.Errorf("got %v, want the same question: %v", f.Next(), before)
		}
	}
}

func TestPasswordIsWiped(t *testing.T) {
	f := auth.NewFlow(ann)
	flowAt(t, f, codeIsSent)
	misplaced := auth.Secret("correct")
	f.Answered(start, misplaced, nil)

	f = auth.NewFlow(ann)
	flowAt(t, f, passwordIsAsked)
	unproved := auth.Secret("correct")
	if err := f.Answered(start, unproved, nil); err == nil {
		t.Error("got no error without a random source, want one")
	}
	used := auth.Secret("correct")
	if err := f.Answered(start, used, bytes.NewReader(make([]byte, 4096))); err == nil {
		t.Error("got no error with a random source of zeros, want one: its powers are all 1")
	}
	for name, s := range map[string]auth.Secret{"misplaced": misplaced, "unproved": unproved, "used": used} {
		if !bytes.Equal(s, make([]byte, 7)) {
			t.Errorf("the %s password was not wiped", name)
		}
	}
}

func TestZeroFlowFails(t *testing.T) {
	for _, f := range []*auth.Flow{{}, auth.NewFlow(nil)} {
		if _, ok := f.Next().(auth.Failed); !ok {
			t.Errorf("got %v, want Failed", f.Next())
		}
		if f.Answered(start, auth.Cancel{}, nil) == nil || f.Returned(start, nil, nil) == nil {
			t.Error("got no error, want some")
		}
	}
}

func TestNoWaitIsWantedOfWhoDoesNotWait(t *testing.T) {
	f := auth.NewFlow(ann)
	f.MaxFlood = -1
	if err := f.Returned(start, nil, tg.NewError(420, "FLOOD_WAIT_1")); !errors.Is(err, tg.ErrFloodWait) {
		t.Errorf("got %v, want FLOOD_WAIT", err)
	}
	f = auth.NewFlow(ann)
	f.MaxFlood = time.Hour
	f.Returned(start, nil, tg.NewError(420, "FLOOD_WAIT_3600"))
	if s, ok := f.Next().(auth.Wait); !ok || !s.Until.Equal(start.Add(time.Hour)) {
		t.Errorf("got %v, want to wait for an hour", f.Next())
	}
}
