package auth_test

import (
	"context"
	"errors"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

const passkeyIsAsked = nobody + `
		> auth.initPasskeyLogin api_id=0
		< options {"publicKey":1}
		? passkey {"publicKey":1}
	`

// https://core.telegram.org/api/passkeys#logging-in-with-a-passkey
func TestPasskeySignsInWhereItsAccountLives(t *testing.T) {
	play(t, auth.Passkey(), passkeyIsAsked+`
		! assert 3:42
		> auth.finishPasskeyLogin dc=3 credential.id=id credential.raw_id=id credential.response.signature=signature credential.response.authenticator_data=data credential.response.client_data.data={"challenge":""} credential.response.user_handle=3:42
		< in Ann
		move 3
		done Ann
	`)
}

func TestPasswordIsAskedForAfterAPasskey(t *testing.T) {
	play(t, auth.Passkey(), passkeyIsAsked+`
		! assert 3:42
		> auth.finishPasskeyLogin dc=3
		< 420 FLOOD_WAIT_5
		wait 5s
		> auth.finishPasskeyLogin dc=3
		< 401 SESSION_PASSWORD_NEEDED
		move 3
		> account.getPassword
		< password
		? password
		! password correct
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
}

func TestPasskeyThatIsRefusedIsAskedForWithANewChallenge(t *testing.T) {
	for _, refusal := range []string{"CREDENTIAL_INVALID", "PASSKEY_CREDENTIAL_NOT_FOUND"} {
		play(t, auth.Passkey(), passkeyIsAsked+`
			! assert 3:42
			> auth.finishPasskeyLogin dc=3
			< 400 `+refusal+`
			> auth.initPasskeyLogin dc=0
			< options {"publicKey":2}
			? passkey {"publicKey":2} wrong=1 `+refusal+`
			! assert 2:42
			> auth.finishPasskeyLogin dc=2
			< in Ann
			move 2
			done Ann
		`)
	}
}

func TestPasskeyLoginThatTelegramWantsToBeginAnewDoesSoOnce(t *testing.T) {
	for _, restart := range []string{"AUTH_RESTART", "PASSKEY_AUTH_RESTART"} {
		play(t, auth.Passkey(), passkeyIsAsked+`
			! assert 2:42
			> auth.finishPasskeyLogin
			< 500 `+restart+`
			> auth.initPasskeyLogin
			< options {"publicKey":2}
			? passkey {"publicKey":2}
			! assert 2:42
			> auth.finishPasskeyLogin
			< 500 `+restart+`
			fails `+restart+`: Telegram keeps asking to begin anew
		`)
	}
}

func TestPasskeyOfAnotherOriginIsAnErrorWithAdvice(t *testing.T) {
	tell(t, auth.Passkey(), passkeyIsAsked+`
		! assert 2:42
		> auth.finishPasskeyLogin
		< 400 PASSKEY_ORIGIN_MISMATCH
		fails Telegram takes only those of telegram.org
	`)
	tell(t, auth.Passkey(), nobody+`
		> auth.initPasskeyLogin
		< options {
		fails the answer makes no sense here
	`)
	tell(t, auth.Passkey(), passkeyIsAsked+`
		! cancel
		fails cancelled
	`)
}

func TestPasskeyThatWasNotMadeForTelegramIsNotSent(t *testing.T) {
	f := auth.NewFlow(auth.Passkey())
	flowAt(t, f, passkeyIsAsked)
	for _, handle := range []string{"", "2", "2:", ":42", "x:42", "0:42", "10000:42", "2:42:1", "99999999999999999999:1"} {
		var unfit *auth.AnswerError
		if err := f.Answered(start, auth.Assertion{UserHandle: handle}, nil); !errors.As(err, &unfit) {
			t.Errorf("got %v for %q, want an AnswerError", err, handle)
		}
	}
}

// The data centre of the account has to know which key was challenged, and where.
func TestPasskeySaysWhereItsChallengeCameFrom(t *testing.T) {
	for _, test := range []struct {
		handle string
		at     string
		moves  []string
		from   int
	}{
		{"2:42", "auth.finishPasskeyLogin at 2", nil, 0},
		{"3:42", "auth.finishPasskeyLogin at 3", []string{"move 3"}, 2},
	} {
		c := newFake()
		key := c.Data().Keys[2].Auth.ID()
		asker := auth.AskerFunc(func(context.Context, auth.Question) (auth.Answer, error) {
			return auth.Assertion{ID: "id", UserHandle: test.handle}, nil
		})
		if _, err := auth.SignIn(t.Context(), c, auth.Passkey(), asker); err != nil {
			t.Fatal(err)
		}
		c.called(t, append([]string{"users.getUsers", "auth.initPasskeyLogin", test.at}, test.moves...)...)
		got := c.passkey
		switch {
		case test.from == 0 && (got.FromDCID != nil || got.FromAuthKeyID != nil):
			t.Errorf("got from %d, want nothing said at home", *got.FromDCID)
		case test.from != 0 && (got.FromDCID == nil || int(*got.FromDCID) != test.from || *got.FromAuthKeyID != key):
			t.Errorf("got from %v, key %v, want data centre %d and key %d", got.FromDCID, got.FromAuthKeyID, test.from, key)
		}
	}
}

func (f *fake) finishPasskey(m *tg.AuthFinishPasskeyLogin) (any, error) {
	f.passkey = m
	return f.enter()
}
