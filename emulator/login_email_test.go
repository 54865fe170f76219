package emulator

import (
	"testing"
	"time"

	"github.com/telekey/telekey/tg"
)

// emailCalls are the methods that the stories below call, as they may look.
var emailCalls = []any{
	&tg.AccountSendVerifyEmailCode{Purpose: setup(ann, "x"), Email: mailbox},
	&tg.AccountSendVerifyEmailCode{Purpose: &tg.EmailVerifyPurposePassport{}, Email: mailbox},
	&tg.AccountVerifyEmail{Purpose: setup(ann, "x"), Verification: mailed("123456")},
	&tg.AccountVerifyEmail{Purpose: &tg.EmailVerifyPurposeLoginChange{}, Verification: &tg.EmailVerificationGoogle{Token: "google:" + mailbox}},
	&tg.AuthResetLoginEmail{PhoneNumber: ann, PhoneCodeHash: "x"},
	byMail(ann, "x", &tg.EmailVerificationApple{Token: "apple:" + mailbox}), with(ann, make([]byte, 32)),
}

const mailbox2 = "new@example.com"

// byMail signs in with what proves a mailbox.
func byMail(phone, hash string, v tg.AnyEmailVerification) *tg.AuthSignIn {
	return &tg.AuthSignIn{PhoneNumber: phone, PhoneCodeHash: hash, EmailVerification: v}
}

func setup(phone, hash string) *tg.EmailVerifyPurposeLoginSetup {
	return &tg.EmailVerifyPurposeLoginSetup{PhoneNumber: phone, PhoneCodeHash: hash}
}

func mailed(code string) *tg.EmailVerificationCode { return &tg.EmailVerificationCode{Code: code} }

// The calls and answers of this story have not changed since layer 158.
func TestALoginEmailIsSetUp(t *testing.T) {
	for _, layer := range []int{158, 190, 228, 232} {
		d := newDesk(t, User{Phone: ann})
		d.by(ann, EmailSetup)
		v := d.visitorOf(2, layer)
		sent := askFor(t, v, ann)
		if kind, ok := sent.Type.(*tg.AuthSentCodeTypeSetUpEmailRequired); !ok || !kind.GoogleSigninAllowed || sent.NextType != nil {
			t.Fatalf("got %+v, want to set up a mailbox", sent)
		}
		wantRefusal(t, v, typeIn(ann, sent.PhoneCodeHash, codeX), 400, "PHONE_CODE_INVALID")
		p := setup(ann, sent.PhoneCodeHash)
		verify := &tg.AccountVerifyEmail{Purpose: p, Verification: mailed("123456")}
		wantRefusal(t, v, verify, 400, "EMAIL_VERIFY_EXPIRED")
		wantRefusal(t, v, &tg.AccountSendVerifyEmailCode{Purpose: p, Email: "nobody"}, 400, "EMAIL_INVALID")
		wantRefusal(t, v, &tg.AccountSendVerifyEmailCode{Purpose: setup("x", p.PhoneCodeHash), Email: mailbox}, 400, "PHONE_NUMBER_INVALID")
		wantRefusal(t, v, &tg.AccountSendVerifyEmailCode{Purpose: setup(ann, "x"), Email: mailbox}, 400, "PHONE_HASH_EXPIRED")
		mail := get(t, v, &tg.AccountSendVerifyEmailCode{Purpose: p, Email: mailbox})
		if mail.EmailPattern != "a***n@example.com" || mail.Length != 6 || d.newest().Email != mailbox || d.newest().Channel != Email {
			t.Errorf("got %+v and %+v", mail, d.newest())
		}
		wantRefusal(t, v, &tg.AccountVerifyEmail{Purpose: p, Verification: mailed("x")}, 400, "CODE_INVALID")
		wantRefusal(t, v, &tg.AccountVerifyEmail{Purpose: p, Verification: &tg.EmailVerificationGoogle{Token: "x"}}, 400, "EMAIL_INVALID")
		done := get(t, v, &tg.AccountVerifyEmail{Purpose: p, Verification: mailed(d.newest().Code)}).(*tg.AccountEmailVerifiedLogin)
		next := done.SentCode.(*tg.AuthSentCode)
		if kind, ok := next.Type.(*tg.AuthSentCodeTypeEmailCode); !ok || done.Email != mailbox || kind.EmailPattern != mail.EmailPattern {
			t.Fatalf("got %+v, want a code by mail", done)
		}
		if d.w.accounts.byPhone["9996620001"].loginEmail != "" {
			t.Error("the mailbox is the account's before anybody has signed in")
		}
		wantRefusal(t, v, typeIn(ann, next.PhoneCodeHash, d.newest().Code), 400, "PHONE_CODE_EMPTY")
		wantRefusal(t, v, byMail(ann, next.PhoneCodeHash, mailed("")), 400, "PHONE_CODE_EMPTY")
		wantRefusal(t, v, byMail(ann, next.PhoneCodeHash, mailed("x")), 400, "PHONE_CODE_INVALID")
		raw(t, v, bytesOf(byMail(ann, next.PhoneCodeHash, mailed(d.newest().Code))), "")
		if p := get(t, v, getPassw0rd); p.LoginEmailPattern == nil || *p.LoginEmailPattern != mail.EmailPattern {
			t.Errorf("got %+v, want the login e-mail", p)
		}
		get(t, v, &tg.AuthLogOut{})
		if _, ok := askFor(t, d.visitor(2), ann).Type.(*tg.AuthSentCodeTypeEmailCode); !ok {
			t.Error("want a code by mail from now on")
		}
	}
}

func TestAfterAMailboxComesTheWayThatIsNamedBehind(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	d.by(ann, EmailSetup, SMS)
	v := d.visitor(2)
	hash := ask(t, v, ann)
	token := &tg.EmailVerificationGoogle{Token: "google:" + mailbox}
	done := get(t, v, &tg.AccountVerifyEmail{Purpose: setup(ann, hash), Verification: token}).(*tg.AccountEmailVerifiedLogin)
	if _, ok := done.SentCode.(*tg.AuthSentCode).Type.(*tg.AuthSentCodeTypeSMS); !ok {
		t.Fatalf("got %+v, want a text message", done.SentCode)
	}
	userOf(t, get(t, v, typeIn(ann, hash, codeX)))
	sent := askFor(t, d.visitor(2), ann)
	if kind, ok := sent.Type.(*tg.AuthSentCodeTypeEmailCode); !ok || kind.EmailPattern != "a***n@example.com" {
		t.Errorf("got %+v, want a code by mail", sent)
	}
	if _, ok := sent.NextType.(*tg.AuthCodeTypeSMS); !ok {
		t.Errorf("got %+v next, want a text message", sent.NextType)
	}
}

func TestACodeForAMailboxThatWasGivenUpIsWorthNothing(t *testing.T) {
	d := newDesk(t, User{Phone: ann, LoginEmail: mailbox})
	v := d.visitor(2)
	hash := ask(t, v, ann)
	code := d.newest().Code
	a := d.w.accounts.byPhone["9996620001"]
	a.setLoginEmail(mailbox2)
	wantRefusal(t, v, byMail(ann, hash, mailed(code)), 400, "PHONE_CODE_EXPIRED")
	if a.loginEmail != mailbox2 {
		t.Errorf("got the login e-mail %q back", a.loginEmail)
	}
}

func TestANewNumberSignsUpWithItsMailbox(t *testing.T) {
	d := newDesk(t)
	d.by(stranger, EmailSetup)
	v := d.visitor(2)
	hash := ask(t, v, stranger)
	// A token of Google or Apple spares the code.
	get(t, v, &tg.AccountVerifyEmail{Purpose: setup(stranger, hash), Verification: &tg.EmailVerificationApple{Token: "apple:" + mailbox}})
	get(t, v, byMail(stranger, hash, mailed(d.newest().Code)))
	userOf(t, get(t, v, &tg.AuthSignUp{PhoneNumber: stranger, PhoneCodeHash: hash, FirstName: "New"}))
	if a := d.w.accounts.byPhone["9996621234"]; a.loginEmail != mailbox {
		t.Errorf("got the login e-mail %q", a.loginEmail)
	}
}

func TestATokenOfTheMailboxSignsIn(t *testing.T) {
	for _, token := range []tg.AnyEmailVerification{
		&tg.EmailVerificationGoogle{Token: "google:" + mailbox}, &tg.EmailVerificationApple{Token: "apple:Ann@example.com"},
	} {
		d := newDesk(t, User{Phone: ann, LoginEmail: mailbox})
		v := d.visitor(2)
		sent := askFor(t, v, ann)
		kind, ok := sent.Type.(*tg.AuthSentCodeTypeEmailCode)
		if !ok || kind.Length != 6 || *kind.ResetAvailablePeriod != 7*86400 || kind.ResetPendingDate != nil || !kind.AppleSigninAllowed {
			t.Fatalf("got %+v", sent.Type)
		}
		for _, wrong := range []tg.AnyEmailVerification{
			&tg.EmailVerificationGoogle{Token: "google:" + mailbox2}, &tg.EmailVerificationGoogle{Token: "apple:" + mailbox},
			&tg.EmailVerificationApple{Token: mailbox}, &tg.EmailVerificationApple{},
		} {
			wantRefusal(t, v, byMail(ann, sent.PhoneCodeHash, wrong), 400, "PHONE_CODE_INVALID")
		}
		userOf(t, get(t, v, byMail(ann, sent.PhoneCodeHash, token)))
	}
}

func TestALostMailboxIsResetAfterAWeek(t *testing.T) {
	d := newDesk(t, User{Phone: ann, LoginEmail: mailbox})
	v := d.visitor(2)
	hash := ask(t, v, ann)
	reset := &tg.AuthResetLoginEmail{PhoneNumber: ann, PhoneCodeHash: hash}
	wantRefusal(t, v, &tg.AuthResetLoginEmail{PhoneNumber: "x", PhoneCodeHash: hash}, 400, "PHONE_NUMBER_INVALID")
	kind := get(t, v, reset).(*tg.AuthSentCode).Type.(*tg.AuthSentCodeTypeEmailCode)
	if kind.ResetPendingDate == nil || *kind.ResetPendingDate != unix(d.now.Add(7*day)) || kind.ResetAvailablePeriod != nil {
		t.Errorf("got %+v, want the date of the reset", kind)
	}
	wantRefusal(t, v, reset, 400, "TASK_ALREADY_EXISTS")
	d.now = d.now.Add(7*day - time.Minute)
	kind = askFor(t, v, ann).Type.(*tg.AuthSentCodeTypeEmailCode)
	if kind.ResetPendingDate == nil {
		t.Errorf("got %+v, want the date of the reset", kind)
	}
	// Its time comes while a code is on its way, or before.
	reset.PhoneCodeHash = ask(t, v, ann)
	d.now = d.now.Add(time.Minute)
	if _, ok := get(t, v, reset).(*tg.AuthSentCode).Type.(*tg.AuthSentCodeTypeSMS); !ok {
		t.Error("the mailbox is not reset")
	}
	userOf(t, get(t, v, typeIn(ann, reset.PhoneCodeHash, codeX)))
	wantRefusal(t, v, &tg.AuthResetLoginEmail{PhoneNumber: ann, PhoneCodeHash: ask(t, v, ann)}, 400, "EMAIL_NOT_SETUP")

	d = newDesk(t, User{Phone: ann, LoginEmail: mailbox})
	v = d.visitor(2)
	get(t, v, &tg.AuthResetLoginEmail{PhoneNumber: ann, PhoneCodeHash: ask(t, v, ann)})
	d.now = d.now.Add(7 * day)
	signedIn(t, v, ann)
}

func TestASubscribersMailboxIsResetAtOnce(t *testing.T) {
	d := newDesk(t, User{Phone: ann, LoginEmail: mailbox, Premium: true})
	v := d.visitor(2)
	sent := askFor(t, v, ann)
	if kind := sent.Type.(*tg.AuthSentCodeTypeEmailCode); *kind.ResetAvailablePeriod != 0 {
		t.Errorf("got %+v, want no wait", kind)
	}
	next := get(t, v, &tg.AuthResetLoginEmail{PhoneNumber: ann, PhoneCodeHash: sent.PhoneCodeHash}).(*tg.AuthSentCode)
	if _, ok := next.Type.(*tg.AuthSentCodeTypeSMS); !ok {
		t.Fatalf("got %+v, want a text message", next)
	}
	if u := userOf(t, get(t, v, typeIn(ann, next.PhoneCodeHash, codeX))); !u.Premium {
		t.Error("the subscription is not shown")
	}
	if p := get(t, v, getPassw0rd); p.LoginEmailPattern != nil {
		t.Errorf("got %+v, want no login e-mail", p)
	}
}

func TestWhoHasTheMailboxEndsAReset(t *testing.T) {
	d := newDesk(t, User{Phone: ann, LoginEmail: mailbox})
	v := d.visitor(2)
	hash := ask(t, v, ann)
	get(t, v, &tg.AuthResetLoginEmail{PhoneNumber: ann, PhoneCodeHash: hash})
	userOf(t, get(t, v, byMail(ann, hash, mailed(d.newest().Code))))
	if a := d.w.accounts.byPhone["9996620001"]; !a.emailReset.IsZero() {
		t.Error("the reset goes on")
	}
}

func TestALoginEmailIsChangedBySomebodySignedIn(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	change := &tg.EmailVerifyPurposeLoginChange{}
	mail := &tg.AccountSendVerifyEmailCode{Purpose: change, Email: mailbox2}
	wantRefusal(t, v, mail, 401, "AUTH_KEY_UNREGISTERED")
	signedIn(t, v, ann)
	wantRefusal(t, v, mail, 400, "EMAIL_NOT_SETUP")
	d.w.accounts.byPhone["9996620001"].loginEmail = mailbox
	wantRefusal(t, v, &tg.AccountSendVerifyEmailCode{Purpose: change, Email: ""}, 400, "EMAIL_INVALID")
	get(t, v, mail)
	verify := &tg.AccountVerifyEmail{Purpose: change, Verification: mailed("x")}
	wantRefusal(t, v, verify, 400, "CODE_INVALID")
	code := d.newest().Code
	d.now = d.now.Add(5 * time.Minute)
	verify.Verification = mailed(code)
	wantRefusal(t, v, verify, 400, "EMAIL_VERIFY_EXPIRED")
	get(t, v, mail)
	verify.Verification = mailed(d.newest().Code)
	if done := get(t, v, verify).(*tg.AccountEmailVerified); done.Email != mailbox2 {
		t.Errorf("got %+v", done)
	}
	if p := get(t, v, getPassw0rd); *p.LoginEmailPattern != "n***w@example.com" {
		t.Errorf("got %+v, want the new address", p)
	}

	// What is proven for the passport changes nothing.
	get(t, v, &tg.AccountSendVerifyEmailCode{Purpose: &tg.EmailVerifyPurposePassport{}, Email: mailbox})
	get(t, v, &tg.AccountVerifyEmail{Purpose: &tg.EmailVerifyPurposePassport{}, Verification: mailed(d.newest().Code)})
	if a := d.w.accounts.byPhone["9996620001"]; a.loginEmail != mailbox2 {
		t.Errorf("got the login e-mail %q", a.loginEmail)
	}
}
