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
//
// The JSON of a question begins with its name in the field "question": see
// [QuestionName]. It is for a browser or another program; nothing reads it back.
type Question interface {
	// refusal is the field Refused.
	refusal() *tg.Error

	// name is the field "question" of the JSON.
	name() string
}

// PhoneQuestion asks for the telephone number: the flow began with Phone("").
// It takes a [PhoneNumber].
type PhoneQuestion struct {
	Refused *tg.Error `json:"refused,omitempty"` // PHONE_NUMBER_INVALID, of what is no number at all, too
}

// CodeQuestion asks for the code that Telegram sent. It takes a [Code], [Resend],
// and what its fields name.
//
// Telegram decides how a code travels; a program of a third party cannot ask for
// an SMS. Mostly it goes to the account's other devices first, and the question
// says where to look.
type CodeQuestion struct {
	Purpose CodePurpose `json:"purpose,omitempty"` // what the code is for; empty: to sign in

	Phone  string   `json:"phone,omitempty"`  // whose code it is, with a plus in front
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

	// Firebase is what Telegram's own apps answer with a [DeviceProof], to have the
	// SMS sent; nil: there is nothing to prove, or it has been.
	Firebase *Firebase `json:"firebase,omitempty"`

	// Google and Apple say that a [GoogleToken] or an [AppleToken] of the mailbox's
	// owner is taken instead of the code.
	Google bool `json:"google,omitempty"`
	Apple  bool `json:"apple,omitempty"`

	// ResetAfter is how long it takes to get rid of the login e-mail by
	// [ResetEmail], for somebody who has lost the mailbox; ResetAt when that takes
	// effect, if it was asked for already: answer ResetEmail again then. Both
	// zero: it is not to be had, or takes no time.
	ResetAfter time.Duration `json:"reset_after,omitempty"`
	ResetAt    time.Time     `json:"reset_at,omitzero"`

	// MaySkip says that Skip is taken: the recovery address stays unconfirmed.
	MaySkip bool `json:"may_skip,omitempty"`

	// Wrong counts the wrong answers to this code.
	Wrong int `json:"wrong,omitempty"`

	// Refused is PHONE_CODE_INVALID or PHONE_CODE_EMPTY after a wrong code;
	// PHONE_CODE_EXPIRED when the code is worth nothing any more: only Resend
	// helps then, and brings a new one; SEND_CODE_UNAVAILABLE when Resend was
	// refused, while the code that was sent still counts; TASK_ALREADY_EXISTS when
	// ResetEmail was. Codes by e-mail have CODE_INVALID, EMAIL_VERIFY_EXPIRED and
	// PASSWORD_RECOVERY_EXPIRED for the same.
	Refused *tg.Error `json:"refused,omitempty"`
}

// CodePurpose is what a code proves.
type CodePurpose string

// What codes are for.
const (
	ForSignIn   CodePurpose = ""            // the number, or its login e-mail
	ForEmail    CodePurpose = "login email" // an address that becomes the login e-mail
	ForRecovery CodePurpose = "recovery"    // the recovery e-mail of a password that is lost

	ForRecoveryEmail CodePurpose = "recovery email"  // an address that becomes the recovery e-mail
	ForNewEmail      CodePurpose = "new login email" // an address that takes the place of the login e-mail

	ForNewNumber CodePurpose = "new number"   // the number that the account moves to
	ForKeeping   CodePurpose = "keep account" // the number, to stop a deletion of the account
)

// Firebase is what Telegram wants to be proved before it sends an SMS: that one of
// its own apps asks, on a telephone. Which fields are set depends on the system.
//
// https://core.telegram.org/constructor/auth.sentCodeTypeFirebaseSms
type Firebase struct {
	PlayIntegrityProject int64         `json:"play_integrity_project,omitempty,string"`
	PlayIntegrityNonce   []byte        `json:"play_integrity_nonce,omitempty"`
	SafetyNetNonce       []byte        `json:"safety_net_nonce,omitempty"`
	Receipt              string        `json:"receipt,omitempty"` // shown to Apple's push service
	PushTimeout          time.Duration `json:"push_timeout,omitempty"`
}

// PaymentQuestion says that a code for this number has to be paid for. It takes
// [Paid]; or nothing at all, when the payment was made in another way: the flow
// goes on as soon as Telegram says that it has the money.
//
// https://core.telegram.org/constructor/auth.sentCodePaymentRequired
type PaymentQuestion struct {
	Phone        string    `json:"phone"`                   // with a plus in front
	Product      string    `json:"product"`                 // its name in the store of the telephone
	Currency     string    `json:"currency,omitempty"`      // three letters of ISO 4217
	Amount       int64     `json:"amount,omitempty,string"` // in the currency's smallest unit
	PremiumDays  int       `json:"premium_days,omitempty"`  // of Telegram Premium that come with it
	SupportEmail string    `json:"support_email,omitempty"` // where to write about it
	SupportTitle string    `json:"support_title,omitempty"` // and under which subject
	Refused      *tg.Error `json:"refused,omitempty"`       // Telegram does not know of the payment
}

// ShowQR asks for the link to be shown, most often as a QR code, for a device that
// is signed in already to accept. It takes no answer: an [Asker] returns nil at
// once, or waits for the end of its context. [Cancel] gives up.
//
// https://core.telegram.org/api/qr-login
type ShowQR struct {
	// Link is tg://login?token=…, and signs in whoever made the flow: it prints as
	// a redaction, in JSON too; q.Link.Reveal() is the link itself.
	Link QRLink `json:"link"`

	// Expires is when another link takes its place.
	Expires time.Time `json:"expires"`
}

// TokenQuestion asks for the token to sign in with: the flow began without one,
// was resumed, or the token was refused. It takes a [Secret], which the flow wipes.
type TokenQuestion struct {
	Web     bool      `json:"web,omitempty"`     // a web token; else a bot's
	Refused *tg.Error `json:"refused,omitempty"` // ACCESS_TOKEN_INVALID, ACCESS_TOKEN_EXPIRED; of a web token WEBAUTH_TOKEN_EXPIRED, AUTH_TOKEN_EXPIRED, AUTH_TOKEN_INVALID
}

// EmailQuestion asks for an address that is to become the login e-mail: Telegram
// wants one before this account is signed in to. It takes an [Email], or what
// Google and Apple say.
//
// https://core.telegram.org/api/auth#email-verification
type EmailQuestion struct {
	Google  bool      `json:"google,omitempty"`  // a [GoogleToken] is taken
	Apple   bool      `json:"apple,omitempty"`   // an [AppleToken] is taken
	Refused *tg.Error `json:"refused,omitempty"` // EMAIL_INVALID, EMAIL_NOT_ALLOWED
}

// ChallengeQuestion asks to prove to Telegram that no robot is at work. It takes a
// [ChallengeToken]; the call that was refused is then made again with it.
//
// https://core.telegram.org/api/auth#recaptcha-verification
type ChallengeQuestion struct {
	Kind    ChallengeKind `json:"kind"`
	Action  string        `json:"action,omitempty"`   // reCAPTCHA: what is about to be done
	SiteKey string        `json:"site_key,omitempty"` // reCAPTCHA: which key to ask Google with
	Nonce   string        `json:"nonce,omitempty"`    // the others: what is to be signed
	Refused *tg.Error     `json:"refused,omitempty"`  // the last token did not do
}

// ChallengeKind is who has to vouch for the program.
type ChallengeKind string

// The kinds of challenges.
const (
	ChallengeRecaptcha     ChallengeKind = "recaptcha"      // Google's reCAPTCHA Enterprise
	ChallengePlayIntegrity ChallengeKind = "play integrity" // Google Play, for Telegram's own app
	ChallengeAPNS          ChallengeKind = "apns"           // a push from Apple, to Telegram's own app
)

// PasswordQuestion asks for the password of two-step verification. It takes a
// [Secret], which the flow wipes, [Recover] if it HasRecovery, and [Skip] where it
// says so.
type PasswordQuestion struct {
	// Phone is the number of the account, with a plus in front; empty: not known.
	Phone string `json:"phone,omitempty"`

	// Earlier says that the password is of a sign-in that waited for it before this
	// flow began: LogOut gives it up.
	Earlier bool `json:"earlier,omitempty"`

	// MaySkip says that Skip is taken: see DeleteAccount.
	MaySkip bool `json:"may_skip,omitempty"`

	Hint string `json:"hint,omitempty"` // what the account's owner wrote to remember it by

	// HasRecovery says that a lost password can be replaced by way of an e-mail
	// address.
	HasRecovery bool `json:"has_recovery,omitempty"`

	// ResetAt is when a reset of the password that was asked for takes effect;
	// zero: none was.
	ResetAt time.Time `json:"reset_at,omitzero"`

	Wrong int `json:"wrong,omitempty"` // counts the wrong answers

	// Refused is PASSWORD_HASH_INVALID: wrong; SRP_PASSWORD_CHANGED: somebody has
	// just changed it; PASSWORD_RECOVERY_NA: Recover does not go.
	Refused *tg.Error `json:"refused,omitempty"`
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

	// Network is the identity of the network that asks, as [Drive] learns it from the
	// client's session: no server can choose it. A software passkey signs only for
	// the network that it was made on. Empty: the flow was not driven by Drive.
	Network string `json:"network,omitempty"`

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

	// KeepsPassword says that only the address of the last answer was refused: a
	// NewPassword without a Password changes the address alone.
	KeepsPassword bool `json:"keeps_password,omitempty"`

	Refused *tg.Error `json:"refused,omitempty"` // NEW_SETTINGS_INVALID, such as for a hint that is the password, NEW_SALT_INVALID, EMAIL_INVALID, …
}
