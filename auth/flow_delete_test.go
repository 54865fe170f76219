package auth_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

func TestAccountWithoutAPasswordGoesAtOnce(t *testing.T) {
	playTask(t, auth.DeleteAccount("moving"), `
		> account.getPassword
		< survey
		> account.deleteAccount reason=moving password=<nil>
		< true
		done 
	`)
}

func TestAccountGoesAtOnceWithItsPassword(t *testing.T) {
	playTask(t, auth.DeleteAccount(""), `
		> account.getPassword
		< survey password
		? password skip=true
		! password wrong
		> account.deleteAccount proof=wrong
		< 400 PASSWORD_HASH_INVALID
		> account.getPassword
		< survey password
		? password skip=true wrong=1 PASSWORD_HASH_INVALID
		! password correct
		> account.deleteAccount proof=correct
		< true
		done 
	`)
}

// https://core.telegram.org/api/account-deletion
func TestAccountWhosePasswordIsLostGoesAfterAWeek(t *testing.T) {
	playTask(t, auth.DeleteAccount(""), `
		> account.getPassword
		< survey password
		? password skip=true
		! skip
		> account.deleteAccount proof=none
		< 420 2FA_CONFIRM_WAIT_604800
		done 168h0m0s
	`)
}

func TestDeletionIsCancelledAndRefused(t *testing.T) {
	const asked = `
		> account.getPassword
		< survey password
		? password skip=true
	`
	playTask(t, auth.DeleteAccount(""), asked+`
		! cancel
		fails cancelled
	`)
	for _, refused := range []string{"401 AUTH_KEY_UNREGISTERED", "420 FLOOD_WAIT_4000", "420 2FA_CONFIRM_WAIT_0"} {
		playTask(t, auth.DeleteAccount(""), asked+`
			! skip
			> account.deleteAccount
			< `+refused+`
			fails account.deleteAccount: telegram: `+refused+`
		`)
	}
	if _, ok := auth.NewTask(auth.DeleteAccount(strings.Repeat("a", 5000))).Next().(auth.Failed); !ok {
		t.Error("got a deletion for an endless reason, want an error")
	}
}

func TestDeletedAccountIsForgotten(t *testing.T) {
	says := map[string][]any{
		"account.getPassword":   {newChallenge(t, "correct").password("")},
		"account.deleteAccount": {refusal(420, "2FA_CONFIRM_WAIT_60"), true},
	}
	c := newDesk(says)
	skip := auth.AskerFunc(func(context.Context, auth.Question) (auth.Answer, error) { return auth.Skip{}, nil })
	if end, err := auth.Run(t.Context(), c, auth.DeleteAccount(""), skip); err != nil || end.Until.IsZero() || c.Data().User == nil {
		t.Fatalf("got %v, %v, want that it waits and somebody is signed in still", end, err)
	}
	if end, err := auth.Run(t.Context(), c, auth.DeleteAccount(""), skip); err != nil || !end.Until.IsZero() {
		t.Fatalf("got %v, %v, want that it is gone", end, err)
	}
	if d := c.Data(); d.User != nil || d.Keys[2].SignedIn {
		t.Errorf("got %v, want nobody signed in", d)
	}
}

const confirmation = "tg://confirmphone?phone=9996621234&hash=abc"

func TestOwnerStopsADeletion(t *testing.T) {
	for _, link := range []string{confirmation, "https://t.me/confirmphone?phone=%2B9996621234&hash=abc\n"} {
		playTask(t, auth.ConfirmPhone(link), `
			> account.sendConfirmPhoneCode hash=abc
			< sent h1 sms 5
			? code sms for=keep account 5
			! code 11111
			> account.confirmPhone phone_code_hash=h1 phone_code=11111
			< 400 PHONE_CODE_INVALID
			? code sms for=keep account 5 wrong=1 PHONE_CODE_INVALID
			! code 22222
			> account.confirmPhone phone_code_hash=h1 phone_code=22222
			< true
			done 
		`)
	}
}

func TestLinksThatConfirmNothingAreRefused(t *testing.T) {
	for _, link := range []string{
		"", "hello", "tg://confirmphone", "tg://confirmphone?phone=1", "tg://confirmphone?hash=a", "tg://login?token=a",
		"https://example.org/confirmphone?phone=1&hash=a", "tg://confirmphone?phone=1&hash=%zz", strings.Repeat("a", 5000), ":",
	} {
		step, ok := auth.NewTask(auth.ConfirmPhone(link)).Next().(auth.Failed)
		if !ok || !strings.Contains(step.Err.Error(), "want the one in Telegram's message") {
			t.Errorf("%.40q: got %v, want an error that says what is wanted", link, step)
		}
	}
	for _, refused := range []string{"400 HASH_INVALID", "400 PHONE_NUMBER_INVALID"} {
		playTask(t, auth.ConfirmPhone(confirmation), `
			> account.sendConfirmPhoneCode
			< `+refused+`
			fails account.sendConfirmPhoneCode: telegram: `+refused+`
		`)
	}
	playTask(t, auth.ConfirmPhone(confirmation), `
		> account.sendConfirmPhoneCode
		< sent h1 sms 5
		? code sms for=keep account 5
		! code 22222
		> account.confirmPhone
		< 400 CODE_HASH_INVALID
		fails CODE_HASH_INVALID: the code belongs to another request
	`)
}

// The owner is asked once more, and told when the account goes.
func ExampleDeleteAccount() {
	ctx, client := context.Background(), newDesk(map[string][]any{
		"account.getPassword":   {&tg.AccountPassword{NewAlgo: newAlgo(), NewSecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{}}},
		"account.deleteAccount": {true},
	})

	end, err := auth.Run(ctx, client, auth.DeleteAccount("I have two"), auth.Answers{})
	switch {
	case err != nil:
		log.Fatal(err)
	case end.Until.IsZero():
		fmt.Println("the account is gone")
	default:
		fmt.Println("the account goes at", end.Until)
	}
	// Output: the account is gone
}
