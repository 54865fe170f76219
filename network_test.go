package telekey_test

import (
	"crypto/rsa"
	"slices"
	"testing"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/transport"
)

// A network file that lists Telegram's key and the emulator's must not lead a
// session of Telegram's to the emulator: the emulator would get calls that are
// for Telegram, and Telegram a key that the emulator made.
func TestASessionOfTelegramsNeverMeetsTheEmulator(t *testing.T) {
	m := newMemory()
	srv, err := emulator.Start(emulator.Config{Listener: m.Listen})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	for _, real := range []dc.Network{dc.Production(), dc.Test()} {
		local := srv.Network()
		for name, keys := range map[string][]*rsa.PublicKey{
			"Telegram's first":     slices.Concat(real.Keys, local.Keys),
			"the emulator's first": slices.Concat(local.Keys, real.Keys),
			"the emulator's":       local.Keys,
		} {
			store := bound(t, real)
			mixed := local
			mixed.Test, mixed.Keys = real.Test, keys
			c, err := telekey.Dial(t.Context(), telekey.Config{
				AppID: 1, AppHash: "x", Network: mixed, Session: store, Dialer: transport.TCP{DialContext: m.Dial},
			})
			if err == nil {
				c.Close()
				t.Errorf("%s, %s: got a connection, want an error", real.Name, name)
			}
			if m.dials != 0 {
				t.Fatalf("%s, %s: the client dialled", real.Name, name)
			}
			if d := data(t, store); d.Network.Identity() != real.Name || len(d.Network.Keys) != 1 || len(d.Keys) != 0 {
				t.Errorf("%s, %s: the session is %v now, want it unchanged", real.Name, name, d)
			}
		}
	}
}

// bound is a session that was made on a network.
func bound(t *testing.T, n dc.Network) *session.Memory {
	t.Helper()
	store := new(session.Memory)
	held, err := store.Hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Update(t.Context(), func(d *session.Data) error { return d.Bind(n) }); err != nil {
		t.Fatal(err)
	}
	if err := held.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store
}

// data is what a session holds.
func data(t *testing.T, store session.Store) session.Data {
	t.Helper()
	held, err := store.Hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release(t.Context())
	return held.Data()
}
