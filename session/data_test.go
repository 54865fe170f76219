package session_test

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"testing"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/session/sessiontest"
)

// A local key never goes to Telegram.
func TestASessionStaysOnItsNetwork(t *testing.T) {
	local := sessiontest.Sample().Network
	other := sessiontest.Sample().Network
	other.Name = "other"
	other.Keys = otherKeys()

	var d session.Data
	if err := d.Bind(local); err != nil {
		t.Fatalf("the first network: %v", err)
	}
	if err := d.Bind(other); !errors.Is(err, session.ErrOtherNetwork) {
		t.Errorf("another network: got %v, want ErrOtherNetwork", err)
	}
	if got := d.Network.Identity(); got != local.Identity() {
		t.Errorf("the refused network was taken: %s", got)
	}
	moved := sessiontest.Sample().Network
	moved.DCs[0].Addr = "127.0.0.1:50002"
	if err := d.Bind(moved); err != nil {
		t.Errorf("the same network at another address: %v", err)
	}
	if got := d.Network.DCs[0].Addr; got != "127.0.0.1:50002" {
		t.Errorf("got %s, want the new address", got)
	}
	moved.DCs[0].Addr = "changed later"
	if got := d.Network.DCs[0].Addr; got != "127.0.0.1:50002" {
		t.Errorf("the session shares its addresses with the caller: %s", got)
	}

	stray := session.Data{Keys: sessiontest.Sample().Keys}
	if err := stray.Bind(local); !errors.Is(err, session.ErrOtherNetwork) {
		t.Errorf("keys of an unknown network: got %v, want ErrOtherNetwork", err)
	}
}

// A server with an RSA key added to a session could pose as its network.
func TestABoundSessionTakesNoNewKeys(t *testing.T) {
	production, foreign := dc.Production(), otherKeys()[0]
	var d session.Data
	if err := d.Bind(production); err != nil {
		t.Fatal(err)
	}
	for name, keys := range map[string][]*rsa.PublicKey{
		"beside its own": {production.Keys[0], foreign},
		"before its own": {foreign, production.Keys[0]},
		"in their place": {foreign},
	} {
		n := production
		n.Keys = keys
		if err := d.Bind(n); err == nil {
			t.Errorf("another key %s: got no error", name)
		}
		if len(d.Network.Keys) != 1 || !d.Network.Keys[0].Equal(production.Keys[0]) {
			t.Fatalf("another key %s: the session has %d keys now, want production's alone", name, len(d.Network.Keys))
		}
	}
	// The same keys, written otherwise, are the same network; its list stays.
	n := production
	n.Keys = []*rsa.PublicKey{production.Keys[0], production.Keys[0]}
	if err := d.Bind(n); err != nil || len(d.Network.Keys) != 1 {
		t.Errorf("got %v and %d keys, want the one that it had", err, len(d.Network.Keys))
	}
}

// An earlier telekey could store such a list; it is not opened.
func TestAStoredSessionWithTelegramsKeyBesideAnotherIsRefused(t *testing.T) {
	d := sessiontest.Sample()
	b, err := session.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	network := dc.Production()
	network.Keys = append(network.Keys, d.Network.Keys...)
	mixed, err := json.Marshal(network)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		t.Fatal(err)
	}
	fields["network"] = mixed
	if b, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	_, err = session.Unmarshal(b)
	if e, ok := errors.AsType[*session.FileError](err); !ok || e.Place != "network" {
		t.Errorf("got %v, want a FileError about the network", err)
	}
}

// Telegram takes twenty future auth tokens, and the newest are worth the most.
// https://core.telegram.org/api/auth#future-auth-tokens
func TestTheNewestTwentyTokensAreKept(t *testing.T) {
	var d session.Data
	d.AddToken(session.Token{})
	for i := range 30 {
		d.AddToken(session.NewToken(fmt.Sprint("token ", i)))
	}
	d.AddToken(session.NewToken("token 15")) // again
	if len(d.Tokens) != session.MaxTokens {
		t.Fatalf("got %d tokens, want %d", len(d.Tokens), session.MaxTokens)
	}
	for place, want := range map[int]string{0: "token 10", 4: "token 14", 5: "token 16", 18: "token 29", 19: "token 15"} {
		if got := d.Tokens[place]; !got.Equal(session.NewToken(want)) {
			t.Errorf("place %d: got %q, want %q", place, got.Reveal(), want)
		}
	}
	given := session.NewToken("mine")
	d.AddToken(given)
	given.Bytes()[0] = 'M'
	if got := d.Tokens[19]; !got.Equal(session.NewToken("mine")) {
		t.Errorf("the session shares a token with the caller: %q", got.Reveal())
	}
}

func TestAWipedSessionHasNoSecretsLeft(t *testing.T) {
	d := sessiontest.Sample()
	keys, token := d.Keys, d.Tokens[0]
	d.Wipe()
	for id, key := range keys {
		if !key.Auth.IsZero() {
			t.Errorf("the key of data centre %d is still there", id)
		}
	}
	for _, b := range token.Bytes() {
		if b != 0 {
			t.Error("the token is still there")
			break
		}
	}
	if d.User != nil || d.Home != 0 || d.Keys != nil {
		t.Errorf("got %v, want nothing", d)
	}
}

func TestASessionSumsItselfUp(t *testing.T) {
	d := sessiontest.Sample()
	want := fmt.Sprintf("session(network %q (%s), home 2, keys for [2 4], user 5000000001, 2 tokens)", "sample", d.Network.Identity())
	if got := d.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := (session.Data{}).String(), "session(no network, home 0, keys for [], nobody, 0 tokens)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// otherKeys are not the sample's.
func otherKeys() []*rsa.PublicKey {
	modulus := new(big.Int).SetBit(big.NewInt(3), 2047, 1)
	return []*rsa.PublicKey{{N: modulus, E: 65537}}
}
