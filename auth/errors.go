package auth

import (
	"errors"
	"fmt"

	"github.com/telekey/telekey/tg"
)

// ErrCancelled ends a flow whose question was answered with [Cancel].
var ErrCancelled = errors.New("cancelled")

// ErrOutOfTurn is the mistake of telling a flow what it did not ask for: an
// answer while it waits for a call, or the other way round. The flow is
// unchanged.
var ErrOutOfTurn = errors.New("not what the flow waits for")

// AnswerError says that an answer does not fit its question. The flow is
// unchanged and still asks.
type AnswerError struct {
	Question Question
	Got      string // what kind of answer was given, never its value
	Want     string
}

// Error says what was given and what is wanted.
func (e *AnswerError) Error() string {
	return fmt.Sprintf("%s was asked for: got %s, want %s", subject(e.Question), e.Got, e.Want)
}

// UnsupportedError says that Telegram wants something that this version cannot
// do.
type UnsupportedError struct {
	What   string // Telegram's own name for it, such as auth.sentCodePaymentRequired
	Advice string // what it means, and what to do instead
	Err    error  // how it was noticed, if by an error
}

// Error says what Telegram wants and what to do instead.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("telegram wants %s, which this version cannot do: %s", e.What, e.Advice)
}

// Unwrap returns Err.
func (e *UnsupportedError) Unwrap() error { return e.Err }

// OfficialOnlyError says that Telegram does this for its own apps alone: it opens no
// accounts for the programs of third parties, and for some numbers sends them no
// codes. It is no fault of the caller's, and trying again does not help.
type OfficialOnlyError struct{ Err *tg.Error }

// Error says what Telegram refused, and what to do instead.
func (e *OfficialOnlyError) Error() string {
	return e.Err.Error() + ": Telegram does this for its own apps alone: open the account or sign in there once, then sign in here"
}

// Unwrap returns Telegram's refusal.
func (e *OfficialOnlyError) Unwrap() error { return e.Err }

// explained adds to a refusal what can be done about it, where anything can.
func explained(e *tg.Error) error {
	if e.Type == tg.ErrPhoneNumberAppSignupForbidden || e.Type == tg.ErrUpdateAppToLogin {
		return &OfficialOnlyError{e}
	}
	switch wait, ok := tg.FloodWait(e); {
	case ok && wait > 0:
		return fmt.Errorf("%w: too many attempts, try again in %v", e, wait)
	case ok:
		return fmt.Errorf("%w: too many attempts, try again later", e)
	}
	if advice := advices[e.Type]; advice != "" {
		return fmt.Errorf("%w: %s", e, advice)
	}
	return e
}

// explainedCall is explained for what a call came back with, which may be no
// refusal.
func explainedCall(err error) error {
	if e := tg.AsError(err); e != nil {
		return explained(e)
	}
	return unreadable(err)
}

// advices say in words what Telegram's errors mean for who signs in, or looks
// after an account.
//
// https://core.telegram.org/method/auth.sendCode#possible-errors
// https://core.telegram.org/method/auth.signIn#possible-errors
var advices = map[tg.ErrorType]string{
	tg.ErrAPIIDInvalid:             "api_id and api_hash do not belong together: copy both from https://my.telegram.org",
	tg.ErrAPIIDPublishedFlood:      "this api_id is printed somewhere for all to use, and Telegram lets nobody in with it: get your own at https://my.telegram.org",
	tg.ErrPhoneNumberInvalid:       "write the number with its country code, as in +9996621234",
	tg.ErrPhoneNumberBanned:        "Telegram has banned this number; only its support can change that",
	tg.ErrPhoneNumberFlood:         "too many codes were asked for with this number: wait, a day if need be",
	tg.ErrPhonePasswordFlood:       "too many passwords were tried for this number: wait, a day if need be",
	tg.ErrPhonePasswordProtected:   "this number can be signed in only with its password",
	tg.ErrSMSCodeCreateFailed:      "Telegram could not make a code: try again later",
	tg.ErrSignInFailed:             "Telegram could not complete the sign-in: begin anew",
	tg.ErrAccessTokenInvalid:       "this is no bot's token: copy it from BotFather as a whole, with the number and the colon",
	tg.ErrAccessTokenExpired:       "the bot's owner has had another token made: copy that one from BotFather",
	tg.ErrWebauthTokenExpired:      "a web token counts for a short time: have the app open the page once more",
	tg.ErrPasskeyOriginMismatch:    "this network takes no passkeys from where this one was made: Telegram takes only those of telegram.org",
	errPasskeyRestart:              "Telegram keeps asking to begin anew: try again later",
	tg.ErrPasswordRecoveryNa:       "the account has no recovery e-mail: the password itself helps, or ResetPassword, which takes a week where the account is signed in",
	tg.ErrPasswordEmpty:            "the account has no password, or none any more",
	tg.ErrPhoneNumberOccupied:      "another account has this number",
	tg.ErrEmailNotSetup:            "the account has no login e-mail",
	tg.ErrAuthTokenExpired:         "the link is too old: show a new one and accept that" + orPage,
	tg.ErrAuthTokenAlreadyAccepted: "the link has been accepted before: show a new one",
	tg.ErrAuthTokenInvalid:         "the link is not one of Telegram's, or of another network: scan or copy it again" + orPage,
	tg.ErrAuthTokenInvalid2:        "the link is not one of Telegram's, or of another network: scan or copy it again",
	tg.ErrAuthTokenInvalidx:        "the link is not one of Telegram's, or of another network: scan or copy it again",
	tg.ErrAuthTokenException:       "Telegram could not accept the link: show a new one",
	tg.ErrAuthRestart:              "Telegram keeps asking to begin anew: try again later",
	tg.ErrHashInvalid:              "there is no such login, or none any more: list them again; of a link, that it is too old or mistyped",
	tg.ErrTTLDaysInvalid:           "Telegram does not take this number of days",
	tg.ErrNewSaltInvalid:           "the password was hashed with a salt that is not Telegram's any more: begin anew",
	tg.ErrNewSettingsEmpty:         "there is nothing in it that would change: name a password or an address",
	tg.ErrNewSettingsInvalid:       "Telegram takes neither this password nor its hint: choose others, and a hint that is not the password",
	tg.ErrEmailInvalid:             "Telegram does not take this address: write it as in ann@example.org",
	tg.ErrEmailNotAllowed:          "Telegram does not take addresses of this kind: choose another",
	tg.ErrEmailHashExpired:         "no address waits to be confirmed, or it has waited too long: set it again",
	tg.ErrEmailVerifyExpired:       "the code in the mailbox is too old: begin anew",
	tg.ErrPasswordMissing:          "Telegram wants an account with a password for that: set one with SetPassword, and wait 24 hours",
	tg.ErrPasswordRecoveryExpired:  "the code in the mailbox is too old: begin anew",
	tg.ErrTmpPasswordDisabled:      "Telegram gives no temporary password to this account",
	tg.ErrResetRequestMissing:      "no reset of the password is under way",
	tg.ErrCodeHashInvalid:          "the code belongs to another request: begin anew",
	tg.ErrFrozenParticipantMissing: "who it is about is frozen, or this account is: Status says until when, and where to appeal",
	tg.ErrBotMethodInvalid:         "bots may not do this: sign in as a person",
	tg.ErrPhoneCodeEmpty:           "Telegram has lost track of the code: begin anew",
	tg.ErrPhoneCodeExpired:         "the code is too old, or was replaced by another: begin anew",
	tg.ErrPhoneCodeHashEmpty:       "Telegram has lost track of the code: begin anew",
	tg.ErrPhoneHashExpired:         "the sign-in has taken too long: begin anew",
	tg.ErrSRPIDInvalid:             "Telegram takes no proof of the password at the moment: try again",
	tg.ErrFrozenMethodInvalid:      "the account is frozen and can only be read: Status says until when, and where to appeal",
}

// orPage is for the errors that links to accept and web tokens share.
const orPage = "; of a web token: have the app open the page once more"
