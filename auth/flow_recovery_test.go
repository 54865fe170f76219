package auth_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/tg"
)

const (
	passwordCanBeRecovered = codeIsSent + `
		! code 22222
		> auth.signIn
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password recovery=yes
		? password recovery=true
	`
	recoveryCodeIsAsked = passwordCanBeRecovered + `
		! recover
		> auth.requestPasswordRecovery
		< recovery a***@b.c
		? code email for=recovery a***@b.c next=email
	`
	replacementIsAsked = recoveryCodeIsAsked + `
		! code 111111
		> auth.checkRecoveryPassword code=111111
		< true
		> account.getPassword
		< password recovery=yes new-algo=yes
		? new-password skip=true
	`
)

// https://core.telegram.org/api/srp#password-recovery
func TestLostPasswordIsReplaced(t *testing.T) {
	play(t, ann, replacementIsAsked+`
		! new fresh hint=hint
		> auth.recoverPassword code=111111 new_settings._=account.passwordInputSettings new_settings.hint=hint
		< in Ann
		done Ann
	`)
}

func TestLostPasswordIsRemoved(t *testing.T) {
	play(t, ann, replacementIsAsked+`
		! skip
		> auth.recoverPassword code=111111 new_settings=<nil>
		< in Ann
		done Ann
	`)
}

func TestRecoveryCodeMayBeMistypedAndReplaced(t *testing.T) {
	play(t, ann, recoveryCodeIsAsked+`
		! code 000000
		> auth.checkRecoveryPassword code=000000
		< 400 CODE_INVALID
		? code email for=recovery a***@b.c next=email wrong=1 CODE_INVALID
		! code 000001
		> auth.checkRecoveryPassword code=000001
		< 400 PASSWORD_RECOVERY_EXPIRED
		? code email for=recovery a***@b.c next=email wrong=1 PASSWORD_RECOVERY_EXPIRED
		! resend
		> auth.requestPasswordRecovery
		< recovery a***@b.c
		? code email for=recovery a***@b.c next=email
		! cancel
		fails cancelled
	`)
}

func TestNewPasswordThatIsRefusedIsAskedForAgain(t *testing.T) {
	tell(t, ann, replacementIsAsked+`
		! new fresh hint=hint
		> auth.recoverPassword
		< 400 NEW_SETTINGS_INVALID
		? new-password skip=true NEW_SETTINGS_INVALID
		! new fresher hint=hint
		> auth.recoverPassword
		< 400 PASSWORD_RECOVERY_EXPIRED
		? code email for=recovery a***@b.c next=email PASSWORD_RECOVERY_EXPIRED
	`)
	tell(t, ann, replacementIsAsked+`
		! new fresh hint=hint
		> auth.recoverPassword
		< 400 NEW_SALT_INVALID
		> account.getPassword
		< password new-algo=yes
		? new-password skip=true NEW_SALT_INVALID
	`)
}

func TestRecoveryThatIsNotToBeHadLeavesThePassword(t *testing.T) {
	play(t, ann, passwordCanBeRecovered+`
		! recover
		> auth.requestPasswordRecovery
		< 400 PASSWORD_RECOVERY_NA
		? password recovery=true PASSWORD_RECOVERY_NA
		! password correct
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
	f := auth.NewFlow(ann)
	flowAt(t, f, passwordIsAsked)
	var unfit *auth.AnswerError
	if err := f.Answered(start, auth.Recover{}, nil); !errors.As(err, &unfit) || !strings.Contains(unfit.Want, "no recovery e-mail") {
		t.Errorf("got %v, want that there is no recovery", err)
	}
}

func TestPasswordInPlaceOfALostOneIsWipedAndCanBeChecked(t *testing.T) {
	f := auth.NewFlow(ann)
	flowAt(t, f, replacementIsAsked)
	fresh := auth.Secret("fresh")
	if err := f.Answered(start, auth.NewPassword{Password: fresh}, rand.Reader); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(fresh.Reveal(), "fresh") {
		t.Error("the new password was not wiped")
	}
	settings := f.Next().(auth.Call).Method.(*tg.AuthRecoverPassword).NewSettings
	algo := settings.NewAlgo.(*tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
	g := srp.Group{Salt1: algo.Salt1, Salt2: algo.Salt2, G: int(algo.G), P: algo.P}
	if v, err := srp.Verifier(g, []byte("fresh")); err != nil || string(v) != string(settings.NewPasswordHash) {
		t.Errorf("got another hash than that of the password, %v", err)
	}
	data, err := f.Marshal(binding)
	if err != nil || strings.Contains(string(data), "111111") {
		t.Errorf("got %s, %v, want a flow without the code", data, err)
	}
}

func TestUnknownHashingLeavesOnlyToSkip(t *testing.T) {
	f := auth.NewFlow(ann)
	flowAt(t, f, recoveryCodeIsAsked+`
		! code 111111
		> auth.checkRecoveryPassword code=111111
		< true
		> account.getPassword
		< password recovery=yes
		? new-password skip=true
	`)
	for _, a := range []auth.Answer{auth.NewPassword{Password: auth.Secret("x")}, auth.NewPassword{}, auth.Accept{}} {
		var unfit *auth.AnswerError
		if err := f.Answered(start, a, rand.Reader); !errors.As(err, &unfit) {
			t.Errorf("got %v for %T, want an AnswerError", err, a)
		}
	}
	if err := f.Answered(start, auth.Skip{}, nil); err != nil {
		t.Error(err)
	}
}
