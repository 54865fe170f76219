package emulator

import (
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/telekey/telekey/tg"
)

// deletion is an account's deletion that its owner may still stop.
type deletion struct {
	hash string
	key  *authKey // that asked for it last
	at   time.Time
}

// week is how old a password, and how long ago the last sign of life, must be
// to matter; and how long the owner has to stop a deletion.
const week = 7 * 24 * time.Hour

var codeHashInvalid = badRequest(tg.ErrCodeHashInvalid)

// deleteAccount answers account.deleteAccount, also for who waits for the
// password and does not know it.
//
// Without its password an account is deleted at once only if nobody is likely to
// miss it: the password is a week old at most, or nobody has used the account
// for a week. Otherwise its owner is told, and the call succeeds a week later.
// https://core.telegram.org/api/account-deletion
func deleteAccount(w *world, c *caller, now time.Time, q *tg.AccountDeleteAccount) (bool, *refusal) {
	a := c.account()
	var no *refusal
	switch {
	case a.password == nil:
	case q.Password != nil:
		no = a.prove(c, q.Password)
	default:
		no = w.delayDeletion(now, c.key, a)
	}
	if no != nil {
		return false, no
	}
	w.deleteAccount(now, a, c.key)
	return true, nil
}

// delayDeletion refuses a deletion whose time has not come.
func (w *world) delayDeletion(now time.Time, key *authKey, a *account) *refusal {
	if a.deletion == nil {
		if now.Sub(a.password.since) < week || now.Sub(a.active) >= week {
			return nil
		}
		a.deletion = &deletion{hash: hex.EncodeToString(w.randomBytes(9)), at: now.Add(week)}
		// https://core.telegram.org/api/links#phone-confirmation-links
		w.notify(now, a, "Somebody who does not know your password has asked to delete this account. "+
			"In a week it can be deleted. If that was not you, stop it: tg://confirmphone?phone="+string(a.phone)+"&hash="+a.deletion.hash)
	}
	a.deletion.key = key
	if left := a.deletion.at.Sub(now); left > 0 {
		return &refusal{420, string(tg.Err2faConfirmWait) + "_" + strconv.Itoa(seconds(left))}
	}
	return nil
}

// sendConfirmPhoneCode answers account.sendConfirmPhoneCode: the owner follows
// the link in the message about the deletion.
// https://core.telegram.org/method/account.sendConfirmPhoneCode
func sendConfirmPhoneCode(w *world, c *caller, now time.Time, q *tg.AccountSendConfirmPhoneCode) (tg.AnyAuthSentCode, *refusal) {
	a := c.account()
	if a.deletion == nil || q.Hash != a.deletion.hash {
		return nil, hashInvalid
	}
	r := w.requestCode(now, c.key, a.phone, []Channel{SMS, Call})
	r.purpose = toConfirmPhone
	return w.sentCode(now, r), nil
}

// confirmPhone answers account.confirmPhone: the deletion is off, and whoever
// asked for it is signed out.
// https://core.telegram.org/method/account.confirmPhone
func confirmPhone(w *world, c *caller, now time.Time, q *tg.AccountConfirmPhone) (bool, *refusal) {
	a := c.account()
	r, no := c.key.requestTo(toConfirmPhone, now, string(a.phone), q.PhoneCodeHash)
	if no != nil {
		return false, codeHashInvalid
	}
	if no := r.enter(now, &q.PhoneCode); no != nil {
		return false, no
	}
	r.state = codeDead
	if d := a.deletion; d != nil {
		a.deletion = nil
		w.dismiss(now, a, d.key, c.key)
	}
	return true, nil
}

// dismiss signs out who asked for a's deletion, unless that is the owner, and
// ends every sign-in that waits for the password.
func (w *world) dismiss(now time.Time, a *account, key, owner *authKey) {
	if l := key.login; l != nil && l.account == a && l != owner.login {
		w.endLogin(now, l, sessionRevoked)
	}
	for _, h := range slices.Clone(a.halfway) {
		w.endKey(now, h.key, sessionRevoked)
	}
	if key.pending == a {
		w.endKey(now, key, sessionRevoked)
	}
}
