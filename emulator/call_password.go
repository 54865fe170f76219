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
		NewAlgo:       algorithm(c.account().offered(w)),
		NewSecureAlgo: &tg.SecurePasswordKdfAlgoPBKDF2HMACSHA512iter100000{Salt: w.randomBytes(8)},
		SecureRandom:  w.randomBytes(256),
	}
	a := c.account()
	a.describeEmails(answer)
	if !a.reset.until.IsZero() {
		answer.PendingResetDate = new(unix(a.reset.until))
	}
	p := a.password
	if p == nil {
		return answer, nil
	}
	question, no := w.challenge(c, p)
	if no != nil {
		return nil, no
	}
	answer.HasPassword = true
	answer.HasRecovery = p.email != ""
	answer.HasSecureValues = p.secure != nil
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
func (c *caller) account() *account { return c.key.owner() }

// owner is the account that k is signed in to, or is about to be; nil: none.
func (k *authKey) owner() *account {
	if k.login != nil {
		return k.login.account
	}
	return k.pending
}

// checkPassword answers auth.checkPassword: a right proof finishes a sign-in.
// https://core.telegram.org/method/auth.checkPassword
func checkPassword(w *world, c *caller, now time.Time, q *tg.AuthCheckPassword) (tg.AnyAuthAuthorization, *refusal) {
	a := c.account()
	if no := a.prove(c, q.Password); no != nil {
		return nil, no
	}
	if c.key.login != nil {
		return authorization(a), nil
	}
	return w.enter(now, c.key, a, c.key.admission(w, a)), nil
}

// prove checks a proof of a's password. A challenge is used up by the attempt,
// whatever comes of it.
func (a *account) prove(c *caller, proof tg.AnyInputCheckPasswordSRP) *refusal {
	answer, given := proof.(*tg.InputCheckPasswordSRP)
	var question challenge
	known := false
	if given {
		question, known = c.key.find(answer.SRPID)
	}
	// The question may be older than the password that is set now, if any is.
	// https://core.telegram.org/method/auth.checkPassword#possible-errors
	switch {
	case known && question.about != a.password:
		c.key.use(question.id)
		return srpPasswordChanged
	case a.password == nil:
		return passwordEmpty
	case !given:
		return passwordHashInvalid
	case !known:
		return srpIDInvalid
	}
	// An A outside its bounds is said to be wrong like any other: it is not
	// something that a client in good faith sends.
	err, no := beside(c, question.id, func() error { return question.Check(answer.A, answer.M1) })
	if no != nil {
		return no
	}
	c.key.use(question.id)
	if err != nil {
		return passwordHashInvalid
	}
	return nil
}
