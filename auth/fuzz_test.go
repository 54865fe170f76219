package auth_test

import (
	"errors"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// mostSteps is more than the flow may do without asking anybody.
const mostSteps = 40

// FuzzFlow tells a flow anything at any step: each byte is one thing, whether or
// not the flow wants it. It never panics, always knows what is next, does not go
// on for ever without asking, can be marshalled at every step, and stays ended
// once it is.
func FuzzFlow(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\nC0")) // a challenge to a client that moves
	f.Add([]byte{nobodys, number, codeSent, aCode, signedIn})
	f.Add([]byte{nobodys, number, codeSent, aCode, signUp, accepted, aName, signedIn, done})
	f.Add([]byte{nobodys, number, codeSent, aCode, passwordWanted, passwordGot, aPassword, staleSRP, passwordGot, signedIn})
	// So few that a short run gets past them; a proof is slow, so that fewer have one.
	for i := range byte(30) {
		f.Add([]byte{200 + i, nobodys, 9 * i, 9*i + 1, codeSent, 9*i + 2, 9*i + 3, 9*i + 4})
		f.Add([]byte{200 + i, nobodys, passwordGot, 5 * i, 5*i + 1, 5*i + 2, codeSent, 5*i + 3})
		f.Add([]byte{nobodys, number, 3 * i, codeSent, 3*i + 1, aCode, 3*i + 2, passwordWanted, 3 * i, passwordGot, 3*i + 1})
		if i%7 == 0 {
			f.Add([]byte{nobodys, number, codeSent, aCode, passwordWanted, passwordGot, aPassword, i, i + 1, i + 2, i + 3})
			f.Add([]byte{221 + i/7, passwordGot, aPassword, done, passwordGot, 3 * i, 3*i + 1})
		}
	}
	f.Fuzz(func(t *testing.T, ops []byte) {
		flow, now := fuzzFlow(ops), start
		proofs, sinceAsked := 0, 0
		for _, op := range ops[:min(len(ops), 200)] {
			switch before := flow.Next().(type) {
			case auth.Ask, auth.Show:
				sinceAsked = 0
			case auth.Done, auth.Failed:
				if flow.Returned(now, nil, nil) == nil || flow.Answered(now, auth.Cancel{}, nil) == nil || flow.Next() != before {
					t.Fatalf("got %v, want the end it was: %v", flow.Next(), before)
				}
				return
			case nil:
				t.Fatal("the flow does not know what is next")
			}
			switch what := anything(op).(type) {
			case auth.Answer:
				_, secret := what.(auth.SecretAnswer)
				if _, fresh := what.(auth.NewPassword); fresh || secret {
					if proofs++; proofs > 2 { // they are slow
						return
					}
				}
				flow.Answered(now, what, zeros{op})
			case error:
				if err := flow.Returned(now, nil, what); err == nil {
					sinceAsked++
				}
			case time.Duration:
				now = now.Add(what)
			default:
				if err := flow.Returned(now, what, nil); err == nil && wants(flow) {
					sinceAsked++
				}
			}
			if _, waits := flow.Next().(auth.Wait); sinceAsked > mostSteps && !waits {
				t.Fatalf("got %d steps without a question: %v", sinceAsked, flow)
			}
			remarshal(t, flow)
		}
	})
}

// fuzzFlow is a sign-in or, from 220 on, a task; the first byte chooses.
func fuzzFlow(ops []byte) *auth.Flow {
	ways := []auth.Method{auth.Phone(""), auth.QR(7), bot, web, auth.Passkey(), auth.Bot(auth.SecretAnswer{}), ann}
	tasks := []auth.Task{
		auth.SetPassword(), auth.RemovePassword(), auth.SetRecoveryEmail("a@b.c"), auth.ConfirmRecoveryEmail(), auth.RecoverPassword(),
		auth.ChangePhone(""), auth.ConfirmPhone(confirmation), auth.DeleteAccount(""), auth.ChangeLoginEmail("a@b.c"), auth.WithPassword(handOver),
	}
	switch {
	case len(ops) == 0 || ops[0] < 200:
		return auth.NewFlow(ways[0])
	case ops[0] < 220:
		return auth.NewFlow(ways[int(ops[0])%len(ways)])
	}
	return auth.NewTask(tasks[int(ops[0])%len(tasks)])
}

// wants says whether the flow wants something done, rather than to wait.
func wants(f *auth.Flow) bool {
	_, waits := f.Next().(auth.Wait)
	return !waits
}

func remarshal(t *testing.T, f *auth.Flow) {
	if _, failed := f.Next().(auth.Failed); failed {
		return
	}
	data, here := marshal(t, f)
	if _, err := auth.Resume(data, here); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
}

// Bytes that make up a sign-in: what a call returned, an error, an answer.
const (
	codeSent       = 3 * 1
	signedIn       = 3 * 2
	signUp         = 3 * 3
	passwordGot    = 3 * 4
	done           = 3 * 5
	nobodys        = 3*0 + 1
	passwordWanted = 3*1 + 1
	staleSRP       = 3*2 + 1
	number         = 3*0 + 2
	aCode          = 3*1 + 2
	aPassword      = 3*2 + 2
	aName          = 3*3 + 2
	accepted       = 3*4 + 2
)

// anything is what a flow may be told: what a call returned, an error, an answer,
// or (among the first) that time passes.
func anything(op byte) any {
	choices := [3][]any{
		{
			nil, &tg.AuthSentCode{Type: &tg.AuthSentCodeTypeApp{Length: 5}, PhoneCodeHash: "h"},
			&tg.AuthAuthorization{User: user("Ann")},
			&tg.AuthAuthorizationSignUpRequired{TermsOfService: &tg.HelpTermsOfService{}},
			fuzzPassword, true,
			&tg.AuthSentCode{}, (*tg.AuthSentCode)(nil), (*tg.AuthSentCodeSuccess)(nil), &tg.AuthSentCodeSuccess{},
			&tg.AuthSentCodeSuccess{Authorization: &tg.AuthAuthorizationSignUpRequired{}},
			&tg.AuthSentCodePaymentRequired{}, &tg.AuthAuthorization{}, (*tg.AuthAuthorization)(nil),
			&tg.AuthAuthorization{User: &tg.UserEmpty{}}, &tg.AuthAuthorization{User: (*tg.User)(nil)},
			&tg.AuthAuthorizationSignUpRequired{}, (*tg.AuthAuthorizationSignUpRequired)(nil),
			&tg.AccountPassword{}, (*tg.AccountPassword)(nil),
			&tg.AccountPassword{HasPassword: true, SRPID: new(int64(1)), CurrentAlgo: &tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{}},
			[]tg.AnyUser{}, []tg.AnyUser{nil}, []tg.AnyUser{user("Ann")}, []tg.AnyUser{&tg.UserEmpty{}},
			false, "text", 7, struct{}{}, time.Second, time.Hour,
			&tg.AuthLoginToken{Token: []byte("t"), Expires: 1}, &tg.AuthLoginToken{}, (*tg.AuthLoginToken)(nil),
			&tg.AuthLoginTokenMigrateTo{DCID: 3}, &tg.AuthLoginTokenMigrateTo{DCID: -3}, &tg.AuthLoginTokenSuccess{}, &tg.UpdateLoginToken{},
			&tg.AuthPasskeyLoginOptions{}, &tg.AuthPasskeyLoginOptions{Options: &tg.DataJSON{Data: "{}"}}, &tg.AuthPasskeyLoginOptions{Options: &tg.DataJSON{Data: "{"}},
			&tg.AuthSentCode{Type: &tg.AuthSentCodeTypeSetUpEmailRequired{}}, &tg.AuthSentCode{Type: &tg.AuthSentCodeTypeFirebaseSMS{PushTimeout: new(int32(-1))}},
			&tg.AuthSentCode{Type: &tg.AuthSentCodeTypeEmailCode{GoogleSigninAllowed: true, ResetPendingDate: new(int32(-1))}},
			&tg.AuthSentCodePaymentRequired{PhoneCodeHash: "h"}, &tg.UpdateSentPhoneCode{}, &tg.AccountSentEmailCode{}, (*tg.AccountSentEmailCode)(nil),
			&tg.AccountEmailVerifiedLogin{}, (*tg.AccountEmailVerifiedLogin)(nil), &tg.AuthPasswordRecovery{}, (*tg.AuthPasswordRecovery)(nil),
			&tg.AccountPasswordSettings{}, &tg.AccountAuthorizations{Authorizations: []*tg.Authorization{nil}}, &tg.AccountEmailVerified{}, (*tg.AccountEmailVerified)(nil),
			&tg.UserEmpty{}, user("Ann"), []byte("answer"), &tg.UpdateSentPhoneCode{SentCode: &tg.AuthSentCodeSuccess{}},
		}, {
			tg.NewError(401, "AUTH_KEY_UNREGISTERED"), tg.NewError(401, "SESSION_PASSWORD_NEEDED"), tg.NewError(400, "SRP_ID_INVALID"),
			tg.NewError(303, "PHONE_MIGRATE_2"), tg.NewError(303, "USER_MIGRATE_-2"), tg.NewError(500, "AUTH_RESTART"),
			tg.NewError(420, "FLOOD_WAIT_1"), tg.NewError(420, "FLOOD_WAIT_99999999999"), tg.NewError(420, "FLOOD_WAIT_"),
			&tg.Error{}, &tg.Error{Type: tg.ErrFloodWait, Arg: -5}, tg.NewError(400, "PHONE_CODE_INVALID"),
			tg.NewError(400, "PHONE_CODE_EXPIRED"), tg.NewError(400, "PHONE_NUMBER_UNOCCUPIED"), tg.NewError(406, "SEND_CODE_UNAVAILABLE"),
			tg.NewError(400, "PASSWORD_HASH_INVALID"), tg.NewError(400, "SRP_PASSWORD_CHANGED"), tg.NewError(400, "FIRSTNAME_INVALID"),
			tg.NewError(400, "PHONE_NUMBER_INVALID"), tg.NewError(303, "NETWORK_MIGRATE_9999"),
			tg.NewError(403, "RECAPTCHA_CHECK_a__b"), tg.NewError(403, "RECAPTCHA_CHECK_"), tg.NewError(403, "INTEGRITY_CHECK_CLASSIC_"), tg.NewError(400, "CODE_INVALID"),
			tg.NewError(400, "PASSWORD_RECOVERY_EXPIRED"), tg.NewError(400, "PASSWORD_RECOVERY_NA"), tg.NewError(400, "EMAIL_INVALID"), tg.NewError(400, "AUTH_TOKEN_EXPIRED"),
			tg.NewError(400, "CREDENTIAL_INVALID"), tg.NewError(400, "ACCESS_TOKEN_INVALID"), tg.NewError(400, "NEW_SALT_INVALID"), errors.New("connection reset"),
			&tl.UnknownConstructorError{ID: 1}, tg.NewError(400, "EMAIL_UNCONFIRMED"), tg.NewError(400, "EMAIL_UNCONFIRMED_6"), tg.NewError(400, "NEW_SETTINGS_INVALID"),
			tg.NewError(406, "FRESH_CHANGE_PHONE_FORBIDDEN"), tg.NewError(420, "2FA_CONFIRM_WAIT_60"), tg.NewError(420, "2FA_CONFIRM_WAIT_99999999999"),
		}, {
			auth.PhoneNumber("+999"), auth.Code("12345"), auth.Secret("correct"), auth.Name{First: "Ann"}, auth.Accept{},
			auth.Resend{}, auth.Cancel{}, auth.Code(""), auth.Code("\xff\x00"), auth.Code(string(make([]byte, 5000))), auth.SecretAnswer{},
			auth.Email("a@b"), auth.GoogleToken("t"), auth.AppleToken(""), auth.Recover{}, auth.Skip{}, auth.ResetEmail{}, auth.Missing{}, auth.Paid{},
			auth.DeviceProof{}, auth.ChallengeToken("t"), auth.ChallengeToken(""), auth.Assertion{UserHandle: "3:4"}, auth.Assertion{}, auth.NewPassword{},
			auth.NewPassword{Password: auth.Secret("x")}, auth.Name{First: "\xff"}, auth.Name{}, auth.PhoneNumber("x"), &auth.Name{},
		},
	}
	things := choices[op%3]
	return things[int(op/3)%len(things)]
}

// fuzzPassword is a question that can be answered; its B is 2.
var fuzzPassword = &tg.AccountPassword{
	HasPassword: true, HasRecovery: true, SRPID: new(int64(1)), SRPB: append(make([]byte, 255), 2), NewAlgo: newAlgo(),
	CurrentAlgo: &tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{G: 3, P: group().P},
}
