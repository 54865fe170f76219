package auth_test

import (
	"bytes"
	"testing"

	"github.com/telekey/telekey/auth"
)

// https://core.telegram.org/api/srp#checking-the-password-with-srp
const passwordIsAsked = codeIsSent + `
		! code 22222
		> auth.signIn
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password hint=horse
		? password hint=horse
	`

func TestPasswordFollowsTheCode(t *testing.T) {
	play(t, ann, passwordIsAsked+`
		! password correct
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
}

func TestWrongPasswordIsAskedAgainWithFreshParameters(t *testing.T) {
	play(t, ann, passwordIsAsked+`
		! password horse
		> auth.checkPassword proof=horse
		< 400 PASSWORD_HASH_INVALID
		> account.getPassword
		< password hint=horse
		? password hint=horse wrong=1 PASSWORD_HASH_INVALID
		! password correct
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
}

func TestStaleParametersAreFetchedAnewOnceWithoutAWord(t *testing.T) {
	play(t, ann, passwordIsAsked+`
		! password correct
		> auth.checkPassword proof=correct
		< 400 SRP_ID_INVALID
		> account.getPassword
		< password hint=horse
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
}

func TestPasswordThatWasJustChangedIsAskedForAnew(t *testing.T) {
	play(t, ann, passwordIsAsked+`
		! password correct
		> auth.checkPassword proof=correct
		< 400 SRP_PASSWORD_CHANGED
		> account.getPassword
		< password
		? password SRP_PASSWORD_CHANGED
	`)
}

func TestCancelledPasswordIsCancelled(t *testing.T) {
	play(t, ann, passwordIsAsked+`
		! cancel
		fails cancelled
	`)
}

func TestHalfASignInGoesOnWithThePassword(t *testing.T) {
	play(t, ann, `
		> users.getUsers
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password
		? password
		! password correct
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
}

func TestPasswordThatIsGoneIsAnError(t *testing.T) {
	play(t, ann, `
		> users.getUsers
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password-none
		fails account.getPassword: the account has no password
	`)
}

func TestPasswordIsWiped(t *testing.T) {
	f := auth.NewFlow(ann)
	flowAt(t, f, codeIsSent)
	misplaced := auth.Secret("correct")
	f.Answered(start, misplaced, nil)

	f = auth.NewFlow(ann)
	flowAt(t, f, passwordIsAsked)
	unproved := auth.Secret("correct")
	if err := f.Answered(start, unproved, nil); err == nil {
		t.Error("got no error without a random source, want one")
	}
	used := auth.Secret("correct")
	if err := f.Answered(start, used, bytes.NewReader(make([]byte, 4096))); err == nil {
		t.Error("got no error with a random source of zeros, want one: its powers are all 1")
	}
	for name, s := range map[string]auth.SecretAnswer{"misplaced": misplaced, "unproved": unproved, "used": used} {
		if !bytes.Equal(s.Bytes(), make([]byte, 7)) {
			t.Errorf("the %s password was not wiped", name)
		}
	}
}
