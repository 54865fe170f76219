package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

var freshChangePhone = &refusal{406, string(tg.ErrFreshChangePhoneForbidden)}

// sendChangePhoneCode answers account.sendChangePhoneCode: a code goes to the
// number that the account is to have.
// https://core.telegram.org/method/account.sendChangePhoneCode
func sendChangePhoneCode(w *world, c *caller, now time.Time, q *tg.AccountSendChangePhoneCode) (tg.AnyAuthSentCode, *refusal) {
	phone, ok := parsePhone(q.PhoneNumber)
	if !ok {
		return nil, phoneNumberInvalid
	}
	switch holder := w.accounts.byPhone[phone]; {
	case holder != nil && holder.banned:
		return nil, phoneNumberBanned
	case holder != nil:
		return nil, phoneNumberOccupied
	case c.key.login.fresh(now):
		return nil, w.tooFresh(c, now, freshChangePhone)
	}
	r := w.requestCode(now, c.key, phone, []Channel{SMS, Call})
	r.purpose = toChangePhone
	return w.sentCode(now, r), nil
}

// changePhone answers account.changePhone. Who is at home somewhere stays there,
// whatever the number says.
// https://core.telegram.org/method/account.changePhone
func changePhone(w *world, c *caller, now time.Time, q *tg.AccountChangePhone) (tg.AnyUser, *refusal) {
	r, no := c.key.requestTo(toChangePhone, now, q.PhoneNumber, q.PhoneCodeHash)
	if no == nil {
		no = r.enter(now, &q.PhoneCode)
	}
	if no != nil {
		return nil, no
	}
	a := c.account()
	if w.accounts.byPhone[r.phone] != nil {
		return nil, phoneNumberOccupied // somebody was quicker
	}
	r.state = codeDead
	w.log.Info("phone number changed", "phone", a.phone, "to", r.phone, "user", a.id)
	w.renumber(a, r.phone)
	w.tellOthers(now, a, &tg.UpdateUserPhone{UserID: a.id, Phone: string(a.phone)}, c.key.login)
	return a.self(), nil
}

// renumber gives a another number. The old one is free.
func (w *world) renumber(a *account, phone phoneNumber) {
	delete(w.accounts.byPhone, a.phone)
	a.phone = phone
	w.accounts.byPhone[phone] = a
}
