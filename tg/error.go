package tg

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ErrorType is what kind of refusal an [Error] is: Telegram's own name for it
// without its argument, such as FLOOD_WAIT. The constants Err… name the known
// ones; errors.Is takes them:
//
//	if errors.Is(err, tg.ErrSessionPasswordNeeded) { … }
type ErrorType string

// Error returns the name itself, so that an ErrorType can be given to errors.Is.
func (t ErrorType) Error() string { return string(t) }

// Error is a refusal by Telegram.
//
// https://core.telegram.org/api/errors
type Error struct {
	Code    int       `json:"code"`    // the class: 303, 400, 401, 403, 404, 406, 420, 500, -503; see Internal
	Type    ErrorType `json:"type"`    // FLOOD_WAIT
	Arg     int       `json:"arg"`     // 42, or 0 where there is none
	Message string    `json:"message"` // FLOOD_WAIT_42, as it came
}

// NewError takes the argument out of a message: the first part between
// underscores, after the first one, that is all digits. FLOOD_WAIT_42 is
// FLOOD_WAIT and 42; INTERDC_2_CALL_ERROR is INTERDC_CALL_ERROR and 2. A number
// that does not fit into an int becomes the largest one that does, so that the
// type is the same on every machine.
func NewError(code int, message string) *Error {
	e := &Error{Code: code, Type: ErrorType(message), Message: message}
	parts := strings.Split(message, "_")
	for i, part := range parts[1:] {
		if !allDigits(part) {
			continue
		}
		e.Arg, _ = strconv.Atoi(part) // out of range: the largest int
		e.Type = ErrorType(strings.Join(append(parts[:i+1:i+1], parts[i+2:]...), "_"))
		break
	}
	return e
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Error says the code and the message.
func (e *Error) Error() string { return fmt.Sprintf("telegram: %d %s", e.Code, e.Message) }

// Is reports whether target is e's type, or an *Error of the same code and type.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case ErrorType:
		return t == e.Type
	case *Error:
		return t.Code == e.Code && t.Type == e.Type
	}
	return false
}

// AsError returns the [*Error] in err's chain, or nil.
func AsError(err error) *Error {
	var e *Error
	errors.As(err, &e)
	return e
}

// Internal reports whether the server failed at the call, so that the same call may
// succeed later. Any code that is not documented, a negative one included, is
// handled as 500: "-500 No workers running" and "-503 Timeout" are examples.
//
// https://core.telegram.org/api/errors#other-error-codes
func (e *Error) Internal() bool {
	switch e.Code {
	case 303, 400, 401, 403, 404, 406, 420:
		return false
	}
	return true
}

// FloodWait returns how long Telegram wants the caller to wait before the same
// call again, and whether err says so at all. 0: Telegram does not say how long;
// [FloodPause] does.
//
// https://core.telegram.org/api/errors#420-flood
func FloodWait(err error) (time.Duration, bool) {
	e := AsError(err)
	if e == nil {
		return 0, false
	}
	switch e.Type {
	case ErrFloodWait, ErrFloodPremiumWait, ErrFloodTestPhoneWait, ErrSlowmodeWait:
		return time.Duration(min(max(e.Arg, 0), math.MaxInt32)) * time.Second, true
	}
	return 0, false
}

// maxBackOff is the longest pause that doubling leads to.
const maxBackOff = 32 * time.Second

// FloodPause is [FloodWait] for a caller that waits and has waited n times before
// for this call. Where Telegram does not say how long, it is a second, and twice as
// long each time, up to 32 seconds.
func FloodPause(err error, n int) (time.Duration, bool) {
	wait, ok := FloodWait(err)
	if ok && wait == 0 {
		wait = min(time.Second<<min(max(n, 0), 16), maxBackOff)
	}
	return wait, ok
}

// EndsLogin reports whether the error says that the user's login is over, and why.
// Telegram says it once; later calls hear that the key is nobody's.
//
// https://core.telegram.org/api/errors#401-unauthorized
// https://core.telegram.org/api/errors#406-not-acceptable
func (t ErrorType) EndsLogin() bool {
	switch t {
	case ErrSessionRevoked, ErrSessionExpired, ErrUserDeactivated, ErrUserDeactivatedBan, ErrAuthKeyDuplicated:
		return true
	}
	return false
}
