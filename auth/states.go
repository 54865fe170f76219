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

	stateSurvey
	stateRenewSurvey
	stateCheckOwner
	stateAskNewPassword
	stateUpdatePassword
	stateAskMailCode
	stateConfirmMail
	stateResendMail
	stateCancelMail

	stateSendChangeCode
	stateChangePhone
	stateFreshSince
	stateSendConfirmCode
	stateConfirmPhone
	stateDeleteAccount
	stateReportMissing
	stateRequestFirebase
	statePay
	stateCheckPaid

	stateAskEmail
	stateSendEmailCode
	stateAskEmailCode
	stateVerifyEmail
	stateResetEmail

	stateExportToken
	stateShowQR
	stateImportToken

	stateAskToken
	stateImportGiven

	stateInitPasskey
	stateAskPasskey
	stateFinishPasskey

	stateRequestRecovery
	stateAskRecoveryCode
	stateCheckRecovery
	stateGetHashing
	stateAskReplacement
	stateRecoverPassword

	stateAskChallenge

	stateSensitive
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

	stateSurvey:         "fetching how it stands with the password",
	stateRenewSurvey:    "fetching anew how it stands with the password",
	stateCheckOwner:     "checking the owner's password",
	stateAskNewPassword: "asking for the new password",
	stateUpdatePassword: "changing the password's settings",
	stateAskMailCode:    "asking for the code in the recovery mailbox",
	stateConfirmMail:    "confirming the recovery e-mail",
	stateResendMail:     "having the recovery e-mail sent again",
	stateCancelMail:     "taking the recovery e-mail back",

	stateSendChangeCode:  "having a code sent to the new number",
	stateChangePhone:     "changing the number",
	stateFreshSince:      "asking how old this login is",
	stateSendConfirmCode: "having a code sent to keep the account",
	stateConfirmPhone:    "keeping the account",
	stateDeleteAccount:   "deleting the account",
	stateReportMissing:   "reporting that the code does not come",
	stateRequestFirebase: "proving which app wants the code",
	statePay:             "asking to pay for the code",
	stateCheckPaid:       "checking the payment",

	stateAskEmail:      "asking for a login e-mail",
	stateSendEmailCode: "having a code sent to the login e-mail to be",
	stateAskEmailCode:  "asking for the code in the login e-mail to be",
	stateVerifyEmail:   "verifying the login e-mail",
	stateResetEmail:    "having the login e-mail taken away",

	stateExportToken: "fetching a login link",
	stateShowQR:      "showing a login link",
	stateImportToken: "signing in with the link that was accepted",

	stateAskToken:    "asking for a token",
	stateImportGiven: "signing in with a token",

	stateInitPasskey:   "fetching a passkey's challenge",
	stateAskPasskey:    "asking for a passkey",
	stateFinishPasskey: "signing in with a passkey",

	stateRequestRecovery: "having a code sent to the recovery e-mail",
	stateAskRecoveryCode: "asking for the code in the recovery e-mail",
	stateCheckRecovery:   "checking the code of the recovery e-mail",
	stateGetHashing:      "fetching how to hash a new password",
	stateAskReplacement:  "asking for a password in place of the lost one",
	stateRecoverPassword: "replacing the lost password",

	stateAskChallenge: "asking for a proof against robots",
	stateSensitive:    "making a call with the password",
}

// rule is what a state does. A state that asks has answered; one that calls,
// moves or waits has returned; one that shows has both.
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

	stateSurvey:         {next: (*Flow).nextGetPassword, returned: (*Flow).surveyed},
	stateRenewSurvey:    {next: (*Flow).nextGetPassword, returned: (*Flow).surveyed},
	stateCheckOwner:     {next: (*Flow).nextCheckOwner, returned: (*Flow).ownerChecked, refused: (*Flow).proofRefused},
	stateAskNewPassword: {next: (*Flow).nextAskNewPassword, answered: (*Flow).newPasswordAnswered},
	stateUpdatePassword: {next: (*Flow).nextUpdatePassword, returned: (*Flow).passwordUpdated, refused: (*Flow).updateRefused},
	stateAskMailCode:    {next: (*Flow).nextAskMailCode, answered: (*Flow).mailCodeAnswered},
	stateConfirmMail:    {next: (*Flow).nextConfirmMail, returned: (*Flow).mailConfirmed, refused: (*Flow).mailCodeRefused},
	stateResendMail:     {next: (*Flow).nextResendMail, returned: (*Flow).mailResent},
	stateCancelMail:     {next: (*Flow).nextCancelMail, returned: (*Flow).cancelled, heedless: true},

	stateSendChangeCode:  {next: (*Flow).nextSendChangeCode, returned: (*Flow).codeSent, refused: (*Flow).sendChangeRefused},
	stateChangePhone:     {next: (*Flow).nextChangePhone, returned: (*Flow).phoneChanged, refused: (*Flow).changeRefused},
	stateFreshSince:      {next: (*Flow).nextFreshSince, returned: (*Flow).freshSince, heedless: true},
	stateSendConfirmCode: {next: (*Flow).nextSendConfirmCode, returned: (*Flow).codeSent},
	stateConfirmPhone:    {next: (*Flow).nextConfirmPhone, returned: (*Flow).phoneConfirmed, refused: (*Flow).taskCodeRefused},
	stateDeleteAccount:   {next: (*Flow).nextDeleteAccount, returned: (*Flow).accountDeleted, refused: (*Flow).proofRefused},
	stateReportMissing:   {next: (*Flow).nextReportMissing, returned: (*Flow).missingReported, refused: (*Flow).missingRefused},
	stateRequestFirebase: {next: (*Flow).nextRequestFirebase, returned: (*Flow).firebaseRequested, refused: (*Flow).codeRefused},
	statePay:             {next: (*Flow).nextPay, answered: (*Flow).paymentAnswered, returned: (*Flow).paymentSeen},
	stateCheckPaid:       {next: (*Flow).nextCheckPaid, returned: (*Flow).codeSent, refused: (*Flow).paymentRefused},

	stateAskEmail:      {next: (*Flow).nextAskEmail, answered: (*Flow).emailAnswered},
	stateSendEmailCode: {next: (*Flow).nextSendEmailCode, returned: (*Flow).emailCodeSent, refused: (*Flow).emailRefused},
	stateAskEmailCode:  {next: (*Flow).nextAskEmailCode, answered: (*Flow).emailCodeAnswered},
	stateVerifyEmail:   {next: (*Flow).nextVerifyEmail, returned: (*Flow).emailVerified, refused: (*Flow).emailRefused},
	stateResetEmail:    {next: (*Flow).nextResetEmail, returned: (*Flow).codeSent, refused: (*Flow).resetRefused},

	stateExportToken: {next: (*Flow).nextExportToken, returned: (*Flow).tokenExported},
	stateShowQR:      {next: (*Flow).nextShowQR, answered: (*Flow).qrAnswered, returned: (*Flow).qrSeen},
	stateImportToken: {next: (*Flow).nextImportToken, returned: (*Flow).tokenExported, refused: (*Flow).importRefused},

	stateAskToken:    {next: (*Flow).nextAskToken, answered: (*Flow).tokenAnswered},
	stateImportGiven: {next: (*Flow).nextImportGiven, returned: (*Flow).tokenImported, refused: (*Flow).tokenRefused},

	stateInitPasskey:   {next: (*Flow).nextInitPasskey, returned: (*Flow).passkeyBegun},
	stateAskPasskey:    {next: (*Flow).nextAskPasskey, answered: (*Flow).passkeyAnswered},
	stateFinishPasskey: {next: (*Flow).nextFinishPasskey, returned: (*Flow).passkeyFinished, refused: (*Flow).passkeyRefused},

	stateRequestRecovery: {next: (*Flow).nextRequestRecovery, returned: (*Flow).recoverySent, refused: (*Flow).requestRefused},
	stateAskRecoveryCode: {next: (*Flow).nextAskRecoveryCode, answered: (*Flow).recoveryCodeAnswered},
	stateCheckRecovery:   {next: (*Flow).nextCheckRecovery, returned: (*Flow).recoveryChecked, refused: (*Flow).recoveryRefused},
	stateGetHashing:      {next: (*Flow).nextGetPassword, returned: (*Flow).gotHashing},
	stateAskReplacement:  {next: (*Flow).nextAskReplacement, answered: (*Flow).replacementAnswered},
	stateRecoverPassword: {next: (*Flow).nextRecoverPassword, returned: (*Flow).passwordRecovered, refused: (*Flow).recoverRefused},

	stateAskChallenge: {next: (*Flow).nextAskChallenge, answered: (*Flow).challengeAnswered},
	stateSensitive:    {next: (*Flow).nextSensitive, returned: (*Flow).sensitiveDone, refused: (*Flow).sensitiveRefused},
}

func (f *Flow) nextFailed() Step {
	if f.err == nil {
		return Failed{errors.New("this Flow was not begun: make it by NewFlow or Resume")}
	}
	return Failed{f.err}
}

func (f *Flow) nextDone() Step { return f.done() }

// done is the end, with what came of a task.
func (f *Flow) done() Done {
	d := Done{User: f.user, Already: f.m.Already}
	if e := f.m.Errand; e != nil {
		d.task, d.Until, d.Email, d.Unconfirmed = e.Name, e.Until, e.Email, e.Unconfirmed
		d.Answer = string(e.Answer)
	}
	return d
}

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
