package auth

import "github.com/telekey/telekey/internal/input"

// Method is a way to sign in: [Phone], [QR], [Bot], [WebToken] and [Passkey] make
// one.
type Method interface {
	// begin sets up a new flow and says where it starts.
	begin(f *Flow) state
}

type phone string

// Phone signs in with the code that Telegram sends to the owner of a number, and
// with the password if the account has one. Of number, which has its country
// code in front, may be written as people do, in digits of any script; if it is empty
// the flow asks for it. A number that cannot be one, because there is a letter in it
// for instance, is an error before anything is sent.
func Phone(number string) Method { return phone(number) }

func (p phone) begin(f *Flow) state {
	return f.number(string(p), stateSendCode)
}

// number takes the number that the program gave and says where to go on: in the state
// next, or by asking for a number if it is empty.
func (f *Flow) number(given string, next state) state {
	f.m.Phone = ""
	if input.Trim(given) == "" {
		return stateAskPhone
	}
	digits, err := input.Number(given)
	if err != nil {
		f.fail(err)
		return stateFailed
	}
	f.m.Phone = digits
	return next
}
