package auth_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

func TestTerminalAsksForANewPasswordTwice(t *testing.T) {
	a, shown, err := ask(t, auth.NewPasswordQuestion{TakesEmail: true}, "battery\nbatterie\n\nbattery\n\nbattery\nstaple\na@b.c\n")
	want := auth.NewPassword{Password: auth.Secret("battery"), Hint: "staple", Email: "a@b.c"}
	if err != nil || !reflect.DeepEqual(a, want) {
		t.Errorf("got %v, %v, want the password that was typed twice", a, err)
	}
	if again := strings.Count(shown, "These were not the same.\n"); again != 1 || !strings.HasPrefix(shown, "Choose a new password.\n") {
		t.Errorf("got %q, want that it says so where two were typed, or none", shown)
	}
	for typed, what := range map[string]string{"": "password", "a\n": "repetition", "a\na\n": "hint", "a\na\nh\n": "address"} {
		if a, _, err := ask(t, auth.NewPasswordQuestion{TakesEmail: true}, typed); err == nil {
			t.Errorf("got %v without a %s, want an error", a, what)
		}
	}
}

func TestTerminalLeavesOutWhatMayBe(t *testing.T) {
	for _, test := range []struct {
		q     auth.Question
		typed string
		want  auth.Answer
	}{
		{auth.NewPasswordQuestion{MaySkip: true}, "!\n", auth.Skip{}},
		{auth.CodeQuestion{Kind: auth.CodeByEmail, MaySkip: true}, "S\n", auth.Skip{}},
		{auth.CodeQuestion{Kind: auth.CodeByEmail}, "s\n", auth.Code("s")},
		{auth.PasswordQuestion{MaySkip: true}, "perhaps\nn\n", auth.Skip{}},
		{auth.PasswordQuestion{MaySkip: true}, "y\n\nn\n", auth.Secret("n")},
	} {
		if a, _, err := ask(t, test.q, test.typed); err != nil || !reflect.DeepEqual(a, test.want) {
			t.Errorf("%T, %q: got %v, %v, want %v", test.q, test.typed, a, err, test.want)
		}
	}
	if a, _, err := ask(t, auth.PasswordQuestion{MaySkip: true}, "perhaps\n"); err == nil {
		t.Errorf("got %v though the input ended, want an error", a)
	}
}

func TestTerminalSaysWhatIsWrongWithANewPassword(t *testing.T) {
	for words, q := range map[string]auth.Question{
		"Telegram does not take this address.":              auth.NewPasswordQuestion{Refused: tg.NewError(400, "EMAIL_INVALID")},
		"Telegram does not take this password or its hint.": auth.NewPasswordQuestion{Refused: tg.NewError(400, "NEW_SETTINGS_INVALID")},
		"That code is wrong.":                               auth.CodeQuestion{Kind: auth.CodeByEmail, MaySkip: true, Refused: tg.NewError(400, "CODE_INVALID")},
		"It can be sent to the mailbox once more: type r.\nTo leave the address unconfirmed, type s.": auth.CodeQuestion{Kind: auth.CodeByEmail, Next: auth.CodeByEmail, MaySkip: true},
	} {
		if _, shown, _ := ask(t, q, ""); !strings.Contains(shown, words) {
			t.Errorf("got %q, want %q in it", shown, words)
		}
	}
}
