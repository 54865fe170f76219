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
	f.Add([]byte{nobodys, number, codeSent, aCode, signedIn})
	f.Add([]byte{nobodys, number, codeSent, aCode, signUp, accepted, aName, signedIn, done})
	f.Add([]byte{nobodys, number, codeSent, aCode, passwordWanted, passwordGot, aPassword, staleSRP, passwordGot, signedIn})
	for i := range byte(94) {
		f.Add([]byte{nobodys, number, i, codeSent, i, aCode, i, i + 1, passwordWanted, i, passwordGot, i})
		if i%4 == 0 { // a proof is slow
			f.Add([]byte{nobodys, number, codeSent, aCode, passwordWanted, passwordGot, aPassword, i, i + 1, i + 2, i + 3})
		}
	}
	f.Fuzz(func(t *testing.T, ops []byte) {
		flow, now := auth.NewFlow(auth.Phone("")), start
		proofs, sinceAsked := 0, 0
		for _, op := range ops[:min(len(ops), 200)] {
			switch before := flow.Next().(type) {
			case auth.Ask:
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
				if _, ok := what.(auth.Secret); ok {
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

// wants says whether the flow wants something done, rather than to wait.
func wants(f *auth.Flow) bool {
	_, waits := f.Next().(auth.Wait)
	return !waits
}

func remarshal(t *testing.T, f *auth.Flow) {
	if _, failed := f.Next().(auth.Failed); failed {
		return
	}
	data, err := f.Marshal(binding)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := auth.Resume(data, binding); err != nil {
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
		}, {
			tg.NewError(401, "AUTH_KEY_UNREGISTERED"), tg.NewError(401, "SESSION_PASSWORD_NEEDED"), tg.NewError(400, "SRP_ID_INVALID"),
			tg.NewError(303, "PHONE_MIGRATE_2"), tg.NewError(303, "USER_MIGRATE_-2"), tg.NewError(500, "AUTH_RESTART"),
			tg.NewError(420, "FLOOD_WAIT_1"), tg.NewError(420, "FLOOD_WAIT_99999999999"), tg.NewError(420, "FLOOD_WAIT_"),
			&tg.Error{}, &tg.Error{Type: tg.ErrFloodWait, Arg: -5}, tg.NewError(400, "PHONE_CODE_INVALID"),
			tg.NewError(400, "PHONE_CODE_EXPIRED"), tg.NewError(400, "PHONE_NUMBER_UNOCCUPIED"), tg.NewError(406, "SEND_CODE_UNAVAILABLE"),
			tg.NewError(400, "PASSWORD_HASH_INVALID"), tg.NewError(400, "SRP_PASSWORD_CHANGED"), tg.NewError(400, "FIRSTNAME_INVALID"),
			tg.NewError(400, "PHONE_NUMBER_INVALID"), tg.NewError(303, "NETWORK_MIGRATE_9999"), errors.New("connection reset"),
			&tl.UnknownConstructorError{ID: 1},
		}, {
			auth.PhoneNumber("+999"), auth.Code("12345"), auth.Secret("correct"), auth.Name{First: "Ann"}, auth.Accept{},
			auth.Resend{}, auth.Cancel{}, auth.Code(""), auth.Code("\xff\x00"), auth.Code(make([]byte, 5000)), auth.Secret(nil),
			auth.Name{First: "\xff"}, auth.Name{}, auth.PhoneNumber("x"), &auth.Name{},
		},
	}
	things := choices[op%3]
	return things[int(op/3)%len(things)]
}

// fuzzPassword is a question that can be answered; its B is 2.
var fuzzPassword = &tg.AccountPassword{
	HasPassword: true, SRPID: new(int64(1)), SRPB: append(make([]byte, 255), 2),
	CurrentAlgo: &tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{G: 3, P: group().P},
}
