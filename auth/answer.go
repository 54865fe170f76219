package auth

// Answer is what a [Question] is answered with. The set is closed:
// [PhoneNumber], [Code], [Resend], [Secret], [Accept], [Name] and [Cancel].
// Each question says which it takes; [Cancel] answers all of them.
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
// passkey ID, and that its owner was asked. However it is printed, logged or made
// JSON, it does not show: it is a way in while its challenge counts.
//
// https://www.w3.org/TR/webauthn-3/#authenticatorassertionresponse
type Assertion struct {
	ID                string // of the credential, in base64url without padding
	ClientData        []byte // the JSON that was hashed and signed, byte for byte
	AuthenticatorData []byte
	Signature         []byte // over AuthenticatorData and the SHA-256 of ClientData

	// UserHandle is the text that the passkey was made with. Telegram's is
	// dcId:userId, and says where the account lives.
	UserHandle string
}

// NewPassword is the password that an account is to have from now on, at least
// one byte, and a hint for its owner, which everybody can read who gets as far as
// the question for the password. The flow wipes Password.
type NewPassword struct {
	Password Secret `json:"password"`
	Hint     string `json:"hint,omitempty"`

	// Email is the mailbox to recover the password by, if the question takes one;
	// empty: none, or the one there is.
	Email string `json:"email,omitempty"`
}

// Skip leaves out what the question says can be left out.
type Skip struct{}

// Cancel gives up. A code that is on its way is taken back, and the flow ends
// with [ErrCancelled].
type Cancel struct{}

func (PhoneNumber) isAnswer() {}
func (Code) isAnswer()        {}
func (Resend) isAnswer()      {}
func (Secret) isAnswer()      {}
func (Accept) isAnswer()      {}
func (Name) isAnswer()        {}
func (Cancel) isAnswer()      {}
func (Assertion) isAnswer()   {}
func (NewPassword) isAnswer() {}
func (Skip) isAnswer()        {}

// maxAnswer bounds one answer in bytes. Telegram's own limits are narrower; this
// one keeps a mistake, such as a file given for a password, off the wire.
const maxAnswer = 4096
