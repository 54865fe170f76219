package emulator

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/tg"
)

const (
	mailbox = "ann@example.com"
	day     = 24 * time.Hour
)

var nothing = &tg.InputCheckPasswordEmpty{}

// proven answers the question for a password that v is asked.
func (v *visitor) proven(password string) tg.AnyInputCheckPasswordSRP {
	v.t.Helper()
	return proof(v.t, get(v.t, v, getPassw0rd), password).Password
}

// settings are those of a new password, hashed as v is told to.
func (v *visitor) settings(password, hint string) *tg.AccountPasswordInputSettings {
	v.t.Helper()
	algo := *get(v.t, v, getPassw0rd).NewAlgo.(*tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
	algo.Salt1 = slices.Concat(algo.Salt1, slices.Repeat([]byte{7}, 32))
	verifier, err := verifierOf(srp.Group{Salt1: algo.Salt1, Salt2: algo.Salt2, G: int(algo.G), P: algo.P}, password)
	if err != nil {
		v.t.Fatal(err)
	}
	return &tg.AccountPasswordInputSettings{NewAlgo: &algo, NewPasswordHash: verifier, Hint: &hint}
}

// removal are the settings that remove a password.
func removal() *tg.AccountPasswordInputSettings {
	return &tg.AccountPasswordInputSettings{NewAlgo: &tg.PasswordKdfAlgoUnknown{}, NewPasswordHash: []byte{}, Hint: new("")}
}

func update(p tg.AnyInputCheckPasswordSRP, s *tg.AccountPasswordInputSettings) *tg.AccountUpdatePasswordSettings {
	return &tg.AccountUpdatePasswordSettings{Password: p, NewSettings: s}
}

func email(address string) *tg.AccountPasswordInputSettings {
	return &tg.AccountPasswordInputSettings{Email: &address}
}

// newest is the code that was sent last.
func (d *desk) newest() Code { return d.w.outbox.sent[len(d.w.outbox.sent)-1] }

// member is a client that has signed in to ann's account, in two steps if need be.
func (d *desk) member(password string) *visitor {
	d.t.Helper()
	v := d.visitor(2)
	if password == "" {
		signedIn(d.t, v, ann)
		return v
	}
	wantRefusal(d.t, v, typeIn(ann, ask(d.t, v, ann), codeX), 401, "SESSION_PASSWORD_NEEDED")
	userOf(d.t, get(d.t, v, &tg.AuthCheckPassword{Password: v.proven(password)}))
	return v
}

// insider is a client in ann's account whom nobody has asked for the password,
// which takes its time.
func (d *desk) insider() *visitor {
	v := d.visitor(2)
	d.w.enter(d.now, v.key, d.w.accounts.byPhone["9996620001"], d.w.newAdmission(false))
	return v
}

func TestAPasswordIsSetChangedAndRemoved(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.member("")
	get(t, v, update(nothing, v.settings("first", "one")))
	if p := get(t, v, getPassw0rd); !p.HasPassword || *p.Hint != "one" || p.HasRecovery {
		t.Fatalf("got %+v, want a password", p)
	}
	// It is asked for from now on, and nobody is signed out.
	d.member("first")
	wantRefusal(t, v, update(nothing, v.settings("second", "")), 400, "PASSWORD_HASH_INVALID")
	wantRefusal(t, v, update(v.proven("wrong"), v.settings("second", "")), 400, "PASSWORD_HASH_INVALID")
	change := update(v.proven("first"), v.settings("second", ""))
	get(t, v, change)
	get(t, v, change) // for a client that lost the answer
	if p := get(t, v, getPassw0rd); p.Hint != nil {
		t.Errorf("got the hint %q, want none", *p.Hint)
	}
	d.member("second")
	get(t, v, update(v.proven("second"), removal()))
	d.member("")
}

func TestASaltIsBegunByTheServer(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.member("")
	for name, spoil := range map[string]func(a *tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow){
		"nothing added": func(a *tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow) { a.Salt1 = a.Salt1[:8] },
		"another":       func(a *tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow) { a.Salt1[0] ^= 1 },
		"none":          func(a *tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow) { a.Salt1 = nil },
		"endless": func(a *tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow) {
			a.Salt1 = append(a.Salt1, make([]byte, 300)...)
		},
		"another second": func(a *tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow) { a.Salt2[0] ^= 1 },
	} {
		s := v.settings("new", "")
		spoil(s.NewAlgo.(*tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow))
		t.Log(name)
		wantRefusal(t, v, update(nothing, s), 400, "NEW_SALT_INVALID")
	}
	// A salt is for one password.
	used := v.settings("new", "")
	get(t, v, update(nothing, used))
	wantRefusal(t, v, update(v.proven("new"), used), 400, "NEW_SALT_INVALID")
}

// Gogram and @mtproto/core cannot but send a hint; Telethon and GramJS send the
// salts.
func TestAPasswordIsRemovedWhateverComesWithIt(t *testing.T) {
	v := newDesk(t, User{Phone: ann, Password: "secret"}).insider()
	s := v.settings("", "no hint")
	s.NewPasswordHash = []byte{}
	get(t, v, update(v.proven("secret"), s))
	if p := get(t, v, getPassw0rd); p.HasPassword || p.Hint != nil {
		t.Errorf("got %+v, want no password", p)
	}
}

func TestNewSettingsMustBeInOrder(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.member("")
	wantRefusal(t, v, update(nothing, &tg.AccountPasswordInputSettings{}), 400, "NEW_SETTINGS_EMPTY")
	wantRefusal(t, v, update(nothing, removal()), 400, "NEW_SETTINGS_EMPTY")
	wantRefusal(t, v, update(nothing, email(mailbox)), 400, "NEW_SETTINGS_EMPTY")
	for name, spoil := range map[string]func(s *tg.AccountPasswordInputSettings){
		"half a verifier":       func(s *tg.AccountPasswordInputSettings) { s.NewPasswordHash = s.NewPasswordHash[:128] },
		"a verifier of nobody":  func(s *tg.AccountPasswordInputSettings) { s.NewPasswordHash = make([]byte, 256) },
		"an unknown algorithm":  func(s *tg.AccountPasswordInputSettings) { s.NewAlgo = &tg.PasswordKdfAlgoUnknown{} },
		"a hint without an end": func(s *tg.AccountPasswordInputSettings) { s.Hint = new(strings.Repeat("h", 300)) },
		"more than a secret": func(s *tg.AccountPasswordInputSettings) {
			s.NewSecureSettings = &tg.SecureSecretSettings{SecureAlgo: &tg.SecurePasswordKdfAlgoSHA512{Salt: make([]byte, maxSecure)}}
		},
		"another generator": func(s *tg.AccountPasswordInputSettings) {
			s.NewAlgo.(*tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow).G = 2
		},
	} {
		s := v.settings("new", "hint")
		spoil(s)
		t.Log(name)
		wantRefusal(t, v, update(nothing, s), 400, "NEW_SETTINGS_INVALID")
	}
	get(t, v, update(nothing, v.settings("new", "")))
	wantRefusal(t, v, update(v.proven("new"), &tg.AccountPasswordInputSettings{}), 400, "NEW_SETTINGS_EMPTY")
	both := removal()
	both.Email = new(mailbox)
	wantRefusal(t, v, update(v.proven("new"), both), 400, "NEW_SETTINGS_INVALID")
}

func TestARecoveryEmailIsConfirmedFirst(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.member("")
	s := v.settings("secret", "")
	for _, wrong := range []string{"ann", "@", "ann@", "@example.com", "ann@localhost", "a nn@example.com", "ann@b@example.com", "ann@example..com", strings.Repeat("a", 250) + "@example.com", "\xff@example.com"} {
		s.Email = &wrong
		wantRefusal(t, v, update(nothing, s), 400, "EMAIL_INVALID")
	}
	s.Email = new("Ann@Example.com")
	wantRefusal(t, v, update(nothing, s), 400, "EMAIL_UNCONFIRMED_6")
	p := get(t, v, getPassw0rd)
	if p.HasPassword || p.HasRecovery || p.EmailUnconfirmedPattern == nil || *p.EmailUnconfirmedPattern != "a***n@example.com" {
		t.Fatalf("got %+v, want nothing in force, and a mailbox to confirm", p)
	}
	code := d.newest()
	if code.Channel != Email || code.Email != mailbox || code.Phone != ann || len(code.Code) != 6 {
		t.Fatalf("got the code %+v", code)
	}
	wantRefusal(t, v, &tg.AccountConfirmPasswordEmail{Code: "x"}, 400, "CODE_INVALID")
	get(t, v, &tg.AccountResendPasswordEmail{})
	if code.Code != d.newest().Code {
		wantRefusal(t, v, &tg.AccountConfirmPasswordEmail{Code: code.Code}, 400, "CODE_INVALID")
	}
	get(t, v, &tg.AccountConfirmPasswordEmail{Code: d.newest().Code})
	p = get(t, v, getPassw0rd)
	if !p.HasPassword || !p.HasRecovery || p.EmailUnconfirmedPattern != nil {
		t.Fatalf("got %+v, want a password that can be recovered", p)
	}
	if s := get(t, v, &tg.AccountGetPasswordSettings{Password: v.proven("secret")}); s.Email == nil || *s.Email != mailbox {
		t.Errorf("got %+v, want the address", s)
	}
	wantRefusal(t, v, &tg.AccountGetPasswordSettings{Password: v.proven("wrong")}, 400, "PASSWORD_HASH_INVALID")

	// The address stays with a new password, needs no proof twice, and goes.
	get(t, v, update(v.proven("secret"), v.settings("other", "")))
	get(t, v, update(v.proven("other"), email(mailbox)))
	get(t, v, update(v.proven("other"), email("")))
	if p = get(t, v, getPassw0rd); p.HasRecovery || !p.HasPassword {
		t.Errorf("got %+v, want the password alone", p)
	}
}

func TestNobodyIsWaitedForWhoDoesNotConfirm(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "secret"})
	v := d.insider()
	confirm := &tg.AccountConfirmPasswordEmail{Code: "123456"}
	wantRefusal(t, v, confirm, 400, "EMAIL_HASH_EXPIRED")
	wantRefusal(t, v, &tg.AccountResendPasswordEmail{}, 400, "EMAIL_HASH_EXPIRED")
	wantRefusal(t, v, &tg.AccountCancelPasswordEmail{}, 400, "EMAIL_HASH_EXPIRED")

	wantRefusal(t, v, update(v.proven("secret"), email(mailbox)), 400, "EMAIL_UNCONFIRMED_6")
	d.now = d.now.Add(5 * time.Minute)
	wantRefusal(t, v, &tg.AccountConfirmPasswordEmail{Code: d.newest().Code}, 400, "EMAIL_HASH_EXPIRED")
	get(t, v, &tg.AccountResendPasswordEmail{})
	for range maxWrongCodes {
		wantRefusal(t, v, &tg.AccountConfirmPasswordEmail{Code: "x"}, 400, "CODE_INVALID")
	}
	wantRefusal(t, v, &tg.AccountConfirmPasswordEmail{Code: d.newest().Code}, 400, "EMAIL_HASH_EXPIRED")
	get(t, v, &tg.AccountCancelPasswordEmail{})
	wantRefusal(t, v, &tg.AccountCancelPasswordEmail{}, 400, "EMAIL_HASH_EXPIRED")
	if p := get(t, v, getPassw0rd); p.HasRecovery || p.EmailUnconfirmedPattern != nil {
		t.Errorf("got %+v, want no mailbox", p)
	}
}

func TestAnAnswerToAnOlderPasswordSaysSo(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "secret"})
	v, w := d.member("secret"), d.visitor(2)
	halfIn(t, w)
	old := proof(t, get(t, w, getPassw0rd), "secret")
	get(t, v, update(v.proven("secret"), v.settings("other", "")))
	wantRefusal(t, w, old, 400, "SRP_PASSWORD_CHANGED")
	userOf(t, get(t, w, &tg.AuthCheckPassword{Password: w.proven("other")}))
}

func TestATemporaryPasswordTakesAPassword(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.member("")
	wantRefusal(t, v, &tg.AccountGetTmpPassword{Password: nothing, Period: 60}, 400, "TMP_PASSWORD_DISABLED")
	get(t, v, update(nothing, v.settings("secret", "")))
	wantRefusal(t, v, &tg.AccountGetTmpPassword{Password: nothing, Period: 60}, 400, "PASSWORD_HASH_INVALID")
	for period, want := range map[int32]int32{-1: 60, 100: 100, 1 << 30: 86400} {
		p := get(t, v, &tg.AccountGetTmpPassword{Password: v.proven("secret"), Period: period})
		if p.ValidUntil != unix(d.now)+want || len(p.TmpPassword) == 0 {
			t.Errorf("for %d seconds: got %+v, want it for %d", period, p, want)
		}
	}
}

func TestAForgottenPasswordIsRecoveredByMail(t *testing.T) {
	for name, replaced := range map[string]bool{"removed": false, "replaced": true} {
		for who, member := range map[string]bool{"signed in": true, "half way": false} {
			t.Run(name+" "+who, func(t *testing.T) {
				d := newDesk(t, User{Phone: ann, Password: "secret", RecoveryEmail: mailbox})
				v := d.visitor(2)
				wantRefusal(t, v, &tg.AuthRequestPasswordRecovery{}, 401, "AUTH_KEY_UNREGISTERED")
				if member {
					v = d.insider()
				} else {
					halfIn(t, v)
				}
				wantRefusal(t, v, &tg.AuthCheckRecoveryPassword{Code: "123456"}, 400, "PASSWORD_RECOVERY_EXPIRED")
				if r := get(t, v, &tg.AuthRequestPasswordRecovery{}); r.EmailPattern != "a***n@example.com" {
					t.Errorf("got %+v", r)
				}
				code := d.newest()
				if code.Email != mailbox || code.Channel != Email {
					t.Fatalf("got the code %+v", code)
				}
				wantRefusal(t, v, &tg.AuthCheckRecoveryPassword{Code: "x"}, 400, "CODE_INVALID")
				get(t, v, &tg.AuthCheckRecoveryPassword{Code: code.Code})
				wantRefusal(t, v, &tg.AuthRecoverPassword{}, 400, "CODE_EMPTY")
				wantRefusal(t, v, &tg.AuthRecoverPassword{Code: "x"}, 400, "CODE_INVALID")
				q := &tg.AuthRecoverPassword{Code: code.Code, NewSettings: removal()}
				wantRefusal(t, v, q, 400, "NEW_SETTINGS_INVALID")
				if q.NewSettings = nil; replaced {
					q.NewSettings = v.settings("other", "")
				}
				userOf(t, get(t, v, q))
				wantRefusal(t, v, &tg.AuthRecoverPassword{Code: " " + code.Code}, 400, "PASSWORD_RECOVERY_EXPIRED")
				if replaced {
					d.member("other")
					if p := get(t, v, getPassw0rd); !p.HasRecovery {
						t.Error("the mailbox went with the old password")
					}
				} else {
					d.member("")
				}
			})
		}
	}
}

func TestARecoveryNeedsAMailboxAndATimelyCode(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.member("")
	wantRefusal(t, v, &tg.AuthRequestPasswordRecovery{}, 400, "PASSWORD_EMPTY")
	get(t, v, update(nothing, v.settings("secret", "")))
	wantRefusal(t, v, &tg.AuthRequestPasswordRecovery{}, 400, "PASSWORD_RECOVERY_NA")

	d = newDesk(t, User{Phone: ann, Password: "secret", RecoveryEmail: mailbox})
	v = d.insider()
	get(t, v, &tg.AuthRequestPasswordRecovery{})
	d.now = d.now.Add(5 * time.Minute)
	wantRefusal(t, v, &tg.AuthRecoverPassword{Code: d.newest().Code}, 400, "PASSWORD_RECOVERY_EXPIRED")
	// A code for an address that is not the account's any more is worth nothing.
	get(t, v, &tg.AuthRequestPasswordRecovery{})
	code := d.newest().Code
	get(t, v, update(v.proven("secret"), email("")))
	wantRefusal(t, v, &tg.AuthRecoverPassword{Code: code}, 400, "PASSWORD_RECOVERY_EXPIRED")
}

func TestAPasswordIsResetAfterAWeek(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "secret"})
	v := d.insider()
	wait := get(t, v, &tg.AccountResetPassword{}).(*tg.AccountResetPasswordRequestedWait)
	if wait.UntilDate != unix(d.now.Add(7*day)) {
		t.Errorf("got %+v, want a week", wait)
	}
	if p := get(t, v, getPassw0rd); p.PendingResetDate == nil || *p.PendingResetDate != wait.UntilDate {
		t.Errorf("got %+v, want the date of the reset", p)
	}
	d.now = d.now.Add(7*day - time.Second)
	if again := get(t, v, &tg.AccountResetPassword{}); again.(*tg.AccountResetPasswordRequestedWait).UntilDate != wait.UntilDate {
		t.Errorf("got %+v, want the same date", again)
	}
	d.now = d.now.Add(time.Second)
	if _, ok := get(t, v, &tg.AccountResetPassword{}).(*tg.AccountResetPasswordOk); !ok {
		t.Error("a week is not enough")
	}
	wantRefusal(t, v, &tg.AccountResetPassword{}, 400, "PASSWORD_EMPTY")
	d.member("")
}

func TestAResetThatWasDeclinedTakesADay(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "secret"})
	v := d.insider()
	wantRefusal(t, v, &tg.AccountDeclinePasswordReset{}, 400, "RESET_REQUEST_MISSING")
	get(t, v, &tg.AccountResetPassword{})
	get(t, v, &tg.AccountDeclinePasswordReset{})
	wantRefusal(t, v, &tg.AccountDeclinePasswordReset{}, 400, "RESET_REQUEST_MISSING")
	if wait := get(t, v, &tg.AccountResetPassword{}).(*tg.AccountResetPasswordFailedWait); wait.RetryDate != unix(d.now.Add(day)) {
		t.Errorf("got %+v, want a day", wait)
	}
	d.now = d.now.Add(day)
	if _, ok := get(t, v, &tg.AccountResetPassword{}).(*tg.AccountResetPasswordRequestedWait); !ok {
		t.Error("a day is not enough")
	}
}

func TestWhatCannotBeUndoneTakesAnOldPasswordAndAnOldLogin(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.member("")
	withdraw := &tg.PaymentsGetStarsRevenueWithdrawalURL{Peer: &tg.InputPeerSelf{}, Password: nothing}
	wantRefusal(t, v, withdraw, 400, "PASSWORD_MISSING")
	d.now = d.now.Add(day)
	get(t, v, update(nothing, v.settings("secret", "")))
	wantRefusal(t, v, withdraw, 400, "PASSWORD_TOO_FRESH_86400")
	d.now = d.now.Add(day - 1500*time.Millisecond)
	wantRefusal(t, v, withdraw, 400, "PASSWORD_TOO_FRESH_2")
	d.now = d.now.Add(1500 * time.Millisecond)
	wantRefusal(t, v, withdraw, 400, "PASSWORD_HASH_INVALID")
	withdraw.Password = v.proven("secret")
	if get(t, v, withdraw).URL == "" {
		t.Error("got no address")
	}
	w := d.member("secret")
	withdraw.Password = nothing
	wantRefusal(t, w, withdraw, 400, "SESSION_TOO_FRESH_86400")
}

// passwordCalls are the methods that the story below calls, as they may look.
var passwordCalls = []any{
	update(nothing, anySettings), update(&tg.InputCheckPasswordSRP{SRPID: 1, A: []byte{2}, M1: []byte{3}}, removal()),
	&tg.AccountConfirmPasswordEmail{Code: "123456"}, &tg.AccountResendPasswordEmail{}, &tg.AccountCancelPasswordEmail{},
	&tg.AccountGetPasswordSettings{Password: nothing}, &tg.AccountGetTmpPassword{Password: nothing, Period: -1},
	&tg.AccountResetPassword{}, &tg.AccountDeclinePasswordReset{}, withdraw(nothing),
	&tg.AuthRequestPasswordRecovery{}, &tg.AuthCheckRecoveryPassword{Code: "123456"},
	&tg.AuthRecoverPassword{Code: "123456", NewSettings: anySettings},
}

// anySettings have everything that settings may have, and are not in order.
var anySettings = &tg.AccountPasswordInputSettings{
	NewAlgo: &tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{
		Salt1: make([]byte, 40), Salt2: make([]byte, 16), G: 3, P: make([]byte, 256),
	},
	NewPasswordHash: make([]byte, 256), Hint: new("hint"), Email: new(mailbox),
	NewSecureSettings: &tg.SecureSecretSettings{SecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{}, SecureSecret: make([]byte, 32)},
}

// None of these calls and answers has changed since layer 158: they are read
// here as the newest has them.
// https://core.telegram.org/api/layers
func TestPasswordsAreManagedInOldLayers(t *testing.T) {
	for _, layer := range []int{158, 190, 228, 232} {
		d := newDesk(t, User{Phone: ann})
		v := d.visitor(2)
		signedIn(t, v, ann)
		v.key.layer = layer
		s := v.settings("secret", "")
		s.Email = new(mailbox)
		wantRefusal(t, v, update(nothing, s), 400, "EMAIL_UNCONFIRMED_6")
		get(t, v, &tg.AccountCancelPasswordEmail{})
		wantRefusal(t, v, update(nothing, s), 400, "EMAIL_UNCONFIRMED_6")
		get(t, v, &tg.AccountResendPasswordEmail{})
		get(t, v, &tg.AccountConfirmPasswordEmail{Code: d.newest().Code})
		get(t, v, &tg.AccountGetPasswordSettings{Password: v.proven("secret")})
		get(t, v, &tg.AccountGetTmpPassword{Password: v.proven("secret"), Period: 60})
		d.now = d.now.Add(day)
		get(t, v, &tg.PaymentsGetStarsRevenueWithdrawalURL{Peer: &tg.InputPeerSelf{}, Password: v.proven("secret")})
		get(t, v, &tg.AccountResetPassword{})
		get(t, v, &tg.AccountDeclinePasswordReset{})
		get(t, v, &tg.AccountResetPassword{})
		get(t, v, &tg.AuthRequestPasswordRecovery{})
		code := d.newest().Code
		get(t, v, &tg.AuthCheckRecoveryPassword{Code: code})
		raw(t, v, bytesOf(&tg.AuthRecoverPassword{Code: code}), "")
	}
}
