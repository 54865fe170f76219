package emulator

import (
	"bytes"
	"time"
	"unicode/utf8"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/tg"
)

// passwordChange is what account.passwordInputSettings asks for, once it is known
// to be in order. What it does not mention stays.
type passwordChange struct {
	remove bool
	secret *password     // the new one
	email  *emailAddress // where it is recovered from now on; "": nowhere
	secure *tg.SecureSecretSettings

	code *mailCode // for email, which is to be proven before anything changes
}

// Bounds of what a client may store with its password.
const (
	maxHint   = 255  // bytes
	maxSalt   = 256  // bytes
	maxSecure = 1024 // bytes of secure_settings, all in all
	freshSalt = 8    // bytes of salt1 that are the server's
)

// offered returns the salts for a's next password. They stay the same until they
// are used: whoever asks twice may use either answer.
// https://core.telegram.org/api/srp#setting-a-new-2fa-password
func (a *account) offered(w *world) srp.Group {
	if a.offer == nil {
		a.offer = &srp.Group{Salt1: w.randomBytes(freshSalt), Salt2: w.randomBytes(16), G: generator, P: crypt.Prime()}
	}
	return *a.offer
}

// readChange checks what a client wants of a's password.
//
// Where no password is set, one has to come.
// https://core.telegram.org/method/account.updatePasswordSettings#possible-errors
func (w *world) readChange(a *account, q *tg.AccountPasswordInputSettings) (c passwordChange, no *refusal) {
	if q.NewAlgo == nil && q.Email == nil && q.NewSecureSettings == nil {
		return c, newSettingsEmpty
	}
	if q.NewAlgo != nil {
		if c.secret, no = w.readSecret(a, q); no != nil {
			return c, no
		}
		c.remove = c.secret == nil
	}
	if a.password == nil && c.secret == nil {
		return c, newSettingsEmpty
	}
	if s := q.NewSecureSettings; s != nil {
		if b, err := tg.Schema.Append(nil, s); c.remove || err != nil || len(b) > maxSecure {
			return c, newSettingsInvalid
		}
		c.secure = s
	}
	if q.Email != nil {
		address, ok := parseEmail(*q.Email)
		switch {
		case *q.Email == "":
		case !ok:
			return c, emailInvalid
		case c.remove:
			return c, newSettingsInvalid
		}
		c.email = &address
	}
	return c, nil
}

// readSecret checks a new password, of which the server sees only salts and
// verifier. Settings without a verifier remove the old one: then nil is returned.
// Clients send a hint all the same, and a salt, for want of a better idea.
//
// The salt begins with what the server has drawn, and goes on with what the
// client has.
// https://core.telegram.org/api/srp#setting-a-new-2fa-password
func (w *world) readSecret(a *account, q *tg.AccountPasswordInputSettings) (*password, *refusal) {
	if len(q.NewPasswordHash) == 0 {
		return nil, nil
	}
	algo, known := q.NewAlgo.(*tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
	if !known {
		return nil, newSettingsInvalid
	}
	hint := ""
	if q.Hint != nil {
		hint = *q.Hint
	}
	offer := a.offered(w)
	switch {
	case int(algo.G) != offer.G, !bytes.Equal(algo.P, offer.P), len(hint) > maxHint, !utf8.ValidString(hint):
		return nil, newSettingsInvalid
	case !bytes.HasPrefix(algo.Salt1, offer.Salt1), len(algo.Salt1) == len(offer.Salt1),
		len(algo.Salt1) > maxSalt, !bytes.Equal(algo.Salt2, offer.Salt2):
		return nil, newSaltInvalid
	}
	group := srp.Group{Salt1: algo.Salt1, Salt2: algo.Salt2, G: offer.G, P: offer.P}
	verifier := q.NewPasswordHash
	// A verifier of another size, or one that no password has, would only show
	// when the owner is asked for it, and lock him out.
	if err := srp.CheckVerifier(group, verifier); err != nil {
		return nil, newSettingsInvalid
	}
	return &password{group: group, hint: hint, verifier: func() []byte { return verifier }}, nil
}

// apply does what a change says. It ends what waited for a mailbox to be proven,
// and a reset that was asked for with the password that is gone.
func (a *account) apply(now time.Time, c passwordChange) {
	a.change = nil
	if c.remove || c.secret != nil {
		a.offer, a.reset = nil, passwordReset{}
	}
	switch {
	case c.remove:
		a.password = nil
		return
	case c.secret != nil:
		if was := a.password; was != nil {
			c.secret.email, c.secret.secure = was.email, was.secure
		}
		c.secret.since = now
		a.password = c.secret
	}
	if c.email != nil {
		a.password.email = *c.email
	}
	if c.secure != nil {
		a.password.secure = c.secure
	}
}

// needsProof says whether the change names a mailbox that a has not proven to be
// its own.
func (c *passwordChange) needsProof(a *account) bool {
	return c.email != nil && *c.email != "" && (a.password == nil || a.password.email != *c.email)
}

// describeEmails says which mailboxes an account has, and which one it is about
// to have.
func (a *account) describeEmails(answer *tg.AccountPassword) {
	if a.loginEmail != "" {
		answer.LoginEmailPattern = new(a.loginEmail.pattern())
	}
	if a.change != nil {
		answer.EmailUnconfirmedPattern = new(a.change.code.address.pattern())
	}
}
