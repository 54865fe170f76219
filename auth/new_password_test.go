package auth_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/tg"
)

// What the settings hold is all that the server gets: with it, it can check the
// password later.
func TestNewPasswordCanBeCheckedByItsHash(t *testing.T) {
	given := newAlgo()
	settings, err := auth.NewPasswordSettings(&tg.AccountPassword{NewAlgo: given}, auth.NewPassword{
		Password: auth.Secret("new"), Hint: "not old",
	}, zeros{7})
	if err != nil {
		t.Fatal(err)
	}
	algo := settings.NewAlgo.(*tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
	if want := append(bytes.Clone(given.Salt1), bytes.Repeat([]byte{7}, 32)...); !bytes.Equal(algo.Salt1, want) {
		t.Errorf("got salt1 %x, want %x: what was given, and 32 random bytes", algo.Salt1, want)
	}
	if !bytes.Equal(algo.Salt2, given.Salt2) || algo.G != given.G || !bytes.Equal(algo.P, given.P) || *settings.Hint != "not old" {
		t.Errorf("got %+v with hint %q, want the rest as it was given", algo, *settings.Hint)
	}

	g := srp.Group{Salt1: algo.Salt1, Salt2: algo.Salt2, G: int(algo.G), P: algo.P}
	c, err := srp.NewChallenge(g, settings.NewPasswordHash, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	A, M1, err := srp.Proof(g, c.B[:], []byte("new"), rand.Reader)
	if err != nil || c.Check(A, M1) != nil {
		t.Errorf("got %v, %v, want that the password fits its hash", err, c.Check(A, M1))
	}
}

func TestNewPasswordIsRefusedWhereItCouldNotBeKept(t *testing.T) {
	var unsupported *auth.UnsupportedError
	some := auth.NewPassword{Password: auth.Secret("new")}
	if _, err := auth.NewPasswordSettings(&tg.AccountPassword{NewAlgo: &tg.PasswordKdfAlgoUnknown{}}, some, nil); !errors.As(err, &unsupported) {
		t.Errorf("got %v for a way of hashing that nobody knows, want an UnsupportedError", err)
	}
	weak := newAlgo()
	weak.P = append(bytes.Clone(weak.P[:255]), 1)
	for name, settings := range map[string]func() (*tg.AccountPasswordInputSettings, error){
		"no answer": func() (*tg.AccountPasswordInputSettings, error) { return auth.NewPasswordSettings(nil, some, nil) },
		"an empty one": func() (*tg.AccountPasswordInputSettings, error) {
			return auth.NewPasswordSettings(&tg.AccountPassword{NewAlgo: newAlgo()}, auth.NewPassword{}, nil)
		},
		"a weak group": func() (*tg.AccountPasswordInputSettings, error) {
			return auth.NewPasswordSettings(&tg.AccountPassword{NewAlgo: weak}, some, nil)
		},
		"no random bytes": func() (*tg.AccountPasswordInputSettings, error) {
			return auth.NewPasswordSettings(&tg.AccountPassword{NewAlgo: newAlgo()}, some, bytes.NewReader(nil))
		},
	} {
		if s, err := settings(); err == nil || s != nil {
			t.Errorf("%s: got %v, %v, want only an error", name, s, err)
		}
	}
}

// newAlgo is what account.password tells of how a new password is hashed.
func newAlgo() *tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow {
	g := group()
	return &tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{
		Salt1: []byte("new salt one"), Salt2: []byte("new salt two"), G: int32(g.G), P: g.P,
	}
}
