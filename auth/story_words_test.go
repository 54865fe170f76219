package auth_test

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

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
	case "false":
		return tl.AppendBool(nil, false), nil
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
	return p.taskValue(words, opts)
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
	return taskAnswer(t, words)
}

// clone keeps a password that the flow will wipe.
func clone(a auth.Answer) auth.Answer {
	if s, ok := a.(auth.Secret); ok {
		return append(auth.Secret{}, s...)
	}
	if n, ok := a.(auth.NewPassword); ok {
		n.Password = append(auth.Secret{}, n.Password...)
		return n
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
		say("skip=%v", q.MaySkip)
	case auth.PasswordQuestion:
		refused, wrong, w = q.Refused, q.Wrong, []string{"password"}
		say("hint=%s", q.Hint)
		say("skip=%v", q.MaySkip)
	case auth.NewPasswordQuestion:
		refused, w = q.Refused, []string{"new-password"}
		say("changes=%v", q.Changes)
		say("email=%v", q.TakesEmail)
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
