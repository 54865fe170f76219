package auth_test

import (
	"context"
	"errors"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

func TestAnswersNameWhatIsMissing(t *testing.T) {
	for name, test := range map[string]struct {
		set     func(*fake)
		method  auth.Method
		answers auth.Answers
		asked   auth.Question
		words   string
	}{
		"phone":    {nil, auth.Phone(""), auth.Answers{}, auth.PhoneQuestion{}, "the telephone number was asked for, and there is no answer ready"},
		"code":     {nil, ann, auth.Answers{}, auth.CodeQuestion{Phone: "+9996621234", Kind: "app", Length: 5}, "the code (app) was asked for, and there is no answer ready"},
		"password": {func(f *fake) { f.password = "correct" }, ann, auth.Answers{Code: auth.Code("22222")}, auth.PasswordQuestion{Phone: "+9996621234", Hint: "a horse"}, "the password of two-step verification was asked for, and there is no answer ready"},
		"terms":    {func(f *fake) { f.name, f.terms = "", true }, ann, auth.Answers{Code: auth.Code("22222")}, auth.TermsQuestion{Text: "Be kind.", MinAge: 16}, "the agreement to the terms of service was asked for, and there is no answer ready"},
		"name":     {func(f *fake) { f.name = "" }, ann, auth.Answers{Code: auth.Code("22222"), LastName: "Lee"}, auth.NameQuestion{}, "the name of the new account was asked for, and there is no answer ready"},
	} {
		c := newFake()
		if test.set != nil {
			test.set(c)
		}
		_, err := auth.SignIn(t.Context(), c, test.method, test.answers)
		var unanswered *auth.UnansweredError
		if !errors.As(err, &unanswered) || unanswered.Question != test.asked || err.Error() != test.words {
			t.Errorf("%s: got %v, want that %v is unanswered", name, err, test.asked)
		}
		if tg.AsError(err) != nil {
			t.Errorf("%s: got an error of Telegram's in %v, want none", name, err)
		}
	}
}

func TestAnswersAreNotGivenTwice(t *testing.T) {
	_, err := auth.SignIn(t.Context(), newFake(), ann, auth.Answers{Code: auth.Code("11111")})
	var unanswered *auth.UnansweredError
	if !errors.As(err, &unanswered) || err.Error() != "the code (app) was refused: telegram: 400 PHONE_CODE_INVALID" {
		t.Errorf("got %v, want that the code was refused", err)
	}
	if e := tg.AsError(err); e == nil || e.Code != 400 || !errors.Is(err, tg.ErrPhoneCodeInvalid) {
		t.Errorf("got %v, want Telegram's error in it", err)
	}
}

func TestSomebodyElseAnswersTheRest(t *testing.T) {
	var asked []auth.Question
	person := auth.AskerFunc(func(_ context.Context, q auth.Question) (auth.Answer, error) {
		asked = append(asked, q)
		switch q.(type) {
		case auth.CodeQuestion:
			return auth.Code("22222"), nil
		}
		return auth.Secret("correct"), nil
	})
	c := newFake()
	c.password = "correct"
	if _, err := auth.SignIn(t.Context(), c, ann, auth.Answers{Code: auth.Code("11111"), Else: person}); err != nil {
		t.Fatal(err)
	}
	if len(asked) != 2 || asked[0].(auth.CodeQuestion).Wrong != 1 || asked[1].(auth.PasswordQuestion).Wrong != 0 {
		t.Errorf("got the questions %v, want the code once it was refused, and the password", asked)
	}
}
