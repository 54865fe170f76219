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

// maxAnswer bounds one answer in bytes. Telegram's own limits are narrower; this
// one keeps a mistake, such as a file given for a password, off the wire.
const maxAnswer = 4096
