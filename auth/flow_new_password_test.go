package auth_test

import (
	"bytes"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// noPassword is the beginning of a story: the account has none.
const noPassword = `
		> account.getPassword
		< survey
		? new-password email=true
`

// ownersPassword is: it has one, which was asked for and is right.
const ownersPassword = `
		> account.getPassword
		< survey password hint=horse
		? password hint=horse
		! password correct
		> account.getPasswordSettings proof=correct
		< settings
		? new-password changes=true email=true
`

func TestFirstPasswordIsSet(t *testing.T) {
	playTask(t, auth.SetPassword(), noPassword+`
		! new battery hint=staple
		> account.getPassword
		< survey
		> account.updatePasswordSettings proof=none new_settings.hint=staple new_settings.email=<nil>
		< true
		done 
	`)
}

func TestPasswordIsChanged(t *testing.T) {
	playTask(t, auth.SetPassword(), ownersPassword+`
		! new battery
		> account.getPassword
		< survey password
		> account.updatePasswordSettings proof=correct new_settings.hint=
		< true
		done 
	`)
}

// The owner is told at once that the password is wrong, not after choosing a new one.
func TestOwnersPasswordMayBeMistyped(t *testing.T) {
	newTaskPlayer(t, auth.SetPassword(), false).playAll(`
		> account.getPassword
		< survey password
		? password
		! password wrong
		> account.getPasswordSettings proof=wrong
		< 400 PASSWORD_HASH_INVALID
		> account.getPassword
		< survey password
		? password wrong=1 PASSWORD_HASH_INVALID
		! password correct
		> account.getPasswordSettings proof=correct
		< 400 SRP_PASSWORD_CHANGED
		> account.getPassword
		< survey password
		? password wrong=1 SRP_PASSWORD_CHANGED
		! password correct
		> account.getPasswordSettings proof=correct
		< settings
		? new-password changes=true email=true
		! cancel
		fails cancelled
	`)
}

func TestStaleProofsOfATaskAreMadeAnewOnce(t *testing.T) {
	newTaskPlayer(t, auth.SetPassword(), false).playAll(ownersPassword + `
		! new battery
		> account.getPassword
		< survey password
		> account.updatePasswordSettings proof=correct
		< 400 SRP_ID_INVALID
		> account.getPassword
		< survey password
		> account.updatePasswordSettings proof=correct
		< true
		done 
	`)
	newTaskPlayer(t, auth.SetPassword(), false).playAll(noPassword + `
		! new battery
		> account.getPassword
		< survey
		> account.updatePasswordSettings proof=none
		< 400 NEW_SALT_INVALID
		> account.getPassword
		< survey
		> account.updatePasswordSettings proof=none
		< 400 NEW_SALT_INVALID
		fails hashed with a salt that is not Telegram's any more
	`)
}

func TestNewPasswordIsAskedForUntilTelegramTakesIt(t *testing.T) {
	playTask(t, auth.SetPassword(), noPassword+`
		! new battery hint=battery
		> account.getPassword
		< survey
		> account.updatePasswordSettings proof=none
		< 400 NEW_SETTINGS_INVALID
		? new-password email=true NEW_SETTINGS_INVALID
		! cancel
		fails cancelled
	`)
	newTaskPlayer(t, auth.SetPassword(), false).playAll(ownersPassword + `
		! new battery hint=battery
		> account.getPassword
		< survey password
		> account.updatePasswordSettings proof=correct
		< 400 NEW_SETTINGS_INVALID
		? new-password changes=true email=true NEW_SETTINGS_INVALID
		! new battery email=nowhere
		> account.getPassword
		< survey password
		> account.updatePasswordSettings proof=correct new_settings.email=nowhere
		< 400 EMAIL_INVALID
		? new-password changes=true email=true EMAIL_INVALID
		! new battery
		> account.getPassword
		< survey password
		> account.updatePasswordSettings proof=correct
		< true
		done 
	`)
}

func TestPasswordThatSomebodySetMeanwhileIsAskedFor(t *testing.T) {
	newTaskPlayer(t, auth.SetPassword(), false).playAll(noPassword + `
		! new battery
		> account.getPassword
		< survey password
		? password
		! password correct
		> account.getPasswordSettings proof=correct
		< settings
		? new-password changes=true email=true
	`)
}

// https://core.telegram.org/api/srp#email-verification
func TestRecoveryAddressIsConfirmed(t *testing.T) {
	playTask(t, auth.SetPassword(), noPassword+`
		! new battery email=a@b.c
		> account.getPassword
		< survey
		> account.updatePasswordSettings proof=none new_settings.email=a@b.c
		< 400 EMAIL_UNCONFIRMED_6
		? code email for=recovery email 6 a@b.c next=email skip=true
		! code 11 11 11
		> account.confirmPasswordEmail code=111111
		< 400 CODE_INVALID
		? code email for=recovery email 6 a@b.c next=email skip=true wrong=1 CODE_INVALID
		! resend
		> account.resendPasswordEmail
		< true
		? code email for=recovery email 6 a@b.c next=email skip=true
		! code 222222
		> account.confirmPasswordEmail code=222222
		< true
		done a@b.c
	`)
}

func TestRecoveryAddressMayWait(t *testing.T) {
	playTask(t, auth.SetRecoveryEmail("a@b.c"), `
		> account.getPassword
		< survey password
		? password
		! password correct
		> account.updatePasswordSettings proof=correct new_settings.email=a@b.c new_settings.hint=<nil> new_settings.new_algo=<nil>
		< 400 EMAIL_UNCONFIRMED
		? code email for=recovery email a@b.c next=email skip=true
		! skip
		done unconfirmed a@b.c
	`)
	playTask(t, auth.ConfirmRecoveryEmail(), `
		> account.getPassword
		< survey password unconfirmed=a*@b.c
		? code email for=recovery email a*@b.c next=email skip=true
		! code 222222
		> account.confirmPasswordEmail code=222222
		< true
		done a*@b.c
	`)
	playTask(t, auth.ConfirmRecoveryEmail(), `
		> account.getPassword
		< survey password
		fails no address waits to be confirmed
	`)
}

func TestRecoveryAddressIsTakenBack(t *testing.T) {
	const sent = `
		> account.getPassword
		< survey password
		? password
		! password correct
		> account.updatePasswordSettings proof=correct
		< 400 EMAIL_UNCONFIRMED_6
		? code email for=recovery email 6 a@b.c next=email skip=true
	`
	playTask(t, auth.SetRecoveryEmail("a@b.c"), sent+`
		! cancel
		> account.cancelPasswordEmail
		< 400 EMAIL_HASH_EXPIRED
		fails cancelled
	`)
	for _, call := range []string{"! code 1\n> account.confirmPasswordEmail", "! resend\n> account.resendPasswordEmail"} {
		playTask(t, auth.ConfirmRecoveryEmail(), `
			> account.getPassword
			< survey unconfirmed=a*@b.c
			? code email for=recovery email a*@b.c next=email skip=true
			`+call+`
			< 400 EMAIL_HASH_EXPIRED
			fails EMAIL_HASH_EXPIRED: no address waits to be confirmed
		`)
	}
}

func TestPasswordIsRemoved(t *testing.T) {
	playTask(t, auth.RemovePassword(), `
		> account.getPassword
		< survey password
		? password
		! password wrong
		> account.updatePasswordSettings proof=wrong
		< 400 PASSWORD_HASH_INVALID
		> account.getPassword
		< survey password
		? password wrong=1 PASSWORD_HASH_INVALID
		! password correct
		> account.updatePasswordSettings proof=correct new_settings.hint= new_settings.new_password_hash=[]
		< true
		done 
	`)
	for _, task := range []auth.Task{auth.RemovePassword(), auth.SetRecoveryEmail("a@b.c")} {
		playTask(t, task, `
			> account.getPassword
			< survey
			fails account.getPassword: the account has no password
		`)
	}
}

// What is refused for good ends a task: it follows nobody elsewhere, and asks for no
// password to sign in with.
func TestRefusalsEndATask(t *testing.T) {
	for _, refused := range []string{
		"400 PASSWORD_MISSING", "401 AUTH_KEY_UNREGISTERED", "420 FROZEN_METHOD_INVALID",
		"420 FLOOD_WAIT_4000", "303 USER_MIGRATE_4", "401 SESSION_PASSWORD_NEEDED", "400 SRP_ID_INVALID_X",
	} {
		playTask(t, auth.ConfirmRecoveryEmail(), `
			> account.getPassword
			< `+refused+`
			fails account.getPassword: telegram: `+refused+`
		`)
	}
	for reply, words := range map[string]string{
		"400 PASSWORD_TOO_FRESH_60": "try again after 2026-01-02T03:05:05Z",
		"false":                     "the answer makes no sense here",
	} {
		newTaskPlayer(t, auth.SetRecoveryEmail("nowhere"), false).playAll(`
			> account.getPassword
			< survey password
			? password
			! password correct
			> account.updatePasswordSettings
			< ` + reply + `
			fails ` + words + `
		`)
	}
}

// What is sent is the hash of the password that was answered; what was answered
// is wiped.
func TestNewPasswordIsHashedAndWiped(t *testing.T) {
	p := newTaskPlayer(t, auth.SetPassword(), false)
	p.playAll(noPassword)
	given := auth.NewPassword{Password: auth.Secret("battery"), Hint: "staple"}
	if err := p.flow.Answered(start, given, zeros{5}); err != nil {
		t.Fatal(err)
	}
	p.playAll(`
		> account.getPassword
		< survey
	`)
	settings := p.flow.Next().(auth.Call).Method.(*tg.AccountUpdatePasswordSettings).NewSettings
	if !isHashOf(t, settings, "battery") {
		t.Error("the settings are not those of the password that was answered")
	}
	hash := settings.NewPasswordHash
	p.playAll(`
		> account.updatePasswordSettings
		< true
		done 
	`)
	if !bytes.Equal(given.Password.Bytes(), make([]byte, 7)) || !bytes.Equal(hash, make([]byte, 256)) {
		t.Error("the new password or its hash was not wiped")
	}
	unfit := auth.Secret("")
	for name, answer := range map[string]auth.NewPassword{
		"empty": {Password: unfit}, "no text": {Password: auth.Secret("\xff")}, "hint of no text": {Password: auth.Secret("a"), Hint: "\xff"},
		"too long": {Password: auth.Secret(make([]byte, 5000))},
	} {
		p := newTaskPlayer(t, auth.SetPassword(), false)
		p.playAll(noPassword)
		if err := p.flow.Answered(start, answer, zeros{5}); err == nil || !bytes.Equal(answer.Password.Bytes(), make([]byte, answer.Password.Len())) {
			t.Errorf("%s: got %v, want that it does not fit, and that it is wiped", name, err)
		}
	}
}

func TestAnAddressThatIsRefusedIsAnsweredWithoutThePassword(t *testing.T) {
	p := newTaskPlayer(t, auth.SetPassword(), false)
	p.playAll(noPassword + `
		! new battery hint=horse email=nowhere
		> account.getPassword
		< survey
		> account.updatePasswordSettings
		< 400 EMAIL_INVALID
	`)
	if q, ok := question(p.flow.Next()).(auth.NewPasswordQuestion); !ok || !q.KeepsPassword {
		t.Errorf("got %+v, want that the password is kept", p.flow.Next())
	}
	if err := p.flow.Answered(start, auth.NewPassword{Email: "a@b.c"}, zeros{1}); err != nil {
		t.Fatal(err)
	}
	p.playAll(`
		> account.getPassword
		< survey
		> account.updatePasswordSettings new_settings.email=a@b.c new_settings.hint=horse
		< true
		done 
	`)
}
