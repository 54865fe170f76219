package auth

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/telekey/telekey/tg"
)

// Step is what a [Flow] wants next: [Ask], [Show], [Call], [Move], [Wait], [Done]
// or [Failed]. Later versions may add steps: end with an error on one that you do
// not know.
type Step interface{ isStep() }

// Ask wants a question answered: tell [Flow.Answered].
type Ask struct{ Question Question }

// Show wants a question shown that something else than its answer ends: an update,
// or the time Until. Tell [Flow.Returned] with a nil error when one of them came,
// the result being the update, such as a *tg.UpdateLoginToken, or nil for the time;
// or [Flow.Answered] with an answer, if there is one. An update that is not for the
// question changes nothing.
type Show struct {
	Question Question
	Until    time.Time // zero: however long it takes
}

// Call wants a call made: tell [Flow.Returned] what it returned. A refusal that
// names another data centre must come back as it is; only the flow moves, because
// the hash of its code belongs to a data centre.
//
// A call may carry a code or a token. However a Call is printed, only the method's
// name shows.
type Call struct {
	// Method is a pointer to the method's struct, such as *tg.AuthSendCode. What
	// the client knows is left out of it, so that a flow never holds it: see Do.
	Method any

	// DC is where the call is made; 0: at the present home.
	DC int

	// Follow says that the call belongs to a [Task]: it goes to wherever the
	// account lives by now, and is not made again if it may have been executed.
	Follow bool

	do func(ctx context.Context, c Client, through tg.Invoker, dc int) (any, error)

	challenge *challenge // that proof answers; nil: none
	proof     ChallengeAnswer
}

// Move wants the client to make data centre DC its home: tell [Flow.Returned]
// with a nil result.
type Move struct{ DC int }

// Wait wants nothing done until then, because Telegram has refused a call with
// FLOOD_WAIT: tell [Flow.Returned] with a nil result.
type Wait struct{ Until time.Time }

// Done ends the flow: the client is signed in as User, or a [Task] is done.
type Done struct {
	// User is who is signed in; of the tasks, only [ChangePhone] and
	// [RecoverPassword] tell it.
	User *tg.User

	// Already says that it was signed in before the flow began, so that nobody
	// was asked for anything. It may be another account than the one the flow
	// was to sign in.
	Already bool

	// Email is the address that was set, Unconfirmed that the code for it was
	// skipped, so that it does not count yet.
	Email       string
	Unconfirmed bool

	// Until is when an account goes that was to be deleted without its password;
	// zero: it is gone.
	Until time.Time

	// Answer is that of the call of [WithPassword]: bytes in TL, for
	// tg.Schema.Decode.
	Answer string

	task taskName
}

// Failed ends the flow without a sign-in.
type Failed struct{ Err error }

func (Ask) isStep()    {}
func (Show) isStep()   {}
func (Call) isStep()   {}
func (Move) isStep()   {}
func (Wait) isStep()   {}
func (Done) isStep()   {}
func (Failed) isStep() {}

// question is what a step asks, or nil.
func question(s Step) Question {
	switch s := s.(type) {
	case Ask:
		return s.Question
	case Show:
		return s.Question
	}
	return nil
}

// newCall wraps a method so that its answer's type is not forgotten.
func newCall[R any](m tg.Method[R]) Call {
	return Call{Method: m, do: func(ctx context.Context, c Client, through tg.Invoker, dc int) (any, error) {
		whole := complete(m, c, dc)
		result, err := tg.Call(ctx, through, any(whole).(tg.Method[R]))
		keepTokens(ctx, c, whole, result, err)
		return result, err
	}}
}

// complete fills in what the client knows and a flow does not: the application's
// id and hash, the future auth tokens, its home and its key.
func complete(method any, c Client, dc int) any {
	id, hash := c.App()
	switch m := method.(type) {
	case *tg.AuthSendCode:
		whole := *m
		whole.APIID, whole.APIHash = int32(id), hash
		whole.Settings = withTokens(m.Settings, c.Session())
		return &whole
	case *tg.AuthImportBotAuthorization:
		whole := *m
		whole.APIID, whole.APIHash = int32(id), hash
		return &whole
	case *tg.AuthImportWebTokenAuthorization:
		whole := *m
		whole.APIID, whole.APIHash = int32(id), hash
		return &whole
	case *tg.AuthInitPasskeyLogin:
		return &tg.AuthInitPasskeyLogin{APIID: int32(id), APIHash: hash}
	case *tg.AuthFinishPasskeyLogin:
		return withOrigin(m, c, dc)
	case *tg.AuthExportLoginToken:
		whole := *m
		whole.APIID, whole.APIHash = int32(id), hash
		return &whole
	}
	return method
}

// Do makes the call through c, with what c knows filled in: the application's id
// and hash, the future auth tokens of its session, and for auth.finishPasskeyLogin
// on another data centre the home and the ID of its key. A proof that Telegram
// wanted is put around the call. Do notes in the session
// which tokens the answer brings or refuses. Who makes the call in another way
// does the same.
func (s Call) Do(ctx context.Context, c Client) (result any, err error) {
	if s.do == nil {
		return nil, fmt.Errorf("got a Call that was not made by a Flow, want one of Flow.Next")
	}
	through := c.On(s.DC)
	if s.Follow {
		through = c.AtOnce()
	}
	if s.challenge != nil {
		through = proving{through, *s.challenge, s.proof}
	}
	return s.do(ctx, c, through, s.DC)
}

// Name is the method's name in the schema, such as auth.sendCode.
func (s Call) Name() string { return constructor(s.Method) }

// String shows the method's name.
func (s Call) String() string { return "call " + s.Name() }

// Format shows the method's name, whatever the verb.
func (s Call) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue shows the method's name.
func (s Call) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText shows the method's name, for JSON in logs.
func (s Call) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
