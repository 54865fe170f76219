package telekey

import (
	"errors"
	"fmt"
)

// ErrOutcomeUnknown ends a call that may have been executed or not: the server
// forgot the session before answering, or the connection ended for good while the
// call was under way; then errors.Is finds this beside the reason. Only the caller
// knows if making it again does harm; [Repeatable] says beforehand that it does
// not.
var ErrOutcomeUnknown = errors.New("the connection's session ended before the answer came: the call may or may not have been executed")

// ErrClosed ends what is done with a client after Close.
var ErrClosed = errors.New("the client is closed")

// ErrSessionLost ends what is done with a client whose hold on its session is
// over: another program may be using the key by now.
var ErrSessionLost = errors.New("the session is no longer held by this program")

// NetworkError says that a data centre could not be reached, or that the
// connection to it broke and could not be made again.
type NetworkError struct {
	DC   int
	Addr string
	Err  error // the last attempt's

	// Attempts is how many were made since the data centre last answered.
	Attempts int
}

// Error says which data centre, where, and why.
func (e *NetworkError) Error() string {
	text := fmt.Sprintf("data centre %d at %s: %v", e.DC, e.Addr, e.Err)
	if e.Attempts > 1 {
		text += fmt.Sprintf(" (%d attempts)", e.Attempts)
	}
	return text
}

// Unwrap returns the last attempt's error.
func (e *NetworkError) Unwrap() error { return e.Err }

// underWayError ends a call that was under way when its connection ended for
// good: it is that end, and [ErrOutcomeUnknown].
type underWayError struct{ err error }

// Error says why the call ended, and that it may have been executed.
func (e *underWayError) Error() string { return e.err.Error() + "; the call may have been executed" }

// Unwrap returns both.
func (e *underWayError) Unwrap() []error { return []error{e.err, ErrOutcomeUnknown} }
