package emulator

import (
	"fmt"
	"time"

	"github.com/telekey/telekey/tg"
)

// Some numbers cost so much to write to that who asks for a code pays for it: in
// a store, which tells Telegram, which tells the client with updateSentPhoneCode.
// https://core.telegram.org/api/auth#paid-sms-verification

// pay ends what holds r's code back: it goes the next way.
func (w *world) pay(now time.Time, r *codeRequest) {
	if r.channel() != Payment {
		return
	}
	if len(r.ways) == 1 {
		r.ways = []Channel{Payment, SMS}
	}
	w.take(now, r, 1)
}

// Pay pays for every code that a number waits for, as a store would: the clients
// are told, and their codes go out. It returns how many there were.
func (s *Server) Pay(phone string) (paid int, err error) {
	number, err := checkPhone(phone)
	if err != nil {
		return 0, fmt.Errorf("emulator: %w", err)
	}
	err = s.ask(func(now time.Time) {
		for _, centre := range s.centres {
			for _, k := range centre.keys {
				paid += s.world.payAll(s.world.accountTime(now), k, number)
			}
		}
		s.deliver(now)
	})
	return paid, err
}

// payAll pays for what the owner of k waits for.
func (w *world) payAll(now time.Time, k *authKey, phone phoneNumber) (paid int) {
	for _, r := range k.requests {
		if r.phone == phone && r.channel() == Payment && r.open(now) {
			w.pay(now, r)
			w.push(k, w.updateOf(now, r))
			paid++
		}
	}
	return paid
}

// updateOf tells a client that its code has been paid for, and which way it went.
// Before the login TDLib looks at updateShort alone.
// https://core.telegram.org/constructor/updateSentPhoneCode
func (w *world) updateOf(now time.Time, r *codeRequest) *tg.UpdateShort {
	return &tg.UpdateShort{Update: &tg.UpdateSentPhoneCode{SentCode: w.sentCode(now, r)}, Date: unix(now)}
}

// checkPaidAuth answers auth.checkPaidAuth: which way the code went, or that it
// is not paid for yet. The number of the form is the client's.
// https://core.telegram.org/method/auth.checkPaidAuth
func checkPaidAuth(w *world, c *caller, now time.Time, q *tg.AuthCheckPaidAuth) (tg.AnyAuthSentCode, *refusal) {
	r, no := c.key.request(now, q.PhoneNumber, q.PhoneCodeHash)
	if no != nil {
		return nil, no
	}
	return w.sentCode(now, r), nil
}

// canPurchaseStore answers payments.canPurchaseStore: a code can be.
// https://core.telegram.org/method/payments.canPurchaseStore
func canPurchaseStore(_ *world, c *caller, now time.Time, q *tg.PaymentsCanPurchaseStore) (bool, *refusal) {
	_, no := c.purchase(now, q.Purpose)
	return no == nil, no
}

// assignAppStoreTransaction answers payments.assignAppStoreTransaction. Any
// receipt will do.
// https://core.telegram.org/method/payments.assignAppStoreTransaction
func assignAppStoreTransaction(w *world, c *caller, now time.Time, q *tg.PaymentsAssignAppStoreTransaction) (tg.AnyUpdates, *refusal) {
	if len(q.Receipt) == 0 {
		return nil, receiptEmpty
	}
	return w.assign(now, c, q.Purpose)
}

// assignPlayMarketTransaction answers payments.assignPlayMarketTransaction. Any
// receipt will do.
// https://core.telegram.org/method/payments.assignPlayMarketTransaction
func assignPlayMarketTransaction(w *world, c *caller, now time.Time, q *tg.PaymentsAssignPlayMarketTransaction) (tg.AnyUpdates, *refusal) {
	if q.Receipt.Data == "" {
		return nil, dataJSONInvalid
	}
	return w.assign(now, c, q.Purpose)
}

// assign takes a payment that a store vouches for.
func (w *world) assign(now time.Time, c *caller, purpose tg.AnyInputStorePaymentPurpose) (tg.AnyUpdates, *refusal) {
	r, no := c.purchase(now, purpose)
	if no != nil {
		return nil, no
	}
	w.pay(now, r)
	return w.updateOf(now, r), nil
}

// purchase is what a payment is for. Nothing but codes is sold here.
func (c *caller) purchase(now time.Time, purpose tg.AnyInputStorePaymentPurpose) (*codeRequest, *refusal) {
	p, ok := purpose.(*tg.InputStorePaymentAuthCode)
	if !ok {
		return nil, inputPurposeInvalid
	}
	return c.key.request(now, p.PhoneNumber, p.PhoneCodeHash)
}
