package emulator

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/telekey/telekey/tg"
)

// futureToken spares who signs in to the same account again the code: it was
// handed out at a sign-in or a log-out before.
// https://core.telegram.org/api/auth#future-auth-tokens
type futureToken [32]byte

// Format hides a token, whatever the verb.
func (t futureToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "futureToken(redacted)") }

// Clients send up to 20 tokens, and no more of an account are good.
// https://core.telegram.org/api/auth#future-auth-tokens
const maxFutureTokens = 20

// future is what a token stands for. Using it up is not the end of it: a client
// that lost the answer sends it again with the same key.
type future struct {
	account *account
	holder  *authKey  // that it was handed to, or that has shown it last
	usedBy  *authKey  // nil: nobody yet
	until   time.Time // when that key, too, comes too late
}

// futures are all tokens.
type futures map[futureToken]*future

// newFutureToken makes a token for a, for k's client. The oldest of a's tokens
// gives way.
func (w *world) newFutureToken(k *authKey, a *account) []byte {
	if len(a.tokens) >= maxFutureTokens {
		w.dropToken(a.tokens[0])
	}
	t := futureToken(w.randomBytes(len(futureToken{})))
	w.futures[t] = &future{account: a, holder: k}
	a.tokens = append(a.tokens, t)
	return t[:]
}

// dropToken makes a token worthless.
func (w *world) dropToken(t futureToken) {
	if f := w.futures[t]; f != nil {
		f.account.tokens = without(f.account.tokens, t)
		delete(w.futures, t)
	}
}

// dropTokensOf makes a's tokens worthless that k's client holds. Telegram does not
// say what becomes of the tokens of a device that another one has ended; if they
// stayed good, it could come back by itself.
func (w *world) dropTokensOf(k *authKey, a *account) {
	for _, t := range slices.Clone(a.tokens) {
		if w.futures[t].holder == k {
			w.dropToken(t)
		}
	}
}

// redeem looks among the tokens that a client sends for one of phone's account.
// Of too many the last count. One that another key has used is dropped; those of
// other accounts stay as they are. All that are good are k's from now on.
func (w *world) redeem(now time.Time, k *authKey, phone phoneNumber, tokens [][]byte) *account {
	var first *future
	for _, b := range tokens[max(len(tokens)-maxFutureTokens, 0):] {
		if len(b) != len(futureToken{}) {
			continue
		}
		t := futureToken(b)
		f := w.futures[t]
		switch {
		case f == nil || f.account != w.accounts.byPhone[phone]:
			continue
		case f.usedBy != nil && (f.usedBy != k || !now.Before(f.until)):
			w.dropToken(t)
			continue
		case first == nil:
			first = f
		}
		f.holder = k
	}
	if first == nil {
		return nil
	}
	if first.usedBy == nil {
		first.usedBy, first.until = k, now.Add(codeLife)
	}
	return first.account
}

// enterByToken lets a client in that has brought a token: at once, or to the
// question for its password.
// https://core.telegram.org/method/auth.sendCode
func (w *world) enterByToken(now time.Time, k *authKey, a *account) (tg.AnyAuthSentCode, *refusal) {
	if k.login != nil && k.login.account == a { // the answer got lost
		return &tg.AuthSentCodeSuccess{Authorization: authorization(a)}, nil
	}
	in, no := w.letIn(now, k, a, w.newAdmission(false))
	if no != nil {
		return nil, no
	}
	return &tg.AuthSentCodeSuccess{Authorization: in}, nil
}
