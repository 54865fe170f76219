package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// screen is an Asker that a QR code is shown to: it returns at once, or keeps
// showing it until its context ends.
type screen struct {
	keeps bool
	links []string
	stale int // how often it was told that a link is stale
}

func (s *screen) Ask(ctx context.Context, q auth.Question) (auth.Answer, error) {
	switch q := q.(type) {
	case auth.ShowQR:
		s.links = append(s.links, q.Link.Reveal())
		if s.keeps {
			<-ctx.Done()
			s.stale++
			return nil, ctx.Err()
		}
		return nil, nil
	case auth.PasswordQuestion:
		return auth.Secret("correct"), nil
	}
	return nil, errors.New("not a question for a screen")
}

func TestSignInByQRCode(t *testing.T) {
	for _, keeps := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c, s := newFake(), &screen{keeps: keeps}
			go func() {
				time.Sleep(45 * time.Second)
				c.accept()
			}()
			began := time.Now()
			if u, err := auth.SignIn(t.Context(), c, auth.QR(), s); err != nil || u.ID != 42 {
				t.Fatalf("got %v, %v, want user 42", u, err)
			}
			if passed := time.Since(began); passed != 45*time.Second || len(s.links) != 2 || keeps && s.stale != 2 {
				t.Errorf("got %d links, %d of them called off, in %v, want 2 in 45 s", len(s.links), s.stale, passed)
			}
			c.called(t, "users.getUsers", "auth.exportLoginToken", "auth.exportLoginToken", "auth.exportLoginToken")
			c.remembered(t, annsSession, 2)
		})
	}
}

func TestSignInByQRCodeAtAnotherDataCentre(t *testing.T) {
	for password, more := range map[string][]string{
		"":        {"move 3"},
		"correct": {"move 3", "account.getPassword", "auth.checkPassword"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, s := newFake(), &screen{keeps: true}
			c.home, c.password = 3, password
			time.AfterFunc(time.Second, c.accept)
			if _, err := auth.SignIn(t.Context(), c, auth.QR(), s); err != nil {
				t.Fatal(err)
			}
			c.called(t, append([]string{"users.getUsers", "auth.exportLoginToken", "auth.exportLoginToken", "auth.importLoginToken at 3"}, more...)...)
			c.remembered(t, annsSession, 3)
		})
	}
}

func TestScreenGivesUp(t *testing.T) {
	mine := errors.New("mine")
	for _, want := range []error{auth.ErrCancelled, mine} {
		asker := auth.AskerFunc(func(context.Context, auth.Question) (auth.Answer, error) {
			if want == mine {
				return nil, mine
			}
			return auth.Cancel{}, nil
		})
		if _, err := auth.SignIn(t.Context(), newFake(), auth.QR(), asker); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := auth.SignIn(ctx, newFake(), auth.QR(), &screen{keeps: true}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want that the context ended", err)
		}
	})
}

// A web page asks again and again whether the code was scanned.
func TestDriveShowsALinkFromOneRequestToTheNext(t *testing.T) {
	c := newFake()
	f := auth.NewFlow(auth.QR())
	for range 3 {
		step, err := auth.Drive(t.Context(), c, f)
		if _, shows := step.(auth.Show); err != nil || !shows {
			t.Fatalf("got %v, %v, want a link", step, err)
		}
		data, err := f.Marshal(auth.BindingOf(c.Data()))
		if err != nil || strings.Contains(string(data), "token of") {
			t.Fatalf("got %s, %v, want a flow without its token", data, err)
		}
		if f, err = auth.Resume(data, auth.BindingOf(c.Data())); err != nil {
			t.Fatal(err)
		}
	}
	c.accept()
	if step, err := auth.Drive(t.Context(), c, f); err != nil || step.(auth.Done).User.ID != 42 {
		t.Errorf("got %v, %v, want user 42", step, err)
	}
}

func TestSignInGoesOnWhenTelegramHasTheMoney(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newFake()
		c.costs = true
		time.AfterFunc(time.Minute, func() {
			c.publish(&tg.UpdateShort{Update: &tg.UpdateSentPhoneCode{SentCode: &tg.AuthSentCode{
				Type: &tg.AuthSentCodeTypeSMS{Length: 5}, PhoneCodeHash: c.hash(),
			}}})
		})
		var asked []string
		asker := auth.AskerFunc(func(ctx context.Context, q auth.Question) (auth.Answer, error) {
			asked = append(asked, describe(q, time.Now()))
			if _, pays := q.(auth.PaymentQuestion); pays {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return auth.Code("22222"), nil
		})
		if _, err := auth.SignIn(t.Context(), c, ann, asker); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(asked, "; "); got != "pay 199 EUR; code sms 5" {
			t.Errorf("got the questions %s", got)
		}
	})
}

func TestLinkIsAcceptedByADeviceThatIsSignedIn(t *testing.T) {
	c := newFake()
	c.entered = true
	login, err := auth.AcceptLogin(t.Context(), c, auth.LoginLink("tg://login?token=dG9rZW4gb2YgMg=="))
	if err != nil || login.AppName != "new" || c.accepted != "token of 2" {
		t.Errorf("got %v, %v and the token %q", login, err, c.accepted)
	}
	for refusal, advice := range map[string]string{
		"AUTH_TOKEN_EXPIRED": "too old", "AUTH_TOKEN_INVALID": "another network", "AUTH_TOKEN_INVALIDX": "another network",
		"AUTH_TOKEN_ALREADY_ACCEPTED": "accepted before", "AUTH_TOKEN_EXCEPTION": "show a new one",
	} {
		c.refuse = map[string][]error{"auth.acceptLoginToken": {tg.NewError(400, refusal)}}
		_, err := auth.AcceptLogin(t.Context(), c, auth.LoginLink("tg://login?token=dG9rZW4"))
		if !errors.Is(err, tg.ErrorType(refusal)) || !strings.Contains(err.Error(), advice) {
			t.Errorf("got %v for %s, want %q", err, refusal, advice)
		}
	}
}

func TestWhatIsNoLoginLinkIsNotSent(t *testing.T) {
	c := newFake()
	for _, link := range []string{
		"", "tg://login", "tg://login?token=", "tg://login?token=a", "tg://login?token=?!", "https://t.me/login/12345",
		"tg://login?token=" + strings.Repeat("a", 5000),
	} {
		_, err := auth.AcceptLogin(t.Context(), c, auth.LoginLink(link))
		if err == nil || len(link) > 20 && strings.Contains(err.Error(), link[17:]) {
			t.Errorf("got %v for %q, want an error that does not show it", err, link)
		}
	}
	c.called(t)
}

// publish delivers an update to who has subscribed.
func (f *fake) publish(u tg.AnyUpdates) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.subscribers {
		s(u)
	}
}

// accept accepts the login link, by another device.
func (f *fake) accept() {
	f.mu.Lock()
	f.scanned = true
	f.mu.Unlock()
	f.publish(&tg.Updates{Updates: []tg.AnyUpdate{&tg.UpdateConfig{}, &tg.UpdateLoginToken{}}})
}

func (f *fake) exportToken() (any, error) {
	f.mu.Lock()
	scanned := f.scanned
	f.mu.Unlock()
	switch {
	case !scanned:
		return &tg.AuthLoginToken{Token: []byte("token of 2"), Expires: int32(time.Now().Unix()) + 30}, nil
	case f.home != 0 && f.home != f.dc:
		return &tg.AuthLoginTokenMigrateTo{DCID: int32(f.home), Token: []byte("token elsewhere")}, nil
	}
	return f.linkAccepted()
}

func (f *fake) linkAccepted() (any, error) {
	if f.coded = true; f.password != "" {
		return nil, f.allowed()
	}
	in, err := f.enter()
	return &tg.AuthLoginTokenSuccess{Authorization: in.(*tg.AuthAuthorization)}, err
}

func (f *fake) acceptToken(m *tg.AuthAcceptLoginToken) (any, error) {
	f.accepted = string(m.Token)
	return &tg.Authorization{AppName: "new"}, nil
}

// at is the fake as it is called on another data centre than the home.
type at struct {
	*fake
	dc int
}

func (a at) Invoke(ctx context.Context, request []byte) ([]byte, error) {
	return a.fake.invoke(ctx, request, a.dc)
}

func (f *fake) Subscribe(s func(tg.AnyUpdates)) (stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.subscribers = append(f.subscribers, s)
	return func() {}
}
