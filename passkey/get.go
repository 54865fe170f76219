package passkey

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// asserted is the inner part of the response to Get, in base64url.
type asserted struct {
	ClientData string `json:"clientDataJSON"`
	AuthData   string `json:"authenticatorData"`
	Signature  string `json:"signature"`
	UserHandle string `json:"userHandle"`
}

// Get signs a site's challenge with one of the credentials that its options
// allow, and returns the response for the site. It counts the use and stores the
// credential before it returns.
//
// Errors: [*OptionsError], [*OriginError], [ErrUnverified], [ErrNoCredential],
// [ErrOtherNetwork], and those of Choose and of storing the credential.
//
// https://www.w3.org/TR/webauthn-3/#sctn-op-get-assertion
func (a *Authenticator) Get(ctx context.Context, options []byte) ([]byte, error) {
	return a.GetOn(ctx, "", options)
}

// GetOn is Get for a network: it signs with credentials that [Authenticator.CreateOn]
// made for the same one. The server chooses the site's id, and two servers may
// choose the same, so the id does not prevent one from forwarding the challenge of
// the other. network is the network that the caller is connected to.
func (a *Authenticator) GetOn(ctx context.Context, network string, options []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := parseRequest(options)
	if err != nil {
		return nil, err
	}
	origin, site, err := place(a.Origin, r.RPID)
	if err != nil {
		return nil, err
	}
	seen, err := a.seen(r.UserVerification)
	if err != nil {
		return nil, err
	}
	among, elsewhere := a.matching(network, site, r.Allow)
	if len(among) == 0 && elsewhere {
		return nil, ErrOtherNetwork
	}
	chosen, err := a.choose(ctx, among)
	if err != nil {
		return nil, err
	}
	if chosen, err = a.use(chosen.ID); err != nil {
		return nil, err
	}
	return assert(chosen, seen, clientData("webauthn.get", r.Challenge, origin))
}

// matching returns the credentials that a site allows, or all of its own if it
// names none, and whether another network has some.
func (a *Authenticator) matching(network, site string, allow []descriptor) (among []Credential, elsewhere bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(cloneAll(a.credentials), func(c Credential) bool {
		if c.Site != site || len(allow) > 0 && !names(allow, c) {
			return true
		}
		elsewhere = elsewhere || c.Network != network
		return c.Network != network
	}), elsewhere
}

// choose chooses a credential. It calls Choose without the lock, because a user may
// need time.
func (a *Authenticator) choose(ctx context.Context, among []Credential) (Credential, error) {
	switch {
	case len(among) == 0:
		return Credential{}, ErrNoCredential
	case len(among) == 1 || a.Choose == nil:
		return among[len(among)-1], nil
	}
	i, err := a.Choose(ctx, cloneAll(among))
	if err != nil {
		return Credential{}, err
	}
	if i < 0 || i >= len(among) {
		return Credential{}, fmt.Errorf("passkey: Choose returned %d, want an index below %d", i, len(among))
	}
	return among[i], nil
}

// use counts a use of a credential.
func (a *Authenticator) use(id ID) (Credential, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.credentials, func(c Credential) bool { return c.ID == id })
	if i < 0 {
		return Credential{}, ErrNoCredential // removed while the user was asked
	}
	next := cloneAll(a.credentials)
	if next[i].Count == math.MaxUint32 {
		return Credential{}, fmt.Errorf("passkey: %s has been used as often as can be counted: register another", id)
	}
	next[i].Count++
	return next[i], a.replace(next)
}

// assert signs.
func assert(c Credential, seen flags, client []byte) ([]byte, error) {
	data := authenticatorData(c.Site, seen, c.Count)
	signature, err := c.Key.sign(data, client)
	if err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	return respond(c.ID, asserted{
		ClientData: base64url(client), AuthData: base64url(data),
		Signature: base64url(signature), UserHandle: base64url(c.UserHandle),
	})
}
