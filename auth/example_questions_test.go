package auth_test

import (
	"context"
	"fmt"
	"log"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
)

// local is a Telegram inside the example, and a client of it. The code of its
// number is 11111.
func local(u emulator.User, rules ...emulator.Rule) (ctx context.Context, srv *emulator.Server, c *telekey.Client, end func()) {
	ctx = context.Background()
	srv, err := emulator.Start(emulator.Config{Users: []emulator.User{u}, Rules: rules})
	if err != nil {
		log.Fatal(err)
	}
	c, err = telekey.Dial(ctx, telekey.Config{AppID: 1, AppHash: "any", Network: srv.Network()})
	if err != nil {
		log.Fatal(err)
	}
	return ctx, srv, c, func() { c.Close(); srv.Close() }
}

// A question for a code says where to look for it. Telegram decides how it goes
// out; whoever does not find it asks for the next way.
func ExampleCodeQuestion() {
	ctx, _, client, end := local(emulator.User{
		Phone: "+9996611234", FirstName: "Ann",
		Channels: []emulator.Channel{emulator.MissedCall, emulator.SMS},
	})
	defer end()
	asker := auth.AskerFunc(func(_ context.Context, q auth.Question) (auth.Answer, error) {
		code := q.(auth.CodeQuestion)
		fmt.Printf("by %s, %d digits, next by %q\n", code.Kind, code.Length, code.Next)
		return auth.Code("11111"), nil
	})

	me, err := auth.SignIn(ctx, client, auth.Phone("+9996611234"), asker)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", *me.FirstName)
	// Output:
	// by missed call, 5 digits, next by "sms"
	// signed in as Ann
}

// Some accounts are asked for an address first, and get their codes there.
func ExampleEmailQuestion() {
	ctx, srv, client, end := local(emulator.User{
		Phone: "+9996611234", FirstName: "Ann",
		Channels: []emulator.Channel{emulator.EmailSetup},
	})
	defer end()
	asker := auth.AskerFunc(func(_ context.Context, q auth.Question) (auth.Answer, error) {
		switch q := q.(type) {
		case auth.EmailQuestion:
			return auth.Email("ann@example.org"), nil
		case auth.CodeQuestion:
			fmt.Printf("a code by %s, to %s\n", q.Kind, q.Detail)
			codes := srv.Codes("+9996611234") // the emulator's mailboxes
			return auth.Code(codes[len(codes)-1].Code), nil
		}
		return nil, &auth.UnansweredError{Question: q}
	})

	me, err := auth.SignIn(ctx, client, auth.Phone("+9996611234"), asker)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", *me.FirstName)
	// Output:
	// a code by email, to a***n@example.org
	// a code by email, to a***n@example.org
	// signed in as Ann
}

// Telegram may want proof that no robot is at work. The call that it refused is
// made again with the token.
func ExampleChallengeQuestion() {
	ctx, _, client, end := local(
		emulator.User{Phone: "+9996611234", FirstName: "Ann"},
		emulator.Rule{Method: "auth.sendCode", DC: 1, Do: "challenge", Message: "RECAPTCHA_CHECK_login__6LdSite", Token: "a token of Google's"})
	defer end()
	asker := auth.AskerFunc(func(_ context.Context, q auth.Question) (auth.Answer, error) {
		switch q := q.(type) {
		case auth.ChallengeQuestion:
			fmt.Printf("%s: action %s, site key %s\n", q.Kind, q.Action, q.SiteKey)
			return auth.ChallengeToken("a token of Google's"), nil // what the page of reCAPTCHA gave
		case auth.CodeQuestion:
			return auth.Code("11111"), nil
		}
		return nil, &auth.UnansweredError{Question: q}
	})

	me, err := auth.SignIn(ctx, client, auth.Phone("+9996611234"), asker)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", *me.FirstName)
	// Output:
	// recaptcha: action login, site key 6LdSite
	// signed in as Ann
}
