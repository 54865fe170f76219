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

// Ann signs in with a code, registers a passkey, and next time signs in with that.
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
	if _, err := auth.SignIn(ctx, client, auth.Phone("+9996620001"), auth.Answers{Code: auth.Code("22222")}); err != nil {
		log.Fatal(err)
	}

	device := passkey.New() // or passkey.Open("ann.passkeys")
	made, err := auth.RegisterPasskey(ctx, client, device)
	if err != nil {
		log.Fatal(err)
	}
	kept := device.Credentials()[0]
	fmt.Println(kept.UserName, "at", kept.Site, made.ID == string(kept.ID))
	if err := auth.LogOut(ctx, client); err != nil {
		log.Fatal(err)
	}
	me, err := auth.SignIn(ctx, client, auth.Passkey(), auth.PasskeyAsker(device, nil))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", *me.FirstName)
	// Output:
	// +9996620001 at localhost true
	// signed in as Ann
}
