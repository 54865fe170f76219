package auth

import "strings"

// Method is a way to sign in: [Phone], [QR], [Bot], [WebToken] and [Passkey] make
// one.
type Method interface {
	// begin sets up a new flow and says where it starts.
	begin(f *Flow) state
}

type phone string

// Phone signs in with the code that Telegram sends to the owner of a number, and
// with the password if the account has one. Of number, which has its country
// code in front, only the digits count; if there are none the flow asks for it.
func Phone(number string) Method { return phone(number) }

func (p phone) begin(f *Flow) state {
	f.m.Phone = digitsOf(string(p))
	if f.m.Phone == "" {
		return stateAskPhone
	}
	return stateSendCode
}

// digitsOf drops everything but digits: people write numbers and codes with
// blanks, dashes and brackets.
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
