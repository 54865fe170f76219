package auth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// The stories are played resumed at every step, too; here chance writes them, for
// every way in.
func TestResumedFlowDoesWhatAnUninterruptedOneDoes(t *testing.T) {
	ways := []struct {
		method auth.Method
		known  map[reflect.Type]auth.Answer
	}{
		{auth.Phone(""), nil}, {auth.Phone("123"), nil}, {auth.QR(7), nil}, {bot, botToken}, {web, webToken}, {auth.Passkey(), nil},
	}
	var steps, done int
	for seed := range uint64(42) {
		way := ways[seed%uint64(len(ways))]
		straight, kinds := randomStory(t, way.method, nil, seed, nil)
		if resumed, _ := randomStory(t, way.method, way.known, seed, kinds); !slices.Equal(straight, resumed) {
			t.Fatalf("seed %d\nstraight: %q\nresumed:  %q", seed, straight, resumed)
		}
		steps += len(straight)
		if straight[len(straight)-1] == "done" {
			done++
		}
	}
	if steps < 200 || done < 7 || done > 35 {
		t.Errorf("got %d steps and %d sign-ins in 42 stories, want more of a mixture", steps, done)
	}
}

// randomReplies are what Telegram may say to each call, in the words of stories.
var randomReplies = map[string][]string{
	"users.getUsers":                   {"401 AUTH_KEY_UNREGISTERED", "401 SESSION_REVOKED"},
	"auth.sendCode":                    {"sent h1 app 5 next=sms in=60", "sent h2 sms 5", "sent h3 email 6 google=yes reset-after=60", "sent h5 firebase 6", "sent h6 setup google=yes", "payment h7", "303 PHONE_MIGRATE_1", "420 FLOOD_WAIT_5", "500 AUTH_RESTART", "403 RECAPTCHA_CHECK_a__b"},
	"auth.signIn":                      {"in Ann", "400 PHONE_CODE_INVALID", "400 PHONE_CODE_EXPIRED", "signup", "signup terms=16", "401 SESSION_PASSWORD_NEEDED", "420 FLOOD_WAIT_5", "303 USER_MIGRATE_3", "403 APNS_VERIFY_CHECK_x"},
	"auth.resendCode":                  {"sent h4 sms 5", "406 SEND_CODE_UNAVAILABLE", "400 PHONE_CODE_EXPIRED"},
	"auth.reportMissingCode":           {"true", "400 PHONE_NUMBER_INVALID"},
	"auth.requestFirebaseSms":          {"true", "false", "400 PHONE_CODE_EXPIRED"},
	"auth.checkPaidAuth":               {"sent h8 sms 5", "400 FORM_EXPIRED", "420 FLOOD_WAIT_5"},
	"auth.resetLoginEmail":             {"sent h9 sms 5", "sent h9 email 6 reset-in=60", "400 TASK_ALREADY_EXISTS"},
	"auth.cancelCode":                  {"true", "400 PHONE_CODE_EXPIRED"},
	"auth.signUp":                      {"in Ann", "400 FIRSTNAME_INVALID", "400 PHONE_CODE_EXPIRED"},
	"help.acceptTermsOfService":        {"true", "400 DATA_JSON_INVALID"},
	"account.sendVerifyEmailCode":      {"mailed a***@b.c", "mailed a***@b.c", "400 EMAIL_INVALID", "400 PHONE_HASH_EXPIRED"},
	"account.verifyEmail":              {"verified h10 email 6", "400 CODE_INVALID", "400 EMAIL_VERIFY_EXPIRED", "400 EMAIL_NOT_ALLOWED"},
	"account.getPassword":              {"password recovery=yes new-algo=yes"},
	"auth.checkPassword":               {"in Ann", "400 PASSWORD_HASH_INVALID", "420 FLOOD_WAIT_5"},
	"auth.requestPasswordRecovery":     {"recovery a***@b.c", "400 PASSWORD_RECOVERY_NA"},
	"auth.checkRecoveryPassword":       {"true", "400 CODE_INVALID", "400 PASSWORD_RECOVERY_EXPIRED"},
	"auth.recoverPassword":             {"in Ann", "400 PASSWORD_RECOVERY_EXPIRED", "420 FLOOD_WAIT_5"},
	"auth.exportLoginToken":            {"link one", "link-in Ann", "401 SESSION_PASSWORD_NEEDED", "420 FLOOD_WAIT_5", "303 USER_MIGRATE_3", "500 AUTH_RESTART"},
	"auth.importBotAuthorization":      {"in Robby", "303 USER_MIGRATE_3", "420 FLOOD_WAIT_5", "500 AUTH_RESTART", "400 ACCESS_TOKEN_INVALID"},
	"auth.importWebTokenAuthorization": {"in Ann", "401 SESSION_PASSWORD_NEEDED", "303 USER_MIGRATE_3", "400 WEBAUTH_TOKEN_EXPIRED"},
	"auth.initPasskeyLogin":            {"options {}", "500 AUTH_RESTART"},
	"auth.finishPasskeyLogin":          {"in Ann", "401 SESSION_PASSWORD_NEEDED", "400 CREDENTIAL_INVALID", "500 PASSKEY_AUTH_RESTART", "420 FLOOD_WAIT_5"},
}

func randomAnswer(r *rand.Rand, q auth.Question) string {
	answers := []string{"cancel"}
	switch q := q.(type) {
	case auth.PhoneQuestion:
		answers = []string{"phone 1", "phone 2"}
	case auth.CodeQuestion:
		answers = []string{"code 11111", "code 22222", "code 33333", "code 4", "resend", "missing 1", "cancel"}
		if q.Firebase != nil {
			answers = append(answers, "prove it", "prove it")
		}
		if q.Google {
			answers = append(answers, "google token", "google token")
		}
		if q.ResetAfter > 0 {
			answers = append(answers, "reset-email")
		}
		if q.Purpose != auth.ForSignIn {
			answers = []string{"code 11111", "code 22222", "resend", "cancel"}
		}
	case auth.PaymentQuestion:
		answers = []string{"paid", "paid", "cancel"}
	case auth.EmailQuestion:
		answers = []string{"email a@b.c", "email b@b.c", "cancel"}
	case auth.TokenQuestion:
		answers = []string{"token 7:bot", "cancel"}
	case auth.PasskeyQuestion:
		answers = []string{"assert 2:42", "assert 3:42", "cancel"}
	case auth.ChallengeQuestion:
		answers = []string{"proof yes", "proof yes", "cancel"}
	case auth.NewPasswordQuestion:
		answers = []string{"skip", "cancel"}
	case auth.TermsQuestion:
		answers = []string{"accept", "accept", "accept", "cancel"}
	case auth.NameQuestion:
		answers = []string{"name Ann Lee", "name Eve", "name Ida", "cancel"}
	case auth.PasswordQuestion:
		answers = []string{"password correct", "password correct", "recover", "cancel"}
	}
	return answers[r.IntN(len(answers))]
}

// randomStory tells what happens when chance answers the calls and questions. It
// resumes the flow at every step if it is told what an uninterrupted one wanted.
func randomStory(t *testing.T, m auth.Method, known map[reflect.Type]auth.Answer, seed uint64, steps []string) (told, wanted []string) {
	r := rand.New(rand.NewPCG(seed, 1))
	p := &player{t: t, flow: auth.NewFlow(m), now: start, resumed: steps != nil, steps: steps, answers: maps.Clone(known)}
	for len(told) < 40 {
		p.resume()
		switch s := p.flow.Next().(type) {
		case auth.Call:
			replies := randomReplies[s.Name()]
			reply := replies[r.IntN(len(replies))]
			told = append(told, p.call(s, s.Name()+" phone_code_hash= phone_code= phone_number= first_name="), reply)
			p.reply("<", reply)
		case auth.Ask:
			words := randomAnswer(r, s.Question)
			told = append(told, describe(s.Question, p.now), words)
			p.answered(answer(t, words))
		case auth.Show:
			told = append(told, describe(s.Question, p.now))
			if _, qr := s.Question.(auth.ShowQR); qr {
				p.returned(&tg.UpdateLoginToken{}, nil)
				break
			}
			words := randomAnswer(r, s.Question)
			told = append(told, words)
			p.answered(answer(t, words))
		case auth.Move:
			told = append(told, fmt.Sprint("move ", s.DC))
			p.returned(nil, nil)
		case auth.Wait:
			told = append(told, "wait until "+s.Until.String())
			p.now = s.Until
			p.returned(nil, nil)
		case auth.Done:
			return append(told, "done"), p.steps
		case auth.Failed:
			return append(told, s.Err.Error()), p.steps
		}
	}
	return told, p.steps
}

func TestFlowIsResumedOnlyWhereItWas(t *testing.T) {
	f := auth.NewFlow(ann)
	flowAt(t, f, codeIsSent)
	data, err := f.Marshal(binding)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []auth.Binding{
		{}, {Network: "other", DC: 2, KeyID: 7}, {Network: "story", DC: 3, KeyID: 7}, {Network: "story", DC: 2, KeyID: 8},
	} {
		var other *auth.BindingError
		_, err := auth.Resume(data, b)
		if !errors.As(err, &other) || other.Got != b || other.Want != binding {
			t.Errorf("got %v for %+v, want a BindingError", err, b)
		}
		if !strings.Contains(err.Error(), `begun on network "story", data centre 2, with key 0000000000000007`) || strings.Contains(err.Error(), "h1") {
			t.Errorf("got %v, want where the flow can go on, and no hash", err)
		}
	}
	for _, b := range []auth.Binding{{}, {DC: 2, KeyID: 7}, {Network: "story", KeyID: 7}, {Network: "story", DC: 2}} {
		if _, err := f.Marshal(b); err == nil {
			t.Errorf("got a flow bound to %+v, want an error", b)
		}
	}
}

func TestBindingOfASession(t *testing.T) {
	key := session.NewAuthKey([256]byte{1, 2, 3})
	d := session.Data{Home: 4, Keys: map[int]session.Key{4: {Auth: key}}}
	if got := auth.BindingOf(d); got != (auth.Binding{Network: d.Network.Identity(), DC: 4, KeyID: key.ID()}) {
		t.Errorf("got %+v", got)
	}
}

func TestFailedFlowIsNotMarshalled(t *testing.T) {
	f := auth.NewFlow(ann)
	f.Returned(start, nil, tg.NewError(400, "API_ID_INVALID"))
	if _, err := f.Marshal(binding); !errors.Is(err, tg.ErrAPIIDInvalid) {
		t.Errorf("got %v, want why the flow ended", err)
	}
}

func TestFlowsAreNotMarshalledInPassing(t *testing.T) {
	for _, v := range []any{auth.NewFlow(ann), *auth.NewFlow(ann), map[string]any{"flow": auth.NewFlow(ann)}} {
		if b, err := json.Marshal(v); err == nil {
			t.Errorf("got %s, want an error that tells of Flow.Marshal", b)
		}
	}
}

func TestWhatIsNoFlowIsNotResumed(t *testing.T) {
	good, _ := auth.NewFlow(ann).Marshal(binding)
	const begin = `{"v":1,"binding":{"network":"story","dc":2,"key_id":"7"},"flow":{"start":"having a code sent","state":`
	changing := strings.Replace(begin, `"having a code sent"`, `"having a code sent to the new number","task":{"name":"change the number"}`, 1)
	for _, bad := range []string{
		"", "null", "[]", "{}", string(good) + "{}", strings.Replace(string(good), `"v":1`, `"v":2`, 1),
		strings.Replace(string(good), `"v":1`, `"v":1,"more":1`, 1),
		strings.Replace(string(good), `"having a code sent"`, `"done"`, 1),
		begin + `"no such state"}}`, begin + `"failed"}}`, begin + `"signing in with the code"}}`, begin + `"checking the password"}}`,
		begin + `"done"}}`, begin + `"done"},"user":"AAAA"}`, begin + `"moving to another data centre"}}`, begin + `"waiting"}}`,
		begin + `"waiting","then":"waiting"}}`, begin + `"waiting","then":"asking for the code"}}`,
		begin + `"asking for the code"}}`, begin + `"asking to accept the terms of service","sent":{}}}`,
		begin + `"accepting the terms of service","terms":{}}}`, begin + `"asking for the password"}}`,
		begin + `"asking for the telephone number","hops":-1}}`,
		changing + `"asking how old this login is"}}`, changing + `"asking to pay for the code","sent":{"hash":"aDE=","kind":"sms"}}}`,
		strings.Repeat(" ", 1<<20+1),
	} {
		if f, err := auth.Resume([]byte(bad), binding); err == nil {
			t.Errorf("got %v of %.200s, want an error", f, bad)
		}
	}
	for _, good := range []string{begin, changing} {
		if _, err := auth.Resume([]byte(good+`"asking for the telephone number"}}`), binding); err != nil {
			t.Error(err)
		}
	}
}

// Whatever is resumed goes on without a panic, and is written as it was read.
func FuzzResume(f *testing.F) {
	for _, script := range []string{nobody, codeIsSent, passwordIsAsked, codeIsSent + "! code 1\n> auth.signIn\n< signup terms=16"} {
		flow := auth.NewFlow(ann)
		(&player{t: new(testing.T), flow: flow, now: start}).playAll(script)
		data, err := flow.Marshal(binding)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for task, script := range map[auth.Task]string{
		auth.ChangePhone("4470"): codeToNewNumber, auth.ChangePhone("44"): "> account.sendChangePhoneCode\n< payment h1",
		auth.SetPassword(): noPassword, auth.DeleteAccount("moving"): "> account.getPassword\n< survey password",
		auth.ChangeLoginEmail("a@b.c"): "> account.sendVerifyEmailCode\n< login-mail a*@b.c 6", auth.RecoverPassword(): "> auth.requestPasswordRecovery\n< recovery a*@b.c",
		auth.WithPassword(handOver): "> messages.editChatCreator\n< 403 RECAPTCHA_CHECK_a__b",
	} {
		p := newTaskPlayer(new(testing.T), task, false)
		p.playAll(script)
		data, err := p.flow.Marshal(binding)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	// Every state, also that of a task in a sign-in and in another task.
	for _, task := range auth.TaskNames() {
		for _, state := range auth.StateNames() {
			f.Add(savedFlow(f, task, state, savedFields()))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		flow, err := auth.Resume(data, binding)
		if err != nil {
			return
		}
		once, err := flow.Marshal(binding)
		if err != nil {
			t.Fatal(err)
		}
		again, err := auth.Resume(once, binding)
		if err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		if twice, _ := again.Marshal(binding); !bytes.Equal(once, twice) {
			t.Fatalf("written once: %s\nand twice:    %s", once, twice)
		}
		for range 20 {
			switch flow.Next().(type) {
			case auth.Ask:
				flow.Answered(start, auth.Code("1"), zeros{1})
				flow.Answered(start, auth.Cancel{}, nil)
			default:
				flow.Returned(start, nil, nil)
			}
		}
	})
}
