package auth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// The tests of the flow are stories, one line a step:
//
//	> auth.signIn phone_code=11111    the flow wants this call, with these parameters among others
//	< 400 PHONE_CODE_INVALID          Telegram refuses it
//	< sent h1 app 5 next=sms in=60    or answers; see reply for the words
//	? code app 5 wrong=1 …            the flow asks; see describe for the words
//	! code 22222                      and is answered; see answer for the words
//	update updateLoginToken …         an update comes; its fields are like a reply's
//	later 30s                         time passes, and what was shown is stale
//	move 2, wait 30s                  the flow moves, waits
//	done Ann, already Ann             the flow ends well
//	fails …                           or in an error that has these words in it
//	lost …                            the call does not come through, with these words
//
// Each story is played twice: straight through, and with the flow marshalled and
// resumed before every step.
func play(t *testing.T, m auth.Method, script string) {
	t.Helper()
	playKnowing(t, m, nil, script)
}

// playKnowing is play for a method that has a secret of its own, which is the
// answer to a question that only a resumed flow asks.
func playKnowing(t *testing.T, m auth.Method, known map[reflect.Type]auth.Answer, script string) {
	t.Helper()
	straight := &player{t: t, flow: auth.NewFlow(m), now: start}
	straight.playAll(script)
	resumed := &player{t: t, flow: auth.NewFlow(m), now: start, resumed: true, steps: straight.steps, answers: maps.Clone(known)}
	resumed.playAll(script)
}

// tell plays a script straight through: what a resumed flow does differently, on
// purpose, is no part of it.
func tell(t *testing.T, m auth.Method, script string) {
	t.Helper()
	(&player{t: t, flow: auth.NewFlow(m), now: start}).playAll(script)
}

// flowAt brings a flow to where a script ends.
func flowAt(t *testing.T, f *auth.Flow, script string) {
	t.Helper()
	(&player{t: t, flow: f, now: start}).playAll(script)
}

func (p *player) playAll(script string) {
	p.t.Helper()
	for i, line := range strings.Split(strings.Trim(script, "\n"), "\n") {
		if line = strings.TrimLeft(line, "\t"); strings.TrimSpace(line) != "" {
			p.line = fmt.Sprintf("line %d: %s (resumed: %v)", i+1, line, p.resumed)
			p.play(line)
		}
	}
}

var (
	start   = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	binding = auth.Binding{Network: "story", DC: 2, KeyID: 7}
)

type player struct {
	t       *testing.T
	line    string
	flow    *auth.Flow
	now     time.Time
	resumed bool
	err     error      // of the flow, once it failed
	told    *told      // of a task: what to tell it again when it was resumed
	open    *challenge // of the password question

	// What a resumed flow has forgotten it is told again, without a line in the
	// story: that is the only difference there may be.
	steps   []string                     // what the uninterrupted flow wanted, step by step
	replies map[string]string            // the last good reply to each call
	answers map[reflect.Type]auth.Answer // the last answer to each question
}

func (p *player) play(line string) {
	p.t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "<", "lost":
		p.reply(word, rest)
		return
	case "!":
		p.answered(answer(p.t, rest))
		return
	case "update":
		p.returned(p.update(rest), nil)
		return
	case "later":
		p.later(rest)
		return
	}
	p.resume()
	step := p.flow.Next()
	if again := p.flow.Next(); !reflect.DeepEqual(plain(step), plain(again)) {
		p.t.Fatalf("%s: Next is %v, and then %v", p.line, step, again)
	}
	if got := p.describe(word, step, rest); got != rest {
		p.t.Fatalf("%s\ngot %s %s (%v)", p.line, word, got, p.err)
	}
}

// update is an update from Telegram.
func (p *player) update(what string) any {
	words := strings.Fields(what)
	switch words[0] {
	case "updateLoginToken":
		return &tg.UpdateLoginToken{}
	case "updateSentPhoneCode":
		return &tg.UpdateSentPhoneCode{SentCode: sent(words, nil)}
	}
	return &tg.UpdateConfig{}
}

// later lets time pass while something is shown.
func (p *player) later(d string) {
	wait, err := time.ParseDuration(d)
	if err != nil {
		p.t.Fatal(err)
	}
	p.now = p.now.Add(wait)
	p.returned(nil, nil)
}

// describe says what the step is, in the words of a story's line that begins
// with word; if it is what rest says, then in just these words.
func (p *player) describe(word string, step auth.Step, rest string) string {
	switch s := step.(type) {
	case auth.Call:
		if word == ">" {
			return p.call(s, rest)
		}
		return "the call " + s.Name()
	case auth.Ask:
		if word == "?" {
			return describe(s.Question, p.now)
		}
		return "the question " + describe(s.Question, p.now)
	case auth.Show:
		words := describe(s.Question, p.now)
		if !s.Until.IsZero() {
			words += " until=" + s.Until.Sub(p.now).String()
		}
		return words
	case auth.Move:
		p.returned(nil, nil)
		return strconv.Itoa(s.DC)
	case auth.Wait:
		wait := s.Until.Sub(p.now)
		p.returned(nil, nil) // too early: nothing happens
		if p.flow.Next() != auth.Step(s) {
			return "a wait that does not wait"
		}
		p.now = s.Until
		p.returned(nil, nil)
		return wait.String()
	case auth.Done:
		if s.User == nil {
			return endOf(s)
		}
		if s.Already != (word == "already") {
			return fmt.Sprintf("done, already: %v", s.Already)
		}
		return *s.User.FirstName
	case auth.Failed:
		if p.err != s.Err {
			p.t.Fatalf("%s: got the error %v, and then %v", p.line, p.err, s.Err)
		}
		if strings.Contains(s.Err.Error(), rest) {
			return rest
		}
		return s.Err.Error()
	}
	return fmt.Sprintf("%T", step)
}

// call compares a call with what is wanted of it: its name and some parameters.
func (p *player) call(s auth.Call, want string) string {
	b, err := tg.Schema.Append(nil, s.Method)
	if err != nil {
		p.t.Fatal(err)
	}
	params := tg.Schema.ReadValue(tl.NewReader(b), tl.Type{Kind: tl.KindQuery}).(tl.Map)
	words := strings.Fields(want)
	got := []string{s.Name()}
	for _, word := range words[min(1, len(words)):] {
		name, password, _ := strings.Cut(word, "=")
		if name == "proof" {
			got = append(got, "proof="+p.proved(s.Method, password))
			continue
		}
		if name == "dc" {
			got = append(got, fmt.Sprint("dc=", s.DC))
			continue
		}
		value := field(params, name)
		if b, ok := value.([]byte); ok && len(b) > 0 {
			value = string(b)
		}
		got = append(got, fmt.Sprintf("%s=%v", name, value))
	}
	return strings.Join(got, " ")
}

// field is a parameter, or a part of one: a.b.
func field(params tl.Map, path string) any {
	name, rest, deeper := strings.Cut(path, ".")
	inner, ok := params[name].(tl.Map)
	if deeper && ok {
		return field(inner, rest)
	}
	return params[name]
}

// answered answers the question that the flow asks.
func (p *player) answered(a auth.Answer) {
	if p.answers == nil {
		p.answers = map[reflect.Type]auth.Answer{}
	}
	p.answers[asked(p.flow)] = clone(a)
	p.told.remember(p.flow, a)
	if err := p.flow.Answered(p.now, clone(a), rand.Reader); err != nil {
		p.err = err
	}
}

// asked is the type of the question that the flow asks, or nil.
func asked(f *auth.Flow) reflect.Type {
	switch s := f.Next().(type) {
	case auth.Ask:
		return reflect.TypeOf(s.Question)
	case auth.Show:
		return reflect.TypeOf(s.Question)
	}
	return nil
}

// reply lets the call that the flow wants return.
func (p *player) reply(word, what string) {
	p.t.Helper()
	call, ok := p.flow.Next().(auth.Call)
	if !ok {
		p.t.Fatalf("%s: the flow wants %v, not a call", p.line, p.flow.Next())
	}
	result, err := call.Do(context.Background(), wire(func(request []byte) ([]byte, error) {
		if word == "lost" {
			return nil, errors.New(what)
		}
		return p.answer(what)
	}))
	if word == "lost" {
		if err := p.flow.Returned(p.now, result, err); err == nil || !strings.Contains(err.Error(), what) {
			p.t.Fatalf("%s: got %v", p.line, err)
		}
		return
	}
	if err == nil {
		if p.replies == nil {
			p.replies = map[string]string{}
		}
		p.replies[call.Name()] = what
	}
	p.returned(result, err)
}

func (p *player) returned(result any, err error) {
	if err := p.flow.Returned(p.now, result, err); err != nil {
		p.err = err
	}
}

// resume writes the flow down and reads it again, if that is the way to play, and
// brings it to where it would be without.
func (p *player) resume() {
	p.t.Helper()
	if !p.resumed {
		p.steps = append(p.steps, kind(p.flow))
		return
	}
	var want string
	if p.told == nil {
		want, p.steps = p.steps[0], p.steps[1:]
	}
	if p.err != nil {
		return
	}
	before := p.flow.String()
	data, here := marshal(p.t, p.flow)
	var err error
	if p.flow, err = auth.Resume(data, here); err != nil {
		p.t.Fatalf("%s: %v\n%s", p.line, err, data)
	}
	if p.told != nil {
		p.catchUp(before)
		return
	}
	for range 8 {
		if p.err != nil || kind(p.flow) == want {
			return
		}
		p.again()
	}
	p.t.Fatalf("%s: got %s, want %s", p.line, kind(p.flow), want)
}

// marshal writes a flow down where it goes on: where it has moved to, if it has
// moved.
func marshal(t *testing.T, f *auth.Flow) ([]byte, auth.Binding) {
	t.Helper()
	here := binding
	data, err := f.Marshal(here)
	if moved, ok := errors.AsType[*auth.BindingError](err); ok {
		here = moved.Want
		data, err = f.Marshal(here)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data, here
}

// again tells a resumed flow what it has been told before.
func (p *player) again() {
	p.t.Helper()
	switch s := p.flow.Next().(type) {
	case auth.Call:
		if p.replies[s.Name()] == "" {
			p.t.Fatalf("%s: got %v, want no call that was not made before", p.line, s)
		}
		p.reply("<", p.replies[s.Name()])
	default:
		a := p.answers[asked(p.flow)]
		if a == nil {
			p.t.Fatalf("%s: got %v, want what leads to the next step", p.line, s)
		}
		p.answered(clone(a))
	}
}

// kind is what the flow wants, without its details.
func kind(f *auth.Flow) string {
	if q := asked(f); q != nil {
		return q.String()
	}
	if call, ok := f.Next().(auth.Call); ok {
		return call.Name()
	}
	return fmt.Sprintf("%T", f.Next())
}

// plain is a step that can be compared: without the function in a Call.
func plain(s auth.Step) any {
	if call, ok := s.(auth.Call); ok {
		return call.Method
	}
	return s
}

// wire is a function as the client of a story, which has no session.
type wire func(request []byte) ([]byte, error)

func (w wire) Invoke(_ context.Context, request []byte) ([]byte, error)  { return w(request) }
func (w wire) AtOnce() tg.Invoker                                        { return w }
func (w wire) MaxFlood() time.Duration                                   { return -1 }
func (w wire) On(int) tg.Invoker                                         { return w }
func (w wire) Move(context.Context, int) error                           { return nil }
func (w wire) App() (id int, hash string)                                { return 12345, "app hash" }
func (w wire) Refusals(func(int, error)) (stop func())                   { return func() {} }
func (w wire) Forget(context.Context) error                              { return nil }
func (w wire) Session() session.Data                                     { return session.Data{} }
func (w wire) Subscribe(func(tg.AnyUpdates)) (stop func())               { return func() {} }
func (w wire) Remember(context.Context, func(*session.Data) error) error { return nil }
