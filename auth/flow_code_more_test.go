package auth_test

import (
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/secret"
)

// https://core.telegram.org/type/auth.SentCodeType
func TestCodesOfEveryKindSignIn(t *testing.T) {
	for sent, asked := range map[string]string{
		"app 5 next=sms in=58":       "code app 5 next=sms in=58",
		"sms 5 next=call":            "code sms 5 next=call",
		"call 5 next=flash in=30":    "code call 5 next=flash call in=30",
		"flash next=missed":          "code flash call +7* next=missed call",
		"missed 4 next=fragment":     "code missed call 4 +7 next=fragment",
		"fragment 5":                 "code fragment 5 https://fragment.com/x",
		"firebase 6 next=sms":        "code firebase 6 next=sms firebase=true",
		"email 6 reset-after=604800": "code email 6 a***@b.c reset-after=168h0m0s",
		"word":                       "code word b",
		"phrase":                     "code phrase once",
	} {
		play(t, ann, nobody+`
			> auth.sendCode
			< sent h1 `+sent+`
			? `+asked+`
			! code 4711
			> auth.signIn phone_code_hash=h1
			< in Ann
			done Ann
		`)
	}
}

func TestMissingCodeIsReportedAndMayStillCome(t *testing.T) {
	play(t, ann, codeIsSent+`
		! missing 262-02
		> auth.reportMissingCode phone_number=9996621234 phone_code_hash=h1 mnc=262-02
		< true
		? code app 5 next=sms in=60
		! missing 1
		> auth.reportMissingCode mnc=1
		< 400 PHONE_CODE_EXPIRED
		? code app 5 next=sms in=60 PHONE_CODE_EXPIRED
		! resend
		> auth.sendCode
		< sent h2 sms 5
		? code sms 5
	`)
}

const firebaseIsAsked = nobody + `
		> auth.sendCode
		< sent h1 firebase 6 next=call
		? code firebase 6 next=call firebase=true
	`

// https://core.telegram.org/method/auth.requestFirebaseSms
func TestAppThatProvesItselfHasTheSMSSent(t *testing.T) {
	play(t, ann, firebaseIsAsked+`
		! prove integrity
		> auth.requestFirebaseSms phone_code_hash=h1 play_integrity_token=integrity safety_net_token=<nil> ios_push_secret=<nil>
		< true
		? code firebase 6 next=call
		! code 123456
		> auth.signIn phone_code=123456
		< in Ann
		done Ann
	`)
}

func TestProofThatIsRefusedTakesTheNextWay(t *testing.T) {
	play(t, ann, firebaseIsAsked+`
		! prove integrity
		> auth.requestFirebaseSms
		< false
		> auth.resendCode phone_code_hash=h1
		< sent h2 call 5
		? code call 5
	`)
}

func TestWhoCannotProveAnythingTakesTheNextWay(t *testing.T) {
	play(t, ann, firebaseIsAsked+`
		! resend
		> auth.resendCode phone_code_hash=h1
		< sent h2 call 5
		? code call 5
	`)
}

func TestOnlyFirebaseTakesAProof(t *testing.T) {
	f := auth.NewFlow(ann)
	flowAt(t, f, codeIsSent)
	if err := f.Answered(start, auth.DeviceProof{PlayIntegrity: secret.New("x")}, nil); err == nil ||
		err.Error() != "the code (app) was asked for: got auth.DeviceProof, want Code, Resend or Cancel" {
		t.Errorf("got %v", err)
	}
}

const paymentIsAsked = nobody + `
		> auth.sendCode
		< payment h1
		? pay 199 EUR
	`

func TestCodeThatCostsMoneyIsPaidFor(t *testing.T) {
	play(t, ann, paymentIsAsked+`
		! paid
		> auth.checkPaidAuth phone_number=9996621234 phone_code_hash=h1 form_id=5
		< 400 FORM_EXPIRED
		? pay 199 EUR FORM_EXPIRED
		! paid
		> auth.checkPaidAuth
		< sent h2 sms 5
		? code sms 5
		! code 22222
		> auth.signIn phone_code_hash=h2
		< in Ann
		done Ann
	`)
}

// https://core.telegram.org/constructor/updateSentPhoneCode
func TestPaymentIsSeenByAnUpdate(t *testing.T) {
	play(t, ann, paymentIsAsked+`
		update updateConfig
		? pay 199 EUR
		update updateSentPhoneCode h2 sms 5
		? code sms 5
		! code 22222
		> auth.signIn phone_code_hash=h2
		< in Ann
		done Ann
	`)
}

func TestWhoDoesNotPayTakesTheCodeBack(t *testing.T) {
	play(t, ann, paymentIsAsked+`
		! cancel
		> auth.cancelCode phone_code_hash=h1
		< true
		fails cancelled
	`)
}
