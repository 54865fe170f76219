package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// Flow is signing in, or a [Task], without a client and without a loop: [Flow.Next]
// says what to do, [Flow.Answered] and [Flow.Returned] take what came of it. A Flow
// is for one goroutine at a time.
//
// A sign-in begins with the question who the key is signed in as: if somebody is,
// that is the end, and if the key waits for the password of an earlier sign-in,
// only the password is left to ask. A [Task] asks nothing of the kind: Telegram
// refuses it where nobody is signed in.
type Flow struct {
	// MaxFlood is the longest FLOOD_WAIT that becomes a [Wait] step instead of an
	// error. Zero: one minute. Negative: none. It alone decides: the calls of a flow
	// do not wait by themselves. Marshal writes it down.
	//
	// It is all that a copy of a Flow has of its own: copies go on together.
	MaxFlood time.Duration

	*hidden
}

// hidden is what a flow knows, two pointers away. Of a Flow in an unexported field
// fmt calls no method: it follows one pointer at most and prints the second as an
// address.
type hidden struct{ *inner }

// inner is what a flow knows.
type inner struct {
	bound Binding // where the flow was driven, or resumed; zero fields: not known

	m    memory
	user *tg.User
	err  error // why the flow failed

	// What is never marshalled: a flow resumed without it asks again.
	code        CodeAnswer
	password    SecretAnswer
	seed        secret.Text   // random bytes that came with the password
	random      *bytes.Reader // what is left of them
	proof       *tg.InputCheckPasswordSRP
	device      DeviceProof
	mailbox     tg.AnyEmailVerification // what somebody says about whose mailbox it is
	token       secret.Text             // of a login link
	assertion   Assertion
	given       SecretAnswer    // the token to sign in with
	proven      ChallengeAnswer // for the next call
	recovery    CodeAnswer      // of the recovery e-mail
	replacement *tg.AccountPasswordInputSettings
	fresh       *NewPassword // to be
	settings    *tg.AccountPasswordInputSettings
}

// newFlow returns a flow that has not begun.
func newFlow() *Flow { return &Flow{hidden: &hidden{new(inner)}} }

// complete gives a zero Flow what it lacks; it is in its zero state, which has failed.
func (f *Flow) complete() {
	if f.hidden == nil {
		f.hidden = newFlow().hidden
	}
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
	Until    time.Time `json:"until,omitzero"` // of a wait, or of what is shown
	Then     state     `json:"then,omitempty"` // after the wait or the move; none: the start
	Hops     int       `json:"hops,omitempty"`
	Restarts int       `json:"restarts,omitempty"`
	Floods   int       `json:"floods,omitempty"`
	Already  bool      `json:"already,omitempty"`
	Whose    string    `json:"whose,omitempty"`   // the number whose password is asked for; empty: not known
	Earlier  bool      `json:"earlier,omitempty"` // the password is of a sign-in that waited before

	Except           []int64         `json:"except,omitempty"`  // users that a QR code is not for
	Options          json.RawMessage `json:"options,omitempty"` // of a passkey's challenge
	Web              bool            `json:"web,omitempty"`     // the token is a web token
	At               int             `json:"at,omitempty"`      // where the flow is let in, if not at home
	MNC              string          `json:"mnc,omitempty"`     // of a code that is missing
	Payment          *payment        `json:"payment,omitempty"`
	FormID           int64           `json:"form_id,omitempty,string"`
	Email            string          `json:"email,omitempty"` // that is to become the login e-mail
	Mail             *sentMail       `json:"mail,omitempty"`
	Hashing          *hashing        `json:"hashing,omitempty"`   // of a new password
	Challenge        *challenge      `json:"challenge,omitempty"` // that waits for a proof, or for the call that carries it
	ChallengeRefused *tg.Error       `json:"challenge_refused,omitempty"`
	Errand           *errand         `json:"task,omitempty"` // nil: the flow signs in
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
	f := newFlow()
	if m == nil {
		f.fail(errors.New("got no method to sign in by, want one such as auth.Phone"))
		return f
	}
	if f.m.Start = m.begin(f); f.err == nil {
		f.to(stateWhoAmI)
	}
	return f
}

// Next says what to do. It is the same until the flow is told more.
func (f *Flow) Next() Step {
	f.complete()
	step := rules[f.m.State].next(f)
	if call, ok := step.(Call); ok {
		call.Follow = f.m.Errand != nil
		if !f.proven.IsZero() {
			call.challenge, call.proof = f.m.Challenge, f.proven
		}
		return call
	}
	return step
}

// Answered takes the answer to the question of an [Ask] or a [Show] step. random, such as
// crypto/rand.Reader, is read for a password's proof alone, which also takes some
// 100 ms to compute.
//
// A [Secret] is the flow's from here on and is wiped, also when it is refused; so
// is the password in a [NewPassword].
// Errors: an [*AnswerError], [ErrOutOfTurn], or random's, after which the flow
// still asks; anything else ended the flow.
func (f *Flow) Answered(now time.Time, a Answer, random io.Reader) error {
	tooLong := length(a) > limit(a)
	asked := question(f.Next())
	if asked == nil {
		wipe(a)
		return fmt.Errorf("%w: got an answer, want what came of: %v", ErrOutOfTurn, f.m.State)
	}
	if tooLong {
		wipe(a)
		return &AnswerError{asked, fmt.Sprintf("%d bytes", length(a)), fmt.Sprintf("at most %d", limit(a))}
	}
	err := rules[f.m.State].answered(f, a, random)
	if want, ok := err.(unfit); ok {
		wipe(a)
		return &AnswerError{asked, fmt.Sprintf("%T", a), string(want)}
	}
	return err
}

// Returned takes what came of a [Call], [Move], [Wait] or [Show] step: a call's
// answer as tg.Call returns it, or the error.
//
// Returned fails with the call's name and err when there is no going on; then
// the flow has ended. Only an error that is not Telegram's, such as a broken
// connection or a cancelled context, or one of a Move, leaves it as it was: repeat
// the step, now or in another process, or give up.
func (f *Flow) Returned(now time.Time, result any, err error) error {
	step := f.Next()
	r := rules[f.m.State]
	if r.returned == nil {
		return fmt.Errorf("%w: got what came of a call, want: %v", ErrOutOfTurn, f.m.State)
	}
	refusal := tg.AsError(err)
	_, called := step.(Call) // only a call can carry a proof
	if refusal != nil && called && !r.heedless && f.challenged(refusal) {
		return nil
	}
	_, flooded := tg.FloodWait(err)
	if called && (err == nil || refusal != nil && !flooded) {
		f.proven, f.m.Challenge, f.m.ChallengeRefused = ChallengeAnswer{}, nil, nil // it was for one call
	}
	switch {
	case refusal != nil && called && !r.heedless && f.floods(now, refusal):
		return nil
	case err == nil || r.heedless:
		err = r.returned(f, now, result)
	case refusal != nil && f.m.State != stateWait && f.m.State != stateMove:
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
	f.given.Wipe()
	f.to(stateFailed)
	f.err = err
}

// finish ends the flow well.
func (f *Flow) finish() error {
	f.forget()
	f.given.Wipe()
	f.to(stateDone)
	return nil
}

// begin goes to where the flow starts, or to the question for what it has to have
// for that.
func (f *Flow) begin() {
	f.first(f.m.Start)
	if f.m.Start == stateImportGiven && f.given.IsZero() {
		f.first(stateAskToken)
	}
}

// forget wipes what is secret of the answers; the token that the flow begins with,
// here or elsewhere, it keeps.
func (f *Flow) forget() {
	f.password.Wipe()
	f.seed.Wipe()
	f.dropFresh()
	f.code, f.password, f.seed, f.random, f.proof = CodeAnswer{}, SecretAnswer{}, secret.Text{}, nil, nil
	f.dropReplacement()
	f.recovery, f.proven = CodeAnswer{}, ChallengeAnswer{}
	f.device, f.mailbox, f.token, f.assertion = DeviceProof{}, nil, secret.Text{}, Assertion{}
}

// to goes to another state.
func (f *Flow) to(s state) { f.m.State = s }

// first goes to the state of a question, or of what leads to one, that has not
// been answered yet.
func (f *Flow) first(s state) {
	f.code, f.mailbox, f.m.Wrong, f.m.Refused = CodeAnswer{}, nil, 0, nil
	f.to(s)
}

// again goes back to the state of a question, because its answer was refused.
func (f *Flow) again(s state, e *tg.Error) {
	f.code, f.mailbox, f.m.Refused = CodeAnswer{}, nil, e
	f.to(s)
}

// unfit is the error for an answer of the wrong kind: what is wanted instead.
type unfit string

func (u unfit) Error() string { return "want " + string(u) }

// String says where the flow stands, without anything that is secret or personal.
func (f Flow) String() string {
	f.complete()
	return fmt.Sprintf("flow(%v)", f.m.State)
}

// Format shows what String shows, whatever the verb.
func (f Flow) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, f.String()) }

// LogValue shows what String shows.
func (f Flow) LogValue() slog.Value { return slog.StringValue(f.String()) }
