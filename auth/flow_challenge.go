package auth

import (
	"context"
	"io"
	"strings"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// Challenges: any call may be refused until somebody whom Telegram trusts vouches
// for the program. The same call is then made again inside another one, which
// carries the proof.
//
// https://core.telegram.org/api/auth#recaptcha-verification

// challenge is what Telegram wants, and what is done once it has it.
type challenge struct {
	Kind    ChallengeKind `json:"kind"`
	Action  string        `json:"action,omitempty"`
	SiteKey string        `json:"site_key,omitempty"`
	Nonce   string        `json:"nonce,omitempty"`
	Then    state         `json:"then"`
}

// challengeOf reads RECAPTCHA_CHECK_<action>__<site key> and its kin; nil if the
// refusal is none of them.
//
// https://core.telegram.org/api/errors#403-forbidden
func challengeOf(e *tg.Error) *challenge {
	if e.Code != 403 {
		return nil
	}
	if rest, ok := strings.CutPrefix(e.Message, "RECAPTCHA_CHECK_"); ok {
		if action, key, ok := strings.Cut(rest, "__"); ok {
			return &challenge{Kind: ChallengeRecaptcha, Action: action, SiteKey: key}
		}
	}
	if nonce, ok := strings.CutPrefix(e.Message, "INTEGRITY_CHECK_CLASSIC_"); ok {
		return &challenge{Kind: ChallengePlayIntegrity, Nonce: nonce}
	}
	if nonce, ok := strings.CutPrefix(e.Message, "APNS_VERIFY_CHECK_"); ok {
		return &challenge{Kind: ChallengeAPNS, Nonce: nonce}
	}
	return nil
}

// challenged asks for the proof, if that is what the refusal is about.
func (f *Flow) challenged(e *tg.Error) bool {
	c := challengeOf(e)
	if c == nil {
		return false
	}
	c.Then = f.m.State
	f.m.ChallengeRefused = nil
	if !f.proven.IsZero() {
		f.m.ChallengeRefused = e
	}
	f.m.Challenge, f.proven = c, ChallengeAnswer{}
	f.to(stateAskChallenge)
	return true
}

func (f *Flow) nextAskChallenge() Step {
	c := f.m.Challenge
	return Ask{ChallengeQuestion{Kind: c.Kind, Action: c.Action, SiteKey: c.SiteKey, Nonce: c.Nonce, Refused: f.m.ChallengeRefused}}
}

func (f *Flow) challengeAnswered(a Answer, _ io.Reader) error {
	switch a := a.(type) {
	case ChallengeAnswer:
		if a.IsZero() {
			return unfit("a token")
		}
		f.proven = a
		f.to(f.m.Challenge.Then)
		return nil
	case Cancel:
		f.fail(ErrCancelled)
		return ErrCancelled
	}
	return unfit("ChallengeToken or Cancel")
}

// prove puts the proof around a call.
//
// https://core.telegram.org/method/invokeWithReCaptcha
// https://core.telegram.org/method/invokeWithGooglePlayIntegrity
// https://core.telegram.org/method/invokeWithApnsSecret
func (c challenge) prove(query []byte, token ChallengeAnswer) ([]byte, error) {
	var wrapped any
	switch c.Kind {
	case ChallengePlayIntegrity:
		wrapped = &tg.InvokeWithGooglePlayIntegrity{Nonce: c.Nonce, Token: token.Reveal(), Query: tl.Raw(query)}
	case ChallengeAPNS:
		wrapped = &tg.InvokeWithApnsSecret{Nonce: c.Nonce, Secret: token.Reveal(), Query: tl.Raw(query)}
	default:
		wrapped = &tg.InvokeWithReCaptcha{Token: token.Reveal(), Query: tl.Raw(query)}
	}
	return tg.Schema.Append(nil, wrapped)
}

// proving makes calls with the proof around them.
type proving struct {
	through   tg.Invoker
	challenge challenge
	token     ChallengeAnswer
}

// Invoke makes the call inside the one that carries the proof, whose answer is the
// call's own.
func (p proving) Invoke(ctx context.Context, request []byte) ([]byte, error) {
	request, err := p.challenge.prove(request, p.token)
	if err != nil {
		return nil, err
	}
	return p.through.Invoke(ctx, request)
}
