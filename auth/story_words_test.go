package auth_test

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// answer is Telegram's answer to a call, in TL.
func (p *player) answer(what string) ([]byte, error) {
	words := strings.Fields(what)
	opts := map[string]string{}
	for _, word := range words {
		if name, value, ok := strings.Cut(word, "="); ok {
			opts[name] = value
		}
	}
	if code, err := strconv.Atoi(words[0]); err == nil {
		return nil, tg.NewError(code, words[1])
	}
	switch words[0] {
	case "true":
		return tl.AppendBool(nil, true), nil
	case "false":
		return tl.AppendBool(nil, false), nil
	case "raw":
		return hex.DecodeString(words[1])
	case "user":
		b := tl.AppendInt(tl.AppendUint32(nil, tl.VectorID), 1)
		return tg.Schema.Append(b, user(words[1]))
	}
	return tg.Schema.Append(nil, p.value(words, opts))
}

// value is Telegram's answer to a call, as a struct.
func (p *player) value(words []string, opts map[string]string) any {
	switch words[0] {
	case "sent":
		return sent(words, opts)
	case "sent-in":
		return &tg.AuthSentCodeSuccess{Authorization: &tg.AuthAuthorization{User: user(words[1])}}
	case "payment":
		return &tg.AuthSentCodePaymentRequired{StoreProduct: "code.1", PhoneCodeHash: words[1], Currency: "EUR", Amount: 199, PremiumDays: 7}
	case "link":
		return &tg.AuthLoginToken{Token: []byte(words[1]), Expires: int32(p.now.Unix()) + 30}
	case "link-at":
		return &tg.AuthLoginTokenMigrateTo{DCID: *numberOf(words[1]), Token: []byte(words[2])}
	case "link-in":
		return &tg.AuthLoginTokenSuccess{Authorization: &tg.AuthAuthorization{User: user(words[1])}}
	case "options":
		return &tg.AuthPasskeyLoginOptions{Options: &tg.DataJSON{Data: words[1]}}
	case "mailed":
		return &tg.AccountSentEmailCode{EmailPattern: words[1], Length: 6}
	case "verified": // and then what an auth.sentCode has
		return &tg.AccountEmailVerifiedLogin{Email: "ann@b.c", SentCode: sent(words, opts)}
	case "in":
		return &tg.AuthAuthorization{User: user(words[1])}
	case "signup":
		r := &tg.AuthAuthorizationSignUpRequired{}
		if age, err := strconv.Atoi(opts["terms"]); err == nil {
			r.TermsOfService = &tg.HelpTermsOfService{ID: &tg.DataJSON{Data: "tos"}, Text: "be kind", MinAgeConfirm: new(int32(age))}
		}
		return r
	case "password":
		p.open = newChallenge(p.t, "correct")
		a := p.open.password(opts["hint"])
		_, a.HasRecovery = opts["recovery"]
		if _, known := opts["new-algo"]; known {
			a.NewAlgo = newAlgo()
		}
		return a
	case "recovery":
		return &tg.AuthPasswordRecovery{EmailPattern: words[1]}
	case "password-none":
		return &tg.AccountPassword{NewAlgo: &tg.PasswordKdfAlgoUnknown{}, NewSecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{}}
	case "password-new-kind":
		return &tg.AccountPassword{
			HasPassword: true, CurrentAlgo: &tg.PasswordKdfAlgoUnknown{}, SRPB: []byte{1}, SRPID: new(int64(1)),
			NewAlgo: &tg.PasswordKdfAlgoUnknown{}, NewSecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{},
		}
	}
	return p.taskValue(words, opts)
}

func sent(words []string, opts map[string]string) *tg.AuthSentCode {
	s := &tg.AuthSentCode{PhoneCodeHash: words[1]}
	var length int32
	if len(words) > 3 {
		n, _ := strconv.Atoi(words[3])
		length = int32(n)
	}
	switch words[2] {
	case "app":
		s.Type = &tg.AuthSentCodeTypeApp{Length: length}
	case "sms":
		s.Type = &tg.AuthSentCodeTypeSMS{Length: length}
	case "email":
		email := &tg.AuthSentCodeTypeEmailCode{EmailPattern: "a***@b.c", Length: length}
		_, email.GoogleSigninAllowed = opts["google"]
		_, email.AppleSigninAllowed = opts["apple"]
		email.ResetAvailablePeriod, email.ResetPendingDate = numberOf(opts["reset-after"]), numberOf(opts["reset-in"])
		if email.ResetPendingDate != nil {
			*email.ResetPendingDate += int32(start.Unix())
		}
		s.Type = email
	case "word":
		s.Type = &tg.AuthSentCodeTypeSMSWord{Beginning: new("b")}
	case "setup":
		_, google := opts["google"]
		s.Type = &tg.AuthSentCodeTypeSetUpEmailRequired{GoogleSigninAllowed: google}
	case "call":
		s.Type = &tg.AuthSentCodeTypeCall{Length: length}
	case "flash":
		s.Type = &tg.AuthSentCodeTypeFlashCall{Pattern: "+7*"}
	case "missed":
		s.Type = &tg.AuthSentCodeTypeMissedCall{Prefix: "+7", Length: length}
	case "fragment":
		s.Type = &tg.AuthSentCodeTypeFragmentSMS{URL: "https://fragment.com/x", Length: length}
	case "phrase":
		s.Type = &tg.AuthSentCodeTypeSMSPhrase{Beginning: new("once")}
	case "firebase":
		s.Type = &tg.AuthSentCodeTypeFirebaseSMS{PlayIntegrityProjectID: new(int64(7)), PlayIntegrityNonce: []byte("nonce"), Length: length}
	}
	switch opts["next"] {
	case "sms":
		s.NextType = &tg.AuthCodeTypeSMS{}
	case "call":
		s.NextType = &tg.AuthCodeTypeCall{}
	case "flash":
		s.NextType = &tg.AuthCodeTypeFlashCall{}
	case "missed":
		s.NextType = &tg.AuthCodeTypeMissedCall{}
	case "fragment":
		s.NextType = &tg.AuthCodeTypeFragmentSMS{}
	}
	s.Timeout = numberOf(opts["in"])
	return s
}

// numberOf is an optional int.
func numberOf(s string) *int32 {
	n, err := strconv.Atoi(s)
	if err != nil {
		return nil
	}
	return new(int32(n))
}

func user(name string) *tg.User { return &tg.User{Self: true, ID: 42, FirstName: &name} }

// answer is a person's answer.
func answer(t *testing.T, what string) auth.Answer {
	words := strings.Fields(what + " . . .")
	switch words[0] {
	case "code":
		return auth.Code(strings.TrimPrefix(what, "code "))
	case "assert":
		return auth.Assertion{ID: "id", ClientData: []byte(`{"challenge":""}`), AuthenticatorData: []byte("data"), Signature: secret.New("signature"), UserHandle: words[1]}
	case "password", "token":
		return auth.Secret(words[1])
	case "name":
		return auth.Name{First: words[1], Last: words[2]}
	case "phone":
		return auth.PhoneNumber(words[1])
	case "accept":
		return auth.Accept{}
	case "resend":
		return auth.Resend{}
	case "cancel":
		return auth.Cancel{}
	case "missing":
		return auth.Missing{MNC: words[1]}
	case "prove":
		return auth.DeviceProof{PlayIntegrity: secret.New(words[1])}
	case "paid":
		return auth.Paid{FormID: 5}
	case "email":
		return auth.Email(words[1])
	case "google":
		return auth.GoogleToken(words[1])
	case "apple":
		return auth.AppleToken(words[1])
	case "recover":
		return auth.Recover{}
	case "proof":
		return auth.ChallengeToken(words[1])
	case "reset-email":
		return auth.ResetEmail{}
	}
	return taskAnswer(t, words)
}

// clone keeps a password that the flow will wipe.
func clone(a auth.Answer) auth.Answer {
	switch a := a.(type) {
	case auth.SecretAnswer:
		return a.Clone()
	case auth.NewPassword:
		a.Password = a.Password.Clone()
		return a
	}
	return a
}

// describe is a question in the words of a story.
func describe(q auth.Question, now time.Time) string {
	var w []string
	say := func(format string, v any) {
		if !reflect.ValueOf(v).IsZero() {
			w = append(w, fmt.Sprintf(format, v))
		}
	}
	var refused *tg.Error
	var wrong int
	switch q := q.(type) {
	case auth.PhoneQuestion:
		refused, w = q.Refused, []string{"phone"}
	case auth.CodeQuestion:
		refused, wrong, w = q.Refused, q.Wrong, []string{"code", string(q.Kind)}
		say("for=%s", q.Purpose)
		say("%d", q.Length)
		say("%s", q.Detail)
		say("next=%s", q.Next)
		if !q.ResendAt.IsZero() {
			say("in=%v", q.ResendAt.Sub(now).Seconds())
		}
		say("firebase=%v", q.Firebase != nil)
		say("google=%v", q.Google)
		say("apple=%v", q.Apple)
		say("reset-after=%v", q.ResetAfter)
		if !q.ResetAt.IsZero() {
			say("reset-in=%v", q.ResetAt.Sub(now))
		}
		say("skip=%v", q.MaySkip)
	case auth.PasswordQuestion:
		refused, wrong, w = q.Refused, q.Wrong, []string{"password"}
		say("hint=%s", q.Hint)
		say("recovery=%v", q.HasRecovery)
		say("skip=%v", q.MaySkip)
	case auth.NewPasswordQuestion:
		refused, w = q.Refused, []string{"new-password"}
		say("skip=%v", q.MaySkip)
		say("changes=%v", q.Changes)
		say("email=%v", q.TakesEmail)
	case auth.TermsQuestion:
		w = []string{"terms", q.Text}
		say("%d", q.MinAge)
	case auth.NameQuestion:
		refused, w = q.Refused, []string{"name"}
	case auth.PaymentQuestion:
		refused, w = q.Refused, []string{"pay", fmt.Sprint(q.Amount), q.Currency}
	case auth.TokenQuestion:
		refused, w = q.Refused, []string{"token"}
		say("web=%v", q.Web)
	case auth.PasskeyQuestion:
		refused, wrong, w = q.Refused, q.Wrong, []string{"passkey", string(q.Options)}
	case auth.ChallengeQuestion:
		refused, w = q.Refused, []string{"challenge", string(q.Kind)}
		say("action=%s", q.Action)
		say("key=%s", q.SiteKey)
		say("nonce=%s", q.Nonce)
	case auth.ShowQR:
		w = []string{"qr", q.Link.Reveal()}
	case auth.EmailQuestion:
		refused, w = q.Refused, []string{"email"}
		say("google=%v", q.Google)
	}
	say("wrong=%d", wrong)
	if refused != nil {
		w = append(w, refused.Message)
	}
	return strings.Join(w, " ")
}
