package auth_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// https://core.telegram.org/api/auth#recaptcha-verification
func TestChallengeIsAnsweredAndTheCallMadeAgain(t *testing.T) {
	for refusal, asked := range map[string]string{
		"RECAPTCHA_CHECK_signup__6LcA_b-9": "challenge recaptcha action=signup key=6LcA_b-9",
		"INTEGRITY_CHECK_CLASSIC_4711":     "challenge play integrity nonce=4711",
		"APNS_VERIFY_CHECK_ab12":           "challenge apns nonce=ab12",
	} {
		play(t, ann, nobody+`
			> auth.sendCode
			< 403 `+refusal+`
			? `+asked+`
			! proof yes
			> auth.sendCode
			< 420 FLOOD_WAIT_5
			wait 5s
			> auth.sendCode
			< sent h1 app 5
			? code app 5
		`)
		tell(t, ann, nobody+`
			> auth.sendCode
			< 403 `+refusal+`
			? `+asked+`
			! proof no
			> auth.sendCode
			< 403 `+refusal+`
			? `+asked+` `+refusal+`
			! proof yes
			> auth.sendCode
			< sent h1 app 5
			? code app 5
		`)
	}
}

func TestAnyCallMayBeChallenged(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 22222
		> auth.signIn phone_code=22222
		< 403 RECAPTCHA_CHECK_signin__key
		? challenge recaptcha action=signin key=key
		! proof yes
		> auth.signIn phone_code=22222
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password
		? password
		! password correct
		> auth.checkPassword proof=correct
		< 403 APNS_VERIFY_CHECK_x
		? challenge apns nonce=x
		! proof yes
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
	tell(t, ann, nobody+`
		> auth.sendCode
		< 403 INTEGRITY_CHECK_CLASSIC_1
		? challenge play integrity nonce=1
		! cancel
		fails cancelled
	`)
	tell(t, ann, nobody+`
		> auth.sendCode
		< 403 RECAPTCHA_CHECK_
		fails 403 RECAPTCHA_CHECK_
	`)
}

// What is on the wire is the call of before, inside the one that carries the proof.
func TestProofIsAroundTheCall(t *testing.T) {
	for refusal, wrapper := range map[string]string{
		"RECAPTCHA_CHECK_signup__key":  "invokeWithReCaptcha map[token:yes]",
		"INTEGRITY_CHECK_CLASSIC_4711": "invokeWithGooglePlayIntegrity map[nonce:4711 token:yes]",
		"APNS_VERIFY_CHECK_4711":       "invokeWithApnsSecret map[nonce:4711 secret:yes]",
	} {
		f := auth.NewFlow(ann)
		flowAt(t, f, nobody+`
			> auth.sendCode
			< 403 `+refusal+`
		`)
		if err := f.Answered(start, auth.ChallengeToken("yes"), nil); err != nil {
			t.Fatal(err)
		}
		var sent []string
		line := wire(func(request []byte) ([]byte, error) {
			sent = append(sent, unwrap(t, request))
			return tg.Schema.Append(nil, &tg.AuthSentCode{Type: &tg.AuthSentCodeTypeApp{Length: 5}, PhoneCodeHash: "h"})
		})
		if _, err := auth.Drive(context.Background(), line, f); err != nil {
			t.Fatal(err)
		}
		if err := f.Answered(start, auth.Resend{}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := auth.Drive(context.Background(), line, f); err != nil { // a proof is for one call
			t.Fatal(err)
		}
		if got, want := strings.Join(sent, "; "), wrapper+" auth.sendCode; auth.resendCode"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAProofIsKeptOverEveryKindOfFlood(t *testing.T) {
	for _, flood := range []string{"FLOOD_WAIT_5", "FLOOD_PREMIUM_WAIT_5", "SLOWMODE_WAIT_5"} {
		f := auth.NewFlow(ann)
		flowAt(t, f, nobody+`
			> auth.sendCode
			< 403 RECAPTCHA_CHECK_signup__key
			! proof yes
			> auth.sendCode
			< 420 `+flood+`
			wait 5s
		`)
		var sent string
		line := wire(func(request []byte) ([]byte, error) {
			sent = unwrap(t, request)
			return nil, context.Canceled
		})
		_, _ = auth.Drive(context.Background(), line, f)
		if want := "invokeWithReCaptcha map[token:yes] auth.sendCode"; sent != want {
			t.Errorf("%s: got %q, want %q", flood, sent, want)
		}
	}
}

// unwrap says what a request is, and what is around it.
func unwrap(t *testing.T, request []byte) string {
	r := tl.NewReader(request)
	m, _ := tg.Schema.ReadValue(r, tl.Type{Kind: tl.KindQuery}).(tl.Map)
	if r.Err() != nil || r.Len() > 0 {
		t.Fatalf("got a request that cannot be read: %v", r.Err())
	}
	name := fmt.Sprint(m["_"])
	delete(m, "_")
	query, ok := m["query"]
	if !ok {
		return name
	}
	delete(m, "query")
	inner, _ := query.(tl.Map)
	return fmt.Sprint(name, " ", map[string]any(m), " ", inner["_"])
}
