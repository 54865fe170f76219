package auth

import (
	"cmp"
	"crypto/rand"
	"errors"
	"io"

	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/tg"
)

// SRPParams are what a password's proof is made of: the password, what
// account.getPassword tells (G, P, Salt1 and Salt2 in current_algo, GB as srp_B),
// and random bytes.
type SRPParams struct {
	G            int
	P            []byte // 256 bytes
	Salt1, Salt2 []byte
	GB           []byte       // 248 to 256 bytes
	Password     SecretAnswer // stays the caller's, to wipe
	Random       io.Reader    // nil: crypto/rand
}

// SRP makes the proof of a password that auth.checkPassword takes instead of it:
// A, 256 bytes, and M1, 32 bytes. It is what getSRPParams of @mtproto/core does,
// with numbers padded as Telegram wants them; [PasswordProof] does it from the
// answer of account.getPassword as it comes. It takes some 100 ms.
//
// P, G and GB come from the server and are checked first: with a group of its own
// choice it could learn the password from the proof. Errors say which is bad.
//
// https://core.telegram.org/api/srp#checking-the-password-with-srp
func SRP(p SRPParams) (A, M1 []byte, err error) {
	group := srp.Group{Salt1: p.Salt1, Salt2: p.Salt2, G: p.G, P: p.P}
	return srp.Proof(group, p.GB, p.Password.Bytes(), cmp.Or(p.Random, rand.Reader))
}

// PasswordProof makes the proof of a password for one attempt: p is the answer of
// [GetPassword], which serves once, and the result goes to [CheckPassword]. The
// password stays the caller's, to wipe. random is like crypto/rand.Reader, or nil
// for it.
//
// Errors: an [*UnsupportedError] when the password is hashed in a way that this
// version does not know; an account without a password; what [SRP] says.
func PasswordProof(p *tg.AccountPassword, password SecretAnswer, random io.Reader) (*tg.InputCheckPasswordSRP, error) {
	c, err := checkOf(p)
	if err != nil {
		return nil, err
	}
	return c.prove(password, random)
}

// checkOf takes out of account.password what a question and a proof need.
//
// https://core.telegram.org/constructor/account.password
func checkOf(p *tg.AccountPassword) (*check, error) {
	if !p.HasPassword || p.CurrentAlgo == nil || p.SRPID == nil {
		return nil, errors.New("the account has no password, or none any more: sign in anew")
	}
	algo, _ := p.CurrentAlgo.(*tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
	if algo == nil {
		return nil, &UnsupportedError{What: constructor(p.CurrentAlgo),
			Advice: "the password is hashed in a new way: update telekey, or sign in with an official app"}
	}
	return &check{
		Hint: text(p.Hint), HasRecovery: p.HasRecovery, ResetAt: unix(p.PendingResetDate),
		ID: *p.SRPID, G: int(algo.G), P: algo.P, Salt1: algo.Salt1, Salt2: algo.Salt2, GB: p.SRPB,
	}, nil
}

func (c *check) prove(password SecretAnswer, random io.Reader) (*tg.InputCheckPasswordSRP, error) {
	A, M1, err := SRP(SRPParams{
		G: c.G, P: c.P, Salt1: c.Salt1, Salt2: c.Salt2, GB: c.GB,
		Password: password, Random: random,
	})
	if err != nil {
		return nil, err
	}
	return &tg.InputCheckPasswordSRP{SRPID: c.ID, A: A, M1: M1}, nil
}
