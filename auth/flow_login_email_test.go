package auth_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// https://core.telegram.org/api/auth#email-verification
func TestLoginEmailIsChanged(t *testing.T) {
	playTask(t, auth.ChangeLoginEmail(" ann@b.c "), `
		> account.sendVerifyEmailCode email=ann@b.c purpose=map[_:emailVerifyPurposeLoginChange]
		< login-mail a*@b.c 6
		? code email for=new login email 6 a*@b.c next=email
		! code 111111
		> account.verifyEmail verification.code=111111
		< 400 CODE_INVALID
		? code email for=new login email 6 a*@b.c next=email wrong=1 CODE_INVALID
		! resend
		> account.sendVerifyEmailCode email=ann@b.c
		< login-mail a*@b.c 5
		? code email for=new login email 5 a*@b.c next=email
		! code 22222
		> account.verifyEmail verification.code=22222 purpose=map[_:emailVerifyPurposeLoginChange]
		< login-mail-changed ann@b.c
		done ann@b.c
	`)
	playTask(t, auth.ChangeLoginEmail("ann@b.c"), `
		> account.sendVerifyEmailCode
		< login-mail a*@b.c 6
		? code email for=new login email 6 a*@b.c next=email
		! cancel
		fails cancelled
	`)
}

func TestRefusalsOfALoginEmailAreTyped(t *testing.T) {
	for _, refused := range []string{"400 EMAIL_INVALID", "400 EMAIL_NOT_ALLOWED", "400 EMAIL_NOT_SETUP", "401 AUTH_KEY_UNREGISTERED"} {
		playTask(t, auth.ChangeLoginEmail("nowhere"), `
			> account.sendVerifyEmailCode
			< `+refused+`
			fails account.sendVerifyEmailCode: telegram: `+refused+`
		`)
	}
	for _, refused := range []string{"400 PHONE_HASH_EXPIRED", "400 EMAIL_INVALID"} {
		playTask(t, auth.ChangeLoginEmail("ann@b.c"), `
			> account.sendVerifyEmailCode
			< login-mail a*@b.c 6
			? code email for=new login email 6 a*@b.c next=email
			! code 111111
			> account.verifyEmail
			< 400 EMAIL_VERIFY_EXPIRED
			? code email for=new login email 6 a*@b.c next=email EMAIL_VERIFY_EXPIRED
			! resend
			> account.sendVerifyEmailCode
			< login-mail a*@b.c 6
			? code email for=new login email 6 a*@b.c next=email
			! code 222222
			> account.verifyEmail
			< `+refused+`
			fails account.verifyEmail: telegram: `+refused+`
		`)
	}
}

// A script that knows the code beforehand; a person would be asked by Terminal.
func ExampleChangeLoginEmail() {
	ctx, client := context.Background(), newDesk(map[string][]any{
		"account.sendVerifyEmailCode": {&tg.AccountSentEmailCode{EmailPattern: "a***@example.org", Length: 6}},
		"account.verifyEmail":         {&tg.AccountEmailVerified{Email: "ann@example.org"}},
	})

	end, err := auth.Run(ctx, client, auth.ChangeLoginEmail("ann@example.org"), auth.Answers{Code: auth.Code("222222")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("codes go to", end.Email)
	// Output: codes go to ann@example.org
}
