package auth_test

import (
	"testing"

	"github.com/telekey/telekey/auth"
)

// https://core.telegram.org/api/srp#password-recovery
func TestWhoIsSignedInRecoversAPassword(t *testing.T) {
	playTask(t, auth.RecoverPassword(), `
		> auth.requestPasswordRecovery
		< recovery a*@b.c
		? code email for=recovery a*@b.c next=email
		! code 111111
		> auth.checkRecoveryPassword code=111111
		< true
		> account.getPassword
		< survey password
		? new-password skip=true
		! skip
		> auth.recoverPassword code=111111 new_settings=<nil>
		< in Ann
		done Ann
	`)
	for _, refused := range []string{"400 PASSWORD_EMPTY", "400 PASSWORD_RECOVERY_NA", "401 AUTH_KEY_UNREGISTERED"} {
		playTask(t, auth.RecoverPassword(), `
			> auth.requestPasswordRecovery
			< `+refused+`
			fails auth.requestPasswordRecovery: telegram: `+refused+`
		`)
	}
}

// A recovery ends with a sign-in: it must not be taken for the end of a task that
// asks for a password on its way.
func TestTasksDoNotRecoverPasswordsOnTheirWay(t *testing.T) {
	p := newTaskPlayer(t, auth.DeleteAccount(""), false)
	p.playAll(`
		> account.getPassword
		< survey password recovery=yes
		? password skip=true
	`)
	if err := p.flow.Answered(start, auth.Recover{}, nil); err == nil {
		t.Error("got no error for Recover, want that it does not fit")
	}
}
