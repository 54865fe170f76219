package auth_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/emutest"
)

// Ann's sign-in waits for her password; Bea's begins anew and is asked for hers.
func TestAPendingSignInBelongsToItsNumber(t *testing.T) {
	const annsPhone, beasPhone = "+9996620001", "+9996620002"
	srv := emutest.Start(t,
		emulator.User{Phone: annsPhone, FirstName: "Ann", Password: "anns", Hint: "of courage"},
		emulator.User{Phone: beasPhone, FirstName: "Bea", Password: "beas"})
	c := emutest.Dial(t, srv)
	var asked []string
	later := errors.New("later")
	postpone := auth.AskerFunc(func(_ context.Context, q auth.Question) (auth.Answer, error) {
		switch q := q.(type) {
		case auth.CodeQuestion:
			return auth.Code("22222"), nil
		case auth.PasswordQuestion:
			asked = append(asked, q.Phone, map[bool]string{true: "earlier", false: "now"}[q.Earlier])
		}
		return nil, later
	})
	for _, m := range []auth.Method{auth.Phone(annsPhone), auth.Phone("999 662 0001"), auth.Phone(""), auth.Phone(beasPhone), auth.Phone("")} {
		if _, err := auth.SignIn(t.Context(), c, m, postpone); !errors.Is(err, later) {
			t.Fatalf("got %v, want a question for the password", err)
		}
	}
	want := []string{annsPhone, "now", annsPhone, "earlier", annsPhone, "earlier", beasPhone, "now", beasPhone, "earlier"}
	if !slices.Equal(asked, want) {
		t.Errorf("got the questions %q, want %q", asked, want)
	}
	if waiting := auth.Replaces(c, auth.QR()); waiting == nil || waiting.Phone != "9996620002" || waiting.Way != "phone" {
		t.Errorf("got %+v, want that a QR code takes the place of Bea's sign-in", waiting)
	}
	if waiting := auth.Replaces(c, auth.Phone(beasPhone)); waiting != nil {
		t.Errorf("got %+v, want that Bea's sign-in goes on", waiting)
	}
	if _, err := auth.SignIn(t.Context(), c, auth.Phone(beasPhone), auth.Answers{Password: auth.Secret("beas")}); err != nil {
		t.Fatal(err)
	}
	if d := c.Session(); d.Pending != nil || d.User.FirstName != "Bea" {
		t.Errorf("got %+v, %+v, want Bea and no sign-in that waits", d.User, d.Pending)
	}
}

// A web server's second login on the same session begins anew, too.
func TestDriveGivesUpAnotherNumbersSignIn(t *testing.T) {
	const annsPhone = "+9996620001"
	srv := emutest.Start(t, emulator.User{Phone: annsPhone, FirstName: "Ann", Password: "anns"}, emulator.User{Phone: "+9996620002", FirstName: "Bea"})
	c := emutest.Dial(t, srv)
	_, err := auth.SignIn(t.Context(), c, auth.Phone(annsPhone), auth.Answers{Code: auth.Code("22222")})
	if !errors.As(err, new(*auth.UnansweredError)) {
		t.Fatalf("got %v, want that the password was not answered", err)
	}
	step, err := auth.Drive(t.Context(), c, auth.NewFlow(auth.Phone("+9996620002")))
	if q, ok := question(step).(auth.CodeQuestion); err != nil || !ok || q.Phone != "+9996620002" {
		t.Errorf("got %v, %v, want a code for Bea", step, err)
	}
	if c.Session().Pending != nil {
		t.Error("Ann's sign-in still waits")
	}
}
