package auth

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/tg"
)

// extraSalt is how many random bytes the client puts behind the salt that it was
// given for a new password.
//
// https://core.telegram.org/api/srp#setting-a-new-2fa-password
const extraSalt = 32

// NewPasswordSettings is what account.updatePasswordSettings and
// auth.recoverPassword take for a new password: p is the answer of [GetPassword],
// and of the password only a hash is in the settings, which has to be kept as
// secret all the same. The password stays the caller's, to wipe. random is like
// crypto/rand.Reader, or nil for it. It takes some 100 ms.
//
// Errors: an [*UnsupportedError] when new passwords are to be hashed in a way that
// this version does not know; an empty password; a group that is bad.
func NewPasswordSettings(p *tg.AccountPassword, n NewPassword, random io.Reader) (*tg.AccountPasswordInputSettings, error) {
	if p == nil {
		return nil, errors.New("got no account.password, want what GetPassword returns")
	}
	g, err := newGroup(p.NewAlgo)
	if err != nil {
		return nil, err
	}
	return newSettings(g, n, cmp.Or(random, rand.Reader))
}

// newGroup is how new passwords are to be hashed.
func newGroup(algo tg.AnyPasswordKdfAlgo) (srp.Group, error) {
	a, _ := algo.(*tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
	if a == nil {
		return srp.Group{}, &UnsupportedError{What: constructor(algo),
			Advice: "new passwords are hashed in a new way: update telekey, or change the password in an official app"}
	}
	return srp.Group{Salt1: a.Salt1, Salt2: a.Salt2, G: int(a.G), P: a.P}, nil
}

// newSettings hashes a new password. Of the salt, the beginning is the server's
// and the end the client's, so that neither chooses all of it.
//
// https://core.telegram.org/api/srp#setting-a-new-2fa-password
func newSettings(g srp.Group, n NewPassword, random io.Reader) (*tg.AccountPasswordInputSettings, error) {
	if n.Password.IsZero() {
		return nil, errors.New("got an empty new password, want at least one byte")
	}
	salt := make([]byte, len(g.Salt1)+extraSalt)
	if _, err := io.ReadFull(random, salt[copy(salt, g.Salt1):]); err != nil {
		return nil, fmt.Errorf("random bytes for the new password's salt: %w", err)
	}
	g.Salt1 = salt
	hash, err := srp.Verifier(g, n.Password.Bytes())
	if err != nil {
		return nil, err
	}
	return &tg.AccountPasswordInputSettings{
		NewAlgo: &tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{
			Salt1: g.Salt1, Salt2: g.Salt2, G: int32(g.G), P: g.P,
		},
		NewPasswordHash: hash, Hint: new(n.Hint),
	}, nil
}
