package telekey_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// Signing in to a Telegram on this machine. For the real one, leave Network out
// and set AppID and AppHash; for a person at a terminal, use auth.Terminal.
func Example() {
	ctx := context.Background()
	srv, err := emulator.Start(emulator.Config{Users: []emulator.User{{Phone: "+9996621234", FirstName: "Ann"}}})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()

	c, err := telekey.Dial(ctx, telekey.Config{Network: srv.Network(), Session: new(session.Memory)})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	me, err := auth.SignIn(ctx, c, auth.Phone("+9996621234"), auth.Answers{Code: auth.Code("22222")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in:", *me.FirstName)
	// Output: signed in: Ann
}

// A call by name takes and returns maps, with the schema's own names.
func ExampleClient_Call() {
	c, done := connected()
	defer done()
	near, err := c.Call(context.Background(), "help.getNearestDc", tl.Map{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(near.(tl.Map)["this_dc"])
	// Output: 2
}

// A refusal is a *tg.Error; its type is one of the constants tg.Err….
func ExampleClient_errors() {
	c, done := connected()
	defer done()
	_, err := tg.Call(context.Background(), c, &tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}})
	var refusal *tg.Error
	switch {
	case errors.Is(err, tg.ErrAuthKeyUnregistered):
		fmt.Println("not signed in")
	case errors.As(err, &refusal):
		fmt.Println(refusal.Code, refusal.Type, refusal.Arg)
	}
	// Output: not signed in
}

// Calls can be made in another way than the client's own.
func ExampleClient_With() {
	c, done := connected()
	defer done()
	near, err := tg.Call(context.Background(), c.With(telekey.DC(3), telekey.Repeatable()), &tg.HelpGetNearestDC{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(near.ThisDC)
	// Output: 3
}

// connected is a client of an emulator, and what to call when done.
func connected() (*telekey.Client, func()) {
	srv, err := emulator.Start(emulator.Config{})
	if err != nil {
		log.Fatal(err)
	}
	c, err := telekey.Dial(context.Background(), telekey.Config{Network: srv.Network()})
	if err != nil {
		log.Fatal(err)
	}
	return c, func() { c.Close(); srv.Close() }
}
