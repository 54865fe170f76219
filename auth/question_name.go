package auth

import (
	"encoding/json"

	"github.com/telekey/telekey/tg"
)

// QuestionName names what a question asks for: phone, code, password, terms, name,
// passkey, new_password, payment, qr, token, email or challenge. The names do not
// change; a new question has a new one. The empty string names no question.
func QuestionName(q Question) string {
	if q == nil {
		return ""
	}
	return q.name()
}

func (q PhoneQuestion) name() string       { return "phone" }
func (q CodeQuestion) name() string        { return "code" }
func (q PasswordQuestion) name() string    { return "password" }
func (q TermsQuestion) name() string       { return "terms" }
func (q NameQuestion) name() string        { return "name" }
func (q PasskeyQuestion) name() string     { return "passkey" }
func (q NewPasswordQuestion) name() string { return "new_password" }
func (q PaymentQuestion) name() string     { return "payment" }
func (q ShowQR) name() string              { return "qr" }
func (q TokenQuestion) name() string       { return "token" }
func (q EmailQuestion) name() string       { return "email" }
func (q ChallengeQuestion) name() string   { return "challenge" }

func (q PhoneQuestion) refusal() *tg.Error    { return q.Refused }
func (q CodeQuestion) refusal() *tg.Error     { return q.Refused }
func (q PasswordQuestion) refusal() *tg.Error { return q.Refused }
func (q TermsQuestion) refusal() *tg.Error    { return nil }
func (q NameQuestion) refusal() *tg.Error     { return q.Refused }

func (q PasskeyQuestion) refusal() *tg.Error     { return q.Refused }
func (q NewPasswordQuestion) refusal() *tg.Error { return q.Refused }
func (q PaymentQuestion) refusal() *tg.Error     { return q.Refused }
func (q ShowQR) refusal() *tg.Error              { return nil }
func (q TokenQuestion) refusal() *tg.Error       { return q.Refused }
func (q EmailQuestion) refusal() *tg.Error       { return q.Refused }
func (q ChallengeQuestion) refusal() *tg.Error   { return q.Refused }

// withName is the JSON of a question's fields, an object, with its name in front.
func withName(q Question, fields any) ([]byte, error) {
	object, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	head := `{"question":"` + q.name() + `"`
	if len(object) > len("{}") {
		head += ","
	}
	return append([]byte(head), object[1:]...), nil
}

// MarshalJSON writes the fields and the question's name.
func (q PhoneQuestion) MarshalJSON() ([]byte, error) {
	type fields PhoneQuestion
	return withName(q, fields(q))
}

// MarshalJSON writes the fields and the question's name.
func (q CodeQuestion) MarshalJSON() ([]byte, error) {
	type fields CodeQuestion
	return withName(q, fields(q))
}

// MarshalJSON writes the fields and the question's name.
func (q PasswordQuestion) MarshalJSON() ([]byte, error) {
	type fields PasswordQuestion
	return withName(q, fields(q))
}

// MarshalJSON writes the fields and the question's name.
func (q TermsQuestion) MarshalJSON() ([]byte, error) {
	type fields TermsQuestion
	return withName(q, fields(q))
}

// MarshalJSON writes the fields and the question's name.
func (q NameQuestion) MarshalJSON() ([]byte, error) {
	type fields NameQuestion
	return withName(q, fields(q))
}

// MarshalJSON writes the fields and the question's name.
func (q PasskeyQuestion) MarshalJSON() ([]byte, error) {
	type fields PasskeyQuestion
	return withName(q, fields(q))
}

// MarshalJSON writes the fields and the question's name.
func (q NewPasswordQuestion) MarshalJSON() ([]byte, error) {
	type fields NewPasswordQuestion
	return withName(q, fields(q))
}

// MarshalJSON writes the fields and the question's name.
func (q PaymentQuestion) MarshalJSON() ([]byte, error) {
	type fields PaymentQuestion
	return withName(q, fields(q))
}

// MarshalJSON writes the fields and the question's name.
func (q ShowQR) MarshalJSON() ([]byte, error) {
	type fields ShowQR
	return withName(q, fields(q))
}

// MarshalJSON writes the fields and the question's name.
func (q TokenQuestion) MarshalJSON() ([]byte, error) {
	type fields TokenQuestion
	return withName(q, fields(q))
}

// MarshalJSON writes the fields and the question's name.
func (q EmailQuestion) MarshalJSON() ([]byte, error) {
	type fields EmailQuestion
	return withName(q, fields(q))
}

// MarshalJSON writes the fields and the question's name.
func (q ChallengeQuestion) MarshalJSON() ([]byte, error) {
	type fields ChallengeQuestion
	return withName(q, fields(q))
}

// subject names a question in errors.
func subject(q Question) string {
	switch q := q.(type) {
	case PhoneQuestion:
		return "the telephone number"
	case CodeQuestion:
		return "the code (" + string(q.Kind) + ")"
	case PasswordQuestion:
		return "the password of two-step verification"
	case TermsQuestion:
		return "the agreement to the terms of service"
	case NameQuestion:
		return "the name of the new account"
	case PasskeyQuestion:
		return "a passkey"
	case NewPasswordQuestion:
		return "the new password"
	case PaymentQuestion:
		return "a payment for the code"
	case ShowQR:
		return "that a QR code is shown"
	case TokenQuestion:
		return "a token"
	case EmailQuestion:
		return "an address for the login e-mail"
	case ChallengeQuestion:
		return "a proof against robots (" + string(q.Kind) + ")"
	}
	return "an answer"
}
