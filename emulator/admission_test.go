package emulator

import (
	"testing"

	"github.com/telekey/telekey/tg"
)

// What was good enough before a ban is nothing after it: a code that is on its
// way, a passkey, and what the people who run the Server still hand out.
func TestABanComesBeforeEveryWayIn(t *testing.T) {
	d := keyDesk(t, User{Phone: ann})
	owner := d.visitor(2)
	signedIn(t, owner, ann)
	registered(t, owner, "aaaa")
	handle, a := handleOf(t, owner), owner.account()
	v := d.visitor(2)
	hash := ask(t, v, ann)

	d.w.endAll(d.now, a, userDeactivatedBan)
	a.banned = true
	for _, call := range []tg.Method[tg.AnyAuthAuthorization]{
		typeIn(ann, hash, codeX),
		passkeyLogin("aaaa", handle, data(t, get(t, v, beginPasskey).Options, "")),
		&tg.AuthImportWebTokenAuthorization{APIID: 1, APIHash: "x", WebAuthToken: string(d.w.newWebToken(d.now, a))},
	} {
		wantRefusal(t, v, call, 400, "PHONE_NUMBER_BANNED")
	}
	if _, no := d.w.acceptToken(d.now, a, export(t, v).Token); no != nil {
		t.Fatal(no.message)
	}
	wantRefusal(t, v, exporting(), 400, "PHONE_NUMBER_BANNED")
	wantUnauthorized(t, v)
}

// Of too many sign-ins that wait for the password the oldest is over, for good.
func TestSignInsThatWaitAreNotForgottenHalfway(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "correct horse"})
	a := d.w.accounts.byPhone["9996620001"]
	oldest := d.visitor(2)
	d.w.askPassword(d.now, oldest.key, a, d.w.newAdmission(false))
	for range maxHalfLogins {
		d.w.askPassword(d.now, d.visitor(2).key, a, d.w.newAdmission(false))
	}
	if len(a.halfway) != maxHalfLogins {
		t.Errorf("got %d that wait, want %d", len(a.halfway), maxHalfLogins)
	}
	wantUnauthorized(t, oldest) // and so it does not outlive the account
}

// A passkey of an account that is gone is nobody's, and takes no room.
func TestTheIDOfAPasskeyIsFreeWhenItsAccountIsGone(t *testing.T) {
	d := keyDesk(t, User{Phone: ann})
	v := d.visitor(2)
	signedIn(t, v, ann)
	registered(t, v, "aaaa")
	get(t, v, &tg.AccountDeleteAccount{Reason: "enough"})
	if len(d.w.passkeyOwners) != 0 {
		t.Errorf("got %v, want nothing", d.w.passkeyOwners)
	}
}

// An account may be gone when the code is typed in that was sent to it.
func TestWhoMayNotSignUpIsNotInvited(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	d.w.signUp = SignUpForbidden
	v := d.visitor(2)
	hash := ask(t, v, ann)
	d.w.deleteAccount(d.now, d.w.accounts.byPhone["9996620001"], nil)
	wantRefusal(t, v, typeIn(ann, hash, codeX), 400, "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN")
}

// The token that a device was accepted with ends with its account; one that
// another account has accepted since does not.
func TestAVoidTokenLeavesTheInvitationOfAnother(t *testing.T) {
	s := newStory(t)
	old := export(t, s.screen).Token
	if _, no := s.w.acceptToken(s.now, s.phone.account(), old); no != nil {
		t.Fatal(no.message)
	}
	s.now = s.now.Add(loginTokenLife)
	if _, no := s.w.acceptToken(s.now, s.w.accounts.byPhone["9996620002"], export(t, s.screen).Token); no != nil {
		t.Fatal(no.message)
	}
	s.w.deleteAccount(s.now, s.phone.account(), nil)
	s.w.accounts.byPhone["9996620002"].home = 2
	wantRefusal(t, s.screen, exporting(), 401, "SESSION_PASSWORD_NEEDED")
}
