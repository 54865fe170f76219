package passkey_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/telekey/telekey/passkey"
)

// register are a site's options for a new passkey, with more in front of them.
func register(user, more string) []byte {
	return fmt.Appendf(nil, `{"publicKey":{%s"rp":{"id":"example.org","name":"Example"},
		"user":{"id":%q,"name":"ann","displayName":"Ann"},
		"challenge":"AAECAwQFBgcICQoLDA0ODw","pubKeyCredParams":[{"type":"public-key","alg":-8},{"type":"public-key","alg":-7}]}}`,
		more, b64(user))
}

func login(more string) []byte {
	return fmt.Appendf(nil, `{%s"rpId":"example.org","challenge":"AAECAwQFBgcICQoLDA0ODw"}`, more)
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// reply is what a site gets.
type reply struct {
	ID, Type string
	Response struct {
		ClientData string `json:"clientDataJSON"`
		AuthData   string `json:"authenticatorData"`
		UserHandle string
	}
}

func understood(t *testing.T) func([]byte, error) reply {
	t.Helper()
	return func(response []byte, err error) (r reply) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(response, &r); err != nil {
			t.Fatalf("%v in %s", err, response)
		}
		return r
	}
}

// decoded is a member in base64url.
func decoded(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAPasskeyIsMadeAndUsed(t *testing.T) {
	var a passkey.Authenticator
	made := understood(t)(a.Create(t.Context(), register("2:42", "")))
	used := understood(t)(a.Get(t.Context(), login("")))
	if used.ID != made.ID || used.Type != "public-key" || string(decoded(t, used.Response.UserHandle)) != "2:42" {
		t.Errorf("got %+v, want the passkey %s of the user 2:42", used, made.ID)
	}
	const want = `{"type":"webauthn.get","challenge":"AAECAwQFBgcICQoLDA0ODw","origin":"https://example.org","crossOrigin":false}`
	if got := string(decoded(t, used.Response.ClientData)); got != want {
		t.Errorf("got the client data %s, want %s", got, want)
	}
}

func TestEachUseIsCountedBeforeItLeaves(t *testing.T) {
	a := passkey.New()
	understood(t)(a.Create(t.Context(), register("1", "")))
	for want := uint32(1); want <= 3; want++ {
		used := understood(t)(a.Get(t.Context(), login("")))
		data := decoded(t, used.Response.AuthData)
		if got := data[len(data)-1]; uint32(got) != want || a.Credentials()[0].Count != want {
			t.Errorf("got the count %d, kept as %d, want %d", got, a.Credentials()[0].Count, want)
		}
	}
}

func TestAnAccountHasOnePasskeyHere(t *testing.T) {
	a := passkey.New()
	old := understood(t)(a.Create(t.Context(), register("1", "")))
	exclude := fmt.Sprintf(`"excludeCredentials":[{"type":"public-key","id":%q}],`, old.ID)
	if _, err := a.Create(t.Context(), register("1", exclude)); !errors.Is(err, passkey.ErrExcluded) {
		t.Errorf("the site knows it: got %v, want ErrExcluded", err)
	}
	another := fmt.Appendf(nil, `{%s"rp":{"id":"example.com"},"user":{"id":"MQ"},"challenge":"AAAA"}`, exclude)
	understood(t)(a.Create(t.Context(), another))                    // another site has no say in it
	fresh := understood(t)(a.Create(t.Context(), register("1", ""))) // the site has forgotten it
	understood(t)(a.Create(t.Context(), register("2", "")))
	if all := a.Credentials(); len(all) != 3 || string(all[1].ID) != fresh.ID {
		t.Errorf("got %v, want the other site's, the new one instead of the old, and the other user's", all)
	}
}

func TestTheSiteSaysWhichPasskeysItTakes(t *testing.T) {
	a := passkey.New()
	first := understood(t)(a.Create(t.Context(), register("1", "")))
	second := understood(t)(a.Create(t.Context(), register("2", "")))
	allow := fmt.Sprintf(`"allowCredentials":[{"type":"public-key","id":%q}],`, first.ID)
	if used := understood(t)(a.Get(t.Context(), login(allow))); used.ID != first.ID {
		t.Errorf("got %s, want the one that is allowed", used.ID)
	}
	if used := understood(t)(a.Get(t.Context(), login(""))); used.ID != second.ID {
		t.Errorf("got %s, want the newest", used.ID)
	}
	allow = `"allowCredentials":[{"type":"public-key","id":"AAAA"}],`
	if _, err := a.Get(t.Context(), login(allow)); !errors.Is(err, passkey.ErrNoCredential) {
		t.Errorf("got %v, want ErrNoCredential", err)
	}
	elsewhere := []byte(`{"rpId":"example.com","challenge":"AAAA"}`)
	if _, err := a.Get(t.Context(), elsewhere); !errors.Is(err, passkey.ErrNoCredential) {
		t.Errorf("another site: got %v, want ErrNoCredential", err)
	}
}

func TestSomebodyChoosesAmongSeveral(t *testing.T) {
	a := passkey.New()
	first := understood(t)(a.Create(t.Context(), register("1", "")))
	understood(t)(a.Create(t.Context(), register("2", "")))
	index, reason := 0, error(nil)
	a.Choose = func(_ context.Context, among []passkey.Credential) (int, error) { return index, reason }
	if used := understood(t)(a.Get(t.Context(), login(""))); used.ID != first.ID {
		t.Errorf("got %s, want the chosen one", used.ID)
	}
	for _, index = range []int{-1, 2} {
		if _, err := a.Get(t.Context(), login("")); err == nil {
			t.Errorf("the choice of %d of two was taken", index)
		}
	}
	reason = errors.New("not now")
	if _, err := a.Get(t.Context(), login("")); !errors.Is(err, reason) {
		t.Errorf("got %v, want that it was refused", err)
	}
}

func TestVerificationIsClaimedOrRefused(t *testing.T) {
	const must = `"userVerification":"required",`
	for _, unverified := range []bool{false, true} {
		a := passkey.Authenticator{Unverified: unverified}
		understood(t)(a.Create(t.Context(), register("1", "")))
		data := decoded(t, understood(t)(a.Get(t.Context(), login(""))).Response.AuthData)
		if claimed := data[32]&4 != 0; claimed == unverified || data[32]&1 == 0 {
			t.Errorf("Unverified %v: got the flags %b", unverified, data[32])
		}
		_, err := a.Get(t.Context(), login(must))
		_, err2 := a.Create(t.Context(), register("9", `"authenticatorSelection":{`+strings.TrimSuffix(must, ",")+`},`))
		if errors.Is(err, passkey.ErrUnverified) != unverified || errors.Is(err2, passkey.ErrUnverified) != unverified {
			t.Errorf("Unverified %v, verification required: got %v and %v", unverified, err, err2)
		}
	}
}

func TestAPageGetsNoOtherSitesPasskey(t *testing.T) {
	for origin, fits := range map[string]bool{
		"":                               true,
		"https://example.org":            true,
		"https://login.example.org:8443": true,
		"http://example.org":             false,
		"https://example.org.evil.test":  false,
		"https://evilexample.org":        false,
		"https://org":                    false,
		"https://example.org/login":      false,
		"example.org":                    false,
		"https://%zz":                    false,
	} {
		a := passkey.Authenticator{Origin: origin}
		_, err := a.Create(t.Context(), register("1", ""))
		if _, foreign := errors.AsType[*passkey.OriginError](err); foreign == fits || fits && err != nil {
			t.Errorf("%q: got %v, want that it fits: %v", origin, err, fits)
		}
	}
	local := passkey.Authenticator{Origin: "http://localhost:8080"}
	understood(t)(local.Create(t.Context(), []byte(`{"rp":{},"user":{"id":"AAAA"},"challenge":"AAAA"}`)))
	if site := local.Credentials()[0].Site; site != "localhost" {
		t.Errorf("got the site %q, want the page's host", site)
	}
}

func TestOptionsThatCannotBeServedSayWhy(t *testing.T) {
	const kinds = `"pubKeyCredParams":[{"type":"public-key","alg":-257}]`
	a := passkey.New()
	if _, err := a.Create(t.Context(), []byte(`{"rp":{"id":"x.org"},"user":{"id":"AAAA"},"challenge":"AAAA",`+kinds+`}`)); !errors.Is(err, passkey.ErrAlgorithm) {
		t.Errorf("got %v, want ErrAlgorithm", err)
	}
	for options, want := range map[string]string{
		"":                       "no JSON object",
		"null":                   "no JSON object",
		`{"publicKey":7}`:        "no JSON object",
		`{`:                      "unexpected end",
		`{"challenge":7}`:        "base64url",
		`{"challenge":"!"}`:      "base64url",
		`{"rp":{"id":7}}`:        "rp.id: got a JSON number",
		`{"rp":{"id":"\ud83d"}}`: "half of a character",
		`{"user":{"id":"AAA"}}`:  "challenge: it is missing",
		`{"challenge":"AAAA"}`:   "user.id: got 0 bytes",
		`{"challenge":"AAAA","user":{"id":"` + strings.Repeat("A", 88) + `"}}`:                     "user.id: got 66 bytes",
		`{"challenge":"AAAA","user":{"id":"AAAA"},"rp":{"id":"` + strings.Repeat("a", 254) + `"}}`: "rp.id: got 254",
		`{"challenge":"AAAA","rpId":"` + strings.Repeat("a", 65<<10) + `"}`:                        "want at most 65536",
	} {
		_, err := a.Create(t.Context(), []byte(options))
		if wrong, ok := errors.AsType[*passkey.OptionsError](err); !ok || !strings.Contains(wrong.Error(), want) {
			t.Errorf("%.60s: got %v, want %q", options, err, want)
		}
	}
	if len(a.Credentials()) > 0 {
		t.Error("something was made of them")
	}
}

func TestAnEndedContextMakesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := passkey.New()
	if _, err := a.Create(ctx, register("1", "")); !errors.Is(err, context.Canceled) || len(a.Credentials()) > 0 {
		t.Errorf("got %v and %d passkeys", err, len(a.Credentials()))
	}
}

func TestARemovedPasskeyIsGone(t *testing.T) {
	a := passkey.New()
	made := understood(t)(a.Create(t.Context(), register("1", "")))
	if err := a.Forget(made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Get(t.Context(), login("")); !errors.Is(err, passkey.ErrNoCredential) {
		t.Errorf("got %v, want ErrNoCredential", err)
	}
	if err := a.Forget(made.ID); !errors.Is(err, passkey.ErrNoCredential) {
		t.Errorf("got %v, want that there is none", err)
	}
}

// Whatever a site says, the answer is a response or an error.
func FuzzOptions(f *testing.F) {
	f.Add(register("1", `"excludeCredentials":[{"type":"public-key","id":"AAAA"}],`))
	f.Add(login(`"allowCredentials":[{"type":"public-key","id":"AAAA"}],"userVerification":"required",`))
	f.Add([]byte(`{"publicKey":{"challenge":"AA==","rpId":"localhost"}}`))
	f.Fuzz(func(t *testing.T, options []byte) {
		a := passkey.New()
		if response, err := a.Create(t.Context(), options); err == nil {
			understood(t)(response, err)
			if _, err := passkey.Marshal(a.Credentials()); err != nil {
				t.Errorf("what was made cannot be stored: %v", err)
			}
		}
		if response, err := a.Get(t.Context(), options); err == nil {
			understood(t)(response, err)
		}
	})
}
