package auth

import (
	"io"
	"time"

	"github.com/telekey/telekey/tg"
)

// What else may happen between a code that is sent and one that is shown: it does
// not come, Telegram wants a proof or money first.
//
// https://core.telegram.org/api/auth

func (f *Flow) nextReportMissing() Step {
	return newCall(&tg.AuthReportMissingCode{
		PhoneNumber: f.m.Phone, PhoneCodeHash: string(f.m.Sent.Hash), Mnc: f.m.MNC,
	})
}

// missingReported asks for the code as before: it may come yet.
func (f *Flow) missingReported(time.Time, any) error {
	f.to(stateAskCode)
	return nil
}

func (f *Flow) missingRefused(e *tg.Error) bool {
	if e.Code != 400 && e.Code != 406 {
		return false
	}
	f.again(stateAskCode, e)
	return true
}

// nextRequestFirebase shows Telegram that one of its own apps asks.
//
// https://core.telegram.org/method/auth.requestFirebaseSms
func (f *Flow) nextRequestFirebase() Step {
	return newCall(&tg.AuthRequestFirebaseSMS{
		PhoneNumber: f.m.Phone, PhoneCodeHash: string(f.m.Sent.Hash),
		SafetyNetToken: given(f.device.SafetyNet.Reveal()), PlayIntegrityToken: given(f.device.PlayIntegrity.Reveal()), IosPushSecret: given(f.device.PushSecret.Reveal()),
	})
}

// firebaseRequested: true has sent the SMS; false has not, and wants the next way
// to be taken.
//
// https://core.telegram.org/method/auth.requestFirebaseSms
func (f *Flow) firebaseRequested(_ time.Time, result any) error {
	sent, ok := result.(bool)
	if !ok {
		return unexpected(result, "true or false")
	}
	f.device = DeviceProof{}
	if !sent {
		f.to(stateResendCode)
		return nil
	}
	f.m.Sent.Firebase = nil
	f.first(stateAskCode)
	return nil
}

// payFor asks for the money that Telegram wants for a code.
//
// https://core.telegram.org/constructor/auth.sentCodePaymentRequired
func (f *Flow) payFor(r *tg.AuthSentCodePaymentRequired) {
	f.m.Sent = &sentCode{Hash: []byte(r.PhoneCodeHash)}
	f.m.Payment = &payment{
		Phone: "+" + f.m.Phone, Product: r.StoreProduct, Currency: r.Currency, Amount: r.Amount,
		PremiumDays: int(r.PremiumDays), SupportEmail: r.SupportEmailAddress, SupportTitle: r.SupportEmailSubject,
	}
	f.first(statePay)
}

func (f *Flow) nextPay() Step {
	q := PaymentQuestion(*f.m.Payment)
	q.Refused = f.m.Refused
	return Show{Question: q}
}

func (f *Flow) paymentAnswered(a Answer, _ io.Reader) error {
	switch a := a.(type) {
	case Paid:
		f.m.FormID = a.FormID
		f.to(stateCheckPaid)
	case Cancel:
		f.to(stateCancelCode)
	default:
		return unfit("Paid or Cancel")
	}
	return nil
}

// paymentSeen takes the update by which Telegram says that it has been paid.
//
// https://core.telegram.org/constructor/updateSentPhoneCode
func (f *Flow) paymentSeen(now time.Time, result any) error {
	if u, _ := result.(*tg.UpdateSentPhoneCode); u != nil {
		return f.codeSent(now, u.SentCode)
	}
	return nil
}

func (f *Flow) nextCheckPaid() Step {
	return newCall(&tg.AuthCheckPaidAuth{
		PhoneNumber: f.m.Phone, PhoneCodeHash: string(f.m.Sent.Hash), FormID: f.m.FormID,
	})
}

// paymentRefused asks again: Telegram does not know of a payment, or not yet.
func (f *Flow) paymentRefused(e *tg.Error) bool {
	switch {
	case e.Type == tg.ErrPhoneCodeExpired && f.m.Restarts < maxRestarts:
		f.m.Restarts++
		f.restart(f.m.Start)
	case e.Code == 400 && e.Type != tg.ErrPhoneCodeExpired && e.Type != tg.ErrPhoneNumberInvalid:
		f.again(statePay, e)
	default:
		return false
	}
	return true
}

// given is an optional string: nil if it is empty.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// payment is a [PaymentQuestion] as a flow that is marshalled remembers it: without
// the name that the question has in JSON.
type payment PaymentQuestion
