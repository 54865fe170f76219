package auth_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

var annsSession = &session.User{ID: 42, FirstName: "Ann", LastName: "Lee", Username: "ann", Phone: "9996621234"}

var right = auth.Answers{Code: auth.Code("22222"), Password: auth.Secret("correct"), FirstName: "Ann", LastName: "Lee", AcceptTerms: true}

func TestSignInRemembersWhoItIs(t *testing.T) {
	c := newFake()
	u, err := auth.SignIn(t.Context(), c, ann, right)
	if err != nil || u.ID != 42 {
		t.Fatalf("got %v, %v, want user 42", u, err)
	}
	c.called(t, "users.getUsers", "auth.sendCode", "auth.signIn")
	// Data centre 3 knew the one who was signed in before, if anybody.
	c.remembered(t, annsSession, 2)
}

func TestSignInAgainSendsNoCode(t *testing.T) {
	c := newFake()
	c.entered = true
	if _, err := auth.SignIn(t.Context(), c, ann, nil); err != nil {
		t.Fatal(err)
	}
	c.called(t, "users.getUsers")
	c.remembered(t, annsSession, 2, 3)
}

func TestSignInMovesHome(t *testing.T) {
	c := newFake()
	c.home = 1
	if _, err := auth.SignIn(t.Context(), c, ann, right); err != nil {
		t.Fatal(err)
	}
	c.called(t, "users.getUsers", "auth.sendCode", "move 1", "auth.sendCode", "auth.signIn")
	c.remembered(t, annsSession, 1)
}

func TestSignInByPassword(t *testing.T) {
	c := newFake()
	c.password = "correct"
	if _, err := auth.SignIn(t.Context(), c, ann, right); err != nil {
		t.Fatal(err)
	}
	c.called(t, "users.getUsers", "auth.sendCode", "auth.signIn", "account.getPassword", "auth.checkPassword")
	if right.Password.Reveal() != "correct" {
		t.Error("the password in Answers was wiped, want a copy wiped")
	}
}

func TestSignInGoesOnWithThePassword(t *testing.T) {
	c := newFake()
	c.password, c.coded = "correct", true
	if _, err := auth.SignIn(t.Context(), c, ann, right); err != nil {
		t.Fatal(err)
	}
	c.called(t, "users.getUsers", "account.getPassword", "auth.checkPassword")
	c.remembered(t, annsSession, 2)
}

func TestSignInSignsUp(t *testing.T) {
	c := newFake()
	c.name, c.terms = "", true
	if _, err := auth.SignIn(t.Context(), c, ann, right); err != nil {
		t.Fatal(err)
	}
	c.called(t, "users.getUsers", "auth.sendCode", "auth.signIn", "auth.signUp", "help.acceptTermsOfService")
	c.remembered(t, annsSession, 2)
}

func TestErrorsOfOthersComeBackAsTheyAre(t *testing.T) {
	mine := errors.New("mine")
	asker := auth.AskerFunc(func(context.Context, auth.Question) (auth.Answer, error) { return nil, mine })
	if _, err := auth.SignIn(t.Context(), newFake(), ann, asker); err != mine {
		t.Errorf("got %v, want the asker's error", err)
	}
	c := newFake()
	c.home, c.err = 1, mine
	if _, err := auth.SignIn(t.Context(), c, ann, nil); !errors.Is(err, mine) || !strings.Contains(err.Error(), "move to data centre 1") {
		t.Errorf("got %v, want the client's error, and what it was to do", err)
	}
	c = newFake()
	c.refuse = map[string][]error{"auth.sendCode": {mine}}
	if _, err := auth.SignIn(t.Context(), c, ann, nil); !errors.Is(err, mine) || !strings.HasPrefix(err.Error(), "auth.sendCode: ") {
		t.Errorf("got %v, want the client's error after the call's name", err)
	}
	c = newFake()
	c.Release(t.Context())
	if _, err := auth.SignIn(t.Context(), c, ann, right); !errors.Is(err, session.ErrLost) {
		t.Errorf("got %v, want that the session could not note it", err)
	}
	c = newFake()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := auth.SignIn(ctx, c, ann, nil); err != context.Canceled {
		t.Errorf("got %v, want that the context ended", err)
	}
	c.called(t)
}

func TestUnfitAnswersEndASignIn(t *testing.T) {
	asker := auth.AskerFunc(func(context.Context, auth.Question) (auth.Answer, error) { return auth.Accept{}, nil })
	var unfit *auth.AnswerError
	_, err := auth.SignIn(t.Context(), newFake(), ann, asker)
	if !errors.As(err, &unfit) || err.Error() != "the code (app) was asked for: got auth.Accept, want Code, Resend or Cancel" {
		t.Errorf("got %v", err)
	}
}

func TestWhatTheClientDoesNotWaitForIsNotWaitedFor(t *testing.T) {
	c := newFake()
	c.refuse = map[string][]error{"auth.sendCode": {tg.NewError(420, "FLOOD_WAIT_1")}}
	if _, err := auth.SignIn(t.Context(), c, ann, right); !errors.Is(err, tg.ErrFloodWait) {
		t.Errorf("got %v, want FLOOD_WAIT", err)
	}
}

func TestSignInWaitsAsLongAsItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flood := tg.NewError(420, "FLOOD_WAIT_30")
		for _, test := range []struct {
			patience, took time.Duration
			in             bool
		}{{time.Minute, time.Minute, true}, {30 * time.Second, time.Minute, true}, {29 * time.Second, 0, false}, {-1, 0, false}} {
			c := newFake()
			c.patience = test.patience
			c.refuse = map[string][]error{"auth.sendCode": {flood, flood}}
			began := time.Now()
			_, err := auth.SignIn(t.Context(), c, ann, right)
			if took := time.Since(began); took != test.took || (err == nil) != test.in {
				t.Errorf("a client that waits for %v: got %v after %v, want %v", test.patience, err, took, test.took)
			}
		}
		c := newFake()
		c.patience = time.Minute
		c.refuse = map[string][]error{"auth.sendCode": {flood}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := auth.SignIn(ctx, c, ann, right); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
	})
}

// A request of a web server does not sleep: it is told until when to wait.
func TestDriveReturnsAWaitAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newFake()
		c.patience = time.Minute // which is for calls, not for flows
		flood := tg.NewError(420, "FLOOD_WAIT_30")
		c.refuse = map[string][]error{"auth.sendCode": {flood}}
		began := time.Now()
		f := auth.NewFlow(ann)
		for range 2 { // again as long as the time has not come
			step, err := auth.Drive(t.Context(), c, f)
			if wait, ok := step.(auth.Wait); !ok || !wait.Until.Equal(began.Add(30*time.Second)) || !time.Now().Equal(began) {
				t.Fatalf("got %v, %v after %v, want a wait of 30 s, at once", step, err, time.Since(began))
			}
			f = reread(t, f, c)
		}
		time.Sleep(30 * time.Second)
		if step, err := auth.Drive(t.Context(), c, f); err != nil || question(step) == nil {
			t.Errorf("got %v, %v, want a question", step, err)
		}
	})
}

// The longest wait belongs to the flow and is marshalled with it.
func TestMaxFloodOfAFlowSurvivesMarshal(t *testing.T) {
	for longest, waits := range map[time.Duration]bool{0: true, -1: false, 29 * time.Second: false, 30 * time.Second: true} {
		c := newFake()
		c.refuse = map[string][]error{"auth.sendCode": {tg.NewError(420, "FLOOD_WAIT_30")}}
		f := auth.NewFlow(ann)
		f.MaxFlood = longest
		f = reread(t, reread(t, f, c), c)
		step, err := auth.Drive(t.Context(), c, f)
		if _, wait := step.(auth.Wait); wait != waits || waits == errors.Is(err, tg.ErrFloodWait) {
			t.Errorf("MaxFlood %v: got %v, %v, want a wait: %t", longest, step, err, waits)
		}
	}
}

func TestMarshalRefusesWhatIsNotTheFlowsBinding(t *testing.T) {
	c := newFake()
	c.home = 1
	before := auth.BindingOf(c.Data())
	f := auth.NewFlow(ann)
	if _, err := auth.Drive(t.Context(), c, f); err != nil {
		t.Fatal(err)
	}
	after := auth.BindingOf(c.Data())
	if after.DC != 1 {
		t.Fatalf("got %+v, want that the login has moved to data centre 1", after)
	}
	var other *auth.BindingError
	for _, b := range []auth.Binding{
		before, {Network: "other", DC: 1, KeyID: after.KeyID}, {Network: after.Network, DC: 1, KeyID: before.KeyID},
	} {
		if _, err := f.Marshal(b); !errors.As(err, &other) || other.Got != b || other.Want != after {
			t.Errorf("got %v for %+v, want a BindingError", err, b)
		}
	}
	data, err := f.Marshal(after)
	if err != nil {
		t.Fatal(err)
	}
	if f, err = auth.Resume(data, after); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Marshal(before); !errors.As(err, &other) {
		t.Errorf("got %v after Resume, want a BindingError", err)
	}
}

// A loop of one's own knows no more of the session than where it moved to.
func TestMarshalRefusesADataCentreThatTheFlowHasLeft(t *testing.T) {
	f := auth.NewFlow(ann)
	flowAt(t, f, nobody+"> auth.sendCode\n< 303 PHONE_MIGRATE_4\nmove 4")
	var other *auth.BindingError
	if _, err := f.Marshal(binding); !errors.As(err, &other) || other.Want.DC != 4 {
		t.Errorf("got %v, want a BindingError that names data centre 4", err)
	}
	if _, err := f.Marshal(auth.Binding{Network: "story", DC: 4, KeyID: 9}); err != nil {
		t.Error(err)
	}
}

// reread writes a flow of c down and reads it.
func reread(t *testing.T, f *auth.Flow, c *fake) *auth.Flow {
	t.Helper()
	here := auth.BindingOf(c.Data())
	data, err := f.Marshal(here)
	if err != nil {
		t.Fatal(err)
	}
	if f, err = auth.Resume(data, here); err != nil {
		t.Fatal(err)
	}
	return f
}

// question is what a step asks, or nil.
func question(s auth.Step) auth.Question {
	if ask, ok := s.(auth.Ask); ok {
		return ask.Question
	}
	return nil
}

// A web server holds no flow between two requests.
func TestDriveFromOneRequestToTheNext(t *testing.T) {
	c := newFake()
	c.password = "correct"
	here := auth.BindingOf(c.Data())
	data, err := auth.NewFlow(ann).Marshal(here)
	var asked []string
	for _, a := range []auth.Answer{nil, auth.Code("11111"), auth.Code("22222"), auth.Secret("wrong"), auth.Secret("correct")} {
		if err != nil {
			t.Fatal(err)
		}
		f, err := auth.Resume(data, here)
		if err != nil {
			t.Fatal(err)
		}
		if a != nil {
			if err := f.Answered(start, a, zeros{1}); err != nil {
				t.Fatal(err)
			}
		}
		step, err := auth.Drive(t.Context(), c, f)
		switch s := step.(type) {
		case auth.Ask:
			asked = append(asked, describe(s.Question, start))
		case auth.Done:
			asked = append(asked, *s.User.FirstName)
			if err := auth.Remember(t.Context(), c, s.User); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("got %v, %v", step, err)
		}
		data, _ = f.Marshal(here)
	}
	want := []string{"code app 5", "code app 5 wrong=1 PHONE_CODE_INVALID",
		"password hint=a horse", "password hint=a horse wrong=1 PASSWORD_HASH_INVALID", "Ann"}
	if !slices.Equal(asked, want) {
		t.Errorf("got %q, want %q", asked, want)
	}
	c.remembered(t, annsSession, 2)
}

// zeros is a random source for tests: every byte is the same.
type zeros struct{ b byte }

func (z zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = z.b
	}
	return len(p), nil
}
