package auth_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// vector is a proof that other programs made; see its source.
type vector struct {
	Name, Source, Password string
	G                      int
	P, Salt1, Salt2        bytesInHex
	SRPB                   bytesInHex `json:"srp_B"`
	Random                 bytesInHex `json:"random_a"`
	A, M1                  bytesInHex
}

type bytesInHex []byte

func (b *bytesInHex) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(text))
	return err
}

func vectors(t *testing.T) (all []vector) {
	t.Helper()
	text, err := os.ReadFile("testdata/srp.json")
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil || len(all) == 0 {
		t.Fatalf("got %d vectors, %v", len(all), err)
	}
	return all
}

func (v vector) params() auth.SRPParams {
	return auth.SRPParams{
		G: v.G, P: v.P, Salt1: v.Salt1, Salt2: v.Salt2, GB: v.SRPB,
		Password: auth.Secret(v.Password), Random: bytes.NewReader(v.Random),
	}
}

// https://core.telegram.org/api/srp#checking-the-password-with-srp
func TestSRPMakesTheProofsOfOtherPrograms(t *testing.T) {
	for _, v := range vectors(t) {
		A, M1, err := auth.SRP(v.params())
		if err != nil || !bytes.Equal(A, v.A) || !bytes.Equal(M1, v.M1) || len(A) != 256 || len(M1) != 32 {
			t.Errorf("%s (%s): got %x, %x, %v; want %x, %x", v.Name, v.Source, A, M1, err, v.A, v.M1)
		}
	}
}

func TestSRPRefusesWhatWouldGiveThePasswordAway(t *testing.T) {
	v := vectors(t)[0]
	for name, change := range map[string]func(*auth.SRPParams){
		"a p that is no prime":  func(p *auth.SRPParams) { p.P = append(bytes.Clone(v.P[:255]), 1) },
		"a short p":             func(p *auth.SRPParams) { p.P = p.P[1:] },
		"no p":                  func(p *auth.SRPParams) { p.P = nil },
		"a g that does not fit": func(p *auth.SRPParams) { p.G = 2 },
		"no g":                  func(p *auth.SRPParams) { p.G = 0 },
		"a zero B":              func(p *auth.SRPParams) { p.GB = make([]byte, 256) },
		"a B as large as p":     func(p *auth.SRPParams) { p.GB = p.P },
		"a short B":             func(p *auth.SRPParams) { p.GB = p.GB[:200] },
		"a long B":              func(p *auth.SRPParams) { p.GB = append([]byte{0}, p.GB...) },
		"no random bytes":       func(p *auth.SRPParams) { p.Random = bytes.NewReader(nil) },
	} {
		p := v.params()
		change(&p)
		if A, M1, err := auth.SRP(p); err == nil || A != nil || M1 != nil {
			t.Errorf("%s: got %x, %x, %v; want only an error", name, A, M1, err)
		}
	}
}

func TestPasswordProofIsMadeFromTheAnswerAsItComes(t *testing.T) {
	c := newChallenge(t, "correct")
	proof, err := auth.PasswordProof(c.password(""), auth.Secret("correct"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.check(proof, "correct"); err != nil {
		t.Error(err)
	}
	if _, err := auth.PasswordProof(&tg.AccountPassword{}, auth.SecretAnswer{}, nil); err == nil {
		t.Error("got a proof for an account without a password")
	}
	unknown := c.password("")
	unknown.CurrentAlgo = &tg.PasswordKdfAlgoUnknown{}
	var unsupported *auth.UnsupportedError
	if _, err := auth.PasswordProof(unknown, auth.SecretAnswer{}, nil); !errors.As(err, &unsupported) {
		t.Errorf("got %v, want an UnsupportedError", err)
	}
}
