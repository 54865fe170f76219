package passkey

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// ID names a credential: bytes in base64url, as JSON has them.
type ID string

// Credential is a passkey: who it signs in where, and with which key. It holds
// the private key; see [PrivateKey] for how that prints.
type Credential struct {
	ID         ID
	Network    string // that it was made on, and signs for alone: see GetOn; "" for Create
	Site       string // the id of the relying party: a domain
	UserHandle []byte // by which the site knows its user; at Telegram "dcID:userID"
	UserName   string // what the site calls the user; shown to people, and so is:
	UserTitle  string // the display name

	Key PrivateKey

	// Count grows by one with each use, before it. A site that sees it fall
	// behind knows that there is a second copy.
	Count uint32
}

// Errors, by what WebAuthn calls them.
var (
	ErrExcluded     = errors.New("passkey: this authenticator has a passkey of that account already")                       // InvalidStateError
	ErrNoCredential = errors.New("passkey: this authenticator has no passkey for the site that is among those it asks for") // NotAllowedError
	ErrOtherNetwork = errors.New("passkey: the passkeys for this site were made on another network, or by an earlier telekey, which did not note the network; " +
		"they sign for the network that they were made on alone: make one on this network")
	ErrAlgorithm  = errors.New("passkey: the site takes no keys of the kind ES256, and this authenticator makes no other")     // NotSupportedError
	ErrUnverified = errors.New("passkey: the site wants its user verified, and this authenticator is set not to (Unverified)") // ConstraintError
	ErrFull       = fmt.Errorf("passkey: this authenticator has %d passkeys already, which is as many as it keeps", maxCredentials)
)

// maxCredentials bounds what sites can make grow.
const maxCredentials = 1000

// Authenticator makes credentials and signs with them. The zero Authenticator is
// an empty one that keeps them in memory. Its fields are to be set before it is
// used; its methods may be used by several goroutines.
type Authenticator struct {
	// Origin is where the ceremonies take place, as a browser's address bar would
	// have it, without a path: https://web.telegram.org. Empty: https:// and the
	// site's id.
	Origin string

	// Unverified has it not claim that its user was verified, by a PIN or so.
	Unverified bool

	// Choose says which of several credentials to sign in with: its index. An
	// error ends the ceremony. Nil: the newest.
	Choose func(ctx context.Context, among []Credential) (int, error)

	mu          sync.Mutex
	credentials []Credential // oldest first
	save        func([]Credential) error
}

// New returns an authenticator that has credentials, oldest first. What becomes
// of them is for the caller to store; see [Open] for one that does it itself.
func New(credentials ...Credential) *Authenticator {
	return &Authenticator{credentials: cloneAll(credentials)}
}

// Format shows how many passkeys it has, whatever the verb: the keys lie in a
// field that fmt would read past their own Format.
func (a *Authenticator) Format(f fmt.State, _ rune) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, _ = fmt.Fprintf(f, "passkey.Authenticator(%d)", len(a.credentials))
}

// Credentials returns what it has, oldest first.
func (a *Authenticator) Credentials() []Credential {
	a.mu.Lock()
	defer a.mu.Unlock()
	return cloneAll(a.credentials)
}

// Forget removes a credential. The site is not told: see auth.DeletePasskey for
// Telegram. That there is none is [ErrNoCredential].
func (a *Authenticator) Forget(id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.credentials, func(c Credential) bool { return string(c.ID) == id })
	if i < 0 {
		return ErrNoCredential
	}
	return a.replace(slices.Delete(cloneAll(a.credentials), i, i+1))
}

// replace stores credentials and then has them. If they cannot be stored nothing
// has changed.
func (a *Authenticator) replace(credentials []Credential) error {
	if a.save != nil {
		if err := a.save(credentials); err != nil {
			return err
		}
	}
	a.credentials = credentials
	return nil
}

// seen are the flags of a ceremony.
func (a *Authenticator) seen(userVerification string) (flags, error) {
	switch {
	case !a.Unverified:
		return userPresent | userVerified, nil
	case userVerification == "required":
		return 0, ErrUnverified
	}
	return userPresent, nil
}

func cloneAll(credentials []Credential) []Credential {
	clones := slices.Clone(credentials)
	for i := range clones {
		clones[i].UserHandle = slices.Clone(clones[i].UserHandle)
	}
	return clones
}

// bytes of an id; nil if it is none.
func (id ID) bytes() []byte {
	b, err := base64.RawURLEncoding.DecodeString(string(id))
	if err != nil {
		return nil
	}
	return b
}

// names reports whether a list of the site's has c in it.
func names(list []descriptor, c Credential) bool {
	return slices.ContainsFunc(list, func(d descriptor) bool {
		return d.Type == "public-key" && base64url(d.ID) == string(c.ID)
	})
}
