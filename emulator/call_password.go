package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// getPassword answers account.getPassword: how to prove the password, if there
// is one, and how a new one would have to be hashed.
// https://core.telegram.org/method/account.getPassword
func getPassword(w *world, c *caller, _ time.Time, _ *tg.AccountGetPassword) (*tg.AccountPassword, *refusal) {
	answer := &tg.AccountPassword{
		NewAlgo:       algorithm(w.newGroup()),
		NewSecureAlgo: &tg.SecurePasswordKdfAlgoPBKDF2HMACSHA512iter100000{Salt: w.randomBytes(8)},
		SecureRandom:  w.randomBytes(256),
	}
	p := c.account().password
	if p == nil {
		return answer, nil
	}
	question, err := w.challenge(c.key, p)
	if err != nil {
		w.log.Error("no challenge could be made; this is a mistake of the emulator", "error", err)
		return nil, srpIDInvalid
	}
	answer.HasPassword = true
	answer.CurrentAlgo = algorithm(p.group)
	answer.SRPB = question.B[:]
	answer.SRPID = new(question.id)
	if p.hint != "" {
		answer.Hint = new(p.hint)
	}
	return answer, nil
}

// account is the one that the caller is signed in to, or is about to be.
// Methods for members and for those halfway there may rely on it.
func (c *caller) account() *account {
	if c.key.login != nil {
		return c.key.login.account
	}
	return c.key.pending
}

// checkPassword answers auth.checkPassword: a right proof finishes a sign-in.
// https://core.telegram.org/method/auth.checkPassword
func checkPassword(w *world, c *caller, now time.Time, q *tg.AuthCheckPassword) (tg.AnyAuthAuthorization, *refusal) {
	a := c.account()
	if no := a.prove(c.key, q.Password); no != nil {
		return nil, no
	}
	if c.key.login != nil {
		return authorization(a), nil
	}
	return w.enter(now, c.key, a), nil
}

// prove checks a proof of a's password. A challenge is used up by the attempt,
// whatever comes of it.
func (a *account) prove(k *authKey, proof tg.AnyInputCheckPasswordSRP) *refusal {
	if a.password == nil {
		return passwordEmpty
	}
	answer, ok := proof.(*tg.InputCheckPasswordSRP)
	if !ok {
		return passwordHashInvalid
	}
	question, ok := k.take(answer.SRPID)
	if !ok {
		return srpIDInvalid
	}
	// An A outside its bounds is said to be wrong like any other: it is not
	// something that a client in good faith sends.
	if question.Check(answer.A, answer.M1) != nil {
		return passwordHashInvalid
	}
	return nil
}
