package auth

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/telekey/telekey/tg"
)

// Step is what a [Flow] wants next: [Ask], [Call], [Move], [Wait], [Done] or
// [Failed]. Later versions may add steps: end with an error on one that you do
// not know.
type Step interface{ isStep() }

// Ask wants a question answered: tell [Flow.Answered].
type Ask struct{ Question Question }

// Call wants a call made at the present data centre: tell [Flow.Returned] what
// it returned. A refusal that names another data centre must come back as it is;
// only the flow moves, because the hash of its code belongs to a data centre.
//
// A call may carry a code. However a Call is printed, only the method's name
// shows.
type Call struct {
	// Method is a pointer to the method's struct, such as *tg.AuthSendCode.
	// api_id and api_hash are left out of it, so that a flow never holds them:
	// Do fills them in, and who makes the call in another way does the same.
	Method any

	do func(ctx context.Context, c tg.Invoker, app app) (any, error)
}

// Move wants the client to make data centre DC its home: tell [Flow.Returned]
// with a nil result.
type Move struct{ DC int }

// Wait wants nothing done until then: tell [Flow.Returned] with a nil result.
type Wait struct{ Until time.Time }

// Done ends the flow: the client is signed in as User.
type Done struct {
	User *tg.User

	// Already says that it was signed in before the flow began, so that nobody
	// was asked for anything. It may be another account than the one the flow
	// was to sign in.
	Already bool
}

// Failed ends the flow without a sign-in.
type Failed struct{ Err error }

func (Ask) isStep()    {}
func (Call) isStep()   {}
func (Move) isStep()   {}
func (Wait) isStep()   {}
func (Done) isStep()   {}
func (Failed) isStep() {}

// app is an application's id and hash.
type app struct {
	id   int
	hash string
}

// newCall wraps a method so that its answer's type is not forgotten.
func newCall[R any](m tg.Method[R]) Call {
	return Call{Method: m, do: func(ctx context.Context, c tg.Invoker, app app) (any, error) {
		return tg.Call(ctx, c, withApp(m, app))
	}}
}

// withApp fills in the application where the method has one.
func withApp[R any](m tg.Method[R], app app) tg.Method[R] {
	if send, ok := any(m).(*tg.AuthSendCode); ok {
		filled := *send
		filled.APIID, filled.APIHash = int32(app.id), app.hash
		return any(&filled).(tg.Method[R])
	}
	return m
}

// Do makes the call through c. id and hash are the application's.
func (s Call) Do(ctx context.Context, c tg.Invoker, id int, hash string) (result any, err error) {
	if s.do == nil {
		return nil, fmt.Errorf("got a Call that was not made by a Flow, want one of Flow.Next")
	}
	return s.do(ctx, c, app{id, hash})
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
