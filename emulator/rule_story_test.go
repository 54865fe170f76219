package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
	"github.com/telekey/telekey/transport"
)

// Each effect of a rule, as a client sees it that nobody told.

const ann = "+9996620001" // at home in data centre 2

// town is a Server that misbehaves, and a network to it.
type town struct {
	*emulator.Server
	t     *testing.T
	net   *emulator.Pipes
	dials atomic.Int32
}

// story runs in a bubble of fake time.
func story(t *testing.T, name string, rules []emulator.Rule, tell func(t *testing.T, w *town)) {
	t.Helper()
	if _, err := emulator.ProcessKey(); err != nil {
		t.Fatal(err)
	}
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var net emulator.Pipes
			srv, err := emulator.Start(emulator.Config{
				Listener: net.Listen, Rules: rules, Users: []emulator.User{{Phone: ann, FirstName: "Ann"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { srv.Close() })
			tell(t, &town{Server: srv, t: t, net: &net})
		})
	})
}

func one(r emulator.Rule) []emulator.Rule { return []emulator.Rule{r} }

// dial connects a client with a new session.
func (w *town) dial() *telekey.Client {
	w.t.Helper()
	c, err := w.tryDial()
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	return c
}

func (w *town) tryDial() (*telekey.Client, error) {
	return telekey.Dial(w.t.Context(), telekey.Config{
		Network: w.Network(), Session: new(session.Memory),
		Dialer: transport.TCP{DialContext: w.net.DialContext},
		OnState: func(s telekey.State) {
			if s.Kind == telekey.Connecting {
				w.dials.Add(1)
			}
		},
	})
}

func send(phone string) *tg.AuthSendCode {
	return &tg.AuthSendCode{PhoneNumber: phone, APIID: 1, APIHash: "x", Settings: &tg.CodeSettings{}}
}

// ask asks for a code, which must succeed, and returns its hash.
func (w *town) ask(c tg.Invoker) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Minute)
	defer cancel()
	answer, err := tg.Call(ctx, c, send(ann))
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.(*tg.AuthSentCode).PhoneCodeHash
}

// wantCodes says how many codes were sent, and so how often the call was
// executed.
func (w *town) wantCodes(want int) {
	w.t.Helper()
	if got := len(w.Codes("")); got != want {
		w.t.Errorf("got %d codes, want %d", got, want)
	}
}

// wantFired says how often the first rule has fired.
func (w *town) wantFired(want int) {
	w.t.Helper()
	if got := w.Rules()[0].Fired; got != want {
		w.t.Errorf("the rule fired %d times, want %d", got, want)
	}
}

// took returns how long f takes.
func took(f func()) time.Duration {
	begin := time.Now()
	f()
	return time.Since(begin)
}

func TestARuleRefusesACall(t *testing.T) {
	story(t, "", one(emulator.Rule{Method: "auth.sendCode", Nth: 1, Do: "error", Code: 420, Message: "FLOOD_WAIT_3"}), func(t *testing.T, w *town) {
		c := w.dial()
		if d := took(func() { w.ask(c) }); d != 3*time.Second {
			t.Errorf("the client waited for %v, want 3 s", d)
		}
		w.wantCodes(1)
		if r := w.Rules()[0]; r.Matched != 2 || r.Fired != 1 {
			t.Errorf("got %+v, want 2 matches of which 1 was refused", r)
		}
	})
}

func TestRulesForTheFirstCallSpoilOneEach(t *testing.T) {
	first := emulator.Rule{Method: "auth.sendCode", Nth: 1, Do: "error", Code: 500, Message: "RPC_CALL_FAIL"}
	second := first
	second.Code, second.Message = 400, "PHONE_NUMBER_BANNED"
	story(t, "", []emulator.Rule{first, second}, func(t *testing.T, w *town) {
		_, err := tg.Call(t.Context(), w.dial(), send(ann))
		if !errors.Is(err, tg.ErrPhoneNumberBanned) {
			t.Errorf("got %v, want the second refusal after the first was tried again", err)
		}
	})
}

func TestARuleLosesACallOrItsAnswer(t *testing.T) {
	for _, when := range []string{"", "before", "after"} {
		rule := emulator.Rule{Method: "auth.sendCode", Nth: 1, Do: "drop", When: when}
		story(t, when, one(rule), func(t *testing.T, w *town) {
			c := w.dial()
			if d := took(func() { w.ask(c) }); d < time.Second {
				t.Errorf("the answer came after %v, want it to be late", d)
			}
			w.wantCodes(1)
			w.wantFired(1)
			if w.dials.Load() != 1 {
				t.Errorf("got %d connections, want the first one to live", w.dials.Load())
			}
		})
	}
}

func TestARuleDelaysACallAndNoOther(t *testing.T) {
	story(t, "", one(emulator.Rule{Method: "auth.sendCode", Do: "delay", Delay: 5 * time.Second}), func(t *testing.T, w *town) {
		c := w.dial()
		slow := make(chan time.Duration)
		go func() { slow <- took(func() { w.ask(c) }) }()
		synctest.Wait()
		if d := took(func() { _, _ = tg.Call(t.Context(), c, &tg.HelpGetNearestDC{}) }); d != 0 {
			t.Errorf("another call took %v", d)
		}
		w.wantCodes(0)
		if d := <-slow; d != 5*time.Second {
			t.Errorf("the call took %v, want 5 s", d)
		}
		w.wantCodes(1)
	})
}

func TestARuleCutsTheConnectionAtACall(t *testing.T) {
	for _, when := range []string{"before", "after", "answered", "midway"} {
		rule := emulator.Rule{Method: "auth.sendCode", Nth: 1, Do: "cut", When: when}
		story(t, when, one(rule), func(t *testing.T, w *town) {
			c := w.dial()
			hash := w.ask(c)
			synctest.Wait()
			w.wantCodes(1)
			w.wantFired(1)
			time.Sleep(time.Minute) // one that was answered may have no reason to come back before
			if _, err := tg.Call(t.Context(), c, &tg.AuthCancelCode{PhoneNumber: ann, PhoneCodeHash: hash}); err != nil {
				t.Error(err)
			}
			if w.dials.Load() != 2 {
				t.Errorf("got %d connections, want 2", w.dials.Load())
			}
		})
	}
}

func TestARuleSpoilsASalt(t *testing.T) {
	story(t, "", one(emulator.Rule{Method: "auth.sendCode", Nth: 1, Do: "bad_salt"}), func(t *testing.T, w *town) {
		c := w.dial()
		before := c.Session().Keys[2].Salt
		if d := took(func() { w.ask(c) }); d != 0 {
			t.Errorf("the call took %v, want it sent again at once", d)
		}
		w.wantCodes(1)
		w.wantFired(1)
		if c.Session().Keys[2].Salt == before {
			t.Error("the salt is the old one")
		}
	})
}

func TestARulePacksAnAnswer(t *testing.T) {
	story(t, "", one(emulator.Rule{Method: "*", Do: "gzip"}), func(t *testing.T, w *town) {
		c := w.dial()
		if config, err := tg.Call(t.Context(), c, &tg.HelpGetConfig{}); err != nil || config.ThisDC != 2 {
			t.Errorf("got %+v, %v", config, err)
		}
	})
}

func TestARuleAnswersWhatNoSchemaHas(t *testing.T) {
	story(t, "", one(emulator.Rule{Method: "auth.sendCode", Do: "unknown_constructor"}), func(t *testing.T, w *town) {
		_, err := tg.Call(t.Context(), w.dial(), send(ann))
		var unknown *tl.UnknownConstructorError
		if !errors.As(err, &unknown) {
			t.Errorf("got %v, want an unknown constructor", err)
		}
		w.wantCodes(1)
	})
}

func TestARuleAnswersATransportError(t *testing.T) {
	for _, code := range []int{-404, -429, -444} {
		rule := emulator.Rule{Method: "auth.sendCode", Nth: 1, Do: "transport_error", Code: code}
		story(t, fmt.Sprint(code), one(rule), func(t *testing.T, w *town) {
			w.ask(w.dial())
			w.wantCodes(1)
			if w.dials.Load() != 2 {
				t.Errorf("got %d connections, want 2", w.dials.Load())
			}
		})
	}
	story(t, "-404 to every packet", one(emulator.Rule{Method: "*", Do: "transport_error", Code: -404}), func(t *testing.T, w *town) {
		if _, err := w.tryDial(); !errors.Is(err, telekey.ErrKeyUnproven) || errors.Is(err, telekey.ErrKeyUnknown) {
			t.Errorf("got %v, want ErrKeyUnproven", err)
		}
	})
}

func TestARuleForgetsTheSession(t *testing.T) {
	for when, codes := range map[string]int{"before": 0, "after": 1} {
		rule := emulator.Rule{Method: "auth.sendCode", Nth: 1, Do: "forget_session", When: when}
		story(t, when, one(rule), func(t *testing.T, w *town) {
			c := w.dial()
			if _, err := tg.Call(t.Context(), c, send(ann)); !errors.Is(err, telekey.ErrOutcomeUnknown) {
				t.Errorf("got %v, want ErrOutcomeUnknown", err)
			}
			w.wantCodes(codes)
			// The key is as good as before.
			w.ask(c)
			w.wantCodes(codes + 1)
		})
		story(t, when+", a call that does no harm", one(rule), func(t *testing.T, w *town) {
			w.ask(w.dial().With(telekey.Repeatable()))
			w.wantCodes(codes + 1)
		})
	}
}

func TestARuleForgetsTheKey(t *testing.T) {
	story(t, "", one(emulator.Rule{Method: "users.getUsers", Phone: ann, Do: "forget_key"}), func(t *testing.T, w *town) {
		c := w.dial()
		if _, err := tg.Call(t.Context(), c, &tg.AuthSignIn{PhoneNumber: ann, PhoneCodeHash: w.ask(c), PhoneCode: new("22222")}); err != nil {
			t.Fatal(err)
		}
		self := &tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}}
		if _, err := tg.Call(t.Context(), c, self); !errors.Is(err, telekey.ErrKeyUnknown) {
			t.Errorf("got %v, want ErrKeyUnknown", err)
		}
		// The login has ended with its key: the code is a text message again.
		answer, err := tg.Call(t.Context(), w.dial(), send(ann))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := answer.(*tg.AuthSentCode).Type.(*tg.AuthSentCodeTypeSMS); !ok {
			t.Errorf("got %+v, want a text message", answer)
		}
	})
}

func TestARuleLosesACode(t *testing.T) {
	story(t, "", one(emulator.Rule{Method: "auth.sendCode", Do: "lose_code"}), func(t *testing.T, w *town) {
		c := w.dial()
		hash := w.ask(c)
		w.wantCodes(0)
		if _, err := w.WaitCode(ended(t), ann); err == nil {
			t.Error("got a code that was lost")
		}
		w.FastForward(time.Minute)
		if _, err := tg.Call(t.Context(), c, &tg.AuthResendCode{PhoneNumber: ann, PhoneCodeHash: hash}); err != nil {
			t.Fatal(err)
		}
		if code, err := w.WaitCode(ended(t), ann); err != nil || code.Channel != emulator.Call {
			t.Errorf("got %+v, %v; want the second one, by a call", code, err)
		}
	})
}

func TestARuleMakesACodeTooOld(t *testing.T) {
	for _, method := range []string{"auth.sendCode", "auth.signIn"} {
		story(t, method, one(emulator.Rule{Method: method, Nth: 1, Do: "expire_code"}), func(t *testing.T, w *town) {
			c := w.dial()
			in := &tg.AuthSignIn{PhoneNumber: ann, PhoneCodeHash: w.ask(c), PhoneCode: new("22222")}
			w.wantCodes(1)
			if _, err := tg.Call(t.Context(), c, in); !errors.Is(err, tg.ErrPhoneCodeExpired) {
				t.Errorf("got %v, want PHONE_CODE_EXPIRED", err)
			}
			in.PhoneCodeHash = w.ask(c)
			if _, err := tg.Call(t.Context(), c, in); err != nil {
				t.Errorf("the next code: %v", err)
			}
		})
	}
}

// Whatever goes wrong in a key exchange, the client begins another one.
func TestARuleSpoilsAKeyExchange(t *testing.T) {
	for _, step := range []string{"req_pq", "req_dh_params", "set_client_dh_params"} {
		for _, rule := range []emulator.Rule{
			{Do: "cut", When: "before"}, {Do: "cut", When: "after"}, {Do: "cut", When: "midway"},
			{Do: "transport_error", Code: -429}, {Do: "drop"}, {Do: "drop", When: "after"},
		} {
			rule.Step, rule.Nth = step, 1
			story(t, step+" "+rule.Do+" "+rule.When, one(rule), func(t *testing.T, w *town) {
				w.ask(w.dial())
				w.wantFired(1)
				if w.dials.Load() != 2 {
					t.Errorf("got %d connections, want 2", w.dials.Load())
				}
			})
		}
		story(t, step+" delay", one(emulator.Rule{Step: step, Nth: 1, Do: "delay", Delay: 3 * time.Second}), func(t *testing.T, w *town) {
			if d := took(func() { w.dial() }); d != 3*time.Second {
				t.Errorf("dialling took %v, want 3 s", d)
			}
		})
	}
}

func TestARuleCutsAtTheNthFrame(t *testing.T) {
	for frame := 1; frame <= 5; frame++ {
		for _, when := range []string{"before", "after", "answered", "midway"} {
			rule := emulator.Rule{Frame: frame, Nth: 1, Do: "cut", When: when}
			story(t, fmt.Sprint(frame, " ", when), one(rule), func(t *testing.T, w *town) {
				c := w.dial()
				w.ask(c)
				w.ask(c)
				w.wantCodes(2)
				w.wantFired(1)
			})
		}
	}
}

// ended is a context that is over: whoever gets it does not wait.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
