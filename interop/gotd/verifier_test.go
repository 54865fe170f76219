package gotd

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"github.com/gotd/td/crypto/srp"
	"github.com/gotd/td/tg"
)

// verifier is what a server knows of a password, computed by gotd, and the
// challenge that is open. What the server does with it is written down here from
// the documentation alone.
// https://core.telegram.org/api/srp
type verifier struct {
	algo   srp.Input
	v      *big.Int
	secret *big.Int // b
	id     int64
}

// group is the prime of Telegram's servers.
var group, _ = hex.DecodeString(strings.Join(strings.Fields(`
	c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f
	48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37
	20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64
	2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4
	a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754
	fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4
	e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f
	0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b`), ""))

func newVerifier(t *testing.T, password string) *verifier {
	t.Helper()
	algo := srp.Input{Salt1: []byte("salt one"), Salt2: []byte("salt two, longer"), G: 3, P: group}
	v, salt1, err := srp.NewSRP(rand.Reader).NewHash([]byte(password), algo)
	if err != nil {
		t.Fatal(err)
	}
	algo.Salt1 = salt1 // lengthened by the client
	return &verifier{algo: algo, v: new(big.Int).SetBytes(v)}
}

// challenge begins anew: B = k·v + g^b.
func (v *verifier) challenge() *tg.AccountPassword {
	secret := make([]byte, 256)
	_, _ = rand.Read(secret) // never fails
	v.secret = new(big.Int).SetBytes(secret)
	v.id++
	p, g := v.numbers()
	b := new(big.Int).Exp(g, v.secret, p)
	b.Add(b, new(big.Int).Mul(v.k(), v.v)).Mod(b, p)
	answer := &tg.AccountPassword{NewAlgo: &tg.PasswordKdfAlgoUnknown{}, NewSecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{}}
	answer.SetHasPassword(true)
	answer.SetHint("a staple")
	answer.SetSRPID(v.id)
	answer.SetSRPB(padded(b))
	answer.SetCurrentAlgo(&tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{
		Salt1: v.algo.Salt1, Salt2: v.algo.Salt2, G: v.algo.G, P: v.algo.P,
	})
	return answer
}

// proves checks a proof: S = (A·v^u)^b, and M1 of it.
func (v *verifier) proves(proof *tg.InputCheckPasswordSRP) bool {
	if v.secret == nil || proof.SRPID != v.id {
		return false
	}
	p, g := v.numbers()
	b := new(big.Int).Exp(g, v.secret, p)
	b.Add(b, new(big.Int).Mul(v.k(), v.v)).Mod(b, p)
	a := new(big.Int).SetBytes(proof.A)
	u := new(big.Int).SetBytes(hash(padded(a), padded(b)))
	s := new(big.Int).Exp(v.v, u, p)
	s.Mul(s, a).Exp(s, v.secret, p)
	mixed := hash(padded(p))
	for i, x := range hash(padded(g)) {
		mixed[i] ^= x
	}
	m1 := hash(mixed, hash(v.algo.Salt1), hash(v.algo.Salt2), padded(a), padded(b), hash(padded(s)))
	v.secret = nil
	return bytes.Equal(m1, proof.M1)
}

func (v *verifier) numbers() (p, g *big.Int) {
	return new(big.Int).SetBytes(v.algo.P), big.NewInt(int64(v.algo.G))
}

func (v *verifier) k() *big.Int {
	p, g := v.numbers()
	return new(big.Int).SetBytes(hash(padded(p), padded(g)))
}

// padded writes a number in 256 bytes.
func padded(n *big.Int) []byte { return n.FillBytes(make([]byte, 256)) }

func hash(parts ...[]byte) []byte {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}
