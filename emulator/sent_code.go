package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// What a payment for a code is said to be.
const (
	storeProduct   = "org.telekey.emulator.code"
	supportAddress = "support@example.com"
	supportSubject = "A code for "
	premiumDays    = 7
	priceCurrency  = "USD"
	priceAmount    = 99 // cents
)

// sentCode tells a client which way its code went, and which way the next one
// would go, after how long.
func (w *world) sentCode(now time.Time, r *codeRequest) tg.AnyAuthSentCode {
	if r.channel() == Payment {
		return &tg.AuthSentCodePaymentRequired{
			StoreProduct: storeProduct, PhoneCodeHash: r.hash,
			SupportEmailAddress: supportAddress, SupportEmailSubject: supportSubject + r.phone.String(),
			PremiumDays: premiumDays, Currency: priceCurrency, Amount: priceAmount,
		}
	}
	sent := &tg.AuthSentCode{Type: w.sentType(now, r), PhoneCodeHash: r.hash}
	// https://core.telegram.org/constructor/auth.sentCode
	if next := r.next(); next != "" {
		sent.NextType = announced(next)
		sent.Timeout = new(int32(resendTimeout))
	}
	return sent
}

// sentType describes the way of a code.
// https://core.telegram.org/type/auth.SentCodeType
func (w *world) sentType(now time.Time, r *codeRequest) tg.AnyAuthSentCodeType {
	switch r.channel() {
	case App:
		return &tg.AuthSentCodeTypeApp{Length: codeLength}
	case Call:
		return &tg.AuthSentCodeTypeCall{Length: codeLength}
	case FlashCall:
		return &tg.AuthSentCodeTypeFlashCall{Pattern: callerPrefix + "*"}
	case MissedCall:
		return &tg.AuthSentCodeTypeMissedCall{Prefix: callerPrefix, Length: codeLength}
	case Fragment:
		return &tg.AuthSentCodeTypeFragmentSMS{URL: "https://fragment.com/number/" + string(r.phone) + "/code", Length: codeLength}
	case Firebase:
		return r.firebase(w)
	case Word:
		return &tg.AuthSentCodeTypeSMSWord{Beginning: new(beginning(Word, r.sent.Code))}
	case Phrase:
		return &tg.AuthSentCodeTypeSMSPhrase{Beginning: new(beginning(Phrase, r.sent.Code))}
	case Email:
		return w.sentByMail(now, r)
	case EmailSetup:
		return &tg.AuthSentCodeTypeSetUpEmailRequired{AppleSigninAllowed: true, GoogleSigninAllowed: true}
	}
	return &tg.AuthSentCodeTypeSMS{Length: codeLength}
}

// announced is what a channel is called before it is its turn. There are fewer
// names than channels: what comes as a text message is called one.
// https://core.telegram.org/type/auth.CodeType
func announced(c Channel) tg.AnyAuthCodeType {
	switch c {
	case Call:
		return &tg.AuthCodeTypeCall{}
	case FlashCall:
		return &tg.AuthCodeTypeFlashCall{}
	case MissedCall:
		return &tg.AuthCodeTypeMissedCall{}
	case Fragment:
		return &tg.AuthCodeTypeFragmentSMS{}
	}
	return &tg.AuthCodeTypeSMS{}
}
