package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/display"
	"github.com/telekey/telekey/passkey"
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
	exitFrozen      = 7
	exitInterrupted = 128 + 2  // SIGINT, as a shell counts
	exitTerminated  = 128 + 15 // SIGTERM
)

// The types of errors that are not Telegram's. Scripts rely on them.
const (
	typeUsage          = "USAGE"           // 2: the command line
	typeConfig         = "CONFIG"          // 2: what it leads to, a file or a variable
	typeUnanswered     = "UNANSWERED"      // 2: a question, and nobody to ask
	typeOtherNetwork   = "OTHER_NETWORK"   // 2: the session belongs to another network
	typeNetwork        = "NETWORK"         // 4
	typeSessionHeld    = "SESSION_HELD"    // 5: arg is the holder's process id, or 0
	typeSessionLost    = "SESSION_LOST"    // 5: somebody took it away
	typeNotSignedIn    = "NOT_SIGNED_IN"   // 6: known without asking Telegram
	typeKeyUnknown     = "KEY_UNKNOWN"     // 6: the server has no such key any more
	typeSessionBroken  = "SESSION_BROKEN"  // 1: the file cannot be read
	typeOutcomeUnknown = "OUTCOME_UNKNOWN" // 1: the call may or may not have been executed
	typeUnsupported    = "UNSUPPORTED"     // 1: Telegram wants what telekey cannot do
	typeCancelled      = "CANCELLED"       // 1: whoever was asked gave up
	typeInterrupted    = "INTERRUPTED"     // 130, 143: by Ctrl-C, by SIGTERM
	typeOtherUser      = "OTHER_USER"      // 1: somebody else is signed in than the one that was named
	typeNoPassword     = "NO_PASSWORD"     // 1: there is none to change or remove
	typeNoPasskey      = "NO_PASSKEY"      // 1: the file has none that is of use here
	typeCommand        = "COMMAND"         // 126, 127: session lock could not run its command
	typeOther          = "OTHER"           // 1
)

// fault is an error as the outside sees it: an exit code, and what --json
// prints.
type fault struct {
	exit int

	Code    int    `json:"code"` // Telegram's, or 0
	Type    string `json:"type"`
	Arg     int    `json:"arg"`
	Message string `json:"message"`

	// Until is when it will be allowed, where Telegram says that something is too
	// new for it.
	Until time.Time `json:"until,omitzero"`
}

// Error is the message.
func (f *fault) Error() string { return f.Message }

// usage is a mistake in the command line.
func usage(format string, args ...any) error {
	return &fault{exit: exitUsage, Type: typeUsage, Message: fmt.Sprintf(format, args...)}
}

// config is a mistake in what the command line leads to: a file, a variable.
func config(format string, args ...any) error {
	return &fault{exit: exitUsage, Type: typeConfig, Message: fmt.Sprintf(format, args...)}
}

// unanswered is a question, and nobody to ask.
func unanswered(message string) error {
	return &fault{exit: exitUsage, Type: typeUnanswered, Message: message}
}

// notSignedIn is the error of a command that needs a user, for a session without
// one.
func (p *program) notSignedIn() error {
	return &fault{exit: exitNotSignedIn, Type: typeNotSignedIn, Message: "not signed in: run telekey login with this session first" + p.noFile()}
}

// noFile says that the session's file does not exist: a path may be mistyped.
func (p *program) noFile() string {
	if p.session == "" {
		return ""
	}
	if _, err := os.Stat(p.session); !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return fmt.Sprintf(" (there is no file %s)", word(p.session))
}

// fail prints an error and returns its exit code.
func (p *program) fail(ctx context.Context, err error) int {
	if code, ok := errors.AsType[exited](err); ok {
		return int(code)
	}
	f := explain(ctx, err)
	p.advise(f)
	f.Message = display.Line(strings.ReplaceAll(f.Message, "\n", "; "))
	if p.json {
		line, _ := jsonLine(map[string]*fault{"error": f}) // strings and numbers: cannot fail
		p.err.Write(line)
	} else {
		if !p.announced && f.Type != typeInterrupted {
			f.Message += display.Line(p.onNetwork())
		}
		fmt.Fprintf(p.err, "telekey: %s\n", f.Message)
	}
	return f.exit
}

// advise adds to an error which command helps, where that is about the session's
// file.
func (p *program) advise(f *fault) {
	if p.session == "" {
		return
	}
	remove := "telekey session rm " + word(p.session)
	emulator, own := strings.CutPrefix(p.place, "emulator ")
	_, err := os.Stat(p.session)
	switch {
	case f.Type == typeKeyUnknown && own:
		f.Message = fmt.Sprintf("the emulator of this session is gone, and another one answers at %s: delete the session: %s", emulator, remove)
		p.place = "" // said
	case f.Type == typeKeyUnknown:
		f.Message = fmt.Sprintf("the server does not know this session's key: delete the session and sign in again: %s && telekey login", remove)
	case f.Type == typeOtherNetwork && !strings.Contains(f.Message, remove):
		f.Message += fmt.Sprintf(" (%s deletes this one)", remove)
	case f.Type == typeNetwork && own && err == nil:
		f.Message += fmt.Sprintf(" If it is gone for good, delete the session: %s", remove)
	}
}

// explain finds out what kind of error this is.
func explain(ctx context.Context, err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	// The proof that a key is unknown is a refusal, of a call that nobody has made.
	if refusal := tg.AsError(err); refusal != nil && !errors.Is(err, telekey.ErrKeyUnknown) {
		return refused(refusal, err)
	}
	f := &fault{exit: exitOther, Type: typeOther, Message: err.Error()}
	if ctx.Err() != nil {
		f.exit, f.Type, f.Message = interrupted(context.Cause(ctx)), typeInterrupted, "interrupted"
		return f
	}
	if held, ok := errors.AsType[*session.HeldError](err); ok {
		f.exit, f.Type, f.Arg = exitHeld, typeSessionHeld, held.PID
		return f
	}
	if question, ok := errors.AsType[*auth.UnansweredError](err); ok {
		return unanswered(missing(question.Question)).(*fault)
	}
	for _, k := range kinds {
		if k.is(err) {
			f.exit, f.Type, f.Message = k.exit, k.name, f.Message+k.advice
			break
		}
	}
	return f
}

// kinds are the errors that are told by what they are alone.
var kinds = []struct {
	is     func(error) bool
	exit   int
	name   string
	advice string
}{
	{is(telekey.ErrSessionLost), exitHeld, typeSessionLost, ""},
	{is(session.ErrLost), exitHeld, typeSessionLost, ""},
	{is(session.ErrOtherNetwork), exitUsage, typeOtherNetwork, ""},
	{is(telekey.ErrKeyUnknown), exitNotSignedIn, typeKeyUnknown, ": if the network was a local one that is gone, use another --session"},
	{is(telekey.ErrOutcomeUnknown), exitOther, typeOutcomeUnknown, ""},
	{is(auth.ErrCancelled), exitOther, typeCancelled, ""},
	{is(auth.ErrNoPassword), exitOther, typeNoPassword, ": telekey password set gives it one"},
	{is(passkey.ErrNoCredential), exitOther, typeNoPasskey, ": telekey passkey add makes one"},
	{isA[*telekey.NetworkError], exitNetwork, typeNetwork, ""},
	{isA[*session.FileError], exitOther, typeSessionBroken, ""},
	{isA[*auth.UnsupportedError], exitOther, typeUnsupported, ""},
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
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
// 401 means that the session is of no use for what needs a user.
// https://core.telegram.org/api/errors#401-unauthorized
func refused(e *tg.Error, err error) *fault {
	f := &fault{exit: exitRefused, Code: e.Code, Type: string(e.Type), Arg: e.Arg, Message: err.Error()}
	if e.Code == 401 || e.Type == tg.ErrAuthKeyDuplicated {
		f.exit = exitNotSignedIn
	}
	if e.Type == tg.ErrFrozenMethodInvalid {
		f.exit = exitFrozen
	}
	if fresh, ok := errors.AsType[*auth.TooFreshError](err); ok {
		f.Until = fresh.Until
	}
	if !strings.HasSuffix(f.Message, e.Error()) {
		return f // somebody has said already what it means
	}
	if wait, ok := tg.FloodWait(e); ok && wait > 0 {
		f.Message += fmt.Sprintf(": too much was asked for, try again in %v", wait)
	} else if ok {
		f.Message += ": too much was asked for, try again later"
	} else if text, ok := words[e.Type]; ok {
		f.Message += ": " + text
	}
	return f
}
