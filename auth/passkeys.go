package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/telekey/telekey/internal/strictjson"
	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// Authenticator makes passkeys and signs with them: *passkey.Authenticator of
// this module, or a browser at the other end of a line. Options and responses are
// the JSON of WebAuthn, as the browser's parseCreationOptionsFromJSON,
// parseRequestOptionsFromJSON and toJSON have it; the options stand in a field
// publicKey.
//
// One that has a method Forget(id string) error is told of a passkey that it made
// and Telegram refused. One that has the methods of [NetworkAuthenticator] is told
// which network asks.
type Authenticator interface {
	Create(ctx context.Context, options []byte) (response []byte, err error)
	Get(ctx context.Context, options []byte) (response []byte, err error)
}

// NetworkAuthenticator is an [Authenticator] that keeps passkeys of several networks
// apart. In a browser the page's origin does that, which the site cannot choose. A
// program has no origin: without this, one network could pass on the challenge of
// another and sign in with what comes back. The network is [dc.Network.Identity] of
// the client's session.
//
// https://www.w3.org/TR/webauthn-3/#rp-id
//
// [dc.Network.Identity]: https://pkg.go.dev/github.com/telekey/telekey/dc#Network.Identity
type NetworkAuthenticator interface {
	Authenticator
	CreateOn(ctx context.Context, network string, options []byte) (response []byte, err error)
	GetOn(ctx context.Context, network string, options []byte) (response []byte, err error)
}

// errNoNetwork is the error for a question that could be any network's.
var errNoNetwork = errors.New("got no network to make or use a passkey for, want a client that has a session, such as a *telekey.Client, or PasskeyQuestion.Network")

// create has a make a passkey for a network.
func create(ctx context.Context, a Authenticator, network string, options []byte) ([]byte, error) {
	if on, ok := a.(NetworkAuthenticator); ok {
		if network == "" {
			return nil, errNoNetwork
		}
		return on.CreateOn(ctx, network, options)
	}
	return a.Create(ctx, options)
}

// get has a sign for a network.
func get(ctx context.Context, a Authenticator, network string, options []byte) ([]byte, error) {
	if on, ok := a.(NetworkAuthenticator); ok {
		if network == "" {
			return nil, errNoNetwork
		}
		return on.GetOn(ctx, network, options)
	}
	return a.Get(ctx, options)
}

// ErrPasskeyNotFound says that Telegram does not know a passkey, or not at the
// data centre that was asked.
const ErrPasskeyNotFound tg.ErrorType = "PASSKEY_CREDENTIAL_NOT_FOUND"

// PasskeyAsker is an [Asker] that has a answer [PasskeyQuestion], and next the
// rest. A question that is asked again because its answer was refused goes to
// next, too; without one it fails with an [*UnansweredError].
func PasskeyAsker(a Authenticator, next Asker) Asker {
	return AskerFunc(func(ctx context.Context, q Question) (Answer, error) {
		asked, ok := q.(PasskeyQuestion)
		switch {
		case ok && asked.Refused == nil:
			response, err := get(ctx, a, asked.Network, asked.Options)
			if err != nil {
				return nil, err
			}
			return ParseAssertion(response)
		case next == nil:
			return nil, &UnansweredError{q}
		}
		return next.Ask(ctx, q)
	})
}

// maxResponse bounds what an authenticator says, in bytes of JSON. Ours says less
// than one thousand.
const maxResponse = 64 << 10

// response is what an authenticator says, in base64url. Which of the members are
// there depends on what it was asked.
// https://www.w3.org/TR/webauthn-3/#dictdef-authenticationresponsejson
type response struct {
	ID       string `json:"id"`
	Response struct {
		ClientData  base64Text `json:"clientDataJSON"`
		Attestation base64Text `json:"attestationObject"`
		AuthData    base64Text `json:"authenticatorData"`
		Signature   base64Text `json:"signature"`
		UserHandle  base64Text `json:"userHandle"`
	} `json:"response"`
}

// base64Text is base64url, as browsers write it: without padding.
type base64Text []byte

func (b *base64Text) UnmarshalText(text []byte) (err error) {
	*b, err = base64.RawURLEncoding.AppendDecode(nil, text)
	return err
}

// parseResponse reads it. An error holds nothing of it: it is a way in.
func parseResponse(b []byte) (r response, err error) {
	if len(b) > maxResponse {
		return r, fmt.Errorf("an authenticator's response: got %d bytes, want at most %d", len(b), maxResponse)
	}
	text, err := strictjson.Text(b)
	switch {
	case err != nil:
		return r, fmt.Errorf("an authenticator's response: %w", err)
	case json.Unmarshal(text, &r) != nil || r.ID == "" || len(r.Response.ClientData) == 0:
		return r, errors.New("an authenticator's response: got something else than a PublicKeyCredential as JSON, with binary values in base64url")
	}
	return r, nil
}

// ParseAssertion makes an answer to [PasskeyQuestion] of what a browser's
// navigator.credentials.get or another [Authenticator] returned.
func ParseAssertion(b []byte) (Assertion, error) {
	r, err := parseResponse(b)
	if err != nil {
		return Assertion{}, err
	}
	if in := r.Response; len(in.AuthData) == 0 || len(in.Signature) == 0 || len(in.UserHandle) == 0 {
		return Assertion{}, errors.New("an authenticator's response: want authenticatorData, signature and userHandle in it, as to a sign-in")
	}
	return Assertion{
		ID: r.ID, ClientData: r.Response.ClientData, AuthenticatorData: r.Response.AuthData,
		Signature: secret.New(r.Response.Signature), UserHandle: string(r.Response.UserHandle),
	}, nil
}

// RegisterPasskey has a make a passkey for the account, with which it can be
// signed in to from then on: see Passkey.
//
// Telegram's real servers take passkeys of telegram.org alone, that is of their
// own apps: there it fails with tg.ErrPasskeyOriginMismatch, or because the
// authenticator may not make one for that site. Other networks, such as the
// emulator's, take others.
//
// Errors, for errors.Is: tg.ErrCredentialInvalid, tg.ErrPasskeyOriginMismatch; a
// [*TooFreshError] when the login is too new; what a says comes back as it is.
//
// https://core.telegram.org/api/passkeys#creating-a-passkey
func RegisterPasskey(ctx context.Context, c tg.Invoker, a Authenticator) (*tg.Passkey, error) {
	begun, err := tg.Call(ctx, c, &tg.AccountInitPasskeyRegistration{})
	if err != nil {
		return nil, explainedTo(ctx, c, err)
	}
	if begun.Options == nil {
		return nil, unexpected(begun, "options for a passkey")
	}
	made, err := create(ctx, a, networkOf(c), []byte(begun.Options.Data))
	if err != nil {
		return nil, err
	}
	r, err := parseResponse(made)
	if err != nil {
		return nil, err
	}
	if len(r.Response.Attestation) == 0 {
		return nil, errors.New("an authenticator's response: want attestationObject in it, as to a registration")
	}
	registered, err := tg.Call(ctx, c, &tg.AccountRegisterPasskey{Credential: &tg.InputPasskeyCredentialPublicKey{
		ID: r.ID, RawID: r.ID,
		Response: &tg.InputPasskeyResponseRegister{
			ClientData:      &tg.DataJSON{Data: string(r.Response.ClientData)},
			AttestationData: r.Response.Attestation,
		},
	}})
	if err != nil {
		return nil, unwanted(a, r.ID, err)
	}
	return registered, nil
}

// networkOf is the identity of the network that c calls; "" if c has no session.
func networkOf(c tg.Invoker) string {
	if c, ok := c.(interface{ Session() session.Data }); ok {
		return c.Session().Network.Identity()
	}
	return ""
}

// unwanted tells an authenticator of a passkey that was refused. One that may
// have been registered before the line broke is left alone.
func unwanted(a Authenticator, id string, err error) error {
	explained := ofPasskeys(explainedCall(err))
	forgetful, ok := a.(interface{ Forget(id string) error })
	if tg.AsError(err) == nil || !ok {
		return explained
	}
	return errors.Join(explained, forgetful.Forget(id))
}

// ofPasskeys adds to an error what Telegram's refusals mean for passkeys.
//
// https://core.telegram.org/method/account.registerPasskey#possible-errors
func ofPasskeys(err error) error {
	switch {
	case errors.Is(err, tg.ErrCredentialInvalid):
		return fmt.Errorf("%w: Telegram does not take what the authenticator made: it is for another challenge, too old, or registered before", err)
	case errors.Is(err, ErrPasskeyNotFound):
		return fmt.Errorf("%w: this passkey has been deleted, or is another network's: list them again", err)
	}
	return err
}

// Passkeys lists the passkeys of the account.
//
// https://core.telegram.org/method/account.getPasskeys
func Passkeys(ctx context.Context, c tg.Invoker) ([]*tg.Passkey, error) {
	answer, err := tg.Call(ctx, c, &tg.AccountGetPasskeys{})
	if err != nil {
		return nil, explainedCall(err)
	}
	return answer.Passkeys, nil
}

// DeletePasskey has Telegram forget a passkey, by its ID in the list. The
// authenticator still has it; nobody can sign in with it.
//
// Errors, for errors.Is: [ErrPasskeyNotFound].
//
// https://core.telegram.org/method/account.deletePasskey
func DeletePasskey(ctx context.Context, c tg.Invoker, id string) error {
	return ofPasskeys(done(ctx, c, &tg.AccountDeletePasskey{ID: id}))
}
