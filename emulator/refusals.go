package emulator

import (
	"strconv"

	"github.com/telekey/telekey/tg"
)

// refusal is what a call is refused with: an rpc_error. A nil *refusal is none.
//
// https://core.telegram.org/api/errors
type refusal struct {
	code    int
	message string
}

// The refusals of this server, by class. Telegram's documentation names the
// methods that answer with each.
var (
	apiIDInvalid        = badRequest(tg.ErrAPIIDInvalid)
	authBytesInvalid    = badRequest(tg.ErrAuthBytesInvalid)
	codeEmpty           = badRequest(tg.ErrCodeEmpty)
	codeInvalid         = badRequest(tg.ErrCodeInvalid)
	dataJSONInvalid     = badRequest(tg.ErrDataJSONInvalid)
	dcIDInvalid         = badRequest(tg.ErrDCIDInvalid)
	emailHashExpired    = badRequest(tg.ErrEmailHashExpired)
	emailInvalid        = badRequest(tg.ErrEmailInvalid)
	emailNotSetup       = badRequest(tg.ErrEmailNotSetup)
	emailVerifyExpired  = badRequest(tg.ErrEmailVerifyExpired)
	firstNameInvalid    = badRequest(tg.ErrFirstnameInvalid)
	inputPurposeInvalid = badRequest(tg.ErrInputPurposeInvalid)
	lastNameInvalid     = badRequest(tg.ErrLastnameInvalid)
	newSaltInvalid      = badRequest(tg.ErrNewSaltInvalid)
	newSettingsEmpty    = badRequest(tg.ErrNewSettingsEmpty)
	newSettingsInvalid  = badRequest(tg.ErrNewSettingsInvalid)
	passwordEmpty       = badRequest(tg.ErrPasswordEmpty)
	passwordHashInvalid = badRequest(tg.ErrPasswordHashInvalid)
	passwordMissing     = badRequest(tg.ErrPasswordMissing)
	receiptEmpty        = badRequest(tg.ErrReceiptEmpty)
	recoveryExpired     = badRequest(tg.ErrPasswordRecoveryExpired)
	recoveryNA          = badRequest(tg.ErrPasswordRecoveryNa)
	resetRequestMissing = badRequest(tg.ErrResetRequestMissing)
	taskAlreadyExists   = badRequest(tg.ErrTaskAlreadyExists)
	tmpPasswordDisabled = badRequest(tg.ErrTmpPasswordDisabled)
	peerIDInvalid       = badRequest(tg.ErrPeerIDInvalid)
	phoneCodeEmpty      = badRequest(tg.ErrPhoneCodeEmpty)
	phoneCodeExpired    = badRequest(tg.ErrPhoneCodeExpired)
	phoneCodeHashEmpty  = badRequest(tg.ErrPhoneCodeHashEmpty)
	phoneCodeInvalid    = badRequest(tg.ErrPhoneCodeInvalid)
	phoneHashExpired    = badRequest(tg.ErrPhoneHashExpired)
	phoneNumberBanned   = badRequest(tg.ErrPhoneNumberBanned)
	phoneNumberFlood    = badRequest(tg.ErrPhoneNumberFlood)
	phoneNumberInvalid  = badRequest(tg.ErrPhoneNumberInvalid)
	phoneNumberOccupied = badRequest(tg.ErrPhoneNumberOccupied)
	srpIDInvalid        = badRequest(tg.ErrSRPIDInvalid)
	srpPasswordChanged  = badRequest(tg.ErrSRPPasswordChanged)
	userIDInvalid       = badRequest(tg.ErrUserIDInvalid)

	phoneNumberUnoccupied      = badRequest(tg.ErrPhoneNumberUnoccupied)
	signUpForbidden            = badRequest(tg.ErrPhoneNumberAppSignupForbidden)
	connectionAPIIDInvalid     = badRequest(tg.ErrConnectionAPIIDInvalid)
	connectionAppVersionEmpty  = badRequest(tg.ErrConnectionAppVersionEmpty)
	connectionDeviceModelEmpty = badRequest(tg.ErrConnectionDeviceModelEmpty)
	connectionNotInited        = badRequest(tg.ErrConnectionNotInited)
	connectionSystemEmpty      = badRequest(tg.ErrConnectionSystemEmpty)
	encryptedMessageInvalid    = badRequest(tg.ErrEncryptedMessageInvalid)
	inputConstructorInvalid    = badRequest(tg.ErrInputConstructorInvalid)
	inputFetchError            = badRequest(tg.ErrInputFetchError)
	inputLayerInvalid          = badRequest(tg.ErrInputLayerInvalid)
	inputMethodInvalid         = badRequest(tg.ErrInputMethodInvalid)
	inputRequestTooLong        = badRequest(tg.ErrInputRequestTooLong)
	tempAuthKeyAlreadyBound    = badRequest(tg.ErrTempAuthKeyAlreadyBound)
	tempAuthKeyEmpty           = badRequest(tg.ErrTempAuthKeyEmpty)
	authKeyUnregistered        = &refusal{401, string(tg.ErrAuthKeyUnregistered)}
	authKeyPermEmpty           = &refusal{401, string(tg.ErrAuthKeyPermEmpty)}
	sessionPasswordNeeded      = &refusal{401, string(tg.ErrSessionPasswordNeeded)}
	updateAppToLogin           = &refusal{406, string(tg.ErrUpdateAppToLogin)}
	sendCodeUnavailable        = &refusal{406, string(tg.ErrSendCodeUnavailable)}
)

func badRequest(t tg.ErrorType) *refusal { return &refusal{400, string(t)} }

// numbered is a bad request that says a number.
func numbered(t tg.ErrorType, n int) *refusal {
	return &refusal{400, string(t) + "_" + strconv.Itoa(n)}
}

// phoneMigrate says that the number is at home in another data centre.
// https://core.telegram.org/api/datacenter#user-data-centers
func phoneMigrate(to int) *refusal {
	return &refusal{303, string(tg.ErrPhoneMigrate) + "_" + strconv.Itoa(to)}
}

// userMigrate says that an account is at home in another data centre.
// https://core.telegram.org/api/datacenter#user-data-centers
func userMigrate(to int) *refusal {
	return &refusal{303, string(tg.ErrUserMigrate) + "_" + strconv.Itoa(to)}
}

// Those of signing in without a code.
var (
	accessTokenExpired       = badRequest(tg.ErrAccessTokenExpired)
	accessTokenInvalid       = badRequest(tg.ErrAccessTokenInvalid)
	authTokenAlreadyAccepted = badRequest(tg.ErrAuthTokenAlreadyAccepted)
	authTokenException       = badRequest(tg.ErrAuthTokenException)
	authTokenExpired         = badRequest(tg.ErrAuthTokenExpired)
	authTokenInvalid         = badRequest(tg.ErrAuthTokenInvalid)
	authTokenInvalidX        = badRequest(tg.ErrAuthTokenInvalidx)
	botMethodInvalid         = badRequest(tg.ErrBotMethodInvalid)
)
