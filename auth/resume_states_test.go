package auth_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
)

// savedFields is one value of each field that a marshalled flow may have.
func savedFields() map[string]any {
	return map[string]any{
		"phone":   "9996621234",
		"sent":    map[string]any{"hash": "aDE=", "kind": "sms", "length": 5, "firebase": map[string]any{}},
		"terms":   map[string]any{"id": "dA==", "text": "be kind"},
		"check":   map[string]any{"id": "1", "g": 3, "p": "AA==", "salt1": "AA==", "salt2": "AA==", "gb": "AA==", "has_recovery": true},
		"mail":    map[string]any{"pattern": "a*@b.c", "length": 6},
		"payment": map[string]any{"phone": "+9996621234"},
		"options": map[string]any{},
		"hashing": map[string]any{"salt1": "AA==", "salt2": "AA==", "g": 3, "p": "AA=="},
		"refused": map[string]any{"Code": 400, "Type": "PHONE_CODE_EXPIRED", "Message": "PHONE_CODE_EXPIRED"},
		"until":   "2026-01-01T00:00:00Z",
		"user":    true,
		"fresh":   true,
		"request": true,
	}
}

// savedFlow writes a flow in state, of the named task, with some of the fields.
func savedFlow(t testing.TB, task, state string, fields map[string]any) []byte {
	t.Helper()
	flow := map[string]any{"state": state, "start": "having a code sent"}
	saved := map[string]any{"v": 1, "binding": binding, "flow": flow}
	errand := map[string]any{"name": task}
	for name, value := range fields {
		switch name {
		case "user":
			saved["user"] = inTL(t, &tg.User{Self: true, ID: 42})
		case "fresh":
			errand["fresh"] = map[string]any{"Code": 406, "Type": "FRESH_CHANGE_PHONE_FORBIDDEN"}
		case "request":
			errand["request"] = inTL(t, &tg.AccountDeleteAccount{Password: &tg.InputCheckPasswordEmpty{}})
		default:
			flow[name] = value
		}
	}
	if task != "" {
		flow["task"] = errand
		flow["start"] = map[string]string{
			"recover the password": "having a code sent to the recovery e-mail", "change the number": "having a code sent to the new number",
			"keep the account": "having a code sent to keep the account", "change the login e-mail": "having a code sent to the login e-mail to be",
			"make a call with the password": "making a call with the password",
		}[task]
		if flow["start"] == "" {
			flow["start"] = "fetching how it stands with the password"
		}
	}
	data, err := json.Marshal(saved)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func inTL(t testing.TB, v any) []byte {
	t.Helper()
	data, err := tg.Schema.Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// anyState yields a flow in each state of each task, and in each state that waits,
// moves or asks for a proof before another one.
func anyState(t testing.TB, fields map[string]any, yield func(task, state string, data []byte)) {
	with := func(more map[string]any) map[string]any {
		all := maps.Clone(fields)
		maps.Copy(all, more)
		return all
	}
	for _, task := range auth.TaskNames() {
		for _, state := range auth.StateNames() {
			yield(task, state, savedFlow(t, task, state, fields))
			yield(task, "waiting, then "+state, savedFlow(t, task, "waiting", with(map[string]any{"then": state})))
			yield(task, "moving, then "+state, savedFlow(t, task, "moving to another data centre", with(map[string]any{"move_to": 2, "then": state})))
			yield(task, "a proof, then "+state, savedFlow(t, task, "asking for a proof against robots", with(map[string]any{"challenge": map[string]any{"kind": "recaptcha", "then": state}})))
		}
	}
}

// everyAnswer is one answer of each kind.
func everyAnswer() []auth.Answer {
	return []auth.Answer{
		auth.PhoneNumber("+1"), auth.Code("1"), auth.Resend{}, auth.Secret("correct"), auth.Accept{}, auth.Name{First: "Ann"},
		auth.Cancel{}, auth.Assertion{UserHandle: "2:42"}, auth.NewPassword{Password: auth.Secret("new")}, auth.Skip{}, auth.Missing{},
		auth.DeviceProof{SafetyNet: secret.New("proof")}, auth.Paid{}, auth.Email("a@b.c"), auth.ResetEmail{}, auth.Recover{},
		auth.GoogleToken("token"), auth.AppleToken("token"), auth.ChallengeToken("token"),
	}
}

// everyOutcome is one outcome of a call of each kind that a state tells apart.
func everyOutcome() []func(f *auth.Flow) {
	outcomes := []func(*auth.Flow){}
	returned := func(result any, err error) {
		outcomes = append(outcomes, func(f *auth.Flow) { _ = f.Returned(start, result, err) })
	}
	returned(nil, nil)
	for _, result := range []any{
		true, &tg.AuthSentCode{Type: &tg.AuthSentCodeTypeApp{Length: 5}}, &tg.AuthSentCodePaymentRequired{}, &tg.AuthAuthorizationSignUpRequired{},
		&tg.AuthAuthorization{User: &tg.User{Self: true, ID: 42}}, &tg.AccountPassword{}, &tg.AuthPasswordRecovery{}, &tg.AuthLoginToken{},
		&tg.AuthLoginTokenMigrateTo{DCID: 2}, &tg.AccountSentEmailCode{}, []byte{0, 0, 0, 0}, &tg.User{Self: true, ID: 42},
	} {
		returned(result, nil)
	}
	for _, refusal := range []*tg.Error{
		tg.NewError(303, "USER_MIGRATE_2"), tg.NewError(400, "PHONE_CODE_INVALID"), tg.NewError(400, "PHONE_CODE_EXPIRED"),
		tg.NewError(400, "PHONE_NUMBER_UNOCCUPIED"), tg.NewError(400, "PASSWORD_HASH_INVALID"), tg.NewError(400, "SRP_ID_INVALID"),
		tg.NewError(400, "EMAIL_UNCONFIRMED_6"), tg.NewError(400, "CODE_INVALID"), tg.NewError(400, "EMAIL_INVALID"),
		tg.NewError(401, "SESSION_PASSWORD_NEEDED"), tg.NewError(401, "AUTH_KEY_UNREGISTERED"), tg.NewError(403, "RECAPTCHA_CHECK_a__b"),
		tg.NewError(406, "FRESH_CHANGE_PHONE_FORBIDDEN"), tg.NewError(420, "FLOOD_WAIT_5"), tg.NewError(420, "2FA_CONFIRM_WAIT_5"),
		tg.NewError(500, "AUTH_RESTART"), tg.NewError(-500, "No workers running"),
	} {
		returned(nil, refusal)
	}
	return outcomes
}

// What was accepted once is told everything that it may be told, and each time what
// it becomes is asked what to do next and marshalled. A state that Resume accepts
// without its data panics.
func TestWhatIsResumedInAnyStateGoesOn(t *testing.T) {
	told := everyOutcome()
	for i := range everyAnswer() {
		told = append(told, func(f *auth.Flow) {
			_ = f.Answered(start, everyAnswer()[i], zeros{1}) // anew: the flow wipes secrets
		})
	}
	accepted, refused := 0, 0
	try := func(task, state string, data []byte) {
		f, err := auth.Resume(data, binding)
		if err != nil {
			refused++
			return
		}
		accepted++
		defer func() {
			if p := recover(); p != nil {
				t.Fatalf("task %q, state %q: panic: %v\n%s", task, state, p, data)
			}
		}()
		again, err := f.Marshal(binding)
		if err != nil {
			t.Fatalf("task %q, state %q: marshal: %v", task, state, err)
		}
		for _, tell := range told {
			f, err := auth.Resume(again, binding)
			if err != nil {
				t.Fatalf("task %q, state %q: resumed a second time: %v", task, state, err)
			}
			tell(f)
			f.Next()
			_, _ = f.Marshal(binding)
			tell(f)
			f.Next()
		}
	}
	all := savedFields()
	anyState(t, all, try)
	anyState(t, map[string]any{}, try)
	for name := range all {
		less := maps.Clone(all)
		delete(less, name)
		for _, task := range auth.TaskNames() {
			for _, state := range auth.StateNames() {
				try(task, state+" without "+name, savedFlow(t, task, state, less))
			}
		}
	}
	if accepted == 0 || refused == 0 {
		t.Errorf("got %d states accepted and %d refused, want some of each", accepted, refused)
	}
	t.Logf("%d accepted, %d refused", accepted, refused)
}

// The list is complete, so that a new state is refused until it is put here.
func TestASignInIsResumedInItsOwnStatesAlone(t *testing.T) {
	want := []string{
		"done", "asking who is signed in", "moving to another data centre", "waiting",
		"asking for the telephone number", "having a code sent", "asking for the code", "having the code sent in another way",
		"taking the code back", "asking to accept the terms of service", "asking for a name", "signing up",
		"accepting the terms of service", "fetching the password's parameters", "asking for the password",
		"reporting that the code does not come", "asking to pay for the code", "checking the payment",
		"asking for a login e-mail", "having a code sent to the login e-mail to be", "asking for the code in the login e-mail to be",
		"having the login e-mail taken away", "fetching a login link", "asking for a token", "fetching a passkey's challenge",
		"asking for a passkey", "having a code sent to the recovery e-mail", "asking for the code in the recovery e-mail",
		"asking for a proof against robots",
	}
	fields := savedFields()
	fields["then"], fields["move_to"] = "asking for the code", 2
	fields["challenge"] = map[string]any{"kind": "recaptcha", "then": "having a code sent"}
	for _, state := range auth.StateNames() {
		_, err := auth.Resume(savedFlow(t, "", state, fields), binding)
		if accepted := err == nil; accepted != slices.Contains(want, state) {
			t.Errorf("state %q: got %v, want it accepted: %t", state, err, slices.Contains(want, state))
		}
	}
}
