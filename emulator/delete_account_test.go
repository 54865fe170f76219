package emulator

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/tg"
)

// https://core.telegram.org/api/account-deletion
func TestAnAccountIsDeleted(t *testing.T) {
	s := newStory(t)
	second(t, s)
	was := s.phone.account().id
	get(t, s.phone, &tg.AccountDeleteAccount{Reason: "testing"})
	wantUnauthorized(t, s.phone)
	for range 2 {
		wantRefusal(t, s.screen, self, 401, "USER_DEACTIVATED")
	}
	// The number begins anew.
	hash := ask(t, s.screen, ann)
	if _, ok := get(t, s.screen, typeIn(ann, hash, codeX)).(*tg.AuthAuthorizationSignUpRequired); !ok {
		t.Fatal("the account is still there")
	}
	u := userOf(t, get(t, s.screen, &tg.AuthSignUp{PhoneNumber: ann, PhoneCodeHash: hash, FirstName: "Ann"}))
	if u.ID == was {
		t.Error("the new account has the old one's id")
	}
	get(t, s.screen, self)
}

func TestAPasswordDeletesAnAccountAtOnce(t *testing.T) {
	s := newStory(t)
	protect(s)
	right := proof(t, get(t, s.phone, getPassw0rd), "correct horse").Password
	get(t, s.phone, &tg.AccountDeleteAccount{Password: right})
	wantUnauthorized(t, s.phone)
}

func TestWithoutThePasswordADeletionTakesAWeek(t *testing.T) {
	s := newStory(t)
	protect(s)
	halfIn(t, s.screen)
	told(s.phone)
	wantRefusal(t, s.screen, &tg.AccountDeleteAccount{}, 420, "2FA_CONFIRM_WAIT_604800")
	news := told(s.phone)
	m := news[0].(*tg.UpdateNewMessage).Message.(*tg.Message)
	if !strings.Contains(m.Message, "tg://confirmphone?phone=9996620001&hash="+s.phone.account().deletion.hash) {
		t.Errorf("got %q, want the link", m.Message)
	}
	s.now = s.now.Add(6 * day)
	get(t, s.phone, self) // the owner is about, but does nothing
	wantRefusal(t, s.screen, &tg.AccountDeleteAccount{}, 420, "2FA_CONFIRM_WAIT_86400")
	if len(told(s.phone)) != 0 {
		t.Error("the owner is told twice")
	}
	s.now = s.now.Add(day)
	get(t, s.screen, &tg.AccountDeleteAccount{})
	wantRefusal(t, s.phone, self, 401, "USER_DEACTIVATED")
}

func TestTheOwnerStopsADeletion(t *testing.T) {
	s := newStory(t)
	protect(s)
	thief, hash := stopping(t, s)
	wantRefusal(t, s.phone, &tg.AccountConfirmPhone{PhoneCodeHash: hash, PhoneCode: "00000"}, 400, "PHONE_CODE_INVALID")
	stop := &tg.AccountConfirmPhone{PhoneCodeHash: hash, PhoneCode: codeX}
	get(t, s.phone, stop)
	get(t, s.phone, stop) // the answer may be lost
	wantRefusal(t, thief, &tg.AccountDeleteAccount{}, 401, "SESSION_REVOKED")
	wantRefusal(t, thief, &tg.AccountDeleteAccount{}, 401, "AUTH_KEY_UNREGISTERED")
	get(t, s.phone, self)

	// One who was signed in goes, too; the owner's own change of mind stays.
	s.w.enter(s.now, s.screen.key, s.phone.account(), s.w.newAdmission(false))
	for _, one := range []*visitor{s.screen, s.phone} {
		wantRefusal(t, one, &tg.AccountDeleteAccount{}, 420, "2FA_CONFIRM_WAIT_604800")
		q := &tg.AccountSendConfirmPhoneCode{Hash: s.phone.account().deletion.hash, Settings: &tg.CodeSettings{}}
		hash := get(t, s.phone, q).(*tg.AuthSentCode).PhoneCodeHash
		get(t, s.phone, &tg.AccountConfirmPhone{PhoneCodeHash: hash, PhoneCode: codeX})
	}
	wantRefusal(t, s.screen, self, 401, "SESSION_REVOKED")
	get(t, s.phone, self)
}

func TestADeletionNobodyWouldMissIsDoneAtOnce(t *testing.T) {
	young := newStory(t)
	protect(young)
	young.phone.account().password.since = young.now.Add(-6 * day)
	halfIn(t, young.screen)
	get(t, young.screen, &tg.AccountDeleteAccount{})

	idle := newStory(t)
	protect(idle)
	idle.now = idle.now.Add(8 * day)
	halfIn(t, idle.screen)
	get(t, idle.screen, &tg.AccountDeleteAccount{})
	wantRefusal(t, idle.phone, self, 401, "USER_DEACTIVATED")
}
