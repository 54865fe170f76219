package emulator

import (
	"crypto/subtle"
	"fmt"
	"io"
	"strings"

	"github.com/telekey/telekey/tg"
)

// Telegram may want to know that a call comes from a person, or from an
// application as it was published. It refuses the call with 403 and says which
// check there is to pass; the client makes the call again in a wrapper with what
// it got for passing.
// https://core.telegram.org/api/recaptcha

// Token is what a client gets for passing a check: of its own making here. It
// prints without its letters.
type Token string

// Format hides a token, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "Token(redacted)") }

// attestation is a wrapper around a call that says that a check was passed.
type attestation struct {
	check check
	nonce string
	token Token
}

// check is a kind of check, by how its refusals begin.
type check string

const (
	recaptcha check = "RECAPTCHA_CHECK_"         // and the action, two underscores, the key
	integrity check = "INTEGRITY_CHECK_CLASSIC_" // and a nonce
	apns      check = "APNS_VERIFY_CHECK_"       // and a nonce
)

// attestationOf reads a wrapper; ok says whether it is one of these.
// https://core.telegram.org/method/invokeWithReCaptcha
func attestationOf(wrapper any) (a attestation, ok bool) {
	switch q := wrapper.(type) {
	case *tg.InvokeWithReCaptcha:
		return attestation{recaptcha, "", Token(q.Token)}, true
	case *tg.InvokeWithGooglePlayIntegrity:
		return attestation{integrity, q.Nonce, Token(q.Token)}, true
	case *tg.InvokeWithApnsSecret:
		return attestation{apns, q.Nonce, Token(q.Secret)}, true
	}
	return a, false
}

// maxToken bounds the token of a rule, in bytes.
const maxToken = 4096

// parseCheck reads the refusal that names a check.
func parseCheck(message string) (kind check, nonce string, ok bool) {
	for _, kind := range []check{recaptcha, integrity, apns} {
		rest, found := strings.CutPrefix(message, string(kind))
		switch {
		case !found:
		case kind == recaptcha:
			action, key, _ := strings.Cut(rest, "__")
			return kind, "", action != "" && key != ""
		default:
			return kind, rest, rest != ""
		}
	}
	return "", "", false
}

// checkChallenge checks a rule that challenges.
func (r *Rule) checkChallenge() error {
	_, _, ok := parseCheck(r.Message)
	switch {
	case !ok:
		return fmt.Errorf("message: got %q, want RECAPTCHA_CHECK_ACTION__KEY, INTEGRITY_CHECK_CLASSIC_NONCE or APNS_VERIFY_CHECK_NONCE", cut(r.Message))
	case r.Token == "" || len(r.Token) > maxToken:
		return fmt.Errorf("token: got %d bytes, want what passes the check, at most %d", len(r.Token), maxToken)
	}
	return nil
}

// passed says whether a call has passed the check of a rule that challenges. Such
// a call is none of the rule's matches.
func (r *rule) passed(shown []attestation) bool {
	if r.Do != "challenge" {
		return false
	}
	kind, nonce, _ := parseCheck(r.Message)
	for _, a := range shown {
		if a.check == kind && a.nonce == nonce && subtle.ConstantTimeCompare([]byte(a.token), []byte(r.Token)) == 1 {
			return true
		}
	}
	return false
}
