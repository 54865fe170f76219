package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/emutest"
	"github.com/telekey/telekey/tg"
)

// handOver is a call that wants the password of whoever makes it.
var handOver = &tg.MessagesEditChatCreator{Peer: &tg.InputPeerChannel{ChannelID: 7}, UserID: &tg.InputUser{UserID: 8}}

// https://core.telegram.org/api/srp#using-the-2fa-password
func TestPasswordIsAskedForOnlyIfItWouldHelp(t *testing.T) {
	playTask(t, auth.WithPassword(handOver), `
		> messages.editChatCreator proof=none peer.channel_id=7
		< 400 PASSWORD_HASH_INVALID
		> account.getPassword
		< survey password
		? password
		! password wrong
		> messages.editChatCreator proof=wrong peer.channel_id=7
		< 400 PASSWORD_HASH_INVALID
		> account.getPassword
		< survey password
		? password wrong=1 PASSWORD_HASH_INVALID
		! password correct
		> messages.editChatCreator proof=correct
		< true
		done 
	`)
	for refused, words := range map[string]string{
		"400 PASSWORD_MISSING":         "400 PASSWORD_MISSING: Telegram wants an account with a password",
		"400 PASSWORD_TOO_FRESH_86400": "the password has been changed too recently for that: try again after 2026-01-03T03:04:05Z",
		"400 SESSION_TOO_FRESH_3600":   "this login is too new for that: try again after 2026-01-02T04:04:05Z",
		"400 CHANNEL_INVALID":          "messages.editChatCreator: telegram: 400 CHANNEL_INVALID",
	} {
		playTask(t, auth.WithPassword(handOver), `
			> messages.editChatCreator proof=none
			< `+refused+`
			fails `+words+`
		`)
	}
	playTask(t, auth.WithPassword(handOver), `
		> messages.editChatCreator proof=none
		< 400 PASSWORD_HASH_INVALID
		> account.getPassword
		< survey
		fails the account has no password
	`)
}

// The proof against robots goes around the call with the empty password, and another
// one around the call with the right one.
//
// https://core.telegram.org/api/auth#recaptcha-verification
func TestCallWithThePasswordMayBeChallenged(t *testing.T) {
	playTask(t, auth.WithPassword(handOver), `
		> messages.editChatCreator proof=none
		< 403 RECAPTCHA_CHECK_give__KEY
		? challenge recaptcha action=give key=KEY
		! proof yes
		> messages.editChatCreator proof=none
		< 403 RECAPTCHA_CHECK_give__KEY
		? challenge recaptcha action=give key=KEY RECAPTCHA_CHECK_give__KEY
		! proof yes
		> messages.editChatCreator proof=none
		< 400 PASSWORD_HASH_INVALID
		> account.getPassword
		< survey password
		? password
		! password correct
		> messages.editChatCreator proof=correct
		< true
		done 
	`)
	srv := emutest.Start(t)
	ann := emulator.User{Phone: annsNumber, Password: "correct horse"}
	if err := srv.AddUser(ann); err != nil {
		t.Fatal(err)
	}
	c := emutest.SignIn(t, srv, ann)
	srv.FastForward(48 * time.Hour)
	rule := emulator.Rule{Method: "payments.getStarsRevenueWithdrawalUrl", Do: "challenge", Message: "RECAPTCHA_CHECK_withdraw__KEY", Token: "vouched for"}
	if _, err := srv.AddRule(rule); err != nil {
		t.Fatal(err)
	}
	proofs := 0
	url, err := auth.CallWithPassword(t.Context(), c, withdrawal, once(srv, func(q auth.Question) auth.Answer {
		if _, ok := q.(auth.ChallengeQuestion); !ok {
			return nil
		}
		proofs++
		return auth.ChallengeToken("vouched for")
	}))
	if err != nil || url.URL == "" || proofs != 2 {
		t.Errorf("got %+v, %v with %d proofs, want an address with one for either call", url, err, proofs)
	}
}

func TestOnlyMethodsThatWantAPasswordGetOne(t *testing.T) {
	for _, method := range []any{nil, 7, &tg.HelpGetConfig{}, &tg.InputUser{}, tg.MessagesEditChatCreator{}, (*tg.MessagesEditChatCreator)(nil), &struct{ Password tg.AnyInputCheckPasswordSRP }{}} {
		if step, ok := auth.NewTask(auth.WithPassword(method)).Next().(auth.Failed); !ok {
			t.Errorf("%T: got %v, want an error", method, step)
		}
	}
	if step, ok := auth.NewTask(auth.WithPassword(&tg.MessagesEditChatCreator{})).Next().(auth.Failed); !ok {
		t.Errorf("got %v for a method with fields missing, want an error", step)
	}
}

func TestAnswerOfACallWithThePasswordIsTyped(t *testing.T) {
	p := newChallenge(t, "correct")
	c := newDesk(map[string][]any{
		"account.getPassword": {p.password("")},
		"account.getTmpPassword": {
			refusal(400, "PASSWORD_HASH_INVALID"), &tg.AccountTmpPassword{TmpPassword: []byte("tmp"), ValidUntil: 9}, refusal(400, "TMP_PASSWORD_DISABLED"),
		},
	})
	ask := &tg.AccountGetTmpPassword{Period: 60}
	tmp, err := auth.CallWithPassword(t.Context(), c, ask, auth.Answers{Password: auth.Secret("correct")})
	if err != nil || string(tmp.TmpPassword) != "tmp" || ask.Password != nil {
		t.Errorf("got %+v, %v, want the temporary password, and the method as it was", tmp, err)
	}
	c.called(t, "account.getTmpPassword", "account.getPassword", "account.getTmpPassword")
	if _, err := auth.CallWithPassword(t.Context(), c, ask, nil); !errors.Is(err, tg.ErrTmpPasswordDisabled) {
		t.Errorf("got %v, want the refusal", err)
	}
}

// A channel gets another owner.
func ExampleCallWithPassword() {
	ctx, client := context.Background(), newDesk(map[string][]any{
		"messages.editChatCreator": {refusal(400, "PASSWORD_TOO_FRESH_3600")},
	})

	_, err := auth.CallWithPassword(ctx, client, handOver, auth.Answers{Password: auth.Secret("correct")})
	var fresh *auth.TooFreshError
	switch {
	case errors.As(err, &fresh):
		fmt.Println("too early:", fresh.Err)
	case err != nil:
		log.Fatal(err)
	}
	// Output: too early: telegram: 400 PASSWORD_TOO_FRESH_3600
}
