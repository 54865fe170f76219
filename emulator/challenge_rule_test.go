package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// wrapped makes calls in a wrapper.
type wrapped struct {
	*line
	wrap func(query tl.Raw) any
}

func (w wrapped) Invoke(ctx context.Context, request []byte) ([]byte, error) {
	return w.line.Invoke(ctx, bytesOf(w.wrap(request)))
}

func TestACallThatIsChallengedComesAgainInAWrapper(t *testing.T) {
	for message, wraps := range map[string][]func(tl.Raw) any{
		"RECAPTCHA_CHECK_sign_in__6LeKey": {
			func(q tl.Raw) any { return &tg.InvokeWithReCaptcha{Token: "passed", Query: q} },
			func(q tl.Raw) any { return &tg.InvokeWithReCaptcha{Token: "failed", Query: q} },
			func(q tl.Raw) any { return &tg.InvokeWithGooglePlayIntegrity{Token: "passed", Query: q} },
		},
		"INTEGRITY_CHECK_CLASSIC_n0nce": {
			func(q tl.Raw) any {
				return &tg.InvokeWithGooglePlayIntegrity{Nonce: "n0nce", Token: "passed", Query: q}
			},
			func(q tl.Raw) any {
				return &tg.InvokeWithGooglePlayIntegrity{Nonce: "other", Token: "passed", Query: q}
			},
			func(q tl.Raw) any { return &tg.InvokeWithGooglePlayIntegrity{Nonce: "n0nce", Query: q} },
		},
		"APNS_VERIFY_CHECK_n0nce": {
			func(q tl.Raw) any { return &tg.InvokeWithApnsSecret{Nonce: "n0nce", Secret: "passed", Query: q} },
			func(q tl.Raw) any { return &tg.InvokeWithApnsSecret{Secret: "passed", Query: q} },
			func(q tl.Raw) any { return &tg.InvokeWithReCaptcha{Token: "passed", Query: q} },
		},
	} {
		s := running(t, Config{Rules: []Rule{{Method: "auth.sendCode", Do: "challenge", Message: message, Token: "passed"}}})
		l := connect(t, s, 2, how{})
		wantRefusal(t, l, codeFor(ann), 403, message)
		for _, wrong := range wraps[1:] {
			wantRefusal(t, wrapped{l, wrong}, codeFor(ann), 403, message)
		}
		ask(t, wrapped{l, wraps[0]}, ann)
		// The check is to be passed each time, and by this method alone.
		wantRefusal(t, l, codeFor(ann), 403, message)
		get(t, l, &tg.HelpGetNearestDC{})
		if r := s.Rules()[0]; r.Matched != 4 || r.Fired != 4 {
			t.Errorf("%s: got %d matches, %d fired; want four of each", message, r.Matched, r.Fired)
		}
	}
}

func TestAMistakeInAChallengeIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		`{"method":"*","do":"challenge","token":"t"}`:                                            `message: got ""`,
		`{"method":"*","do":"challenge","token":"t","message":"RECAPTCHA_CHECK_sign_in"}`:        "message: got",
		`{"method":"*","do":"challenge","token":"t","message":"INTEGRITY_CHECK_CLASSIC_"}`:       "message: got",
		`{"method":"*","do":"challenge","token":"t","message":"FLOOD_WAIT_3"}`:                   "message: got",
		`{"method":"*","do":"challenge","message":"APNS_VERIFY_CHECK_n"}`:                        "token: got 0 bytes",
		`{"method":"*","do":"challenge","token":"t","message":"APNS_VERIFY_CHECK_n","code":403}`: "code: got 403",
		`{"method":"*","do":"error","code":400,"message":"X","token":"t"}`:                       "token: got one",
		`{"frame":1,"do":"challenge","token":"t","message":"APNS_VERIFY_CHECK_n"}`:               "without a method",
	} {
		_, err := ParseSeed(fmt.Appendf(nil, `{"rules":[%s]}`, text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestTheTokenOfARuleIsNotPrinted(t *testing.T) {
	r := Rule{Method: "*", Do: "challenge", Message: "APNS_VERIFY_CHECK_n", Token: "s3cret"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if text := fmt.Sprintf(verb, r); strings.Contains(text, "s3cret") || strings.Contains(text, fmt.Sprintf("%x", "s3cret")) {
			t.Errorf("%s: %s", verb, text)
		}
	}
	b, err := json.Marshal(r)
	var again Rule
	if err != nil || json.Unmarshal(b, &again) != nil || again != r {
		t.Errorf("got %s, %v; want the rule as it was", b, err)
	}
}
