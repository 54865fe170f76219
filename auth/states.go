package auth

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/telekey/telekey/tg"
)

// state is where a flow stands.
type state uint8

const (
	stateFailed state = iota // the zero Flow, too
	stateDone
	stateWhoAmI
	stateMove
	stateWait

	stateAskPhone
	stateSendCode
	stateAskCode
	stateSignIn
	stateResendCode
	stateCancelCode

	stateAskTerms
	stateAskName
	stateSignUp
	stateAcceptTerms

	stateGetPassword
	stateAskPassword
	stateCheckPassword
)

// stateNames name the states for people and in JSON: names stay, numbers may not.
var stateNames = [...]string{
	stateFailed:        "failed",
	stateDone:          "done",
	stateWhoAmI:        "asking who is signed in",
	stateMove:          "moving to another data centre",
	stateWait:          "waiting",
	stateAskPhone:      "asking for the telephone number",
	stateSendCode:      "having a code sent",
	stateAskCode:       "asking for the code",
	stateSignIn:        "signing in with the code",
	stateResendCode:    "having the code sent in another way",
	stateCancelCode:    "taking the code back",
	stateAskTerms:      "asking to accept the terms of service",
	stateAskName:       "asking for a name",
	stateSignUp:        "signing up",
	stateAcceptTerms:   "accepting the terms of service",
	stateGetPassword:   "fetching the password's parameters",
	stateAskPassword:   "asking for the password",
	stateCheckPassword: "checking the password",
}

// rule is what a state does. A state that asks has answered; one that calls,
// moves or waits has returned.
type rule struct {
	next     func(*Flow) Step
	answered func(*Flow, Answer, io.Reader) error
	returned func(*Flow, time.Time, any) error // an error ends the flow
	refused  func(*Flow, *tg.Error) bool       // before the policy for all calls; false: that one
	heedless bool                              // goes on with returned whatever came of the call
}

// rules is the whole flow at a glance. A new way to sign in adds its states here
// and has a file of its own for what they do.
var rules = [...]rule{
	stateFailed: {next: (*Flow).nextFailed},
	stateDone:   {next: (*Flow).nextDone},
	stateWhoAmI: {next: (*Flow).nextWhoAmI, returned: (*Flow).whoAmI, refused: (*Flow).whoAmIRefused},
	stateMove:   {next: (*Flow).nextMove, returned: (*Flow).moved},
	stateWait:   {next: (*Flow).nextWait, returned: (*Flow).waited},

	stateAskPhone:   {next: (*Flow).nextAskPhone, answered: (*Flow).phoneAnswered},
	stateSendCode:   {next: (*Flow).nextSendCode, returned: (*Flow).codeSent, refused: (*Flow).sendCodeRefused},
	stateAskCode:    {next: (*Flow).nextAskCode, answered: (*Flow).codeAnswered},
	stateSignIn:     {next: (*Flow).nextSignIn, returned: (*Flow).signedIn, refused: (*Flow).codeRefused},
	stateResendCode: {next: (*Flow).nextResendCode, returned: (*Flow).codeSent, refused: (*Flow).resendRefused},
	stateCancelCode: {next: (*Flow).nextCancelCode, returned: (*Flow).cancelled, heedless: true},

	stateAskTerms:    {next: (*Flow).nextAskTerms, answered: (*Flow).termsAnswered},
	stateAskName:     {next: (*Flow).nextAskName, answered: (*Flow).nameAnswered},
	stateSignUp:      {next: (*Flow).nextSignUp, returned: (*Flow).signedUp, refused: (*Flow).signUpRefused},
	stateAcceptTerms: {next: (*Flow).nextAcceptTerms, returned: (*Flow).termsAccepted, heedless: true},

	stateGetPassword:   {next: (*Flow).nextGetPassword, returned: (*Flow).gotPassword},
	stateAskPassword:   {next: (*Flow).nextAskPassword, answered: (*Flow).passwordAnswered},
	stateCheckPassword: {next: (*Flow).nextCheckPassword, returned: (*Flow).passwordChecked, refused: (*Flow).checkPasswordRefused},
}

func (f *Flow) nextFailed() Step {
	if f.err == nil {
		return Failed{errors.New("this Flow was not begun: make it by NewFlow or Resume")}
	}
	return Failed{f.err}
}

func (f *Flow) nextDone() Step { return Done{User: f.user, Already: f.m.Already} }

// String names the state.
func (s state) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// MarshalText writes the state's name.
func (s state) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name.
func (s *state) UnmarshalText(name []byte) error {
	for i := range stateNames {
		if stateNames[i] == string(name) {
			*s = state(i)
			return nil
		}
	}
	return fmt.Errorf("got the state %.60q, want one that this version knows", name)
}
