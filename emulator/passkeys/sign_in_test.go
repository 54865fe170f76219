package passkeys_test

import (
	"context"
	"testing"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/passkey"
)

// The test uses a passkey as programs do: register it, then sign in by
// [auth.Passkey] on a client that begins at another data centre, with the password.
func TestPasskeySignsInByTheFlow(t *testing.T) {
	srv := startEmulator(t)
	bob := byCode(t, srv, bobsPhone)
	device := passkey.New()
	register(t, bob, device)
	for _, pfs := range []bool{false, true} {
		c := dial(t, srv, telekey.Config{PFS: pfs})
		me, err := auth.SignIn(t.Context(), c, auth.Passkey(), auth.PasskeyAsker(device, nil))
		if err != nil {
			t.Fatalf("with temporary keys: %v: %v", pfs, err)
		}
		if *me.FirstName != "Bob" || c.Home() != 3 {
			t.Errorf("got %s at data centre %d, want Bob at 3", *me.FirstName, c.Home())
		}
	}
	setPassword(t, bob)
	c := dial(t, srv, telekey.Config{})
	if _, err := auth.SignIn(t.Context(), c, auth.Passkey(), auth.PasskeyAsker(device, auth.Answers{Password: auth.Secret(bobsPassword)})); err != nil {
		t.Fatal(err)
	}
}

func setPassword(t *testing.T, c *telekey.Client) {
	t.Helper()
	asker := auth.AskerFunc(func(context.Context, auth.Question) (auth.Answer, error) {
		return auth.NewPassword{Password: auth.Secret(bobsPassword)}, nil
	})
	if _, err := auth.Run(t.Context(), c, auth.SetPassword(), asker); err != nil {
		t.Fatal(err)
	}
}
