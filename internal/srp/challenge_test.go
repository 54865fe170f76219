package srp

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"slices"
	"strings"
	"testing"
)

func TestServerAcceptsTheProofsOfOtherPrograms(t *testing.T) {
	for _, v := range complete(t) {
		c := v.challenge(t)
		if !bytes.Equal(c.B[:], v.SRPB) {
			t.Errorf("%s: B = %x, want %x", v.Name, c.B, v.SRPB)
		}
		if err := c.Check(v.A, v.M1); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}

func TestServerAcceptsTheProofsOfOurClient(t *testing.T) {
	g := vectors(t)[1].group()
	verifier, err := Verifier(g, []byte("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewChallenge(g, verifier, noise(1))
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]error{"correct horse": nil, "Correct horse": ErrProof, "": ErrProof} {
		A, M1, err := Proof(g, c.B[:], []byte(password), noise(2))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Check(A, M1); err != want {
			t.Errorf("%q: %v, want %v", password, err, want)
		}
	}
}

// @mtproto/core hashes A and S without their leading zeros, and sends A so. The
// vectors are its own proofs, with secrets that were searched for until A, S or
// both began with a zero byte.
func TestServerToleratesMissingPadding(t *testing.T) {
	forced := 0
	for _, v := range complete(t) {
		if v.Bare == nil {
			continue
		}
		forced++
		if bytes.Equal(v.Bare.M1, v.M1) {
			t.Fatalf("%s: the proof does not differ, nothing is tolerated", v.Name)
		}
		c := v.challenge(t)
		if err := c.Check(v.Bare.A, v.Bare.M1); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
		if err := c.Check(v.A, v.Bare.M1); err != nil {
			t.Errorf("%s, with A padded on its way: %v", v.Name, err)
		}
		if err := c.Check(v.Bare.A, v.M1); err != nil {
			t.Errorf("%s, with only A bare on its way: %v", v.Name, err)
		}
	}
	if forced != 3 {
		t.Errorf("%d vectors without padding, want 3: A, S, both", forced)
	}
}

func TestServerRefusesAProofThatIsNotExact(t *testing.T) {
	v := complete(t)[0]
	c := v.challenge(t)
	flip := func(b []byte, i int) []byte {
		b = slices.Clone(b)
		b[i] ^= 1
		return b
	}
	other, err := NewChallenge(v.group(), v.Verifier, noise(3))
	if err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]func() error{
		"first bit of M1":    func() error { return c.Check(v.A, flip(v.M1, 0)) },
		"last bit of M1":     func() error { return c.Check(v.A, flip(v.M1, 31)) },
		"last bit of A":      func() error { return c.Check(flip(v.A, 255), v.M1) },
		"no M1":              func() error { return c.Check(v.A, nil) },
		"half of M1":         func() error { return c.Check(v.A, v.M1[:16]) },
		"M1 twice":           func() error { return c.Check(v.A, slices.Concat(v.M1, v.M1)) },
		"another challenge":  func() error { return other.Check(v.A, v.M1) },
		"no challenge ever":  func() error { return Challenge{}.Check(v.A, v.M1) },
		"another's password": func() error { return complete(t)[1].challenge(t).Check(v.A, v.M1) },
	} {
		if err := check(); !errors.Is(err, ErrProof) {
			t.Errorf("%s: %v, want %v", name, err, ErrProof)
		}
	}
}

// For each of these A, an attacker without the password knows S, or two candidates
// for it; the test sends the attacker's proof.
func TestServerRefusesAnAThatNeedsNoPassword(t *testing.T) {
	v := complete(t)[0]
	c := v.challenge(t)
	p := new(big.Int).SetBytes(v.P)
	last := new(big.Int).Sub(p, big.NewInt(1))
	zero := make([]byte, size)
	for name, A := range map[string][]byte{
		"nothing":       nil,
		"zero":          zero,
		"one":           {1},
		"p-1":           last.Bytes(),
		"p":             p.Bytes(),
		"p+1":           new(big.Int).Add(p, big.NewInt(1)).Bytes(),
		"all ones":      bytes.Repeat([]byte{0xff}, size),
		"2p":            new(big.Int).Lsh(p, 1).Bytes(),
		"257 bytes":     append([]byte{0}, v.A...),
		"a huge number": bytes.Repeat([]byte{1}, 1<<20),
	} {
		for _, S := range [][]byte{zero, nil} {
			M1 := v.group().evidence(A, c.B[:], S)
			err := c.Check(A, M1[:])
			if err == nil || errors.Is(err, ErrProof) || !strings.Contains(err.Error(), "A ") {
				t.Errorf("%s: %v, want a complaint about A", name, err)
			}
		}
	}
}

func TestVerifierMustBeANumberOfTheGroup(t *testing.T) {
	v := complete(t)[0]
	p := new(big.Int).SetBytes(v.P)
	for name, verifier := range map[string][]byte{
		"nothing":   nil,
		"zero":      make([]byte, size),
		"one":       append(make([]byte, size-1), 1),
		"p-1":       new(big.Int).Sub(p, big.NewInt(1)).Bytes(),
		"p":         v.P,
		"255 bytes": v.Verifier[1:],
		"257 bytes": append([]byte{0}, v.Verifier...),
	} {
		if c, err := NewChallenge(v.group(), verifier, noise(4)); err == nil || c.hidden != nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestChallengeKeepsItsOwnCopies(t *testing.T) {
	v := complete(t)[0]
	g, verifier := v.group().clone(), slices.Clone(v.Verifier)
	c, err := NewChallenge(g, verifier, bytes.NewReader(v.B))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{g.Salt1, g.Salt2, g.P, verifier} {
		clear(b)
	}
	if err := c.Check(v.A, v.M1); err != nil {
		t.Errorf("after its arguments were overwritten: %v", err)
	}
}

func TestChallengePrintsWithoutItsSecrets(t *testing.T) {
	v := complete(t)[0]
	c := v.challenge(t)
	type account struct{ open Challenge } // an unexported field, as in a server

	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("asked", "challenge", c, "in", account{c})
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("asked", "challenge", c, "in", account{c})
	asJSON, err := json.Marshal(map[string]any{"challenge": c, "in": account{c}, "pointer": &c})
	if err != nil {
		t.Fatal(err)
	}
	printed := map[string]string{"slog text": text.String(), "slog JSON": structured.String(), "JSON": string(asJSON)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
		printed[verb] = fmt.Sprintf(verb, c)
		printed[verb+" of a pointer"] = fmt.Sprintf(verb, &c)
		printed[verb+" of a struct"] = fmt.Sprintf(verb, account{c})
		printed[verb+" of a slice"] = fmt.Sprintf(verb, []Challenge{c})
	}
	for how, out := range printed {
		if out == "" {
			t.Errorf("%s printed nothing", how)
		}
		for what, secret := range map[string][]byte{"b": v.B, "verifier": v.Verifier} {
			if leaks(out, secret[100:108]) {
				t.Errorf("%s shows the %s: %s", how, what, out)
			}
		}
	}
}

// leaks looks for bytes in the forms that fmt and encoding/json write them in.
func leaks(out string, secret []byte) bool {
	out = strings.ToLower(out)
	decimal := strings.Trim(fmt.Sprint(secret), "[]")
	for _, form := range []string{
		string(secret), hex.EncodeToString(secret), decimal, strings.ReplaceAll(decimal, " ", ","),
		strings.Trim(fmt.Sprintf("%x", toAny(secret)), "[]"),
		strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", secret), "[]byte{"), "}"),
	} {
		if strings.Contains(out, strings.ToLower(form)) {
			return true
		}
	}
	return false
}

func toAny(b []byte) (all []any) {
	for _, x := range b {
		all = append(all, x)
	}
	return all
}

// This tests the search itself.
func TestLeaksFindsBytesInEveryPrintedForm(t *testing.T) {
	secret := []byte{0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4}
	for _, verb := range []string{"%v", "%#v", "%s", "%x", "%X", "%d"} {
		if !leaks(fmt.Sprintf("{"+verb+"}", secret), secret) {
			t.Errorf("%s was not seen", verb)
		}
		if !leaks(fmt.Sprintf("{"+verb+"}", struct{ b [8]byte }{[8]byte(secret)}), secret) {
			t.Errorf("%s of an array within a struct was not seen", verb)
		}
	}
}

func FuzzCheck(f *testing.F) {
	v := complete(f)[0]
	c := v.challenge(f)
	f.Add([]byte(v.A), []byte(v.M1[1:]))
	f.Add([]byte{}, []byte{})
	f.Add([]byte{1}, make([]byte, 32))
	f.Add([]byte(v.P), make([]byte, 33))
	f.Add(bytes.Repeat([]byte{0xff}, 300), []byte{0})
	f.Fuzz(func(t *testing.T, A, M1 []byte) {
		if bytes.Equal(A, v.A) && bytes.Equal(M1, v.M1) {
			t.Skip("the proof itself")
		}
		if err := c.Check(A, M1); err == nil {
			t.Fatalf("A = %x, M1 = %x was accepted", A, M1)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	v := complete(b)[0]
	c := v.challenge(b)
	for b.Loop() {
		if err := c.Check(v.A, v.M1); err != nil {
			b.Fatal(err)
		}
	}
}
