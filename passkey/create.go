package passkey

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
)

// idSize is the length of a credential's id in bytes; with 16 random ones no two
// are the same.
const idSize = 32

// response is the response to a site.
// https://www.w3.org/TR/webauthn-3/#dictdef-registrationresponsejson
// https://www.w3.org/TR/webauthn-3/#dictdef-authenticationresponsejson
type response struct {
	ID         ID       `json:"id"`
	RawID      ID       `json:"rawId"`
	Type       string   `json:"type"`
	Attachment string   `json:"authenticatorAttachment"`
	Extensions struct{} `json:"clientExtensionResults"`
	Response   any      `json:"response"`
}

func respond(id ID, inner any) ([]byte, error) {
	return json.Marshal(response{ID: id, RawID: id, Type: "public-key", Attachment: "platform", Response: inner})
}

// registered is the inner part of the response to Create, in base64url.
type registered struct {
	ClientData  string   `json:"clientDataJSON"`
	AuthData    string   `json:"authenticatorData"`
	Attestation string   `json:"attestationObject"`
	Transports  []string `json:"transports"`
	Algorithm   int      `json:"publicKeyAlgorithm"`
}

// Create makes a credential for the site's options, stores it, and returns the
// response for the site. It replaces a credential of the same account.
//
// Errors: [*OptionsError], [*OriginError], [ErrAlgorithm], [ErrUnverified],
// [ErrExcluded] when the options exclude a stored credential, [ErrFull], and those
// of storing the credential.
//
// https://www.w3.org/TR/webauthn-3/#sctn-op-make-cred
func (a *Authenticator) Create(ctx context.Context, options []byte) ([]byte, error) {
	return a.CreateOn(ctx, "", options)
}

// CreateOn is Create for a network; the credential signs only challenges of that
// network: see [Authenticator.GetOn].
func (a *Authenticator) CreateOn(ctx context.Context, network string, options []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := parseCreation(options)
	if err != nil {
		return nil, err
	}
	origin, site, err := place(a.Origin, c.RP.ID)
	if err != nil {
		return nil, err
	}
	if !c.takesES256() {
		return nil, ErrAlgorithm
	}
	seen, err := a.seen(c.Selection.UserVerification)
	if err != nil {
		return nil, err
	}
	fresh, err := a.add(c, network, site)
	if err != nil {
		return nil, err
	}
	return attest(fresh, seen, clientData("webauthn.create", c.Challenge, origin))
}

// add makes the credential and keeps it.
func (a *Authenticator) add(c creation, network, site string) (Credential, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, old := range a.credentials {
		if old.Network == network && old.Site == site && names(c.Exclude, old) {
			return Credential{}, ErrExcluded
		}
	}
	// An account has one credential here at most.
	// https://www.w3.org/TR/webauthn-3/#authenticator-credentials-map
	rest := slices.DeleteFunc(cloneAll(a.credentials), func(old Credential) bool {
		return old.Network == network && old.Site == site && bytes.Equal(old.UserHandle, c.User.ID)
	})
	if len(rest) >= maxCredentials {
		return Credential{}, ErrFull
	}
	key, err := newKey()
	if err != nil {
		return Credential{}, fmt.Errorf("passkey: %w", err)
	}
	id := make([]byte, idSize)
	if _, err := rand.Read(id); err != nil {
		return Credential{}, fmt.Errorf("passkey: cannot make an id: %w", err)
	}
	fresh := Credential{
		ID: ID(base64url(id)), Network: network, Site: site, UserHandle: c.User.ID,
		UserName: c.User.Name, UserTitle: c.User.DisplayName, Key: key,
	}
	return fresh, a.replace(append(rest, fresh))
}

// attest describes a new credential to its site.
func attest(c Credential, seen flags, client []byte) ([]byte, error) {
	data, err := appendAttested(authenticatorData(c.Site, seen|attested, c.Count), aaguid{}, c.ID.bytes(), c.Key)
	if err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	return respond(c.ID, registered{
		ClientData: base64url(client), AuthData: base64url(data), Attestation: base64url(attestation(data)),
		Transports: []string{"internal"}, Algorithm: es256,
	})
}
