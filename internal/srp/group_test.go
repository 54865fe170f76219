package srp

import (
	"bytes"
	"strings"
	"testing"
)

func TestPasswordsHashAsInOtherPrograms(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range vectors(t) {
		if seen[v.Password] {
			continue
		}
		seen[v.Password] = true
		x, err := Hash([]byte(v.Password), v.Salt1, v.Salt2)
		if err != nil || !bytes.Equal(x[:], v.X) {
			t.Errorf("%s: x = %x, %v, want %x", v.Name, x, err, v.X)
		}
		got := v.group().pow(x[:])
		if !bytes.Equal(got[:], v.Verifier) {
			t.Errorf("%s: verifier %x, want %x", v.Name, got, v.Verifier)
		}
	}
}

func TestVerifierIsPaddedTo256Bytes(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Verifier[0] != 0 {
			continue
		}
		password := []byte(v.Password)
		got, err := Verifier(v.group(), password)
		if err != nil || !bytes.Equal(got, v.Verifier) {
			t.Errorf("%s: verifier %x, %v, want %x", v.Name, got, err, v.Verifier)
		}
		if string(password) != v.Password {
			t.Errorf("%s: the caller's password was written to", v.Name)
		}
		return
	}
	t.Fatal("no verifier that begins with a zero byte")
}

// Every function checks the group before it uses the password.
func TestEveryFunctionChecksTheGroup(t *testing.T) {
	v := vectors(t)[1]
	for name, spoil := range map[string]func(*Group){
		"no prime":              func(g *Group) { g.P = nil },
		"a short prime":         func(g *Group) { g.P = g.P[:255] },
		"a composite":           func(g *Group) { g.P = bytes.Clone(g.P); g.P[255] -= 12 },
		"generator 1":           func(g *Group) { g.G = 1 },
		"generator 0":           func(g *Group) { g.G = 0 },
		"generator 8":           func(g *Group) { g.G = 8 },
		"a generator of all":    func(g *Group) { g.G = 2 },
		"a negative generator":  func(g *Group) { g.G = -3 },
		"a generator of a byte": func(g *Group) { g.G = 256 + 3 },
	} {
		g := v.group()
		spoil(&g)
		_, err1 := Verifier(g, []byte(v.Password))
		_, _, err2 := Proof(g, v.SRPB, []byte(v.Password), noise(1))
		_, err3 := NewChallenge(g, v.Verifier, noise(1))
		for who, err := range map[string]error{"Verifier": err1, "Proof": err2, "NewChallenge": err3} {
			if err == nil || !strings.Contains(err.Error(), "group") {
				t.Errorf("%s: %s: %v, want a complaint about the group", name, who, err)
			}
		}
	}
}

func BenchmarkHash(b *testing.B) {
	v := vectors(b)[1]
	for b.Loop() {
		if _, err := Hash([]byte(v.Password), v.Salt1, v.Salt2); err != nil {
			b.Fatal(err)
		}
	}
}
