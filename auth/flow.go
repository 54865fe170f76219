package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// Flow is signing in, without a client and without a loop: [Flow.Next] says what
// to do, [Flow.Answered] and [Flow.Returned] take what came of it. A Flow is for
// one goroutine at a time.
//
// Every flow begins with the question who the key is signed in as: if somebody
// is, that is the end, and if the key waits for the password of an earlier
// sign-in, only the password is left to ask.
type Flow struct {
	// MaxFlood is the longest FLOOD_WAIT that becomes a [Wait] step instead of an
	// error. Zero: a minute. Negative: none. It is not part of what is marshalled.
	MaxFlood time.Duration

	m    memory
	user *tg.User
	err  error // why the flow failed

	// What is never marshalled: a flow resumed without it asks again.
	code     Code
	password Secret
	seed     []byte        // random bytes that came with the password
	random   *bytes.Reader // what is left of them
	proof    *tg.InputCheckPasswordSRP
	fresh    *NewPassword // to be
	settings *tg.AccountPasswordInputSettings
}

// memory is what a flow remembers from one step to the next, in the form in
// which it is marshalled.
type memory struct {
	State    state     `json:"state"`
	Start    state     `json:"start"` // where it begins anew: elsewhere, or when Telegram says so
	Phone    string    `json:"phone,omitempty"`
	Typed    bool      `json:"typed,omitempty"` // the number was an answer, which may be wrong
	Sent     *sentCode `json:"sent,omitempty"`
	Terms    *terms    `json:"terms,omitempty"`
	Name     Name      `json:"name,omitzero"`
	Check    *check    `json:"check,omitempty"`
	Wrong    int       `json:"wrong,omitempty"`   // answers to the question that is asked
	Refused  *tg.Error `json:"refused,omitempty"` // the last answer, and why
	Renewed  bool      `json:"renewed,omitempty"` // SRP parameters fetched anew for the answer on its way
	MoveTo   int       `json:"move_to,omitempty"`
	Until    time.Time `json:"until,omitzero"` // of a wait
	Then     state     `json:"then,omitempty"` // after the wait
	Hops     int       `json:"hops,omitempty"`
	Restarts int       `json:"restarts,omitempty"`
	Floods   int       `json:"floods,omitempty"`
	Already  bool      `json:"already,omitempty"`
	Errand   *errand   `json:"task,omitempty"` // nil: the flow signs in
}

// How often Telegram may hold up a flow before that is an error. Together they
// bound the calls between two questions.
const (
	maxHops     = 4  // to other data centres
	maxRestarts = 1  // after AUTH_RESTART
	maxFloods   = 10 // waits after FLOOD_WAIT
)

// NewFlow begins to sign in by m.
func NewFlow(m Method) *Flow {
	f := &Flow{}
	if m == nil {
		f.fail(errors.New("got no method to sign in by, want one such as auth.Phone"))
		return f
	}
	f.m.Start = m.begin(f)
	f.to(stateWhoAmI)
	return f
}

// Next says what to do. It is the same until the flow is told more.
func (f *Flow) Next() Step {
	step := rules[f.m.State].next(f)
	if call, ok := step.(Call); ok && f.m.Errand != nil {
		call.Follow = true
		return call
	}
	return step
}

// Answered takes the answer to the question of an [Ask] step. random, such as
// crypto/rand.Reader, is read for a password's proof alone, which also takes some
// 100 ms to compute.
//
// A [Secret] is the flow's from here on and is wiped, also when it is refused.
// Errors: an [*AnswerError], [ErrOutOfTurn], or random's, after which the flow
// still asks; anything else ended the flow.
func (f *Flow) Answered(now time.Time, a Answer, random io.Reader) error {
	tooLong := length(a) > maxAnswer
	switch s := a.(type) {
	case Secret:
		if tooLong || f.m.State != stateAskPassword {
			s.Wipe()
		}
	case NewPassword:
		if tooLong || f.m.State != stateAskNewPassword {
			s.Password.Wipe()
		}
	}
	ask, asks := f.Next().(Ask)
	if !asks {
		return fmt.Errorf("%w: got an answer, want what came of: %v", ErrOutOfTurn, f.m.State)
	}
	if tooLong {
		return &AnswerError{ask.Question, fmt.Sprintf("%d bytes", length(a)), fmt.Sprintf("at most %d", maxAnswer)}
	}
	err := rules[f.m.State].answered(f, a, random)
	if want, ok := err.(unfit); ok {
		return &AnswerError{ask.Question, fmt.Sprintf("%T", a), string(want)}
	}
	return err
}

// length is the size of an answer in bytes.
func length(a Answer) int {
	switch a := a.(type) {
	case Code:
		return len(a)
	case Secret:
		return len(a)
	case PhoneNumber:
		return len(a)
	case Name:
		return len(a.First) + len(a.Last)
	case NewPassword:
		return len(a.Password) + len(a.Hint) + len(a.Email)
	}
	return 0
}

// Returned takes what came of a [Call], [Move] or [Wait] step: a call's answer
// as tg.Call returns it, or the error.
//
// Returned fails with the call's name and err when there is no going on; then
// the flow has ended. Only an error that is not Telegram's, such as a broken
// connection or a cancelled context, leaves it as it was: repeat the step, now or
// in another process, or give up.
func (f *Flow) Returned(now time.Time, result any, err error) error {
	r, step := rules[f.m.State], f.Next()
	if r.returned == nil {
		return fmt.Errorf("%w: got what came of a call, want: %v", ErrOutOfTurn, f.m.State)
	}
	refusal := tg.AsError(err)
	switch {
	case err == nil || r.heedless:
		err = r.returned(f, now, result)
	case refusal != nil && f.m.State != stateWait:
		if r.refused != nil && r.refused(f, refusal) {
			return nil
		}
		err = f.refused(now, refusal)
	default:
		if err = unreadable(err); !errors.As(err, new(*UnsupportedError)) {
			return named(step, err)
		}
	}
	if err != nil {
		err = named(step, err)
		f.fail(err)
	}
	return err
}

// unreadable says of an answer that holds what the schema does not know that it
// is from a newer Telegram.
func unreadable(err error) error {
	var unknown *tl.UnknownConstructorError
	if !errors.As(err, &unknown) {
		return err
	}
	return &UnsupportedError{
		What:   fmt.Sprintf("something new (#%08x)", unknown.ID),
		Advice: "update telekey, or sign in with an official app",
		Err:    err,
	}
}

// named puts the name of what was done in front of an error.
func named(step Step, err error) error {
	switch s := step.(type) {
	case Call:
		if err != ErrCancelled {
			return fmt.Errorf("%s: %w", s.Name(), err)
		}
	case Move:
		return fmt.Errorf("move to data centre %d: %w", s.DC, err)
	}
	return err
}

// fail ends the flow.
func (f *Flow) fail(err error) {
	f.forget()
	f.to(stateFailed)
	f.err = err
}

// finish ends the flow well.
func (f *Flow) finish() error {
	f.forget()
	f.to(stateDone)
	return nil
}

// forget wipes what is secret.
func (f *Flow) forget() {
	f.password.Wipe()
	clear(f.seed)
	f.dropFresh()
	f.code, f.password, f.seed, f.random, f.proof = "", nil, nil, nil, nil
}

// to goes to another state.
func (f *Flow) to(s state) { f.m.State = s }

// first goes to the state of a question, or of what leads to one, that has not
// been answered yet.
func (f *Flow) first(s state) {
	f.code, f.m.Wrong, f.m.Refused = "", 0, nil
	f.to(s)
}

// again goes back to the state of a question, because its answer was refused.
func (f *Flow) again(s state, e *tg.Error) {
	f.code, f.m.Refused = "", e
	f.to(s)
}

// unfit is the error for an answer of the wrong kind: what is wanted instead.
type unfit string

func (u unfit) Error() string { return "want " + string(u) }

// String says where the flow stands, without anything that is secret or personal.
func (f Flow) String() string { return fmt.Sprintf("flow(%v)", f.m.State) }

// Format shows what String shows, whatever the verb.
func (f Flow) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, f.String()) }

// LogValue shows what String shows.
func (f Flow) LogValue() slog.Value { return slog.StringValue(f.String()) }
