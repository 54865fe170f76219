package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// The exit codes.
const (
	exitDone        = 0
	exitOther       = 1
	exitUsage       = 2
	exitRefused     = 3
	exitNetwork     = 4
	exitHeld        = 5
	exitNotSignedIn = 6
)

// fault is an error as the outside sees it: an exit code, and what --json
// prints.
type fault struct {
	exit int

	Code    int    `json:"code"` // Telegram's, or 0
	Type    string `json:"type"`
	Arg     int    `json:"arg"` // FLOOD_WAIT: seconds; SESSION_HELD: the holder's process id; otherwise mostly 0
	Message string `json:"message"`
}

// Error is the message.
func (f *fault) Error() string { return f.Message }

// usage is a mistake in the command line.
func usage(format string, args ...any) error {
	return &fault{exit: exitUsage, Type: "USAGE", Message: fmt.Sprintf(format, args...)}
}

// config is a mistake in what the command line leads to: a file, a variable.
func config(format string, args ...any) error {
	return &fault{exit: exitUsage, Type: "CONFIG", Message: fmt.Sprintf(format, args...)}
}

// notSignedIn is what a command says that needs a user and has none.
func notSignedIn() error {
	return &fault{exit: exitNotSignedIn, Type: "NOT_SIGNED_IN", Message: "not signed in: run telekey login with this session first"}
}

// fail prints an error and returns its exit code.
func (p *program) fail(ctx context.Context, err error) int {
	if code, ok := errors.AsType[exited](err); ok {
		return int(code)
	}
	f := explain(ctx, err)
	f.Message = strings.ReplaceAll(strings.TrimSpace(f.Message), "\n", "; ")
	if p.json {
		line, _ := jsonLine(map[string]*fault{"error": f}) // strings and numbers: cannot fail
		p.err.Write(line)
	} else {
		fmt.Fprintf(p.err, "telekey: %s\n", f.Message)
	}
	return f.exit
}

// explain finds out what kind of error this is.
func explain(ctx context.Context, err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	if refusal := tg.AsError(err); refusal != nil {
		return refused(refusal, err)
	}
	f := &fault{exit: exitOther, Type: "OTHER", Message: err.Error()}
	held, _ := errors.AsType[*session.HeldError](err)
	unreachable, _ := errors.AsType[*telekey.NetworkError](err)
	unanswered, _ := errors.AsType[*auth.UnansweredError](err)
	broken, _ := errors.AsType[*session.FileError](err)
	switch {
	case ctx.Err() != nil:
		f.Type, f.Message = "INTERRUPTED", "interrupted"
	case held != nil:
		f.exit, f.Type, f.Arg = exitHeld, "SESSION_HELD", held.PID
	case errors.Is(err, telekey.ErrSessionLost), errors.Is(err, session.ErrLost):
		f.exit, f.Type = exitHeld, "SESSION_LOST"
	case errors.Is(err, session.ErrOtherNetwork):
		f.exit, f.Type = exitUsage, "OTHER_NETWORK"
	case errors.Is(err, telekey.ErrKeyUnknown):
		f.exit, f.Type = exitNotSignedIn, "KEY_UNKNOWN"
	case errors.Is(err, telekey.ErrOutcomeUnknown):
		f.Type = "OUTCOME_UNKNOWN"
	case unreachable != nil:
		f.exit, f.Type = exitNetwork, "NETWORK"
	case unanswered != nil:
		f.exit, f.Type, f.Message = exitUsage, "UNANSWERED", missing(unanswered.Question)
	case broken != nil:
		f.Type = "SESSION_BROKEN"
	}
	return f
}

// words say what refusals mean that auth does not explain: those which a person
// at a terminal is asked about again, and those which come long after signing in.
var words = map[tg.ErrorType]string{
	tg.ErrPhoneCodeInvalid:      "the code is wrong",
	tg.ErrPhoneCodeExpired:      "the code is no longer good: run telekey login again for a new one",
	tg.ErrPasswordHashInvalid:   "the password is wrong",
	tg.ErrSessionPasswordNeeded: "the account has two-step verification: run telekey login and give its password",
	tg.ErrAuthKeyUnregistered:   "not signed in: run telekey login with this session first",
	tg.ErrSessionRevoked:        "this login was ended from another device: run telekey login again",
	tg.ErrSessionExpired:        "this login has expired: run telekey login again",
	tg.ErrUserDeactivated:       "the account has been deleted",
	tg.ErrUserDeactivatedBan:    "the account has been banned",
	tg.ErrAuthKeyDuplicated:     "the session was used in two places at once, which ended it: make a new one with telekey login and another --session",
}

// refused explains a refusal by Telegram; err is what it is wrapped in.
//
// 401 means that the session is of no use for what needs a user. The one
// exception is a session that waits for its password.
// https://core.telegram.org/api/errors#401-unauthorized
func refused(e *tg.Error, err error) *fault {
	f := &fault{exit: exitRefused, Code: e.Code, Type: string(e.Type), Arg: e.Arg, Message: err.Error()}
	if e.Code == 401 && e.Type != tg.ErrSessionPasswordNeeded || e.Type == tg.ErrAuthKeyDuplicated {
		f.exit = exitNotSignedIn
	}
	if !strings.HasSuffix(f.Message, e.Error()) {
		return f // somebody has said already what it means
	}
	if wait, ok := tg.FloodWait(e); ok {
		f.Message += fmt.Sprintf(": too much was asked for, try again in %v", wait)
	} else if text, ok := words[e.Type]; ok {
		f.Message += ": " + text
	}
	return f
}
