// Package passkeys adds passkeys to an emulator: it checks the responses of
// authenticators by the rules of WebAuthn, with the library go-webauthn.
//
//	keys, err := passkeys.New(passkeys.Config{})
//	srv, err := emulator.Start(emulator.Config{Passkeys: keys})
//
// The zero Config is for this machine: the site's id is localhost, and pages of
// https://localhost and http://localhost on any port may use it, as may a
// program whose origin is https:// and the id in the options. Telegram differs: its
// id is telegram.org, and it accepts only passkeys of its own apps. [Config] can set
// that id, too, for clients that require it.
//
// The package makes every check that WebAuthn requires of a server: the ceremony's
// type, challenge and origin, the hash of the site's id, the user's presence and
// verification, the signature, the user handle, the type of key, and an increasing
// count of uses, which reveals a copied passkey. It requests no attestation
// ("none"), so it does not learn the maker of an authenticator.
//
// The package is separate from the emulator because the library adds net/http,
// crypto/x509 and more to a program.
//
// https://www.w3.org/TR/webauthn-3/#sctn-rp-operations
package passkeys

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/internal/strictjson"
)

// Config says whose passkeys are taken. The zero Config is good for clients on
// this machine.
type Config struct {
	RPID string // the site's id, a domain; "": localhost

	// Origins are the pages that may use passkeys of the site, each as
	// https://host or https://host:port, or https://host:* for all ports. Nil:
	// https:// and the id, and for localhost all ports by https and http.
	Origins []string
}

// verifier is an emulator.Passkeys.
type verifier struct {
	rules   *webauthn.WebAuthn
	origins origins
}

// New returns what an emulator.Config wants for its Passkeys. Errors say which
// field of the Config is wrong.
func New(cfg Config) (emulator.Passkeys, error) {
	if cfg.RPID == "" {
		cfg.RPID = "localhost"
	}
	if cfg.Origins == nil {
		cfg.Origins = []string{"https://" + cfg.RPID}
		if cfg.RPID == "localhost" {
			cfg.Origins = []string{"https://localhost:*", "http://localhost:*"}
		}
	}
	allowed, err := parseOrigins(cfg.Origins, cfg.RPID)
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	rules, err := webauthn.New(&webauthn.Config{
		RPID:                  cfg.RPID,
		RPDisplayName:         "Telegram emulator",
		RPOrigins:             []string{"https://" + cfg.RPID}, // each ceremony has its own, see Origin in admit
		AttestationPreference: protocol.PreferNoAttestation,
		// The server does not know the user beforehand, so the authenticator must
		// store the credential. No code is required beside the passkey, so it must
		// verify the user.
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(),
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			UserVerification:   protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys: RPID: got %q: %w", cfg.RPID, err)
	}
	return &verifier{rules, allowed}, nil
}

// CreationOptions are what an authenticator is to make.
func (v *verifier) CreationOptions(challenge []byte, owner emulator.PasskeyOwner, has []emulator.Passkey) ([]byte, error) {
	options, _, err := v.creation(challenge, owner, has)
	if err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// creation is a registration with that challenge. It can be had again, so that
// nothing has to be kept between the options and the response.
func (v *verifier) creation(challenge []byte, owner emulator.PasskeyOwner, has []emulator.Passkey) (*protocol.CredentialCreation, *webauthn.SessionData, error) {
	exclude := []protocol.CredentialDescriptor{}
	for _, p := range has {
		id, err := base64.RawURLEncoding.DecodeString(p.ID)
		if err != nil {
			return nil, nil, fmt.Errorf("got the passkey %q, want base64url: %w", p.ID, err)
		}
		exclude = append(exclude, protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: id})
	}
	return v.rules.BeginRegistration(user{owner, nil}, webauthn.WithExclusions(exclude),
		func(o *protocol.PublicKeyCredentialCreationOptions) error { o.Challenge = challenge; return nil })
}

// Register checks a new passkey.
func (v *verifier) Register(challenge []byte, owner emulator.PasskeyOwner, response []byte) (emulator.Passkey, error) {
	_, session, err := v.creation(challenge, owner, nil)
	if err != nil {
		return emulator.Passkey{}, err
	}
	parsed, err := parseCreation(response)
	if err != nil {
		return emulator.Passkey{}, inFull(err)
	}
	if session.Origin, err = v.origins.admit(parsed.Response.CollectedClientData); err != nil {
		return emulator.Passkey{}, err
	}
	credential, err := v.rules.CreateCredential(user{owner, nil}, *session, parsed)
	if err != nil {
		return emulator.Passkey{}, inFull(err)
	}
	// The library checks the key at its first use; a point off the curve must be
	// refused earlier, at registration.
	if _, err := webauthncose.ParsePublicKey(credential.PublicKey); err != nil {
		return emulator.Passkey{}, inFull(err)
	}
	return record(credential)
}

// parseCreation reads a new passkey. Its id is the one that the authenticator put
// into the attestation. Those beside it are ignored, as the real server is inferred
// to do: TDLib sends "1" for both.
// https://www.w3.org/TR/webauthn-3/#sctn-attested-credential-data
func parseCreation(response []byte) (*protocol.ParsedCredentialCreationData, error) {
	if _, err := strictjson.Text(response); err != nil {
		return nil, err
	}
	var c protocol.CredentialCreationResponse
	var claimed struct {
		Type     string                                    `json:"type"`
		Response protocol.AuthenticatorAttestationResponse `json:"response"`
	}
	if err := json.Unmarshal(response, &claimed); err != nil {
		return nil, err
	}
	attested, err := claimed.Response.Parse()
	if err != nil {
		return nil, err
	}
	id := attested.AttestationObject.AuthData.AttData.CredentialID
	c.ID, c.RawID = base64.RawURLEncoding.EncodeToString(id), id
	c.Type, c.AttestationResponse = claimed.Type, claimed.Response
	return c.Parse()
}

// RequestOptions returns the options for a signature of an authenticator.
func (v *verifier) RequestOptions(challenge []byte) ([]byte, error) {
	options, _, err := v.rules.BeginDiscoverableLogin(webauthn.WithChallenge(challenge))
	if err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// Verify checks the use of a passkey. It refuses a use count that has not increased,
// because the passkey was then copied.
// https://www.w3.org/TR/webauthn-3/#signature-counter
func (v *verifier) Verify(challenge []byte, owner emulator.PasskeyOwner, key emulator.Passkey, response []byte) (emulator.Passkey, error) {
	_, session, err := v.rules.BeginDiscoverableLogin(webauthn.WithChallenge(challenge))
	if err != nil {
		return emulator.Passkey{}, err
	}
	var known webauthn.Credential
	if err := json.Unmarshal(key.Record, &known); err != nil {
		return emulator.Passkey{}, fmt.Errorf("the record of the passkey %s: %w", key.ID, err)
	}
	if _, err := strictjson.Text(response); err != nil {
		return emulator.Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return emulator.Passkey{}, inFull(err)
	}
	if session.Origin, err = v.origins.admit(parsed.Response.CollectedClientData); err != nil {
		return emulator.Passkey{}, err
	}
	whose := func([]byte, []byte) (webauthn.User, error) { return user{owner, []webauthn.Credential{known}}, nil }
	_, credential, err := v.rules.ValidatePasskeyLogin(whose, *session, parsed)
	if err != nil {
		return emulator.Passkey{}, inFull(err)
	}
	if credential.Authenticator.CloneWarning {
		return emulator.Passkey{}, fmt.Errorf("got the count %d after %d, want a higher one: the passkey has been copied",
			parsed.Response.AuthenticatorData.Counter, known.Authenticator.SignCount)
	}
	return record(credential)
}

// record is a credential as the emulator keeps it.
func record(c *webauthn.Credential) (emulator.Passkey, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return emulator.Passkey{}, err
	}
	return emulator.Passkey{ID: base64.RawURLEncoding.EncodeToString(c.ID), Record: b}, nil
}

// inFull adds the developer's details to an error of the library, such as the values
// that did not match, for the emulator's log.
func inFull(err error) error {
	if e, ok := err.(*protocol.Error); ok && e.DevInfo != "" {
		return fmt.Errorf("%w: %s", e, e.DevInfo)
	}
	return err
}

// user is an account as the library wants it.
type user struct {
	emulator.PasskeyOwner
	credentials []webauthn.Credential
}

// WebAuthnID and the methods below implement the library's interface for a user.
func (u user) WebAuthnID() []byte { return u.Handle }

// WebAuthnName distinguishes an account from others of the same person.
func (u user) WebAuthnName() string { return u.Name }

// WebAuthnDisplayName is the same here: the number.
func (u user) WebAuthnDisplayName() string { return u.Name }

// WebAuthnCredentials are the passkeys in question.
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }
