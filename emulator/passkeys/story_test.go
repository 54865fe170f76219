package passkeys_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/passkeys"
	"github.com/telekey/telekey/passkey"
	"github.com/telekey/telekey/tg"
)

const (
	annsPhone    = "+9996620001" // at home in data centre 2
	bobsPhone    = "+9996630002" // and in 3
	bobsPassword = "correct horse"
)

// startEmulator starts an emulator with passkeys and the accounts of Ann and Bob.
func startEmulator(t *testing.T) *emulator.Server {
	t.Helper()
	srv, err := emulator.Start(emulator.Config{
		Users:    []emulator.User{{Phone: annsPhone, FirstName: "Ann"}, {Phone: bobsPhone, FirstName: "Bob"}},
		Passkeys: verifier(t, passkeys.Config{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return srv
}

func dial(t *testing.T, srv *emulator.Server, cfg telekey.Config) *telekey.Client {
	t.Helper()
	cfg.Network = srv.Network()
	c, err := telekey.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// byCode returns a client that signed in to phone with a code.
func byCode(t *testing.T, srv *emulator.Server, phone string) *telekey.Client {
	t.Helper()
	c := dial(t, srv, telekey.Config{})
	_, err := auth.SignIn(t.Context(), c, auth.Phone(phone), auth.AskerFunc(func(ctx context.Context, _ auth.Question) (auth.Answer, error) {
		code, err := srv.WaitCode(ctx, phone)
		return auth.Code(code.Code), err
	}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func register(t *testing.T, c *telekey.Client, device *passkey.Authenticator) *tg.Passkey {
	t.Helper()
	key, err := auth.RegisterPasskey(t.Context(), c, device)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// answer returns the response of device to a challenge for c.
func answer(t *testing.T, c *telekey.Client, device *passkey.Authenticator) auth.Assertion {
	t.Helper()
	id, hash := c.App()
	begun, err := tg.Call(t.Context(), c.On(0), &tg.AuthInitPasskeyLogin{APIID: int32(id), APIHash: hash})
	if err != nil {
		t.Fatal(err)
	}
	said, err := auth.PasskeyAsker(device, nil).Ask(t.Context(), auth.PasskeyQuestion{Network: c.Session().Network.Identity(), Options: json.RawMessage(begun.Options.Data)})
	if err != nil {
		t.Fatal(err)
	}
	return said.(auth.Assertion)
}

// finish sends the assertion to the data centre of the user handle.
func finish(t *testing.T, c *telekey.Client, a auth.Assertion) (*tg.User, error) {
	t.Helper()
	began := c.Home()
	call := &tg.AuthFinishPasskeyLogin{Credential: &tg.InputPasskeyCredentialPublicKey{ID: a.ID, RawID: a.ID,
		Response: &tg.InputPasskeyResponseLogin{
			ClientData: &tg.DataJSON{Data: string(a.ClientData)}, AuthenticatorData: a.AuthenticatorData, Signature: a.Signature.Bytes(), UserHandle: a.UserHandle,
		}}}
	dc, _, _ := strings.Cut(a.UserHandle, ":")
	home, err := strconv.Atoi(dc)
	if err != nil {
		t.Fatal(err)
	}
	if home != began {
		key := c.Session().Keys[began].Auth
		call.FromDCID, call.FromAuthKeyID = new(int32(began)), new(key.ID())
		if err := c.Move(t.Context(), home); err != nil {
			t.Fatal(err)
		}
	}
	authorization, err := tg.Call(t.Context(), c.On(0), call)
	if err != nil {
		return nil, err
	}
	return authorization.(*tg.AuthAuthorization).User.(*tg.User), nil
}

// byPasskey signs c in with device; a answers the remaining questions.
func byPasskey(t *testing.T, c *telekey.Client, device *passkey.Authenticator, a auth.Asker) (*tg.User, error) {
	t.Helper()
	return auth.SignIn(t.Context(), c, auth.Passkey(), auth.PasskeyAsker(device, a))
}

func wantRefused(t *testing.T, err error, want tg.ErrorType) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAPasskeySignsInAfterLoggingOut(t *testing.T) {
	srv := startEmulator(t)
	device, err := passkey.Open(filepath.Join(t.TempDir(), "ann.passkeys"))
	if err != nil {
		t.Fatal(err)
	}
	c := byCode(t, srv, annsPhone)
	made := register(t, c, device)
	if _, err := auth.RegisterPasskey(t.Context(), c, device); !errors.Is(err, passkey.ErrExcluded) {
		t.Errorf("got %v, want that the device has one already", err)
	}
	if err := auth.LogOut(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	me, err := byPasskey(t, c, device, nil)
	if err != nil || *me.FirstName != "Ann" {
		t.Fatalf("got %+v, %v, want Ann", me, err)
	}
	list, err := auth.Passkeys(t.Context(), c)
	if err != nil || len(list) != 1 || list[0].ID != made.ID || list[0].LastUsageDate == nil {
		t.Errorf("got %+v, %v, want the one passkey, used", list, err)
	}
}

func TestAPasskeySignsInFromAnotherDataCentre(t *testing.T) {
	srv := startEmulator(t)
	device := passkey.New()
	register(t, byCode(t, srv, bobsPhone), device)
	for _, pfs := range []bool{false, true} {
		c := dial(t, srv, telekey.Config{PFS: pfs})
		if c.Home() == 3 {
			t.Fatal("a new client begins at Bob's home, and nothing is tried")
		}
		me, err := byPasskey(t, c, device, nil)
		if err != nil || *me.FirstName != "Bob" || c.Home() != 3 {
			t.Errorf("temporary keys %v: got %+v, %v at data centre %d, want Bob at 3", pfs, me, err, c.Home())
		}
	}
}

func TestThePasswordIsAskedForAfterThePasskey(t *testing.T) {
	srv := startEmulator(t)
	if err := srv.AddUser(emulator.User{Phone: "+9996630003", Password: bobsPassword}); err != nil {
		t.Fatal(err)
	}
	first := dial(t, srv, telekey.Config{})
	_, err := auth.SignIn(t.Context(), first, auth.Phone("+9996630003"), auth.Answers{Code: auth.Code("33333"), Password: auth.Secret(bobsPassword)})
	if err != nil {
		t.Fatal(err)
	}
	device := passkey.New()
	register(t, first, device)

	c := dial(t, srv, telekey.Config{})
	me, err := byPasskey(t, c, device, auth.Answers{Password: auth.Secret(bobsPassword)})
	if err != nil || *me.Phone != "9996630003" {
		t.Errorf("got %+v, %v", me, err)
	}
}

func TestAPageOfAnotherOriginRegistersNothing(t *testing.T) {
	srv := startEmulator(t)
	c := byCode(t, srv, annsPhone)
	device := &passkey.Authenticator{Origin: "https://evil.localhost"}
	_, err := auth.RegisterPasskey(t.Context(), c, device)
	wantRefused(t, err, tg.ErrPasskeyOriginMismatch)
	if left := device.Credentials(); len(left) != 0 {
		t.Errorf("got %v, want that the refused one is forgotten", left)
	}
	good := passkey.New()
	register(t, c, good)
	stolen := passkey.New(good.Credentials()...)
	stolen.Origin = "https://evil.localhost"
	_, err = byPasskey(t, dial(t, srv, telekey.Config{}), stolen, nil)
	wantRefused(t, err, tg.ErrPasskeyOriginMismatch)
}

func TestAnOverheardAssertionIsWorthNothing(t *testing.T) {
	srv := startEmulator(t)
	device := passkey.New()
	register(t, byCode(t, srv, annsPhone), device)
	c := dial(t, srv, telekey.Config{})
	said := answer(t, c, device)
	_, err := finish(t, dial(t, srv, telekey.Config{}), said)
	wantRefused(t, err, tg.ErrCredentialInvalid)
	if _, err := finish(t, c, said); err != nil {
		t.Fatal(err)
	}
	if err := auth.LogOut(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	_, err = finish(t, c, said)
	wantRefused(t, err, tg.ErrCredentialInvalid)

	said = answer(t, c, device)
	srv.FastForward(time.Hour)
	_, err = finish(t, c, said)
	wantRefused(t, err, "PASSKEY_AUTH_RESTART")
}

func TestADeletedPasskeyOpensNothing(t *testing.T) {
	srv := startEmulator(t)
	device := passkey.New()
	member := byCode(t, srv, annsPhone)
	made := register(t, member, device)
	if err := auth.DeletePasskey(t.Context(), member, made.ID); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, auth.DeletePasskey(t.Context(), member, made.ID), auth.ErrPasskeyNotFound)
	c := dial(t, srv, telekey.Config{})
	_, err := byPasskey(t, c, device, nil)
	wantRefused(t, err, auth.ErrPasskeyNotFound)
	register(t, member, device) // and the device may have another one
	if _, err := byPasskey(t, c, device, nil); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestTheSecondCopyOfAPasskeyIsRefused(t *testing.T) {
	srv := startEmulator(t)
	path := filepath.Join(t.TempDir(), "ann.passkeys")
	device, err := passkey.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	register(t, byCode(t, srv, annsPhone), device)
	copied, err := passkey.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := byPasskey(t, dial(t, srv, telekey.Config{}), device, nil); err != nil {
			t.Fatal(err)
		}
	}
	_, err = byPasskey(t, dial(t, srv, telekey.Config{}), copied, nil)
	wantRefused(t, err, tg.ErrCredentialInvalid)
}

// A hostile network forwards the challenge of another network to a passkey's owner,
// and would sign in there with the response.
func TestAPasskeySignsForItsOwnNetworkAlone(t *testing.T) {
	srv := startEmulator(t)
	owner, hostile := passkey.New(), dial(t, srv, telekey.Config{})
	register(t, byCode(t, srv, annsPhone), owner)
	id, hash := hostile.App()
	begun, err := tg.Call(t.Context(), hostile.On(0), &tg.AuthInitPasskeyLogin{APIID: int32(id), APIHash: hash})
	if err != nil {
		t.Fatal(err)
	}
	for _, network := range []string{"", "production", "0123456789abcdef"} {
		q := auth.PasskeyQuestion{Network: network, Options: json.RawMessage(begun.Options.Data)}
		if said, err := auth.PasskeyAsker(owner, nil).Ask(t.Context(), q); said != nil || err == nil || network != "" && !errors.Is(err, passkey.ErrOtherNetwork) {
			t.Errorf("network %q: got %v, want an error, ErrOtherNetwork if the network is named, and no signature", network, err)
		}
	}
	if a := answer(t, hostile, owner); a.Signature.IsZero() {
		t.Error("the passkey's own network got no signature: this test sees nothing")
	}
}
