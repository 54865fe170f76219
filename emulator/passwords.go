package emulator

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/tg"
)

// password is an account's second factor: not the password, only what it can be
// checked with.
type password struct {
	group  srp.Group
	hint   string
	email  emailAddress             // where it is recovered; "": nowhere
	secure *tg.SecureSecretSettings // kept for the client, which alone can read it
	since  time.Time                // when it was set; zero: long ago

	// verifier takes some 100 ms of PBKDF2 the first time it is called, and a
	// seed may hold thousands of passwords. So it is called when it is likely to
	// be needed soon: in the background, when a code is sent.
	verifier func() []byte
}

// The group of all passwords is the one of the key exchange; every client that
// checks it knows it by heart.
const generator = 3

// newGroup draws the salts for a password.
// https://core.telegram.org/api/srp#setting-a-new-2fa-password
func (w *world) newGroup() srp.Group {
	return srp.Group{Salt1: w.randomBytes(40), Salt2: w.randomBytes(16), G: generator, P: crypt.Prime()}
}

// newPassword prepares an account's password.
func newPassword(group srp.Group, secret, hint string) *password {
	return &password{group: group, hint: hint, verifier: sync.OnceValue(func() []byte {
		v, err := srp.Verifier(group, []byte(secret))
		if err != nil {
			panic("emulator: " + err.Error()) // the group is our own
		}
		return v
	})}
}

// Format hides everything, whatever the verb.
func (p *password) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "password(redacted)") }

// challenge is an open question for a password. Each is good for one proof.
// https://core.telegram.org/api/srp#checking-the-password-with-srp
type challenge struct {
	id    int64
	about *password
	srp.Challenge
}

// maxChallenges bounds the open questions of a key.
const maxChallenges = 4

// challenge asks the key's owner for the password of the account that it is
// about. A challenge that was not answered yet is asked again.
func (w *world) challenge(c *caller, p *password) (challenge, *refusal) {
	for _, open := range slices.Backward(c.key.challenges) {
		if open.about == p {
			return open, nil
		}
	}
	random := w.randomBytes(challengeRandom)
	question, no := beside(c, p, func() *srp.Challenge {
		q, err := srp.NewChallenge(p.group, p.verifier(), bytes.NewReader(random))
		if err != nil {
			w.log.Error("no challenge could be made; this is a mistake of the emulator", "error", err)
			return nil
		}
		return &q
	})
	switch {
	case no != nil:
		return challenge{}, no
	case question == nil:
		return challenge{}, srpIDInvalid
	}
	one := challenge{w.random64(), p, *question}
	if len(c.key.challenges) >= maxChallenges {
		c.key.challenges = c.key.challenges[1:]
	}
	c.key.challenges = append(c.key.challenges, one)
	return one, nil
}

// challengeRandom is for as many exponents of 256 bytes as are ever tried.
const challengeRandom = 8 * 256

// find returns the open challenge called id.
func (k *authKey) find(id int64) (challenge, bool) {
	i := slices.IndexFunc(k.challenges, func(c challenge) bool { return c.id == id })
	if i < 0 {
		return challenge{}, false
	}
	return k.challenges[i], true
}

// use closes the open challenge called id.
func (k *authKey) use(id int64) {
	k.challenges = slices.DeleteFunc(k.challenges, func(c challenge) bool { return c.id == id })
}

// algorithm describes group to a client.
func algorithm(group srp.Group) tg.AnyPasswordKdfAlgo {
	return &tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{
		Salt1: group.Salt1, Salt2: group.Salt2, G: int32(group.G), P: group.P,
	}
}
