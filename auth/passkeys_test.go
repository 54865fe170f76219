package auth_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
)

// device is an authenticator that says what it is told to.
type device struct {
	says      string
	err       error
	options   string
	forgotten string
}

func (d *device) Create(_ context.Context, options []byte) ([]byte, error) {
	d.options = string(options)
	return []byte(d.says), d.err
}

func (d *device) Get(ctx context.Context, options []byte) ([]byte, error) {
	return d.Create(ctx, options)
}

func (d *device) Forget(id string) error { d.forgotten = id; return nil }

// What an authenticator says, with {} for the client's data and other members
// that are easily known again.
const (
	created  = `{"id":"a-b_","rawId":"a-b_","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"AQID"}}`
	asserted = `{"id":"a-b_","rawId":"a-b_","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AQID","signature":"BAUG","userHandle":"Mjo0Mg"}}`
)

var registrationOptions = &tg.AccountPasskeyRegistrationOptions{Options: &tg.DataJSON{Data: `{"publicKey":{}}`}}

func TestAPasskeyIsRegisteredAsTheAuthenticatorMadeIt(t *testing.T) {
	var sent any
	c := newDesk(map[string][]any{
		"account.initPasskeyRegistration": {registrationOptions},
		"account.registerPasskey":         {func(m any) any { sent = m; return &tg.Passkey{ID: "1", Name: "desk"} }},
	})
	d := &device{says: created}
	key, err := auth.RegisterPasskey(t.Context(), c, d)
	if err != nil || key.Name != "desk" || d.options != `{"publicKey":{}}` || d.forgotten != "" {
		t.Errorf("got %+v, %v, made for the options %s, forgotten %q", key, err, d.options, d.forgotten)
	}
	want := &tg.AccountRegisterPasskey{Credential: &tg.InputPasskeyCredentialPublicKey{ID: "a-b_", RawID: "a-b_",
		Response: &tg.InputPasskeyResponseRegister{ClientData: &tg.DataJSON{Data: "{}"}, AttestationData: []byte{1, 2, 3}}}}
	if !reflect.DeepEqual(sent, want) {
		t.Errorf("got %+v, want %+v", sent, want)
	}
}

func TestARefusedPasskeyIsForgotten(t *testing.T) {
	d := &device{says: created}
	for message, advice := range map[string]string{
		"CREDENTIAL_INVALID":      "another challenge",
		"PASSKEY_ORIGIN_MISMATCH": "",
	} {
		c := newDesk(map[string][]any{"account.initPasskeyRegistration": {registrationOptions}, "account.registerPasskey": {refusal(400, message)}})
		_, err := auth.RegisterPasskey(t.Context(), c, d)
		if !errors.Is(err, tg.ErrorType(message)) || !strings.Contains(err.Error(), advice) || d.forgotten != "a-b_" {
			t.Errorf("got %v, forgotten %q; want %s, and what it means", err, d.forgotten, message)
		}
		d.forgotten = ""
	}
	lost := errors.New("the line broke")
	c := newDesk(map[string][]any{"account.initPasskeyRegistration": {registrationOptions}, "account.registerPasskey": {lost}})
	if _, err := auth.RegisterPasskey(t.Context(), c, d); !errors.Is(err, lost) || d.forgotten != "" {
		t.Errorf("got %v, forgotten %q: it may have been registered", err, d.forgotten)
	}
}

func TestWhatEndsARegistrationComesBack(t *testing.T) {
	ready := map[string][]any{"account.initPasskeyRegistration": {registrationOptions}}
	sulks := errors.New("not now")
	for name, d := range map[string]*device{
		"":                     {err: sulks},
		"PublicKeyCredential":  {says: `{}`},
		"got something":        {says: `{"id":"x","response":{"clientDataJSON":"%"}}`},
		"at most 65536":        {says: strings.Repeat(" ", 65<<10)},
		"attestationObject in": {says: asserted},
	} {
		_, err := auth.RegisterPasskey(t.Context(), newDesk(ready), d)
		if err == nil || !strings.Contains(err.Error(), name) || d.err != nil && err != sulks {
			t.Errorf("got %v, want %q", err, name)
		}
	}
	_, err := auth.RegisterPasskey(t.Context(), newDesk(map[string][]any{
		"account.initPasskeyRegistration": {refusal(406, "FRESH_RESET_AUTHORISATION_FORBIDDEN")},
		"account.getAuthorizations":       {logins()},
	}), &device{})
	if fresh, ok := errors.AsType[*auth.TooFreshError](err); !ok || fresh.Until.IsZero() {
		t.Errorf("got %v, want until when the login is too new", err)
	}
	_, err = auth.RegisterPasskey(t.Context(), newDesk(map[string][]any{
		"account.initPasskeyRegistration": {&tg.AccountPasskeyRegistrationOptions{Options: &tg.DataJSON{}}},
	}), &device{err: sulks})
	if err != sulks {
		t.Errorf("got %v, want what the authenticator says of no options", err)
	}
}

func TestPasskeysAreListedAndDeleted(t *testing.T) {
	c := newDesk(map[string][]any{
		"account.getPasskeys":   {&tg.AccountPasskeys{Passkeys: []*tg.Passkey{{ID: "1"}, {ID: "2"}}}, refusal(401, "AUTH_KEY_UNREGISTERED")},
		"account.deletePasskey": {true, refusal(400, "PASSKEY_CREDENTIAL_NOT_FOUND")},
	})
	if list, err := auth.Passkeys(t.Context(), c); err != nil || len(list) != 2 || list[1].ID != "2" {
		t.Errorf("got %+v, %v", list, err)
	}
	if _, err := auth.Passkeys(t.Context(), c); !errors.Is(err, tg.ErrAuthKeyUnregistered) {
		t.Errorf("got %v, want that nobody is signed in", err)
	}
	if err := auth.DeletePasskey(t.Context(), c, "1"); err != nil {
		t.Error(err)
	}
	if err := auth.DeletePasskey(t.Context(), c, "1"); !errors.Is(err, auth.ErrPasskeyNotFound) || !strings.Contains(err.Error(), "deleted") {
		t.Errorf("got %v, want ErrPasskeyNotFound, and what it means", err)
	}
}

func TestAnAuthenticatorAnswersThePasskeyQuestionAlone(t *testing.T) {
	d := &device{says: asserted}
	ask := auth.PasskeyAsker(d, right)
	answer, err := ask.Ask(t.Context(), auth.PasskeyQuestion{Options: []byte(`{"publicKey":{}}`)})
	want := auth.Assertion{ID: "a-b_", ClientData: []byte("{}"), AuthenticatorData: []byte{1, 2, 3}, Signature: secret.New([]byte{4, 5, 6}), UserHandle: "2:42"}
	if err != nil || !reflect.DeepEqual(answer, auth.Answer(want)) || d.options != `{"publicKey":{}}` {
		t.Errorf("got %#v, %v for %s", answer, err, d.options)
	}
	if code, err := ask.Ask(t.Context(), auth.CodeQuestion{}); err != nil || !reflect.DeepEqual(code, auth.Answer(right.Code)) {
		t.Errorf("got %v, %v, want the other's answer", code, err)
	}

	// Asked again after a refusal it would only sign again.
	refused := auth.PasskeyQuestion{Refused: tg.NewError(400, "CREDENTIAL_INVALID")}
	for _, ask := range []auth.Asker{ask, auth.PasskeyAsker(d, nil)} {
		_, err := ask.Ask(t.Context(), refused)
		if _, ok := errors.AsType[*auth.UnansweredError](err); !ok || !errors.Is(err, tg.ErrCredentialInvalid) {
			t.Errorf("got %v, want that it was refused", err)
		}
	}
	d.err = errors.New("not now")
	if _, err := ask.Ask(t.Context(), auth.PasskeyQuestion{}); err != d.err {
		t.Errorf("got %v, want what the authenticator says", err)
	}
}

// Whatever an authenticator says, the answer is an assertion that is whole, or
// an error that holds nothing of it.
func FuzzParseAssertion(f *testing.F) {
	f.Add([]byte(asserted))
	f.Add([]byte(created))
	f.Add([]byte(`{"id":"x","response":{"clientDataJSON":"e30","authenticatorData":"","signature":"AA==","userHandle":null}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := auth.ParseAssertion(b)
		if err == nil && (a.ID == "" || len(a.ClientData) == 0 || len(a.AuthenticatorData) == 0 || a.Signature.Len() == 0 || a.UserHandle == "") {
			t.Errorf("got %+v of %s", fmt.Sprintf("%#v", a), b)
		}
		if err != nil && len(b) > 200 && strings.Contains(err.Error(), string(b[:100])) {
			t.Errorf("%v holds what it is about", err)
		}
	})
}
