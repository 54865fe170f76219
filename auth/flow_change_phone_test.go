package auth_test

import (
	"errors"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

const codeToNewNumber = `
		> account.sendChangePhoneCode phone_number=4470
		< sent h1 sms 5 next=call in=60
		? code sms for=new number 5 next=call in=60
`

func TestNumberIsChanged(t *testing.T) {
	playTask(t, auth.ChangePhone("+44 (70)"), codeToNewNumber+`
		! code 1-1-1
		> account.changePhone phone_number=4470 phone_code_hash=h1 phone_code=111
		< 400 PHONE_CODE_INVALID
		? code sms for=new number 5 next=call in=60 wrong=1 PHONE_CODE_INVALID
		! resend
		> auth.resendCode phone_number=4470 phone_code_hash=h1
		< sent h2 sms 5
		? code sms for=new number 5
		! code 22222
		> account.changePhone phone_number=4470 phone_code_hash=h2 phone_code=22222
		< changed Ann
		done Ann
	`)
}

func TestNewNumberIsAskedForUntilItIsOne(t *testing.T) {
	playTask(t, auth.ChangePhone(""), `
		? phone
		! phone 1
		> account.sendChangePhoneCode phone_number=1
		< 400 PHONE_NUMBER_INVALID
		? phone PHONE_NUMBER_INVALID
		! phone 4470
	`+codeToNewNumber)
}

func TestCodeForANewNumberExpires(t *testing.T) {
	playTask(t, auth.ChangePhone("4470"), codeToNewNumber+`
		! code 22222
		> account.changePhone phone_code=22222
		< 400 PHONE_CODE_EXPIRED
		? code sms for=new number 5 next=call in=60 PHONE_CODE_EXPIRED
		! resend
	`+codeToNewNumber+`
		! resend
		> auth.resendCode phone_code_hash=h1
		< 400 PHONE_CODE_EXPIRED
	`+codeToNewNumber+`
		! cancel
		> auth.cancelCode phone_code_hash=h1
		< true
		fails cancelled
	`)
}

// https://core.telegram.org/method/account.sendChangePhoneCode#possible-errors
func TestNewLoginsMayNotChangeTheNumber(t *testing.T) {
	playTask(t, auth.ChangePhone("4470"), `
		> account.sendChangePhoneCode
		< 406 FRESH_CHANGE_PHONE_FORBIDDEN
		> account.getAuthorizations
		< devices
		fails this login is too new for that: try again after 2026-01-03T03:04:05Z
	`)
	playTask(t, auth.ChangePhone("4470"), codeToNewNumber+`
		! code 22222
		> account.changePhone
		< 406 FRESH_CHANGE_PHONE_FORBIDDEN
		> account.getAuthorizations
		< 400 INPUT_METHOD_INVALID
		fails this login is too new for that: try again tomorrow
	`)
}

func TestRefusalsOfANewNumberAreTyped(t *testing.T) {
	for _, refused := range []string{"400 PHONE_NUMBER_BANNED", "400 PHONE_NUMBER_INVALID", "400 PHONE_NUMBER_OCCUPIED", "401 AUTH_KEY_UNREGISTERED", "303 PHONE_MIGRATE_1"} {
		playTask(t, auth.ChangePhone("4470"), `
			> account.sendChangePhoneCode
			< `+refused+`
			fails account.sendChangePhoneCode: telegram: `+refused+`
		`)
	}
	for _, refused := range []string{"400 PHONE_NUMBER_INVALID", "400 PHONE_NUMBER_OCCUPIED", "400 PHONE_NUMBER_UNOCCUPIED"} {
		playTask(t, auth.ChangePhone("4470"), codeToNewNumber+`
			! code 22222
			> account.changePhone
			< `+refused+`
			fails account.changePhone: telegram: `+refused+`
		`)
	}
	playTask(t, auth.ChangePhone("4470"), `
		> account.sendChangePhoneCode
		< sent-in Ann
		fails the answer makes no sense here
	`)
}

func TestChangedNumberIsRemembered(t *testing.T) {
	c := newDesk(map[string][]any{
		"account.sendChangePhoneCode": {&tg.AuthSentCode{Type: &tg.AuthSentCodeTypeSMS{Length: 5}, PhoneCodeHash: "h"}},
		"account.changePhone":         {&tg.User{Self: true, ID: 42, Phone: new("4470")}},
	})
	end, err := auth.Run(t.Context(), c, auth.ChangePhone("4470"), auth.Answers{Code: auth.Code("22222")})
	if err != nil || *end.User.Phone != "4470" {
		t.Fatalf("got %v, %v", end, err)
	}
	c.called(t, "account.sendChangePhoneCode", "account.changePhone")
	if u := c.Data().User; u.Phone != "4470" || u.FirstName != "Ann" {
		t.Errorf("got %+v in the session, want the new number, and the rest as it was", u)
	}
}

func TestTasksNeedSomethingToDo(t *testing.T) {
	if _, err := auth.Run(t.Context(), newDesk(nil), nil, nil); err == nil {
		t.Error("got no error for no task, want one")
	}
	c := newDesk(map[string][]any{"account.getPassword": {errors.New("mine")}})
	if _, err := auth.Run(t.Context(), c, auth.SetPassword(), nil); err == nil || err.Error() != "account.getPassword: mine" {
		t.Errorf("got %v, want the client's error after the call's name", err)
	}
}

// Whatever Telegram does with a code when somebody signs in, it may do here; but
// nobody signs in.
func TestCodeToANewNumberMayHaveToBePaidFor(t *testing.T) {
	playTask(t, auth.ChangePhone("44 20"), `
		> account.sendChangePhoneCode phone_number=4420
		< payment h1
		? pay 199 EUR
		! paid
		> auth.checkPaidAuth phone_number=4420 phone_code_hash=h1 form_id=5
		< 400 FORM_EXPIRED
		? pay 199 EUR FORM_EXPIRED
		update updateSentPhoneCode h2 email 6 google=yes reset-after=60
		? code email for=new number 6 a***@b.c
		! code 222222
		> account.changePhone phone_code=222222 phone_code_hash=h2
		< changed Ann
		done Ann
	`)
	playTask(t, auth.ChangePhone("44 20"), `
		> account.sendChangePhoneCode
		< sent h1 setup
		fails the answer makes no sense here: got *tg.AuthSentCodeTypeSetUpEmailRequired
	`)
	for _, answer := range []auth.Answer{auth.GoogleToken("token"), auth.ResetEmail{}} {
		f := auth.NewTask(auth.ChangePhone("44 20"))
		flowAt(t, f, `
			> account.sendChangePhoneCode
			< sent h1 email 6 google=yes reset-after=60`)
		var unfit *auth.AnswerError
		if err := f.Answered(start, answer, nil); !errors.As(err, &unfit) {
			t.Errorf("%T: got %v, want that it is no answer to this", answer, err)
		}
	}
}
