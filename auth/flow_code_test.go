package auth_test

import (
	"reflect"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

func TestCodeSignsIn(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 22222
		> auth.signIn phone_number=9996621234 phone_code_hash=h1 phone_code=22222
		< in Ann
		done Ann
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

func TestNumberIsAskedForOnceThoughTheFlowBeginsAnew(t *testing.T) {
	for refusal, then := range map[string]string{"303 PHONE_MIGRATE_1": "move 1", "500 AUTH_RESTART": ""} {
		play(t, auth.Phone(""), nobodyIsAsked+`
			! phone 123
			> auth.sendCode phone_number=123
			< `+refusal+`
			`+then+`
			> auth.sendCode phone_number=123
			< sent h1 app 5
			? code app 5
		`)
	}
}

func TestGivenNumberIsNotAskedAgain(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< 400 PHONE_NUMBER_INVALID
		fails auth.sendCode: telegram: 400 PHONE_NUMBER_INVALID: write the number with its country code
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

// https://core.telegram.org/type/auth.SentCodeType
func TestQuestionSaysHowTheCodeTravels(t *testing.T) {
	for _, test := range []struct {
		kind tg.AnyAuthSentCodeType
		next tg.AnyAuthCodeType
		want auth.CodeQuestion
	}{
		{&tg.AuthSentCodeTypeApp{Length: 5}, nil, auth.CodeQuestion{Kind: auth.CodeByApp, Length: 5}},
		{&tg.AuthSentCodeTypeSMS{Length: 5}, &tg.AuthCodeTypeCall{}, auth.CodeQuestion{Kind: auth.CodeBySMS, Length: 5, Next: auth.CodeByCall}},
		{&tg.AuthSentCodeTypeCall{Length: 5}, &tg.AuthCodeTypeFlashCall{}, auth.CodeQuestion{Kind: auth.CodeByCall, Length: 5, Next: auth.CodeByFlashCall}},
		{&tg.AuthSentCodeTypeFlashCall{Pattern: "+7*"}, &tg.AuthCodeTypeMissedCall{}, auth.CodeQuestion{Kind: auth.CodeByFlashCall, Detail: "+7*", Next: auth.CodeByMissedCall}},
		{&tg.AuthSentCodeTypeMissedCall{Prefix: "+7", Length: 4}, &tg.AuthCodeTypeFragmentSMS{}, auth.CodeQuestion{Kind: auth.CodeByMissedCall, Detail: "+7", Length: 4, Next: auth.CodeByFragment}},
		{&tg.AuthSentCodeTypeEmailCode{EmailPattern: "a*@b", Length: 6}, nil, auth.CodeQuestion{Kind: auth.CodeByEmail, Detail: "a*@b", Length: 6}},
		{&tg.AuthSentCodeTypeFragmentSMS{URL: "https://x", Length: 5}, nil, auth.CodeQuestion{Kind: auth.CodeByFragment, Detail: "https://x", Length: 5}},
		{&tg.AuthSentCodeTypeFirebaseSMS{Length: 6}, &tg.AuthCodeTypeSMS{}, auth.CodeQuestion{Kind: auth.CodeByFirebase, Length: 6, Next: auth.CodeBySMS, Firebase: &auth.Firebase{}}},
		{&tg.AuthSentCodeTypeSMSWord{}, nil, auth.CodeQuestion{Kind: auth.CodeByWord}},
		{&tg.AuthSentCodeTypeSMSPhrase{Beginning: new("so")}, nil, auth.CodeQuestion{Kind: auth.CodeByPhrase, Detail: "so"}},
		// Should the schema know more kinds than the flow, they are told by name.
		{pigeon{&tg.AuthSentCodeTypeApp{}}, crow{&tg.AuthCodeTypeSMS{}}, auth.CodeQuestion{Kind: "unknown", Next: "unknown"}},
	} {
		f := auth.NewFlow(ann)
		flowAt(t, f, nobody)
		if err := f.Returned(start, &tg.AuthSentCode{Type: test.kind, NextType: test.next}, nil); err != nil {
			t.Fatal(err)
		}
		test.want.Phone = "+9996621234"
		if got := f.Next().(auth.Ask).Question; !reflect.DeepEqual(got, test.want) {
			t.Errorf("got %+v, want %+v", got, test.want)
		}
	}
}

// pigeon and crow are kinds of the future.
type (
	pigeon struct{ tg.AnyAuthSentCodeType }
	crow   struct{ tg.AnyAuthCodeType }
)
