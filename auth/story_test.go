package auth_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/srp"
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
			proof := s.Method.(*tg.AuthCheckPassword).Password.(*tg.InputCheckPasswordSRP)
			if err := p.open.check(proof, password); err != nil {
				password = err.Error()
			}
			got = append(got, "proof="+password)
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
	}), 12345, "app hash")
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
	data, err := p.flow.Marshal(binding)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.flow, err = auth.Resume(data, binding); err != nil {
		p.t.Fatalf("%s: %v\n%s", p.line, err, data)
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

// answer is Telegram's answer to a call, in TL.
func (p *player) answer(what string) ([]byte, error) {
	words := strings.Fields(what)
	opts := map[string]string{}
	for _, word := range words {
		if name, value, ok := strings.Cut(word, "="); ok {
			opts[name] = value
		}
	}
	if code, err := strconv.Atoi(words[0]); err == nil {
		return nil, tg.NewError(code, words[1])
	}
	switch words[0] {
	case "true":
		return tl.AppendBool(nil, true), nil
	case "raw":
		return hex.DecodeString(words[1])
	case "user":
		b := tl.AppendInt(tl.AppendUint32(nil, tl.VectorID), 1)
		return tg.Schema.Append(b, user(words[1]))
	}
	return tg.Schema.Append(nil, p.value(words, opts))
}

// value is Telegram's answer to a call, as a struct.
func (p *player) value(words []string, opts map[string]string) any {
	switch words[0] {
	case "sent":
		return sent(words, opts)
	case "sent-in":
		return &tg.AuthSentCodeSuccess{Authorization: &tg.AuthAuthorization{User: user(words[1])}}
	case "payment":
		return &tg.AuthSentCodePaymentRequired{}
	case "in":
		return &tg.AuthAuthorization{User: user(words[1])}
	case "signup":
		r := &tg.AuthAuthorizationSignUpRequired{}
		if age, err := strconv.Atoi(opts["terms"]); err == nil {
			r.TermsOfService = &tg.HelpTermsOfService{ID: &tg.DataJSON{Data: "tos"}, Text: "be kind", MinAgeConfirm: new(int32(age))}
		}
		return r
	case "password":
		p.open = newChallenge(p.t, "correct")
		return p.open.password(opts["hint"])
	case "password-none":
		return &tg.AccountPassword{NewAlgo: &tg.PasswordKdfAlgoUnknown{}, NewSecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{}}
	case "password-new-kind":
		return &tg.AccountPassword{
			HasPassword: true, CurrentAlgo: &tg.PasswordKdfAlgoUnknown{}, SRPB: []byte{1}, SRPID: new(int64(1)),
			NewAlgo: &tg.PasswordKdfAlgoUnknown{}, NewSecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{},
		}
	}
	p.t.Fatalf("%s: no such reply", p.line)
	return nil
}

func sent(words []string, opts map[string]string) *tg.AuthSentCode {
	s := &tg.AuthSentCode{PhoneCodeHash: words[1]}
	var length int32
	if len(words) > 3 {
		n, _ := strconv.Atoi(words[3])
		length = int32(n)
	}
	switch words[2] {
	case "app":
		s.Type = &tg.AuthSentCodeTypeApp{Length: length}
	case "sms":
		s.Type = &tg.AuthSentCodeTypeSMS{Length: length}
	case "email":
		s.Type = &tg.AuthSentCodeTypeEmailCode{EmailPattern: "a***@b.c", Length: length}
	case "word":
		s.Type = &tg.AuthSentCodeTypeSMSWord{Beginning: new("b")}
	case "setup":
		s.Type = &tg.AuthSentCodeTypeSetUpEmailRequired{}
	}
	switch opts["next"] {
	case "sms":
		s.NextType = &tg.AuthCodeTypeSMS{}
	case "call":
		s.NextType = &tg.AuthCodeTypeCall{}
	}
	if seconds, err := strconv.Atoi(opts["in"]); err == nil {
		s.Timeout = new(int32(seconds))
	}
	return s
}

func user(name string) *tg.User { return &tg.User{Self: true, ID: 42, FirstName: &name} }

// answer is a person's answer.
func answer(t *testing.T, what string) auth.Answer {
	words := strings.Fields(what + " . . .")
	switch words[0] {
	case "code":
		return auth.Code(strings.TrimPrefix(what, "code "))
	case "password":
		return auth.Secret(words[1])
	case "name":
		return auth.Name{First: words[1], Last: words[2]}
	case "phone":
		return auth.PhoneNumber(words[1])
	case "accept":
		return auth.Accept{}
	case "resend":
		return auth.Resend{}
	case "cancel":
		return auth.Cancel{}
	}
	t.Fatalf("no such answer: %s", what)
	return nil
}

// clone keeps a password that the flow will wipe.
func clone(a auth.Answer) auth.Answer {
	if s, ok := a.(auth.Secret); ok {
		return append(auth.Secret{}, s...)
	}
	return a
}

// describe is a question in the words of a story.
func describe(q auth.Question, now time.Time) string {
	var w []string
	say := func(format string, v any) {
		if !reflect.ValueOf(v).IsZero() {
			w = append(w, fmt.Sprintf(format, v))
		}
	}
	var refused *tg.Error
	var wrong int
	switch q := q.(type) {
	case auth.PhoneQuestion:
		refused, w = q.Refused, []string{"phone"}
	case auth.CodeQuestion:
		refused, wrong, w = q.Refused, q.Wrong, []string{"code", string(q.Kind)}
		say("%d", q.Length)
		say("%s", q.Detail)
		say("next=%s", q.Next)
		if !q.ResendAt.IsZero() {
			say("in=%v", q.ResendAt.Sub(now).Seconds())
		}
	case auth.PasswordQuestion:
		refused, wrong, w = q.Refused, q.Wrong, []string{"password"}
		say("hint=%s", q.Hint)
	case auth.TermsQuestion:
		w = []string{"terms", q.Text}
		say("%d", q.MinAge)
	case auth.NameQuestion:
		refused, w = q.Refused, []string{"name"}
	}
	say("wrong=%d", wrong)
	if refused != nil {
		w = append(w, refused.Message)
	}
	return strings.Join(w, " ")
}

// plain is a step that can be compared: without the function in a Call.
func plain(s auth.Step) any {
	if call, ok := s.(auth.Call); ok {
		return call.Method
	}
	return s
}

// wire is a function as a tg.Invoker.
type wire func(request []byte) ([]byte, error)

func (w wire) Invoke(_ context.Context, request []byte) ([]byte, error) { return w(request) }

// challenge is Telegram's side of a password question.
type challenge struct {
	srp.Challenge
	id int64
}

// prime is Telegram's own, as in every client.
const prime = "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b"

func group() srp.Group {
	p, _ := hex.DecodeString(prime)
	return srp.Group{Salt1: []byte("salt one"), Salt2: []byte("salt two"), G: 3, P: p}
}

// verifiers of the passwords that stories use: computing one is slow.
var verifiers = map[string][]byte{}

func newChallenge(t testing.TB, password string) *challenge {
	v, ok := verifiers[password]
	if !ok {
		var err error
		if v, err = srp.Verifier(group(), []byte(password)); err != nil {
			t.Fatal(err)
		}
		verifiers[password] = v
	}
	c, err := srp.NewChallenge(group(), v, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &challenge{Challenge: c, id: time.Now().UnixNano()}
}

func (c *challenge) password(hint string) *tg.AccountPassword {
	g := group()
	p := &tg.AccountPassword{
		HasPassword: true, SRPB: c.B[:], SRPID: new(c.id),
		CurrentAlgo: &tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{
			Salt1: g.Salt1, Salt2: g.Salt2, G: int32(g.G), P: g.P,
		},
		NewAlgo: &tg.PasswordKdfAlgoUnknown{}, NewSecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{},
	}
	if hint != "" {
		p.Hint = &hint
	}
	return p
}

// check says whether the proof is that of a password, for this very challenge.
func (c *challenge) check(proof *tg.InputCheckPasswordSRP, password string) error {
	if proof.SRPID != c.id {
		return fmt.Errorf("got srp_id %d, want %d", proof.SRPID, c.id)
	}
	err := c.Check(proof.A, proof.M1)
	if (err == nil) != (password == "correct") {
		return fmt.Errorf("the proof is not of %s: %v", password, err)
	}
	return nil
}
