package auth_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/telekey/telekey/auth"
)

// The stories of tasks are played resumed at every step, too; here chance writes
// them.
func TestResumedTaskDoesWhatAnUninterruptedOneDoes(t *testing.T) {
	tasks := []auth.Task{
		auth.SetPassword(), auth.RemovePassword(), auth.SetRecoveryEmail("a@b.c"), auth.ConfirmRecoveryEmail(),
		auth.ChangePhone(""), auth.ChangePhone("4470"), auth.ConfirmPhone(confirmation), auth.DeleteAccount("moving"), auth.ChangeLoginEmail("a@b.c"), auth.RecoverPassword(),
		auth.WithPassword(handOver),
	}
	var steps, done int
	for seed := range uint64(22) {
		task := tasks[seed%uint64(len(tasks))]
		straight := randomTask(t, task, seed, false)
		if resumed := randomTask(t, task, seed, true); !slices.Equal(straight, resumed) {
			t.Fatalf("seed %d\nstraight: %q\nresumed:  %q", seed, straight, resumed)
		}
		steps += len(straight)
		if straight[len(straight)-1] == "done" {
			done++
		}
	}
	if steps < 90 || done < 4 || done > 16 {
		t.Errorf("got %d steps, and %d done of 22, want more of a mixture", steps, done)
	}
}

// taskReplies are what Telegram may say to each call, in the words of stories.
var taskReplies = map[string][]string{
	"account.getPassword":            {"survey", "survey password", "survey password unconfirmed=a*@b.c", "survey password", "420 FLOOD_WAIT_5"},
	"account.getPasswordSettings":    {"settings", "settings", "400 PASSWORD_HASH_INVALID", "420 FLOOD_WAIT_5"},
	"account.updatePasswordSettings": {"true", "400 EMAIL_UNCONFIRMED_6", "400 PASSWORD_HASH_INVALID", "400 NEW_SETTINGS_INVALID", "420 FLOOD_WAIT_5"},
	"account.confirmPasswordEmail":   {"true", "400 CODE_INVALID", "420 FLOOD_WAIT_5", "400 EMAIL_HASH_EXPIRED"},
	"account.resendPasswordEmail":    {"true", "400 EMAIL_HASH_EXPIRED"},
	"account.cancelPasswordEmail":    {"true", "400 EMAIL_HASH_EXPIRED"},
	"account.sendChangePhoneCode":    {"sent h1 sms 5 next=call in=60", "sent h2 app 5", "400 PHONE_NUMBER_INVALID", "406 FRESH_CHANGE_PHONE_FORBIDDEN", "500 AUTH_RESTART"},
	"account.changePhone":            {"changed Ann", "400 PHONE_CODE_INVALID", "400 PHONE_CODE_EXPIRED", "420 FLOOD_WAIT_5", "406 FRESH_CHANGE_PHONE_FORBIDDEN"},
	"account.getAuthorizations":      {"devices", "401 AUTH_KEY_UNREGISTERED"},
	"account.sendConfirmPhoneCode":   {"sent h1 sms 5 next=call in=60", "sent h2 sms 5", "400 HASH_INVALID"},
	"account.confirmPhone":           {"true", "400 PHONE_CODE_INVALID", "400 CODE_HASH_INVALID"},
	"account.deleteAccount":          {"true", "420 2FA_CONFIRM_WAIT_604800", "400 PASSWORD_HASH_INVALID", "420 FLOOD_WAIT_5"},
	"auth.resendCode":                {"sent h4 sms 5", "406 SEND_CODE_UNAVAILABLE", "400 PHONE_CODE_EXPIRED"},
	"messages.editChatCreator":       {"true", "400 PASSWORD_HASH_INVALID", "400 PASSWORD_HASH_INVALID", "400 SESSION_TOO_FRESH_60", "420 FLOOD_WAIT_5"},
	"account.sendVerifyEmailCode":    {"login-mail a*@b.c 6", "login-mail a*@b.c 6", "400 EMAIL_INVALID", "420 FLOOD_WAIT_5"},
	"account.verifyEmail":            {"login-mail-changed a@b.c", "400 CODE_INVALID", "400 EMAIL_VERIFY_EXPIRED", "420 FLOOD_WAIT_5"},
	"auth.requestPasswordRecovery":   {"recovery a*@b.c", "recovery a*@b.c", "400 PASSWORD_RECOVERY_NA"},
	"auth.checkRecoveryPassword":     {"true", "true", "400 CODE_INVALID"},
	"auth.recoverPassword":           {"in Ann", "400 NEW_SETTINGS_INVALID", "400 PASSWORD_RECOVERY_EXPIRED"},
	"auth.cancelCode":                {"true", "400 PHONE_CODE_EXPIRED"},
}

func randomTaskAnswer(r *rand.Rand, q auth.Question) string {
	answers := []string{"cancel"}
	switch q := q.(type) {
	case auth.PhoneQuestion:
		answers = []string{"phone 1", "phone 2"}
	case auth.CodeQuestion:
		answers = []string{"code 11111", "code 22222", "code 33333", "resend", "cancel"}
		if q.MaySkip {
			answers = append(answers, "skip")
		}
	case auth.PasswordQuestion:
		answers = []string{"password correct", "password correct", "password wrong", "cancel"}
		if q.MaySkip {
			answers = append(answers, "skip", "skip")
		}
	case auth.NewPasswordQuestion:
		answers = []string{"new battery hint=horse email=a@b.c", "new battery", "new battery", "cancel"}
		if q.MaySkip {
			answers = []string{"skip", "skip", "cancel"}
		}
	}
	return answers[r.IntN(len(answers))]
}

// randomTask tells what happens when chance answers the calls and questions.
func randomTask(t *testing.T, task auth.Task, seed uint64, resumed bool) (told []string) {
	r := rand.New(rand.NewPCG(seed, 1))
	p := newTaskPlayer(t, task, resumed)
	for len(told) < 40 {
		p.line = fmt.Sprintf("seed %d, after %q", seed, told)
		p.resume()
		switch s := p.flow.Next().(type) {
		case auth.Call:
			replies := taskReplies[s.Name()]
			reply := replies[r.IntN(len(replies))]
			told = append(told, p.call(s, s.Name()+" phone_code_hash= phone_code= phone_number= hash= reason= code= new_settings.hint= new_settings.email="), reply)
			p.reply("<", reply)
		case auth.Ask:
			words := randomTaskAnswer(r, s.Question)
			told = append(told, describe(s.Question, p.now), words)
			p.answered(answer(t, words))
		case auth.Wait:
			told = append(told, "wait until "+s.Until.String())
			p.now = s.Until
			p.returned(nil, nil)
		case auth.Done:
			return append(told, endOf(s), "done")
		case auth.Failed:
			return append(told, s.Err.Error())
		}
	}
	return told
}

func TestWhatIsNoTaskIsNotResumed(t *testing.T) {
	const begin = `{"v":1,"binding":{"network":"story","dc":2,"key_id":"7"},"flow":{"start":"fetching how it stands with the password","state":`
	for _, bad := range []string{
		`"fetching how it stands with the password"}}`,
		`"fetching how it stands with the password","task":{"name":""}}}`,
		`"fetching how it stands with the password","task":{"name":"fly"}}}`,
		`"asking for the password","task":{"name":"set the password"}}}`,
		`"asking for the password","check":{},"task":{"name":"change the number"}}}`,
		`"deleting the account","task":{"name":"set the password"}}}`,
		`"changing the password's settings","task":{"name":"set the password"}}}`,
		`"asking for the new password","task":{"name":"set the password"}}}`,
		`"asking for the code in the recovery mailbox","task":{"name":"set the password"}}}`,
		`"asking for the code","sent":{},"task":{"name":"set the password"}}}`,
		`"signing up","sent":{},"task":{"name":"set the password"}}}`,
		`"waiting","then":"waiting","task":{"name":"set the password"}}}`,
		`"having a code sent","task":{"name":"change the number"}}}`,
		`"making a call with the password","task":{"name":"make a call with the password"}}}`,
		`"making a call with the password","task":{"name":"make a call with the password","request":"AAAA"}}}`,
	} {
		if f, err := auth.Resume([]byte(begin+bad), binding); err == nil {
			t.Errorf("got %v of %s, want an error", f, bad)
		}
	}
	if _, err := auth.Resume([]byte(begin+`"fetching how it stands with the password","task":{"name":"set the password"}}}`), binding); err != nil {
		t.Error(err)
	}
}
