package auth

import "github.com/telekey/telekey/secret"

// Answer is what a [Question] is answered with. The set is closed: the types of
// this package. Each question says which it takes; [Cancel] answers all of them.
type Answer interface{ isAnswer() }

// PhoneNumber is a telephone number with its country code. Only its digits count.
type PhoneNumber string

// Name is a person's name. Last may be empty.
type Name struct {
	First string `json:"first"`
	Last  string `json:"last,omitempty"`
}

// Accept agrees to the terms of service, and says that the person is as old as
// they demand.
type Accept struct{}

// Resend asks for the code by the next way that [CodeQuestion] names, or for a
// new code if the last one has expired.
type Resend struct{}

// Assertion is an authenticator's answer to [PasskeyQuestion]: that it holds the
// passkey ID, and that its owner was asked. It is a way in while its challenge
// counts; without Signature, which does not show however it is printed, logged or
// made JSON, it is of no use.
//
// https://www.w3.org/TR/webauthn-3/#authenticatorassertionresponse
type Assertion struct {
	ID                string      `json:"id"`          // of the credential, in base64url without padding
	ClientData        []byte      `json:"client_data"` // the JSON that was hashed and signed, byte for byte
	AuthenticatorData []byte      `json:"authenticator_data"`
	Signature         secret.Text `json:"signature"` // over AuthenticatorData and the SHA-256 of ClientData

	// UserHandle is the text that the passkey was made with. Telegram's is
	// dcId:userId, and says where the account lives.
	UserHandle string `json:"user_handle"`
}

// NewPassword is the password that an account is to have from now on, at least
// one byte, and a hint for its owner, which everybody can read who gets as far as
// the question for the password. The flow wipes Password.
type NewPassword struct {
	Password SecretAnswer `json:"password"`
	Hint     string       `json:"hint,omitempty"`

	// Email is the mailbox to recover the password by, if the question takes one;
	// empty: none, or the one there is.
	Email string `json:"email,omitempty"`
}

// Skip leaves out what the question says can be left out.
type Skip struct{}

// Missing tells Telegram that the code that it sent by SMS does not come, so that
// it can find out why. MNC is the mobile network's code, as the SIM card has it.
// It has nothing sent; that is what [Resend] is for. Telegram wants it from its own
// apps.
//
// https://core.telegram.org/method/auth.reportMissingCode
type Missing struct {
	MNC string `json:"mnc"`
}

// DeviceProof is the answer to [Firebase], one of its fields set: what Google or
// Apple say about the app that asks. However it is printed, it does not show.
//
// https://core.telegram.org/method/auth.requestFirebaseSms
type DeviceProof struct {
	PlayIntegrity secret.Text `json:"play_integrity"` // the token of Google's Play Integrity
	SafetyNet     secret.Text `json:"safety_net"`     // of the attestation that was there before it
	PushSecret    secret.Text `json:"push_secret"`    // what came by Apple's push service
}

// Paid says that the code has been paid for. FormID is that of the payment form.
type Paid struct {
	FormID int64 `json:"form_id,omitempty,string"`
}

// Email is an address.
type Email string

// ResetEmail asks Telegram to take the login e-mail away, because its mailbox is
// lost: [CodeQuestion] says when that takes effect.
//
// https://core.telegram.org/method/auth.resetLoginEmail
type ResetEmail struct{}

// Recover asks for the password to be replaced by way of the recovery e-mail.
type Recover struct{}

// Cancel gives up. A code that is on its way is taken back, and the flow ends
// with [ErrCancelled].
type Cancel struct{}

func (PhoneNumber) isAnswer()       {}
func (CodeAnswer) isAnswer()        {}
func (Resend) isAnswer()            {}
func (SecretAnswer) isAnswer()      {}
func (Accept) isAnswer()            {}
func (Name) isAnswer()              {}
func (Cancel) isAnswer()            {}
func (Assertion) isAnswer()         {}
func (NewPassword) isAnswer()       {}
func (Skip) isAnswer()              {}
func (Missing) isAnswer()           {}
func (DeviceProof) isAnswer()       {}
func (Paid) isAnswer()              {}
func (Email) isAnswer()             {}
func (ResetEmail) isAnswer()        {}
func (Recover) isAnswer()           {}
func (GoogleTokenAnswer) isAnswer() {}
func (AppleTokenAnswer) isAnswer()  {}
func (ChallengeAnswer) isAnswer()   {}

// length is the size of an answer in bytes.
func length(a Answer) int {
	switch a := a.(type) {
	case CodeAnswer:
		return a.Len()
	case SecretAnswer:
		return a.Len()
	case PhoneNumber:
		return len(a)
	case Name:
		return len(a.First) + len(a.Last)
	case NewPassword:
		return a.Password.Len() + len(a.Hint) + len(a.Email)
	case Missing:
		return len(a.MNC)
	case Email:
		return len(a)
	case GoogleTokenAnswer:
		return a.Len()
	case AppleTokenAnswer:
		return a.Len()
	case ChallengeAnswer:
		return a.Len()
	case DeviceProof:
		return a.PlayIntegrity.Len() + a.SafetyNet.Len() + a.PushSecret.Len()
	case Assertion:
		return len(a.ID) + len(a.ClientData) + len(a.AuthenticatorData) + a.Signature.Len() + len(a.UserHandle)
	}
	return 0
}

// wipe overwrites what can be overwritten in an answer.
func wipe(a Answer) {
	switch a := a.(type) {
	case SecretAnswer:
		a.Wipe()
	case NewPassword:
		a.Password.Wipe()
	}
}

// maxAnswer and maxToken bound one answer in bytes. Telegram's own limits are
// narrower; these keep a mistake, such as a file given for a password, off the
// wire.
const (
	maxAnswer = 4096
	maxToken  = 16 << 10 // of what Google and Apple sign
)

// limit is how long an answer may be.
func limit(a Answer) int {
	switch a.(type) {
	case GoogleTokenAnswer, AppleTokenAnswer, ChallengeAnswer, DeviceProof, Assertion:
		return maxToken
	}
	return maxAnswer
}
