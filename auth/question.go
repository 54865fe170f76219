package auth

import (
	"encoding/json"
	"time"

	"github.com/telekey/telekey/tg"
)

// Question is something that only a person, or somebody else's program, can
// tell. Questions are data: they can be shown in a terminal, sent to a browser
// as JSON, or answered by a table. Later versions may ask new ones: answer what
// you do not know with an error.
//
// A question that was answered and is asked again says why in its field Refused,
// which is Telegram's error to the last answer; nil means that it is asked for
// the first time.
type Question interface {
	// refusal is the field Refused.
	refusal() *tg.Error
}

// PhoneQuestion asks for the telephone number: the flow began with Phone("").
// It takes a [PhoneNumber].
type PhoneQuestion struct {
	Refused *tg.Error `json:"refused,omitempty"` // PHONE_NUMBER_INVALID
}

// CodeQuestion asks for the code that Telegram sent. It takes a [Code] or
// [Resend].
//
// Telegram decides how a code travels; a program of a third party cannot ask for
// an SMS. Mostly it goes to the account's other devices first, and the question
// says where to look.
type CodeQuestion struct {
	Phone  string   `json:"phone"`            // whose code it is, with a plus in front
	Kind   CodeKind `json:"kind"`             // where to look
	Length int      `json:"length,omitempty"` // in characters; 0: not known

	// Detail depends on Kind:
	//   - flash call: the number that calls, with * for digits that are not told
	//   - missed call: how the number that calls begins
	//   - e-mail: the address, partly hidden
	//   - Fragment: the address of the web page that shows the code
	//   - word, phrase: how it begins, if Telegram tells
	Detail string `json:"detail,omitempty"`

	// Next is how Resend would have the code sent; empty: in no other way.
	// Resend is taken before ResendAt too, but Telegram will refuse it.
	Next     CodeKind  `json:"next,omitempty"`
	ResendAt time.Time `json:"resend_at,omitzero"` // zero: at once

	// MaySkip says that Skip is taken: the recovery address stays unconfirmed.
	MaySkip bool `json:"may_skip,omitempty"`

	// Wrong counts the wrong answers to this code.
	Wrong int `json:"wrong,omitempty"`

	// Refused is PHONE_CODE_INVALID or PHONE_CODE_EMPTY after a wrong code;
	// PHONE_CODE_EXPIRED when the code is worth nothing any more: only Resend
	// helps then, and brings a new one; SEND_CODE_UNAVAILABLE when Resend was
	// refused, while the code that was sent still counts.
	Refused *tg.Error `json:"refused,omitempty"`
}

// PasswordQuestion asks for the password of two-step verification. It takes a
// [Secret], which the flow wipes, and [Skip] where
// it says so.
type PasswordQuestion struct {
	// MaySkip says that Skip is taken: see DeleteAccount.
	MaySkip bool `json:"may_skip,omitempty"`

	Hint string `json:"hint,omitempty"` // what the account's owner wrote to remember it by

	// HasRecovery says that a lost password can be replaced by way of an e-mail
	// address.
	HasRecovery bool `json:"has_recovery,omitempty"`

	// ResetAt is when a reset of the password that was asked for takes effect;
	// zero: none was.
	ResetAt time.Time `json:"reset_at,omitzero"`

	Wrong   int       `json:"wrong,omitempty"`   // counts the wrong answers
	Refused *tg.Error `json:"refused,omitempty"` // PASSWORD_HASH_INVALID: wrong; SRP_PASSWORD_CHANGED: somebody has just changed it
}

// TermsQuestion asks whether the terms of service are accepted: the number has
// no account yet and is about to get one. It takes [Accept]; who does not agree
// answers [Cancel].
type TermsQuestion struct {
	Text   string `json:"text"`
	MinAge int    `json:"min_age,omitempty"` // years, which Accept confirms; 0: none demanded
	Popup  bool   `json:"popup,omitempty"`   // Telegram wants the text shown at once, not behind a link
}

// NameQuestion asks for the name of the new account. It takes a [Name].
type NameQuestion struct {
	Refused *tg.Error `json:"refused,omitempty"` // FIRSTNAME_INVALID or LASTNAME_INVALID
}

// PasskeyQuestion asks for the proof that somebody holds a passkey. It takes an
// [Assertion], which an authenticator makes.
//
// Telegram's own data centres take only passkeys that were made for telegram.org,
// and those are not to be had for the programs of third parties: this question is
// for other networks, such as the emulator's.
//
// https://core.telegram.org/api/passkeys#logging-in-with-a-passkey
type PasskeyQuestion struct {
	// Options is what navigator.credentials.get of a browser takes, as JSON with
	// binary values in base64url: an object whose field publicKey is a
	// PublicKeyCredentialRequestOptions. Its challenge counts once.
	Options json.RawMessage `json:"options"`

	Wrong   int       `json:"wrong,omitempty"`   // counts the answers that were refused
	Refused *tg.Error `json:"refused,omitempty"` // CREDENTIAL_INVALID, PASSKEY_CREDENTIAL_NOT_FOUND: Options are new
}

// NewPasswordQuestion asks for the password that is to be the account's from now
// on. It takes a [NewPassword], or [Skip] where an account without a password is
// a choice.
type NewPasswordQuestion struct {
	// MaySkip says that Skip is taken: the account will have no password then.
	MaySkip bool `json:"may_skip,omitempty"`

	Changes    bool `json:"changes,omitempty"`     // it takes the place of another
	TakesEmail bool `json:"takes_email,omitempty"` // a recovery address may come with it

	Refused *tg.Error `json:"refused,omitempty"` // NEW_SETTINGS_INVALID, such as for a hint that is the password, NEW_SALT_INVALID, EMAIL_INVALID, …
}

func (q PhoneQuestion) refusal() *tg.Error    { return q.Refused }
func (q CodeQuestion) refusal() *tg.Error     { return q.Refused }
func (q PasswordQuestion) refusal() *tg.Error { return q.Refused }
func (q TermsQuestion) refusal() *tg.Error    { return nil }
func (q NameQuestion) refusal() *tg.Error     { return q.Refused }

func (q PasskeyQuestion) refusal() *tg.Error     { return q.Refused }
func (q NewPasswordQuestion) refusal() *tg.Error { return q.Refused }

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
	}
	return "an answer"
}
