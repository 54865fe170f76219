package emulator

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/tg"
)

// with asks for a code and shows tokens.
func with(phone string, tokens ...[]byte) *tg.AuthSendCode {
	q := codeFor(phone)
	q.Settings.LogoutTokens = tokens
	return q
}

// tokenOf signs in and out and returns both tokens of it.
func tokensOf(t *testing.T, d *desk, phone string) (in, out []byte) {
	t.Helper()
	v := d.visitor(2)
	a := get(t, v, typeIn(phone, ask(t, v, phone), codeX)).(*tg.AuthAuthorization)
	return a.FutureAuthToken, get(t, v, &tg.AuthLogOut{}).FutureAuthToken
}

func TestATokenSparesTheNextSignInItsCode(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	in, out := tokensOf(t, d, ann)
	if len(in) == 0 || len(out) == 0 || bytes.Equal(in, out) {
		t.Fatalf("got tokens of %d and %d bytes, want two", len(in), len(out))
	}
	for _, token := range [][]byte{out, in} {
		v := d.visitor(2)
		success, ok := get(t, v, with(ann, nil, []byte("short"), make([]byte, 32), token)).(*tg.AuthSentCodeSuccess)
		if !ok {
			t.Fatal("got a code, want to be in")
		}
		u := userOf(t, success.Authorization)
		if again := get(t, v, self)[0].(*tg.User); again.ID != u.ID {
			t.Errorf("got %+v, want oneself", again)
		}
		// And again, for a client that lost the answer.
		userOf(t, get(t, v, with(ann, token)).(*tg.AuthSentCodeSuccess).Authorization)
		if n := len(d.w.accounts.byPhone["9996620001"].logins); n != 1 {
			t.Errorf("got %d logins, want one", n)
		}
		// It is good for one key, once.
		if _, ok := get(t, d.visitor(2), with(ann, token)).(*tg.AuthSentCode); !ok {
			t.Error("a used token let another one in")
		}
		if _, ok := get(t, v, with(ann, token)).(*tg.AuthSentCode); !ok {
			t.Error("a token that was refused is still good")
		}
		get(t, v, &tg.AuthLogOut{})
	}
}

func TestATokenDoesNotSpareThePassword(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	_, token := tokensOf(t, d, ann)
	v := d.member("")
	get(t, v, update(nothing, v.settings("secret", "")))

	v = d.visitor(2)
	wantRefusal(t, v, with(ann, token), 401, "SESSION_PASSWORD_NEEDED")
	wantRefusal(t, v, with(ann, token), 401, "SESSION_PASSWORD_NEEDED")
	wantRefusal(t, v, self, 401, "SESSION_PASSWORD_NEEDED")
	userOf(t, get(t, v, &tg.AuthCheckPassword{Password: v.proven("secret")}))
}

func TestATokenIsForOneAccount(t *testing.T) {
	const bea = "+9996620002"
	d := newDesk(t, User{Phone: ann}, User{Phone: bea})
	_, token := tokensOf(t, d, ann)
	if _, ok := get(t, d.visitor(2), with(bea, token)).(*tg.AuthSentCode); !ok {
		t.Error("ann's token let somebody in as bea")
	}
	if _, ok := get(t, d.visitor(2), with(ann, token)).(*tg.AuthSentCodeSuccess); !ok {
		t.Error("ann's token is gone")
	}
}

func TestOfManyTokensTheNewestAreGood(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	oldest, _ := tokensOf(t, d, ann)
	var newest []byte
	for range maxFutureTokens {
		_, newest = tokensOf(t, d, ann)
	}
	if n := len(d.w.futures); n != maxFutureTokens {
		t.Errorf("got %d tokens, want %d", n, maxFutureTokens)
	}
	if _, ok := get(t, d.visitor(2), with(ann, oldest)).(*tg.AuthSentCode); !ok {
		t.Error("the oldest token is still good")
	}
	// A client may send more than it should.
	tokens := append(make([][]byte, 100), newest)
	if _, ok := get(t, d.visitor(2), with(ann, tokens...)).(*tg.AuthSentCodeSuccess); !ok {
		t.Error("the newest token is not good")
	}
}

// Whoever ends a device does not want it back: not by the token of its last
// sign-in, nor by one that it has kept from another.
func TestADeviceThatWasEndedComesBackByACodeAlone(t *testing.T) {
	s := newStory(t)
	in, out := tokensOf(t, s.desk, ann)
	own := s.w.futures[futureToken(s.phone.account().tokens[0])]
	if own == nil || own.holder != s.phone.key {
		t.Fatalf("got %+v, want the phone's token", own)
	}
	success := get(t, s.screen, with(ann, in, out)).(*tg.AuthSentCodeSuccess)
	last := success.Authorization.(*tg.AuthAuthorization).FutureAuthToken
	get(t, s.phone, &tg.AccountResetAuthorization{Hash: s.screen.key.login.hash})
	for _, token := range [][]byte{in, out, last} {
		if _, ok := get(t, s.visitor(2), with(ann, token)).(*tg.AuthSentCode); !ok {
			t.Error("a device that was ended is let in without a code")
		}
	}
	if len(s.phone.account().tokens) != 1 {
		t.Errorf("got %d tokens, want the phone's", len(s.phone.account().tokens))
	}
}

func TestALostAnswerIsRepeatedForAWhile(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	_, token := tokensOf(t, d, ann)
	v := d.visitor(2)
	get(t, v, with(ann, token))
	d.now = d.now.Add(5 * time.Minute)
	if _, ok := get(t, v, with(ann, token)).(*tg.AuthSentCode); !ok {
		t.Error("a token is good for ever")
	}
}

func TestTokensAreNotPrinted(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	_, token := tokensOf(t, d, ann)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		text := fmt.Sprintf(verb, d.w.accounts.byPhone["9996620001"].tokens)
		if strings.Contains(text, fmt.Sprintf(verb, token)[1:8]) || !strings.Contains(text, "redacted") {
			t.Errorf("%s: %s", verb, text)
		}
	}
}
