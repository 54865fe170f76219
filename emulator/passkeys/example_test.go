package passkeys_test

import (
	"context"
	"fmt"
	"log"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/passkeys"
	"github.com/telekey/telekey/passkey"
)

// Ann signs in with a code and registers a passkey.
func Example() {
	ctx := context.Background()
	keys, err := passkeys.New(passkeys.Config{})
	if err != nil {
		log.Fatal(err)
	}
	srv, err := emulator.Start(emulator.Config{Users: []emulator.User{{Phone: "+9996620001", FirstName: "Ann"}}, Passkeys: keys})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client, err := telekey.Dial(ctx, telekey.Config{Network: srv.Network()})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if _, err := auth.SignIn(ctx, client, auth.Phone("+9996620001"), auth.Answers{Code: "22222"}); err != nil {
		log.Fatal(err)
	}

	device := passkey.New() // or passkey.Open("ann.passkeys")
	made, err := auth.RegisterPasskey(ctx, client, device)
	if err != nil {
		log.Fatal(err)
	}
	kept := device.Credentials()[0]
	fmt.Printf("%s at %s, the one Telegram lists: %v\n", kept.UserName, kept.Site, made.ID == string(kept.ID))
	// Output: +9996620001 at localhost, the one Telegram lists: true
}
