package auth_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/session"
)

// tokens are those that the fake's session keeps, the newest last.
func (f *fake) tokens() (all []string) {
	for _, t := range f.Data().Tokens {
		all = append(all, t.Reveal())
	}
	return all
}

func TestWhoLogsOutIsLetInWithoutACodeNextTime(t *testing.T) {
	c := newFake()
	c.gives = []string{"at sign-in", "at log-out", "at the second sign-in"}
	if _, err := auth.SignIn(t.Context(), c, ann, right); err != nil {
		t.Fatal(err)
	}
	if err := auth.LogOut(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if want := []string{"at sign-in", "at log-out"}; !slices.Equal(c.tokens(), want) {
		t.Fatalf("got the tokens %q, want %q", c.tokens(), want)
	}
	c.calls, c.takes = nil, "at log-out"
	if _, err := auth.SignIn(t.Context(), c, ann, nil); err != nil {
		t.Fatal(err)
	}
	c.called(t, "users.getUsers", "auth.sendCode")
	c.remembered(t, annsSession, 2)
	if want := []string{"at sign-in", "at log-out", "at the second sign-in"}; !slices.Equal(c.tokens(), want) {
		t.Errorf("got the tokens %q, want %q", c.tokens(), want)
	}
}

func TestTokenLeavesOnlyThePasswordToAsk(t *testing.T) {
	c := newFake()
	c.Remember(t.Context(), func(d *session.Data) error { d.AddToken(session.NewToken("old")); return nil })
	c.takes, c.password, c.gives = "old", "correct", []string{"new"}
	if _, err := auth.SignIn(t.Context(), c, ann, right); err != nil {
		t.Fatal(err)
	}
	c.called(t, "users.getUsers", "auth.sendCode", "account.getPassword", "auth.checkPassword")
	if want := []string{"old", "new"}; !slices.Equal(c.tokens(), want) {
		t.Errorf("got the tokens %q, want %q", c.tokens(), want)
	}
}

func TestTokensThatAreRefusedAreDropped(t *testing.T) {
	c := newFake()
	c.Remember(t.Context(), func(d *session.Data) error {
		d.AddToken(session.NewToken("refused one"))
		d.AddToken(session.NewToken("refused two"))
		return nil
	})
	c.home = 1 // that a number lives elsewhere says nothing about a token
	c.gives = []string{"new"}
	if _, err := auth.SignIn(t.Context(), c, ann, right); err != nil {
		t.Fatal(err)
	}
	c.called(t, "users.getUsers", "auth.sendCode", "move 1", "auth.sendCode", "auth.signIn")
	if want := []string{"refused one", "refused two"}; !slices.Equal(c.shown, want) {
		t.Errorf("showed the tokens %q at the new home, want %q", c.shown, want)
	}
	if want := []string{"new"}; !slices.Equal(c.tokens(), want) {
		t.Errorf("got the tokens %q, want %q", c.tokens(), want)
	}
}

func TestTwentyTokensAreKeptAndTheNewestWin(t *testing.T) {
	c := newFake()
	for i := range 30 {
		c.gives = append(c.gives, fmt.Sprint(i))
	}
	for range 15 {
		c.takes, c.coded = "", false
		if kept := c.tokens(); len(kept) > 0 {
			c.takes = kept[len(kept)-1]
		}
		if _, err := auth.SignIn(t.Context(), c, ann, right); err != nil {
			t.Fatal(err)
		}
		if err := auth.LogOut(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.tokens(); len(got) != 20 || got[0] != "10" || got[19] != "29" {
		t.Errorf("got the tokens %q, want 10 to 29", got)
	}
}

func TestCallByCallKeepsTokensToo(t *testing.T) {
	c := newFake()
	c.gives = []string{"one", "two"}
	c.Remember(t.Context(), func(d *session.Data) error { d.AddToken(session.NewToken("refused")); return nil })
	if _, err := auth.SendCode(t.Context(), c, "9996621234"); err != nil {
		t.Fatal(err)
	}
	if len(c.tokens()) != 0 || !slices.Equal(c.shown, []string{"refused"}) {
		t.Errorf("got the tokens %q, shown %q, want the refused one shown and dropped", c.tokens(), c.shown)
	}
	if _, err := auth.CheckCode(t.Context(), c, "9996621234", c.hash(), auth.Code("22222")); err != nil {
		t.Fatal(err)
	}
	if err := auth.LogOut(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if want := []string{"one", "two"}; !slices.Equal(c.tokens(), want) {
		t.Errorf("got the tokens %q, want %q", c.tokens(), want)
	}
}
