package auth_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// A whole change of the password is printed as it goes: steps, answers, errors,
// the flow, and the flow written down.
func TestNoStepOfATaskShowsSecrets(t *testing.T) {
	var out prints
	p := newTaskPlayer(t, auth.SetPassword(), false)
	for _, line := range strings.Split(strings.TrimSpace(ownersPassword+`
		! new battery-staple hint=horse email=a@b.c
		> account.getPassword
		< survey password
		> account.updatePasswordSettings
		lost connection reset
		> account.updatePasswordSettings
		< 400 EMAIL_UNCONFIRMED_6
		? code email for=recovery email 6 a@b.c next=email skip=true
		! code 735190
		> account.confirmPasswordEmail code=735190
		lost connection reset
		> account.confirmPasswordEmail code=735190
		< 400 EMAIL_HASH_EXPIRED
	`), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		p.line = line
		p.play(line)
		out.print(p.flow)
		out.print(*p.flow)
		out.print(p.flow.Next())
		out.print(p.err)
		out.print(p.flow.Answered(start, nil, nil))
		out.print(p.flow.Answered(start, auth.NewPassword{Password: auth.Secret("battery-staple")}, nil))
		if data, err := p.flow.Marshal(binding); err == nil {
			out.Write(data)
		}
	}
	out.hides(t, "battery-staple")
	out.hides(t, "735190")
	out.hides(t, "correct")
}

// A person at the terminal sets a password. client is a *telekey.Client that is
// signed in; here it is connected to a Telegram in the example.
func ExampleSetPassword() {
	ctx, client := context.Background(), newDesk(map[string][]any{
		"account.getPassword":            {&tg.AccountPassword{NewAlgo: newAlgo(), NewSecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{}}},
		"account.updatePasswordSettings": {refusal(400, "EMAIL_UNCONFIRMED_6")},
		"account.confirmPasswordEmail":   {true},
	})

	end, err := auth.Run(ctx, client, auth.SetPassword(), auth.Answers{
		NewPassword: auth.NewPassword{Password: auth.Secret("correct horse"), Hint: "an animal", Email: "ann@example.org"},
		Code:        auth.Code("123456"), // from the mailbox; a person would be asked by Terminal
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("set, and can be recovered by", end.Email)
	// Output: set, and can be recovered by ann@example.org
}

// A web server changes the number of an account, from one request to the next.
func ExampleNewTask() {
	ctx, client := context.Background(), newDesk(map[string][]any{
		"account.sendChangePhoneCode": {&tg.AuthSentCode{Type: &tg.AuthSentCodeTypeSMS{Length: 5}, PhoneCodeHash: "hash"}},
		"account.changePhone":         {&tg.User{Self: true, ID: 42, Phone: new("447000000000")}},
	})

	// POST /phone number=+447000000000
	flow := auth.NewTask(auth.ChangePhone("+447000000000"))
	step, err := auth.Drive(ctx, client, flow)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("asked:", step.(auth.Ask).Question.(auth.CodeQuestion).Kind)
	row, err := flow.Marshal(auth.BindingOf(client.Session())) // into the database
	if err != nil {
		log.Fatal(err)
	}

	// POST /phone/answer code=22222
	if flow, err = auth.Resume(row, auth.BindingOf(client.Session())); err != nil {
		log.Fatal(err)
	}
	if err := flow.Answered(time.Now(), auth.Code("22222"), rand.Reader); err != nil {
		log.Fatal(err)
	}
	if step, err = auth.Drive(ctx, client, flow); err != nil {
		log.Fatal(err)
	}
	user := step.(auth.Done).User
	if err := auth.Remember(ctx, client, user); err != nil {
		log.Fatal(err)
	}
	fmt.Println("the number is", *user.Phone)
	// Output:
	// asked: sms
	// the number is 447000000000
}

// The owner of an account stops somebody who deletes it.
func ExampleConfirmPhone() {
	ctx, client := context.Background(), newDesk(map[string][]any{
		"account.sendConfirmPhoneCode": {&tg.AuthSentCode{Type: &tg.AuthSentCodeTypeSMS{Length: 5}, PhoneCodeHash: "hash"}},
		"account.confirmPhone":         {true},
	})

	link := "tg://confirmphone?phone=9996621234&hash=abc" // of Telegram's message
	if _, err := auth.Run(ctx, client, auth.ConfirmPhone(link), auth.Answers{Code: auth.Code("22222")}); err != nil {
		log.Fatal(err)
	}
	fmt.Println("the account stays")
	// Output: the account stays
}
