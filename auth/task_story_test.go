package auth_test

import (
	"crypto/rand"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/tg"
)

// Stories of tasks are those of sign-ins with a few more words. What ends them is
// told like
//
//	done                      nothing more to say
//	done unconfirmed a@b.c    the address that waits for its code
//	done a@b.c                the address that was set
//	done 168h0m0s             until when

// playTask plays a story straight through, and resumed before every step.
func playTask(t *testing.T, task auth.Task, script string) {
	t.Helper()
	for _, resumed := range []bool{false, true} {
		newTaskPlayer(t, task, resumed).playAll(script)
	}
}

func newTaskPlayer(t *testing.T, task auth.Task, resumed bool) *player {
	return &player{t: t, flow: auth.NewTask(task), now: start, resumed: resumed, told: &told{}}
}

// told is what a person knows who has answered a flow before: each question's
// last answer that had a secret in it.
type told struct {
	answers map[reflect.Type]auth.Answer
	survey  string // what account.getPassword said last
	at      string // where the flow was, or would be had it not been resumed
	waiting bool
}

func (t *told) remember(f *auth.Flow, a auth.Answer) {
	ask, ok := f.Next().(auth.Ask)
	if t == nil || !ok {
		return
	}
	if t.answers == nil {
		t.answers = map[reflect.Type]auth.Answer{}
	}
	t.answers[reflect.TypeOf(ask.Question)] = a
}

// catchUp brings a flow that was resumed, and has forgotten its secrets, to where
// it was: it asks for them again and is told the same.
func (p *player) catchUp(before string) {
	p.t.Helper()
	survey := p.told.survey
	if before == "flow(waiting)" { // which says nothing of what comes after it
		p.told.waiting = true
		return
	}
	if p.told.waiting {
		before = p.told.at
	}
	p.told.at, p.told.waiting = before, false
	for range 8 {
		if p.flow.String() == before {
			return
		}
		switch s := p.flow.Next().(type) {
		case auth.Ask:
			p.answered(p.told.answers[reflect.TypeOf(s.Question)])
		case auth.Call:
			switch s.Name() {
			case "account.getPassword":
				p.reply("<", survey)
			case "auth.checkRecoveryPassword":
				p.reply("<", "true")
			case "account.getPasswordSettings":
				p.reply("<", "settings")
			default:
				p.t.Fatalf("%s: got %v after a resume, want what leads to %s", p.line, s, before)
			}
		default:
			p.t.Fatalf("%s: got %v after a resume (%v), want what leads to %s", p.line, s, p.err, before)
		}
	}
	p.t.Fatalf("%s: got %v after a resume, want what leads to %s", p.line, p.flow, before)
}

// taskValue is an answer of Telegram's to what only tasks call.
func (p *player) taskValue(words []string, opts map[string]string) any {
	switch words[0] {
	case "survey":
		return p.survey(words, opts)
	case "settings":
		return &tg.AccountPasswordSettings{}
	case "devices":
		return &tg.AccountAuthorizations{Authorizations: []*tg.Authorization{
			{DateCreated: 1}, {Current: true, DateCreated: int32(start.Unix())},
		}}
	case "login-mail":
		n, _ := strconv.Atoi(words[2])
		return &tg.AccountSentEmailCode{EmailPattern: words[1], Length: int32(n)}
	case "login-mail-changed":
		return &tg.AccountEmailVerified{Email: words[1]}
	case "changed":
		return user(words[1])
	}
	p.t.Fatalf("%s: no such reply", p.line)
	return nil
}

// survey is account.password of an account that has a password if words say so.
func (p *player) survey(words []string, opts map[string]string) *tg.AccountPassword {
	if p.told != nil {
		p.told.survey = strings.Join(words, " ")
	}
	s := &tg.AccountPassword{}
	if slices.Contains(words, "password") {
		p.open = newChallenge(p.t, "correct")
		s = p.open.password(opts["hint"])
	}
	s.NewAlgo, s.NewSecureAlgo = newAlgo(), &tg.SecurePasswordKdfAlgoUnknown{}
	_, s.HasRecovery = opts["recovery"]
	if pattern := opts["unconfirmed"]; pattern != "" {
		s.EmailUnconfirmedPattern = &pattern
	}
	return s
}

// taskAnswer is a person's answer to what only tasks ask.
func taskAnswer(t *testing.T, words []string) auth.Answer {
	switch words[0] {
	case "skip":
		return auth.Skip{}
	case "new":
		n := auth.NewPassword{Password: auth.Secret(words[1])}
		for _, word := range words[2:] {
			switch name, value, _ := strings.Cut(word, "="); name {
			case "hint":
				n.Hint = value
			case "email":
				n.Email = value
			}
		}
		return n
	}
	t.Fatalf("no such answer: %s", words)
	return nil
}

// proved says whose password a call proves: the one that is asked about, "none",
// or what is wrong with the proof.
func (p *player) proved(method any, password string) string {
	field := reflect.ValueOf(method).Elem().FieldByName("Password")
	proof, ok := field.Interface().(*tg.InputCheckPasswordSRP)
	if !ok {
		return "none"
	}
	if err := p.open.check(proof, password); err != nil {
		return err.Error()
	}
	return password
}

// endOf tells how a task ended.
func endOf(d auth.Done) string {
	var words []string
	if d.Unconfirmed {
		words = append(words, "unconfirmed")
	}
	if d.Email != "" {
		words = append(words, d.Email)
	}
	if !d.Until.IsZero() {
		words = append(words, d.Until.Sub(start).String())
	}
	return strings.Join(words, " ")
}

// isHashOf reports whether settings are those of a password, hashed as newAlgo
// wants it with 32 bytes more of salt.
func isHashOf(t *testing.T, s *tg.AccountPasswordInputSettings, password string) bool {
	t.Helper()
	a, _ := s.NewAlgo.(*tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
	given := newAlgo()
	if a == nil || !strings.HasPrefix(string(a.Salt1), string(given.Salt1)) || len(a.Salt1) != len(given.Salt1)+32 {
		return false
	}
	g := srp.Group{Salt1: a.Salt1, Salt2: a.Salt2, G: int(a.G), P: a.P}
	c, err := srp.NewChallenge(g, s.NewPasswordHash, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	A, M1, err := srp.Proof(g, c.B[:], []byte(password), rand.Reader)
	return err == nil && c.Check(A, M1) == nil
}
