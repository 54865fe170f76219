// Package emutest joins emulator, client and testing: three helpers for tests of
// programs that sign in to Telegram.
//
//	ann := emulator.User{Phone: "+9996621234", Password: "correct horse"}
//	srv := emutest.Start(t, ann)
//	c := emutest.SignIn(t, srv, ann)
//
// What they start is closed when the test ends, and what goes wrong fails it.
package emutest

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
)

// Start starts an emulator with these users. Its log, which shows the codes, is
// the test's.
func Start(t testing.TB, users ...emulator.User) *emulator.Server {
	t.Helper()
	srv, err := emulator.Start(emulator.Config{Users: users, Log: slog.New(slog.NewTextHandler(logger{t}, nil))})
	if err != nil {
		t.Fatalf("emutest: %v", err)
	}
	t.Cleanup(func() { srv.Close() })
	return srv
}

// Dial connects a new client, with a session of its own that is kept in memory.
func Dial(t testing.TB, srv *emulator.Server) *telekey.Client {
	t.Helper()
	c, err := telekey.Dial(t.Context(), telekey.Config{Network: srv.Network()})
	if err != nil {
		t.Fatalf("emutest: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// SignIn connects a new client and signs it in as user, whose code it reads off
// the emulator. A number without an account gets one, with user's name.
func SignIn(t testing.TB, srv *emulator.Server, user emulator.User) *telekey.Client {
	t.Helper()
	c := Dial(t, srv)
	if _, err := auth.SignIn(t.Context(), c, auth.Phone(user.Phone), person{srv, user}); err != nil {
		t.Fatalf("emutest: signing in %s: %v", user.Phone, err)
	}
	return c
}

// patience bounds the wait for a code that the emulator has sent already.
const patience = 10 * time.Second

// person answers as the owner of an account would.
type person struct {
	srv  *emulator.Server
	user emulator.User
}

// Ask reads the code off the emulator, and leaves the rest to what is known of
// the user.
func (p person) Ask(ctx context.Context, q auth.Question) (auth.Answer, error) {
	known := auth.Answers{
		Password: auth.Secret(p.user.Password), FirstName: cmp.Or(p.user.FirstName, "Test"), LastName: p.user.LastName, AcceptTerms: true,
	}
	if code, ok := q.(auth.CodeQuestion); ok && code.Refused == nil {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		sent, err := p.srv.WaitCode(ctx, p.user.Phone)
		return auth.Code(sent.Code), err
	}
	return known.Ask(ctx, q)
}

// logger writes lines to a test's log.
type logger struct{ t testing.TB }

func (l logger) Write(line []byte) (int, error) {
	l.t.Log(string(bytes.TrimSuffix(line, []byte("\n"))))
	return len(line), nil
}
