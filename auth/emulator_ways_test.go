package auth_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/emutest"
	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
)

// The ways in, played with a client on a socket and an emulator behind it.

const annsNumber = "+9996620001"

// guest is somebody who signs in: it reads codes off the emulator, and answers
// what the test says to the other questions. It notes the kinds of codes.
type guest struct {
	srv     *emulator.Server
	answers func(q auth.Question) auth.Answer // nil: read the code
	asked   []auth.CodeKind
}

func (g *guest) Ask(ctx context.Context, q auth.Question) (auth.Answer, error) {
	if code, ok := q.(auth.CodeQuestion); ok {
		g.asked = append(g.asked, code.Kind)
	}
	if g.answers != nil {
		if a := g.answers(q); a != nil {
			return a, nil
		}
	}
	if _, ok := q.(auth.CodeQuestion); !ok {
		return nil, &auth.UnansweredError{Question: q}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	code, err := g.srv.WaitCode(ctx, annsNumber)
	return auth.Code(code.Code), err
}

func TestCodesOfEveryKindSignInAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv := emutest.Start(t, emulator.User{Phone: annsNumber, FirstName: "Ann", LoginEmail: "ann@example.org"})
	for channel, kind := range map[emulator.Channel]auth.CodeKind{
		emulator.SMS: auth.CodeBySMS, emulator.Call: auth.CodeByCall, emulator.FlashCall: auth.CodeByFlashCall,
		emulator.MissedCall: auth.CodeByMissedCall, emulator.Fragment: auth.CodeByFragment,
		emulator.Word: auth.CodeByWord, emulator.Phrase: auth.CodeByPhrase, emulator.Email: auth.CodeByEmail,
	} {
		if err := srv.SetChannels(annsNumber, channel); err != nil {
			t.Fatal(err)
		}
		g := &guest{srv: srv}
		if _, err := auth.SignIn(t.Context(), emutest.Dial(t, srv), auth.Phone(annsNumber), g); err != nil || !slices.Equal(g.asked, []auth.CodeKind{kind}) {
			t.Errorf("%s: got %v, asked for %q", channel, err, g.asked)
		}
	}
}

func TestFirebaseWantsAProofOrTheNextWayAtTheEmulator(t *testing.T) {
	t.Parallel()
	ann := emulator.User{Phone: annsNumber, FirstName: "Ann", Channels: []emulator.Channel{emulator.Firebase, emulator.SMS}}
	for _, proves := range []bool{true, false} {
		srv := emutest.Start(t, ann)
		g := &guest{srv: srv, answers: func(q auth.Question) auth.Answer {
			switch code := q.(auth.CodeQuestion); {
			case code.Firebase == nil:
				return nil
			case proves:
				return auth.DeviceProof{PlayIntegrity: secret.New("an app of Telegram's own")}
			case code.Refused != nil: // it was too early
				srv.FastForward(time.Until(code.ResendAt) + time.Second)
			}
			return auth.Resend{}
		}}
		want := []auth.CodeKind{auth.CodeByFirebase, auth.CodeByFirebase}
		if !proves {
			want = append(want, auth.CodeBySMS)
		}
		if _, err := auth.SignIn(t.Context(), emutest.Dial(t, srv), auth.Phone(annsNumber), g); err != nil || !slices.Equal(g.asked, want) {
			t.Errorf("got %v, asked for %q, want %q", err, g.asked, want)
		}
	}
}

func TestSignUpIsForOfficialAppsAlone(t *testing.T) {
	for policy, refusal := range map[emulator.SignUp]tg.ErrorType{
		emulator.SignUpForbidden: tg.ErrPhoneNumberAppSignupForbidden, emulator.SignUpUpdateApp: tg.ErrUpdateAppToLogin,
	} {
		srv, err := emulator.Start(emulator.Config{SignUp: policy})
		if err != nil {
			t.Fatal(err)
		}
		defer srv.Close()
		var official *auth.OfficialOnlyError
		_, err = auth.SignIn(t.Context(), emutest.Dial(t, srv), auth.Phone(annsNumber), &guest{srv: srv})
		if !errors.As(err, &official) || !errors.Is(err, refusal) {
			t.Errorf("got %v, want an OfficialOnlyError of %s", err, refusal)
		}
	}
}

func TestPaymentIsSeenAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv := emutest.Start(t, emulator.User{Phone: annsNumber, FirstName: "Ann", Channels: []emulator.Channel{emulator.Payment, emulator.SMS}})
	g := &guest{srv: srv}
	asker := auth.AskerFunc(func(ctx context.Context, q auth.Question) (auth.Answer, error) {
		if _, pays := q.(auth.PaymentQuestion); pays {
			if n, err := srv.Pay(annsNumber); n != 1 || err != nil {
				t.Errorf("paid for %d codes, %v", n, err)
			}
			return nil, nil
		}
		return g.Ask(ctx, q)
	})
	if _, err := auth.SignIn(t.Context(), emutest.Dial(t, srv), auth.Phone(annsNumber), asker); err != nil {
		t.Fatal(err)
	}
}

func TestLoginEmailIsSetUpAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv := emutest.Start(t, emulator.User{Phone: annsNumber, FirstName: "Ann", Channels: []emulator.Channel{emulator.EmailSetup}})
	g := &guest{srv: srv, answers: func(q auth.Question) auth.Answer {
		if e, ok := q.(auth.EmailQuestion); ok && e.Refused == nil {
			return auth.Email("nowhere")
		} else if ok {
			return auth.Email("ann@example.org")
		}
		return nil
	}}
	if _, err := auth.SignIn(t.Context(), emutest.Dial(t, srv), auth.Phone(annsNumber), g); err != nil {
		t.Fatal(err)
	}
	if u, _ := srv.User(annsNumber); u.LoginEmail != "ann@example.org" {
		t.Errorf("got the login e-mail %q", u.LoginEmail)
	}
}

func TestLoginEmailIsVouchedForAndTakenAwayAtTheEmulator(t *testing.T) {
	t.Parallel()
	ann := emulator.User{Phone: annsNumber, FirstName: "Ann", LoginEmail: "ann@example.org", Premium: true}
	srv := emutest.Start(t, ann)
	g := &guest{srv: srv, answers: func(q auth.Question) auth.Answer {
		if q.(auth.CodeQuestion).Google {
			return auth.GoogleToken("google:ann@example.org")
		}
		return nil
	}}
	if _, err := auth.SignIn(t.Context(), emutest.Dial(t, srv), auth.Phone(annsNumber), g); err != nil {
		t.Fatal(err)
	}
	if err := srv.SetChannels(annsNumber, emulator.Email, emulator.SMS); err != nil {
		t.Fatal(err)
	}
	g = &guest{srv: srv, answers: func(q auth.Question) auth.Answer {
		if q.(auth.CodeQuestion).Kind == auth.CodeByEmail {
			return auth.ResetEmail{}
		}
		return nil
	}}
	if _, err := auth.SignIn(t.Context(), emutest.Dial(t, srv), auth.Phone(annsNumber), g); err != nil {
		t.Fatal(err)
	}
	if u, _ := srv.User(annsNumber); u.LoginEmail != "" {
		t.Errorf("got the login e-mail %q, want none any more", u.LoginEmail)
	}
}

func TestLostPasswordIsReplacedAndRemovedAtTheEmulator(t *testing.T) {
	t.Parallel()
	ann := emulator.User{Phone: annsNumber, FirstName: "Ann", Password: "correct horse", RecoveryEmail: "ann@example.org"}
	srv := emutest.Start(t, ann)
	var fresh auth.Answer = auth.NewPassword{Password: auth.Secret("battery staple"), Hint: "new"}
	g := &guest{srv: srv, answers: func(q auth.Question) auth.Answer {
		switch q.(type) {
		case auth.PasswordQuestion:
			return auth.Recover{}
		case auth.NewPasswordQuestion:
			return fresh
		}
		return nil
	}}
	if _, err := auth.SignIn(t.Context(), emutest.Dial(t, srv), auth.Phone(annsNumber), g); err != nil {
		t.Fatal(err)
	}
	emutest.SignIn(t, srv, emulator.User{Phone: annsNumber, Password: "battery staple"})
	fresh = auth.Skip{}
	if _, err := auth.SignIn(t.Context(), emutest.Dial(t, srv), auth.Phone(annsNumber), g); err != nil {
		t.Fatal(err)
	}
	if u, _ := srv.User(annsNumber); u.HasPassword {
		t.Error("got an account with a password, want that it was removed")
	}
}

func TestTokenSparesTheCodeAtTheEmulator(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"", "correct horse"} {
		ann := emulator.User{Phone: annsNumber, FirstName: "Ann", Password: password}
		srv := emutest.Start(t, ann)
		c := emutest.SignIn(t, srv, ann)
		if err := auth.LogOut(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		before := len(srv.Codes(annsNumber))
		if _, err := auth.SignIn(t.Context(), c, auth.Phone(annsNumber), auth.Answers{Password: auth.Secret(password)}); err != nil {
			t.Fatalf("with the password %q: %v", password, err)
		}
		if sent := len(srv.Codes(annsNumber)) - before; sent != 0 {
			t.Errorf("got %d codes, want none", sent)
		}
	}
}

func TestChallengesAreAnsweredAtTheEmulator(t *testing.T) {
	t.Parallel()
	for message, kind := range map[string]auth.ChallengeKind{
		"RECAPTCHA_CHECK_signin__KEY": auth.ChallengeRecaptcha, "INTEGRITY_CHECK_CLASSIC_4711": auth.ChallengePlayIntegrity,
		"APNS_VERIFY_CHECK_4711": auth.ChallengeAPNS,
	} {
		srv := emutest.Start(t, emulator.User{Phone: annsNumber, FirstName: "Ann"})
		if _, err := srv.AddRule(emulator.Rule{Method: "auth.signIn", Do: "challenge", Message: message, Token: "vouched for"}); err != nil {
			t.Fatal(err)
		}
		var wrong int
		g := &guest{srv: srv, answers: func(q auth.Question) auth.Answer {
			c, ok := q.(auth.ChallengeQuestion)
			switch {
			case !ok:
				return nil
			case c.Kind != kind:
				t.Errorf("got a challenge of %q, want %q", c.Kind, kind)
			case c.Refused == nil:
				return auth.ChallengeToken("a robot")
			}
			wrong++
			return auth.ChallengeToken("vouched for")
		}}
		if _, err := auth.SignIn(t.Context(), emutest.Dial(t, srv), auth.Phone(annsNumber), g); err != nil || wrong != 1 {
			t.Errorf("%s: got %v, and %d tokens that were refused, want one", message, err, wrong)
		}
	}
}
