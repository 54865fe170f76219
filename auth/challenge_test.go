package auth_test

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/tg"
)

// challenge is Telegram's side of a password question.
type challenge struct {
	srp.Challenge
	id int64
}

// prime is Telegram's own, as in every client.
const prime = "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b"

func group() srp.Group {
	p, _ := hex.DecodeString(prime)
	return srp.Group{Salt1: []byte("salt one"), Salt2: []byte("salt two"), G: 3, P: p}
}

// verifiers of the passwords that stories use: computing one is slow.
var verifiers = map[string][]byte{}

func newChallenge(t testing.TB, password string) *challenge {
	v, ok := verifiers[password]
	if !ok {
		var err error
		if v, err = srp.Verifier(group(), []byte(password)); err != nil {
			t.Fatal(err)
		}
		verifiers[password] = v
	}
	c, err := srp.NewChallenge(group(), v, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &challenge{Challenge: c, id: time.Now().UnixNano()}
}

func (c *challenge) password(hint string) *tg.AccountPassword {
	g := group()
	p := &tg.AccountPassword{
		HasPassword: true, SRPB: c.B[:], SRPID: new(c.id),
		CurrentAlgo: &tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{
			Salt1: g.Salt1, Salt2: g.Salt2, G: int32(g.G), P: g.P,
		},
		NewAlgo: &tg.PasswordKdfAlgoUnknown{}, NewSecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{},
	}
	if hint != "" {
		p.Hint = &hint
	}
	return p
}

// check says whether the proof is that of a password, for this very challenge.
func (c *challenge) check(proof *tg.InputCheckPasswordSRP, password string) error {
	if proof.SRPID != c.id {
		return fmt.Errorf("got srp_id %d, want %d", proof.SRPID, c.id)
	}
	err := c.Check(proof.A, proof.M1)
	if (err == nil) != (password == "correct") {
		return fmt.Errorf("the proof is not of %s: %v", password, err)
	}
	return nil
}
