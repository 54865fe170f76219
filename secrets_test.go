package telekey_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"unicode"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/transport"
)

// pages collects what is logged and printed.
type pages struct {
	mu sync.Mutex
	bytes.Buffer
}

func (p *pages) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Buffer.Write(b)
}

// TestNoSecretIsWrittenAnywhere reads all that a sign-in logs at debug level, on
// both ends, and all that printing its values shows, for the secrets in it. Only
// the emulator's own log shows codes: that is what it is for.
func TestNoSecretIsWrittenAnywhere(t *testing.T) {
	const password, code = "correct horse battery", "48151"
	synctest.Test(t, func(t *testing.T) {
		var client, server pages
		debug := &slog.HandlerOptions{Level: slog.LevelDebug}
		m := newMemory()
		srv, err := emulator.Start(emulator.Config{
			Users:    []emulator.User{{Phone: "+4930123456", FirstName: "Ann", Password: password, DC: 2}},
			Listener: m.Listen, Log: slog.New(slog.NewTextHandler(&server, debug)),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer srv.Close()
		store := new(session.Memory)
		c, err := telekey.Dial(t.Context(), telekey.Config{
			Network: srv.Network(), Session: store, Dialer: transport.TCP{DialContext: m.Dial},
			Log: slog.New(slog.NewJSONHandler(&client, debug)),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()

		asked := auth.AskerFunc(func(ctx context.Context, q auth.Question) (auth.Answer, error) {
			var answer auth.Answer = auth.Secret(password)
			if _, ok := q.(auth.CodeQuestion); ok {
				sent, err := srv.WaitCode(ctx, "+4930123456")
				if err != nil {
					return nil, err
				}
				answer = auth.Code(sent.Code)
			}
			show(&client, q, answer)
			return answer, nil
		})
		wrong := auth.Answers{Code: auth.Code(code), Password: auth.Secret(password)}
		if _, err := auth.SignIn(t.Context(), c, auth.Phone("+4930123456"), wrong); err == nil {
			t.Fatal("a wrong code was taken")
		} else {
			show(&client, err, wrong)
		}
		if _, err := auth.SignIn(t.Context(), c, auth.Phone("+4930123456"), asked); err != nil {
			t.Fatal(err)
		}
		show(&client, c.Session(), store, srv.Users(), auth.NewFlow(auth.Phone("+4930123456")))

		key := c.Session().Keys[2].Auth.Bytes()
		secrets := map[string]string{"the password": password, "the wrong code": code, "the key": string(key[:])}
		for _, sent := range srv.Codes("") {
			secrets["the code"] = sent.Code
		}
		if client.Len() == 0 || server.Len() == 0 {
			t.Fatal("nothing was logged: this test sees nothing")
		}
		search(t, "the client's", client.String(), secrets)
		delete(secrets, "the code")
		search(t, "the emulator's", server.String(), secrets)
	})
}

// show prints values in every way that a program might, by mistake.
func show(p *pages, values ...any) {
	for _, v := range values {
		fmt.Fprintf(p, "%v %+v %#v %s %x %q\n", v, v, v, v, v, v)
		if text, err := json.Marshal(v); err == nil {
			p.Write(text)
		}
		slog.New(slog.NewJSONHandler(p, nil)).Info("value", "it", v)
	}
}

// search looks for secrets, as they are and as hex and base64, as words: a short
// code may well be a part of some longer number.
func search(t *testing.T, whose, text string, secrets map[string]string) {
	t.Helper()
	for name, secret := range secrets {
		for form, word := range map[string]string{
			"plain":   secret,
			"hex":     hex.EncodeToString([]byte(secret)),
			"base64":  base64.StdEncoding.EncodeToString([]byte(secret)),
			"base64u": base64.RawURLEncoding.EncodeToString([]byte(secret)),
		} {
			if at := indexWord(strings.ToLower(text), strings.ToLower(word)); at >= 0 {
				t.Errorf("%s output holds %s as %s, after %q", whose, name, form, text[max(0, at-80):at])
			}
		}
	}
}

// indexWord is where word stands in text with no letter or digit next to it, or
// -1.
func indexWord(text, word string) int {
	alone := func(i int) bool {
		return i < 0 || i >= len(text) || !unicode.IsLetter(rune(text[i])) && !unicode.IsDigit(rune(text[i]))
	}
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return -1
		}
		if at += from; alone(at-1) && alone(at+len(word)) {
			return at
		}
		from = at + 1
	}
}
