package auth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

var ann = auth.Phone("+999 66 2-1234")

// The rules of these stories: https://core.telegram.org/api/auth
const (
	nobody = `
		> users.getUsers
		< 401 AUTH_KEY_UNREGISTERED
	`
	codeIsSent = nobody + `
		> auth.sendCode phone_number=9996621234 api_id=0
		< sent h1 app 5 next=sms in=60
		? code app 5 next=sms in=60
	`
	nobodyIsAsked = nobody + `
		? phone
	`
	termsAreAsked = codeIsSent + `
		! code 22222
		> auth.signIn
		< signup terms=16
		? terms be kind 16
	`
	nameIsAsked = termsAreAsked + `
		! accept
		? name
	`
)

func TestWhoIsSignedInIsAskedNothing(t *testing.T) {
	play(t, ann, `
		> users.getUsers
		< user Ann
		already Ann
	`)
}

func TestFlowIsNotToldOutOfTurn(t *testing.T) {
	f := auth.NewFlow(ann)
	if err := f.Answered(start, auth.Code("1"), nil); !errors.Is(err, auth.ErrOutOfTurn) {
		t.Errorf("got %v, want ErrOutOfTurn: the flow wants a call", err)
	}
	flowAt(t, f, codeIsSent)
	if err := f.Returned(start, nil, nil); !errors.Is(err, auth.ErrOutOfTurn) {
		t.Errorf("got %v, want ErrOutOfTurn: the flow asks", err)
	}
	if _, ok := f.Next().(auth.Ask); !ok {
		t.Errorf("got %v, want the question still", f.Next())
	}
}

func TestUnfitAnswersLeaveTheQuestionOpen(t *testing.T) {
	for at, answers := range map[string][]auth.Answer{
		codeIsSent:      {nil, auth.Secret("x"), auth.Accept{}, auth.Name{}, auth.PhoneNumber("1"), auth.Code(string(make([]byte, 5000)))},
		nobodyIsAsked:   {nil, auth.Code("1"), auth.PhoneNumber(make([]byte, 5000))},
		termsAreAsked:   {nil, auth.Code("1"), auth.Name{}},
		nameIsAsked:     {nil, auth.Accept{}, auth.Name{First: "\xff"}, auth.Name{First: strings.Repeat("A", 3000), Last: strings.Repeat("B", 3000)}},
		passwordIsAsked: {nil, auth.Code("1"), auth.Resend{}, auth.Secret(make([]byte, 5000))},
	} {
		f := auth.NewFlow(ann)
		if at == nobodyIsAsked {
			f = auth.NewFlow(auth.Phone(""))
		}
		flowAt(t, f, at)
		before := f.Next()
		for _, a := range answers {
			var unfit *auth.AnswerError
			if err := f.Answered(start, a, nil); !errors.As(err, &unfit) {
				t.Errorf("got %v for a %T, want an AnswerError", err, a)
			}
		}
		if f.Next() != before {
			t.Errorf("got %v, want the same question: %v", f.Next(), before)
		}
	}
}

func TestZeroFlowFails(t *testing.T) {
	for _, f := range []*auth.Flow{{}, auth.NewFlow(nil)} {
		if _, ok := f.Next().(auth.Failed); !ok {
			t.Errorf("got %v, want Failed", f.Next())
		}
		if f.Answered(start, auth.Cancel{}, nil) == nil || f.Returned(start, nil, nil) == nil {
			t.Error("got no error, want some")
		}
	}
}

func TestWhatIsNoNumberIsRefusedInTheQuestion(t *testing.T) {
	f := auth.NewFlow(auth.Phone(""))
	flowAt(t, f, nobody)
	var unfit *auth.AnswerError
	if err := f.Answered(start, auth.PhoneNumber("abc"), nil); !errors.As(err, &unfit) {
		t.Errorf("got %v, want an AnswerError", err)
	}
	q, ok := question(f.Next()).(auth.PhoneQuestion)
	if !ok || q.Refused == nil || q.Refused.Type != tg.ErrPhoneNumberInvalid {
		t.Errorf("got %+v, want a question that says why it is asked again", f.Next())
	}
}
