package emutest_test

import (
	"testing"

	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/emutest"
	"github.com/telekey/telekey/tg"
)

func TestAnAccountWithAPasswordIsSignedIn(t *testing.T) {
	ann := emulator.User{Phone: "+9996621234", FirstName: "Ann", Password: "correct horse"}
	srv := emutest.Start(t, ann)
	whoIs(t, emutest.SignIn(t, srv, ann), "Ann")
}

func TestANumberWithoutAnAccountGetsOne(t *testing.T) {
	srv := emutest.Start(t)
	whoIs(t, emutest.SignIn(t, srv, emulator.User{Phone: "+49 30 1234567"}), "Test")
}

// whoIs checks whom c is signed in as.
func whoIs(t *testing.T, c tg.Invoker, name string) {
	t.Helper()
	users, err := tg.Call(t.Context(), c, &tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}})
	if err != nil {
		t.Fatal(err)
	}
	if me, ok := users[0].(*tg.User); !ok || *me.FirstName != name {
		t.Errorf("signed in as %+v, want %s", users[0], name)
	}
}
