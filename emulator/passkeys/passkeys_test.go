package passkeys_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/passkeys"
	"github.com/telekey/telekey/passkey"
)

var (
	ann       = emulator.PasskeyOwner{Handle: []byte("2:5000000001"), Name: "+9996620001"}
	bob       = emulator.PasskeyOwner{Handle: []byte("2:5000000002"), Name: "+9996620002"}
	challenge = bytes.Repeat([]byte("0123456789abcdef"), 2)
	stale     = bytes.Repeat([]byte("fedcba9876543210"), 2)
)

func verifier(t *testing.T, cfg passkeys.Config) emulator.Passkeys {
	t.Helper()
	v, err := passkeys.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// create has a passkey made, as options say that are for another challenge if
// the test wants it so.
func create(t *testing.T, v emulator.Passkeys, a *passkey.Authenticator, challenge []byte) []byte {
	t.Helper()
	options, err := v.CreationOptions(challenge, ann, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := a.Create(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func use(t *testing.T, v emulator.Passkeys, a *passkey.Authenticator, challenge []byte) []byte {
	t.Helper()
	options, err := v.RequestOptions(challenge)
	if err != nil {
		t.Fatal(err)
	}
	response, err := a.Get(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func registered(t *testing.T, v emulator.Passkeys, a *passkey.Authenticator) emulator.Passkey {
	t.Helper()
	key, err := v.Register(challenge, ann, create(t, v, a, challenge))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// spoil changes one member of a response, in base64url.
func spoil(t *testing.T, response []byte, name string, change func([]byte) []byte) []byte {
	t.Helper()
	var r map[string]any
	if err := json.Unmarshal(response, &r); err != nil {
		t.Fatal(err)
	}
	inner := r["response"].(map[string]any)
	b, err := base64.RawURLEncoding.DecodeString(inner[name].(string))
	if err != nil {
		t.Fatal(err)
	}
	inner[name] = base64.RawURLEncoding.EncodeToString(change(b))
	spoilt, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return spoilt
}

func flip(at int) func([]byte) []byte {
	return func(b []byte) []byte { b[at] ^= 1; return b }
}

func swap(old, new string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
}

func TestAPasskeyIsRegisteredAndUsed(t *testing.T) {
	v, a := verifier(t, passkeys.Config{}), passkey.New()
	key := registered(t, v, a)
	for range 3 {
		next, err := v.Verify(challenge, ann, key, use(t, v, a, challenge))
		if err != nil || next.ID != string(a.Credentials()[0].ID) {
			t.Fatalf("got %+v, %v", next, err)
		}
		key = next
	}
}

// TDLib sends "1" as the id of every new passkey.
// https://www.w3.org/TR/webauthn-3/#sctn-attested-credential-data
func TestTheIDOfANewPasskeyIsTheOneInTheAttestation(t *testing.T) {
	for _, claimed := range []any{"1", "", "AAAA", "not base64url!", nil, 7} {
		v, a := verifier(t, passkeys.Config{}), passkey.New()
		var r map[string]any
		if err := json.Unmarshal(create(t, v, a, challenge), &r); err != nil {
			t.Fatal(err)
		}
		r["id"], r["rawId"] = claimed, claimed
		if claimed == nil {
			delete(r, "id")
			delete(r, "rawId")
		}
		response, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		key, err := v.Register(challenge, ann, response)
		if err != nil || key.ID != string(a.Credentials()[0].ID) {
			t.Errorf("%v: got the passkey %q, %v; want the id of the authenticator", claimed, key.ID, err)
			continue
		}
		if _, err := v.Verify(challenge, ann, key, use(t, v, a, challenge)); err != nil {
			t.Errorf("%v: used: %v", claimed, err)
		}
	}
}

func TestWhatSomebodyHasIsNotMadeAgain(t *testing.T) {
	v, a := verifier(t, passkeys.Config{}), passkey.New()
	options, err := v.CreationOptions(challenge, ann, []emulator.Passkey{registered(t, v, a)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Create(t.Context(), options); !errors.Is(err, passkey.ErrExcluded) {
		t.Errorf("got %v, want ErrExcluded", err)
	}
}

// Each check of a registration, one by one.
func TestARegistrationIsChecked(t *testing.T) {
	v := verifier(t, passkeys.Config{})
	elsewhere := verifier(t, passkeys.Config{RPID: "example.org"})
	good := create(t, v, passkey.New(), challenge)
	if _, err := v.Register(challenge, ann, good); err != nil {
		t.Fatal(err)
	}
	unseen := func(flag byte) func([]byte) []byte { // the flags stand behind the hash of the site's id
		return func(b []byte) []byte { b[bytes.Index(b, []byte("authData"))+8+2+32] &^= flag; return b }
	}
	for name, response := range map[string][]byte{
		"another challenge":     create(t, v, passkey.New(), stale),
		"another ceremony":      spoil(t, good, "clientDataJSON", swap("webauthn.create", "webauthn.get")),
		"an embedded page":      spoil(t, good, "clientDataJSON", swap(`"crossOrigin":false`, `"crossOrigin":true`)),
		"another site's id":     create(t, elsewhere, &passkey.Authenticator{}, challenge),
		"another id's hash":     spoil(t, good, "attestationObject", func(b []byte) []byte { b[bytes.Index(b, []byte("authData"))+8+2] ^= 1; return b }),
		"nobody was there":      spoil(t, good, "attestationObject", unseen(1)),
		"nobody was verified":   spoil(t, good, "attestationObject", unseen(4)),
		"a point off the curve": spoil(t, good, "attestationObject", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }),
		"bytes at the end":      spoil(t, good, "attestationObject", func(b []byte) []byte { return append(b, 0) }),
		"no attestation":        spoil(t, good, "attestationObject", func([]byte) []byte { return nil }),
		"not JSON":              []byte("{"),
	} {
		if _, err := v.Register(challenge, ann, response); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

// Each check of a sign-in, one by one.
func TestASignInIsChecked(t *testing.T) {
	v, a := verifier(t, passkeys.Config{}), passkey.New()
	key := registered(t, v, a)
	other := passkey.New()
	registered(t, v, other)
	good := use(t, v, a, challenge)
	if _, err := v.Verify(challenge, ann, key, good); err != nil {
		t.Fatal(err)
	}
	for name, response := range map[string][]byte{
		"another challenge":   use(t, v, a, stale),
		"another ceremony":    spoil(t, good, "clientDataJSON", swap("webauthn.get", "webauthn.create")),
		"other client data":   spoil(t, good, "clientDataJSON", swap(`false`, `false `)),
		"an embedded page":    spoil(t, good, "clientDataJSON", swap(`"crossOrigin":false`, `"crossOrigin":true`)),
		"another id's hash":   spoil(t, good, "authenticatorData", flip(0)),
		"nobody was there":    spoil(t, good, "authenticatorData", flip(32)),
		"nobody was verified": spoil(t, good, "authenticatorData", func(b []byte) []byte { b[32] &^= 4; return b }),
		"another count":       spoil(t, good, "authenticatorData", func(b []byte) []byte { b[36]++; return b }),
		"another signature":   spoil(t, good, "signature", flip(20)),
		"no signature":        spoil(t, good, "signature", func([]byte) []byte { return nil }),
		"another user":        spoil(t, good, "userHandle", swap("1", "2")),
		"no user":             spoil(t, good, "userHandle", func([]byte) []byte { return nil }),
		"another key":         use(t, v, other, challenge),
		"not JSON":            []byte("{"),
	} {
		if _, err := v.Verify(challenge, ann, key, response); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
	if _, err := v.Verify(challenge, bob, key, good); err == nil {
		t.Error("Ann's handle was taken for Bob's")
	}
}

func TestAnUnverifiedUserIsNotLetIn(t *testing.T) {
	v, a := verifier(t, passkeys.Config{}), passkey.New()
	key := registered(t, v, a)
	careless := passkey.New(a.Credentials()...)
	careless.Unverified = true
	options, err := v.RequestOptions(challenge)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := careless.Get(t.Context(), options); !errors.Is(err, passkey.ErrUnverified) {
		t.Errorf("got %v: do the options not want it?", err)
	}
	options = bytes.Replace(options, []byte(`"required"`), []byte(`"discouraged"`), 1)
	response, err := careless.Get(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(challenge, ann, key, response); err == nil {
		t.Error("it was taken")
	}
}

// Two copies of a passkey count separately, and the second one repeats a count.
func TestACopyIsFoundOutByItsCount(t *testing.T) {
	v, a := verifier(t, passkeys.Config{}), passkey.New()
	key := registered(t, v, a)
	copied := passkey.New(a.Credentials()...)
	key, err := v.Verify(challenge, ann, key, use(t, v, a, challenge))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(challenge, ann, key, use(t, v, copied, challenge)); err == nil || !strings.Contains(err.Error(), "copied") {
		t.Errorf("got %v, want that it has been copied", err)
	}
}

func TestPagesOfTheConfiguredOriginsMayUsePasskeys(t *testing.T) {
	site := passkeys.Config{RPID: "example.org"}
	pages := passkeys.Config{RPID: "example.org", Origins: []string{"https://login.example.org:*", "http://example.org:8080"}}
	for _, c := range []struct {
		cfg    passkeys.Config
		origin string
		taken  bool
	}{
		{passkeys.Config{}, "https://localhost", true},
		{passkeys.Config{}, "https://localhost:8443", true},
		{passkeys.Config{}, "http://localhost:3000", true},
		{passkeys.Config{}, "http://localhost", true},
		{passkeys.Config{}, "https://evil.localhost", false},
		{passkeys.Config{}, "http://127.0.0.1:3000", false},
		{passkeys.Config{}, "https://localhost:8443/path", false},
		{passkeys.Config{}, "https://user@localhost:8443", false},
		{passkeys.Config{}, "ftp://localhost:21", false},
		{passkeys.Config{}, "", false},
		{site, "https://example.org", true},
		{site, "https://example.org:443", true},
		{site, "https://example.org:8443", false},
		{site, "http://example.org", false},
		{site, "https://login.example.org", false},
		{pages, "https://login.example.org", true},
		{pages, "https://login.example.org:1", true},
		{pages, "http://login.example.org", false},
		{pages, "https://example.org", false},
		{pages, "http://example.org:8080", true},
	} {
		v := verifier(t, c.cfg)
		own := "https://localhost"
		if c.cfg.RPID != "" {
			own = "https://" + c.cfg.RPID
		}
		made := spoil(t, create(t, v, passkey.New(), challenge), "clientDataJSON", swap(`"`+own+`"`, `"`+c.origin+`"`))
		_, err := v.Register(challenge, ann, made)
		if (err == nil) != c.taken || errors.Is(err, emulator.ErrPasskeyOrigin) == c.taken {
			t.Errorf("%+v: %q: got %v, want that it is taken: %v", c.cfg, c.origin, err, c.taken)
		}
	}
}

func TestAConfigThatCannotWorkIsRefused(t *testing.T) {
	for want, cfg := range map[string]passkeys.Config{
		"RPID":                 {RPID: "127.0.0.1"},
		"origins: got none":    {Origins: []string{}},
		`got "localhost"`:      {Origins: []string{"localhost"}},
		`got "ftp://localhost`: {Origins: []string{"ftp://localhost"}},
		`/login"`:              {Origins: []string{"https://localhost/login"}},
		"want the host":        {RPID: "example.org", Origins: []string{"https://example.com"}},
	} {
		if _, err := passkeys.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", cfg, err, want)
		}
	}
}

// Every response of a client is accepted or refused; an accepted passkey can be used.
func FuzzResponse(f *testing.F) {
	v, err := passkeys.New(passkeys.Config{})
	if err != nil {
		f.Fatal(err)
	}
	a := passkey.New()
	options, err := v.CreationOptions(challenge, ann, nil)
	if err != nil {
		f.Fatal(err)
	}
	made, err := a.Create(f.Context(), options)
	if err != nil {
		f.Fatal(err)
	}
	key, err := v.Register(challenge, ann, made)
	if err != nil {
		f.Fatal(err)
	}
	if options, err = v.RequestOptions(challenge); err != nil {
		f.Fatal(err)
	}
	used, err := a.Get(f.Context(), options)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(made)
	f.Add(used)
	f.Add([]byte(`{"id":"","response":{"attestationObject":"v///"}}`))
	f.Fuzz(func(t *testing.T, response []byte) {
		if key, err := v.Register(challenge, ann, response); err == nil && (key.ID == "" || len(key.Record) == 0) {
			t.Errorf("got %+v", key)
		}
		if next, err := v.Verify(challenge, ann, key, response); err == nil && next.ID != key.ID {
			t.Errorf("got %+v", next)
		}
	})
}
