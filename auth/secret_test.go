package auth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
)

// prints is everything that may be printed, in all the ways there are.
type prints struct{ bytes.Buffer }

func (p *prints) print(v any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(p, verb+"\n", v)
	}
	if b, err := json.Marshal(v); err == nil {
		p.Write(b)
	}
	for _, h := range []slog.Handler{
		slog.NewTextHandler(p, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime}),
		slog.NewJSONHandler(p, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime}),
	} {
		slog.New(h).Debug("see", "it", v, slog.Group("more", "it", v))
	}
}

// hides fails if a secret shows, in any spelling of its bytes.
func (p *prints) hides(t *testing.T, secret string) {
	t.Helper()
	for spelling, s := range map[string]string{
		"plain": secret, "hex": hex.EncodeToString([]byte(secret)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"base64": strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "="),
		"list":   strings.Trim(fmt.Sprint([]byte(secret)), "[]"), "Go list": strings.TrimPrefix(fmt.Sprintf("%#v", []byte(secret)), "[]byte"),
	} {
		if i := strings.Index(p.String(), s); i >= 0 {
			t.Errorf("%q shows, %s: …%s…", secret, spelling, p.String()[max(0, i-80):min(i+80, p.Len())])
		}
	}
}

// withoutTime leaves the time out of a log line: its digits may be those of a code.
func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func TestSecretsDoNotShow(t *testing.T) {
	var p prints
	for _, v := range []any{
		auth.Code("73519"), auth.Secret("battery staple"),
		[]auth.Answer{auth.Code("73519"), auth.Secret("battery staple")},
		map[string]any{"code": auth.Code("73519"), "password": auth.Secret("battery staple")},
		auth.Answers{Code: auth.Code("73519"), Password: auth.Secret("battery staple")},
		&auth.Answers{Code: auth.Code("73519"), Password: auth.Secret("battery staple")},
		auth.NewPassword{Password: auth.Secret("battery staple")},
		auth.Assertion{ID: "id", Signature: secret.New("battery staple"), UserHandle: "2:42"},
		auth.GoogleToken("battery staple"), auth.AppleToken("battery staple"), auth.ChallengeToken("battery staple"), auth.LoginLink("battery staple"),
		auth.DeviceProof{PlayIntegrity: secret.New("battery staple"), PushSecret: secret.New("73519")},
		auth.Ask{Question: auth.ShowQR{Link: auth.LoginLink("battery staple")}}, auth.Show{Question: auth.ShowQR{Link: auth.LoginLink("battery staple")}},
		auth.SRPParams{Password: auth.Secret("battery staple")},
	} {
		p.print(v)
	}
	p.hides(t, "73519")
	p.hides(t, "battery staple")
	if !strings.Contains(p.String(), "secret(redacted)") {
		t.Error("got nothing in the place of secrets, want that they are redacted")
	}
}

// A whole sign-in is printed as it goes: steps, answers, errors, the flow, and
// the flow written down.
func TestNoStepOfASignInShowsSecrets(t *testing.T) {
	var p prints
	f := auth.NewFlow(ann)
	pl := &player{t: t, flow: f, now: start}
	for _, line := range strings.Split(strings.TrimSpace(codeIsSent+`
		! code 73519
		> auth.signIn phone_code=73519
		lost connection reset
		> auth.signIn phone_code=73519
		< 400 PHONE_CODE_INVALID
		? code app 5 next=sms in=60 wrong=1 PHONE_CODE_INVALID
		! code 73519
		> auth.signIn phone_code=73519
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password
		? password
		! password battery-staple
		> auth.checkPassword
		lost connection reset
		> auth.checkPassword
		< 400 SRP_ID_INVALID
		> account.getPassword
		< password
		> auth.checkPassword
		< 400 PASSWORD_HASH_INVALID
		> account.getPassword
		< password
		? password wrong=1 PASSWORD_HASH_INVALID
		! password battery-staple
		> auth.checkPassword
		< 420 FLOOD_WAIT_3000
	`), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		pl.play(line)
		p.print(f)
		p.print(*f)
		p.print(struct{ Flow *auth.Flow }{f})
		p.print(f.Next())
		p.print(pl.err)
		if step, ok := f.Next().(auth.Call); ok {
			_, err := step.Do(t.Context(), wire(func([]byte) ([]byte, error) { return nil, tg.NewError(400, "X") }))
			p.print(step)
			p.print(err)
		}
		p.print(f.Answered(start, nil, nil))
		if data, err := f.Marshal(binding); err == nil {
			p.Write(data)
		}
	}
	p.hides(t, "73519")
	p.hides(t, "battery-staple")
	p.hides(t, "app hash")
}

func TestErrorsOfQuestionsDoNotShowAnswers(t *testing.T) {
	var p prints
	c := newFake()
	_, err := auth.SignIn(context.Background(), c, ann, auth.Answers{Code: auth.Code("73519")})
	p.print(err)
	f := auth.NewFlow(ann)
	flowAt(t, f, codeIsSent)
	p.print(f.Answered(start, auth.Secret("73519"), nil))
	p.print(f.Answered(start, auth.PhoneNumber("73519"), nil))
	p.hides(t, "73519")
}

func TestWipedSecretIsGone(t *testing.T) {
	s := auth.Secret("battery staple")
	s.Wipe()
	if !bytes.Equal(s.Bytes(), make([]byte, 14)) {
		t.Errorf("got %q", s.Bytes())
	}
}
