package auth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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
//	move 2, wait 30s                  the flow moves, waits
//	done Ann, already Ann             the flow ends well
//	fails …                           or in an error that has these words in it
//	lost …                            the call does not come through, with these words
//
// Each story is played twice: straight through, and with the flow marshalled and
// resumed before every step.
func play(t *testing.T, m auth.Method, script string) {
	t.Helper()
	story(t, false, m, script)
	story(t, true, m, script)
}

// story plays a script in one of the two ways.
func story(t *testing.T, resumed bool, m auth.Method, script string) {
	t.Helper()
	p := &player{t: t, flow: auth.NewFlow(m), now: start, resumed: resumed}
	p.playAll(script)
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
	t        *testing.T
	line     string
	flow     *auth.Flow
	now      time.Time
	resumed  bool
	err      error       // of the flow, once it failed
	onItsWay auth.Answer // a secret that was answered and not judged yet
	told     *told       // of a task: what to tell it again when it was resumed
	open     *challenge  // of the password question
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
		got = append(got, fmt.Sprintf("%s=%v", name, field(params, name)))
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
	switch a.(type) {
	case auth.Code, auth.Secret:
		p.onItsWay = a
	}
	p.told.remember(p.flow, a)
	if err := p.flow.Answered(p.now, clone(a), rand.Reader); err != nil {
		p.err = err
	}
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
	if !errors.Is(err, tg.ErrFloodWait) {
		p.onItsWay = nil
	}
	p.returned(result, err)
}

func (p *player) returned(result any, err error) {
	if err := p.flow.Returned(p.now, result, err); err != nil {
		p.err = err
	}
}

// resume writes the flow down and reads it again, if that is the way to play.
// A secret that the flow forgot meanwhile it is told again, without a line in
// the story: that is the only difference there may be.
func (p *player) resume() {
	p.t.Helper()
	if !p.resumed || p.err != nil {
		return
	}
	before := p.flow.String()
	data, err := p.flow.Marshal(binding)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.flow, err = auth.Resume(data, binding); err != nil {
		p.t.Fatalf("%s: %v\n%s", p.line, err, data)
	}
	if p.told != nil {
		p.catchUp(before)
		return
	}
	secret := p.onItsWay
	if call, ok := p.flow.Next().(auth.Call); ok && secret != nil {
		if call.Name() != "account.getPassword" {
			p.t.Fatalf("%s: got %v, want what leads to the question again", p.line, call)
		}
		p.reply("<", "password")
	}
	if _, ok := p.flow.Next().(auth.Ask); ok && secret != nil {
		p.answered(secret)
	}
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
func (w wire) On(int) tg.Invoker                                         { return w }
func (w wire) Move(context.Context, int) error                           { return nil }
func (w wire) App() (id int, hash string)                                { return 12345, "app hash" }
func (w wire) Refusals(func(int, error)) (stop func())                   { return func() {} }
func (w wire) Forget(context.Context) error                              { return nil }
func (w wire) Session() session.Data                                     { return session.Data{} }
func (w wire) Subscribe(func(tg.AnyUpdates)) (stop func())               { return func() {} }
func (w wire) Remember(context.Context, func(*session.Data) error) error { return nil }
