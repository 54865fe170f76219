package auth_test

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/auth"
)

func TestANumberThatCannotBeOneIsNotSent(t *testing.T) {
	for _, number := range []string{"+999662000l", "0999662", "+99966200019996620", "+"} {
		if step, ok := auth.NewFlow(auth.Phone(number)).Next().(auth.Call); ok {
			t.Errorf("%s: got the call %T, want an error", number, step.Method)
		}
		if step, ok := auth.NewTask(auth.ChangePhone(number)).Next().(auth.Call); ok {
			t.Errorf("%s: got the call %T, want an error", number, step.Method)
		}
	}
}

func TestTheTerminalAsksAgainForANumberThatCannotBeOne(t *testing.T) {
	a, shown, err := ask(t, auth.PhoneQuestion{}, "+999662000l\n+9996620001\n")
	if a != auth.PhoneNumber("+9996620001") || err != nil || !strings.Contains(shown, "'l'") {
		t.Errorf("got %v, %v after %q, want the letter named and the number asked for again", a, err, shown)
	}
}
