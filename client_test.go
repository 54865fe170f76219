package telekey_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
	"github.com/telekey/telekey/transport"
)

func TestACallIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t).dial(t, nil)
		near, err := tg.Call(t.Context(), c, &tg.HelpGetNearestDC{})
		if err != nil || near.ThisDC != 2 {
			t.Errorf("got %+v, %v, want data centre 2", near, err)
		}
	})
}

func TestCallByNameFillsInTheApplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t).dial(t, nil)
		sent, err := c.Call(t.Context(), "auth.sendCode", tl.Map{"phone_number": "+9996620001", "settings": tl.Map{"_": "codeSettings"}})
		if m, ok := sent.(tl.Map); err != nil || !ok || m["_"] != "auth.sentCode" {
			t.Errorf("got %v, %v, want an auth.sentCode", sent, err)
		}
	})
}

func TestMistakesInACallByNameAreNamedAndNothingIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t).dial(t, nil)
		for method, want := range map[string]string{
			"help.getConfog": `"help.getConfog"`,
			"auth.sentCode":  `"auth.sentCode"`,
			"auth.sendCode":  "auth.sendCode.phone_number: got nothing",
		} {
			if _, err := c.Call(t.Context(), method, nil); err == nil || !strings.Contains(err.Error(), want) || tg.AsError(err) != nil {
				t.Errorf("%s: got %v, want %q in it", method, err, want)
			}
		}
	})
}

func TestARefusalIsATypedError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t).dial(t, nil)
		_, err := tg.Call(t.Context(), c, &tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}})
		var refusal *tg.Error
		if !errors.Is(err, tg.ErrAuthKeyUnregistered) || !errors.As(err, &refusal) || refusal.Code != 401 {
			t.Errorf("got %v, want 401 AUTH_KEY_UNREGISTERED", err)
		}
	})
}

func TestPhoneMigrateIsFollowedAndRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		store := new(session.Memory)
		c := w.dial(t, store)
		send := &tg.AuthSendCode{PhoneNumber: "+9996610001", APIID: 1, APIHash: "x", Settings: &tg.CodeSettings{}}
		if _, err := tg.Call(t.Context(), c, send); err != nil || c.Home() != 1 {
			t.Fatalf("got %v, home %d, want home 1", err, c.Home())
		}
		c.Close()
		if again := w.dial(t, store); again.Home() != 1 {
			t.Errorf("the next client begins at %d, want 1", again.Home())
		}
	})
}

func TestAFlowIsNotFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t).dial(t, nil)
		send := &tg.AuthSendCode{PhoneNumber: "+9996610001", APIID: 1, APIHash: "x", Settings: &tg.CodeSettings{}}
		if _, err := tg.Call(t.Context(), c.On(0), send); !errors.Is(err, tg.ErrPhoneMigrate) || c.Home() != 2 {
			t.Errorf("got %v, home %d, want PHONE_MIGRATE at home 2", err, c.Home())
		}
	})
}

func TestASessionIsResumedWithItsKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, emulator.User{Phone: "+9996620001", FirstName: "Ann"})
		store := new(session.Memory)
		c := w.dial(t, store)
		if _, err := auth.SignIn(t.Context(), c, auth.Phone("+9996620001"), auth.Answers{Code: auth.Code("22222")}); err != nil {
			t.Fatal(err)
		}
		key := c.Session().Keys[2].Auth
		c.Close()
		c = w.dial(t, store)
		users, err := tg.Call(t.Context(), c, &tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}})
		if err != nil || *users[0].(*tg.User).FirstName != "Ann" || !c.Session().Keys[2].Auth.Equal(key) {
			t.Errorf("got %v, %v, want Ann with the old key", users, err)
		}
	})
}

func TestTheAuthorizationIsBroughtToAnotherDataCentre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, emulator.User{Phone: "+9996620001", FirstName: "Ann"})
		c := w.dial(t, nil)
		if _, err := auth.SignIn(t.Context(), c, auth.Phone("+9996620001"), auth.Answers{Code: auth.Code("22222")}); err != nil {
			t.Fatal(err)
		}
		users, err := tg.Call(t.Context(), c.With(telekey.DC(3)), &tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}})
		if err != nil || len(users) != 1 || !c.Session().Keys[3].SignedIn {
			t.Errorf("got %v, %v, want Ann at data centre 3", users, err)
		}
	})
}

// Telegram has moved the account since it signed in.
// https://core.telegram.org/api/datacenter#user-migration
func TestUserMigrateAfterSignInTakesTheAuthorizationAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, emulator.User{Phone: "+9996620001", FirstName: "Ann"})
		store := new(session.Memory)
		c := w.dial(t, store)
		signIn(t, c)
		w.rule(t, emulator.Rule{Method: "users.getUsers", DC: 2, Do: "error", Code: 303, Message: "USER_MIGRATE_3"})
		if err := self(t.Context(), c); err != nil || c.Home() != 3 || !c.Session().Keys[3].SignedIn {
			t.Fatalf("got %v, home %d, %v, want Ann to have moved to 3", err, c.Home(), c.Session())
		}
		c.Close()
		if again := w.dial(t, store); again.Home() != 3 || self(t.Context(), again) != nil {
			t.Errorf("the next client begins at %d, want Ann signed in at 3", again.Home())
		}
	})
}

func TestEveryKindOfFloodWaitIsWaitedFor(t *testing.T) {
	for _, message := range []string{"FLOOD_WAIT_3", "FLOOD_PREMIUM_WAIT_3", "SLOWMODE_WAIT_3", "FLOOD_TEST_PHONE_WAIT_3"} {
		if took, calls, err := refusedTimes(t, 1, 420, message); err != nil || calls != 2 || took != 3*time.Second {
			t.Errorf("%s: got %v after %v and %d calls, want an answer after 3 s and 2", message, err, took, calls)
		}
	}
}

// The reason is the server's silence, not that this side closed the connection then.
func TestASilentServerIsTheReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		silent := transport.TCP{DialContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go io.Copy(io.Discard, theirs)
			return ours, nil
		}}
		_, err := telekey.Dial(t.Context(), telekey.Config{Network: w.Network(), Dialer: silent})
		var network *telekey.NetworkError
		if !errors.As(err, &network) || network.Attempts != 6 || !strings.HasSuffix(err.Error(), ": no answer in 20s (6 attempts)") {
			t.Errorf("got %v, want no answer in 20 s, six times", err)
		}
	})
}

// Zero is one minute and a negative value none, in Config and in the option.
func TestMaxFloodMeansTheSameEverywhere(t *testing.T) {
	for longest, waits := range map[time.Duration]bool{0: true, -1: false, 59 * time.Second: false, time.Minute: true} {
		synctest.Test(t, func(t *testing.T) {
			w := newTown(t)
			configured := w.dialWith(t, telekey.Config{MaxFlood: longest})
			for name, through := range map[string]tg.Invoker{
				"Config.MaxFlood": configured, "option": w.dialWith(t, telekey.Config{MaxFlood: time.Hour}).With(telekey.MaxFlood(longest)),
			} {
				w.rule(t, emulator.Rule{Method: "help.getNearestDc", Nth: 1, Do: "error", Code: 420, Message: "FLOOD_WAIT_60"})
				began := time.Now()
				_, err := tg.Call(t.Context(), through, &tg.HelpGetNearestDC{})
				if waited := time.Since(began) >= time.Minute; waited != waits || (err == nil) != waits {
					t.Errorf("%s %v: got %v after %v, want a wait: %t", name, longest, err, time.Since(began), waits)
				}
			}
		})
	}
}

// Config.MaxFlood decides in SignIn, and Flow.MaxFlood in Drive, each of them alone.
func TestOneKnobDecidesAboutAFlood(t *testing.T) {
	const phone = "+9996620001"
	for longest, waits := range map[time.Duration]bool{0: true, -1: false} {
		synctest.Test(t, func(t *testing.T) {
			w := newTown(t, emulator.User{Phone: phone, FirstName: "Ann"})
			flood := emulator.Rule{Method: "auth.sendCode", Nth: 1, Do: "error", Code: 420, Message: "FLOOD_WAIT_8"}

			w.rule(t, flood)
			began := time.Now()
			_, err := auth.SignIn(t.Context(), w.dialWith(t, telekey.Config{MaxFlood: longest}), auth.Phone(phone), auth.Answers{Code: auth.Code("22222")})
			if waited := time.Since(began) >= 8*time.Second; waited != waits || (err == nil) != waits {
				t.Errorf("SignIn with Config.MaxFlood %v: got %v after %v, want a wait: %t", longest, err, time.Since(began), waits)
			}

			w.rule(t, flood)
			flow := auth.NewFlow(auth.Phone(phone))
			flow.MaxFlood = longest
			began = time.Now()
			step, err := auth.Drive(t.Context(), w.dialWith(t, telekey.Config{MaxFlood: time.Hour}), flow)
			if _, wait := step.(auth.Wait); wait != waits || (err == nil) != waits || time.Since(began) >= time.Second {
				t.Errorf("Drive with Flow.MaxFlood %v: got %v, %v after %v, want a Wait step at once: %t", longest, step, err, time.Since(began), waits)
			}
		})
	}
}

// https://core.telegram.org/api/errors#420-flood
func TestAFloodWaitWithoutALengthIsWaitedForLongerEachTime(t *testing.T) {
	for _, message := range []string{"FLOOD_WAIT_0", "FLOOD_WAIT", "FLOOD_PREMIUM_WAIT_0", "FLOOD_PREMIUM_WAIT", "SLOWMODE_WAIT"} {
		if took, calls, err := refusedTimes(t, 5, 420, message); err != nil || calls != 6 || took != 31*time.Second {
			t.Errorf("%s: got %v after %v and %d calls, want an answer after 1+2+4+8+16 s and 6", message, err, took, calls)
		}
	}
}

// https://core.telegram.org/api/errors#other-error-codes
func TestACodeThatIsNotDocumentedIsTriedAgainAs500(t *testing.T) {
	for _, e := range []tg.Error{
		{Code: 500, Message: "INTERNAL"}, {Code: -500, Message: "No workers running"}, {Code: -503, Message: "Timeout"},
		{Code: 502, Message: "Bad Gateway"}, {Code: -1, Message: "DC_UNKNOWN"}, {Code: 402, Message: "ANY"},
	} {
		if took, calls, err := refusedTimes(t, 2, e.Code, e.Message); err != nil || calls != 3 || took != 3*time.Second {
			t.Errorf("%v: got %v after %v and %d calls, want an answer after 1+2 s and 3", &e, err, took, calls)
		}
	}
	for _, code := range []int{400, 401, 403, 404, 406} {
		if _, calls, err := refusedTimes(t, 2, code, "ANY"); !errors.Is(err, tg.ErrorType("ANY")) || calls != 1 {
			t.Errorf("code %d: got %v after %d calls, want the error after 1", code, err, calls)
		}
	}
}

// refusedTimes makes a call that is refused n times, and returns how long that
// took, how often it was made, and how it ended.
func refusedTimes(t *testing.T, n, code int, message string) (took time.Duration, calls int, err error) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		c := w.dial(t, nil)
		w.rule(t, emulator.Rule{Method: "help.getNearestDc", Times: n, Do: "error", Code: code, Message: message})
		begun := time.Now()
		_, err = tg.Call(t.Context(), c, &tg.HelpGetNearestDC{})
		took, calls = time.Since(begun), w.Rules()[0].Matched
	})
	return took, calls, err
}

func TestADataCentreThatLostTheAuthorizationGetsItAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, emulator.User{Phone: "+9996620001", FirstName: "Ann"})
		c := w.dial(t, nil)
		signIn(t, c)
		there := c.With(telekey.DC(3))
		if err := self(t.Context(), there); err != nil {
			t.Fatal(err)
		}
		imports := w.rule(t, emulator.Rule{Method: "auth.importAuthorization", Do: "gzip"}) // does no harm, and counts
		w.rule(t, emulator.Rule{Method: "users.getUsers", Nth: 1, Do: "error", Code: 401, Message: "AUTH_KEY_UNREGISTERED"})
		if err := self(t.Context(), there); err != nil || imports() != 1 {
			t.Errorf("got %v after %d imports, want Ann after one", err, imports())
		}
		// At home nothing can be brought: there the sign-in is over.
		w.rule(t, emulator.Rule{Method: "users.getUsers", Nth: 1, Do: "error", Code: 401, Message: "AUTH_KEY_UNREGISTERED"})
		if err := self(t.Context(), c); !errors.Is(err, tg.ErrAuthKeyUnregistered) || imports() != 1 {
			t.Errorf("got %v after %d imports, want AUTH_KEY_UNREGISTERED and no other import", err, imports())
		}
	})
}

func TestALostConnectionIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		c := w.dial(t, nil)
		for range 3 {
			w.cut(false)
			if _, err := tg.Call(t.Context(), c, &tg.HelpGetNearestDC{}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAnIdleClientComesBackByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		c := w.dial(t, nil)
		w.cut(false)
		time.Sleep(time.Second)
		before := w.dialled()
		if _, err := tg.Call(t.Context(), c, &tg.HelpGetNearestDC{}); err != nil || w.dialled() != before {
			t.Errorf("got %v after %d more dials, want an answer on the connection that is there", err, w.dialled()-before)
		}
	})
}

func TestCallsEndWhenTheNetworkStaysAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		c := w.dial(t, nil)
		w.cut(true)
		_, err := tg.Call(t.Context(), c, &tg.HelpGetNearestDC{})
		var network *telekey.NetworkError
		if !errors.As(err, &network) || network.DC != 2 {
			t.Fatalf("got %v, want a NetworkError of data centre 2", err)
		}
		w.cut(false)
		if _, err := tg.Call(t.Context(), c, &tg.HelpGetNearestDC{}); err != nil {
			t.Errorf("the network is back, and a call ends with %v", err)
		}
	})
}

func TestDialSaysThatNobodyIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		w.cut(true)
		store := new(session.Memory)
		_, err := w.tryDial(t, store)
		var network *telekey.NetworkError
		if !errors.As(err, &network) {
			t.Errorf("got %v, want a NetworkError", err)
		}
		if held, err := store.Hold(t.Context()); err != nil {
			t.Errorf("the session is still held: %v", err)
		} else {
			held.Release(t.Context())
		}
	})
}

func TestACallEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		c := w.dial(t, nil)
		w.cut(true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := tg.Call(ctx, c, &tg.HelpGetNearestDC{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
	})
}

func TestCloseEndsEveryCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		c := w.dial(t, nil)
		w.cut(true)
		ended := make(chan error, 2)
		for range cap(ended) {
			go func() {
				_, err := tg.Call(t.Context(), c, &tg.HelpGetNearestDC{})
				ended <- err
			}()
		}
		synctest.Wait()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		for range cap(ended) {
			if err := <-ended; !errors.Is(err, telekey.ErrClosed) {
				t.Errorf("got %v, want ErrClosed", err)
			}
		}
		if _, err := tg.Call(t.Context(), c, &tg.HelpGetNearestDC{}); !errors.Is(err, telekey.ErrClosed) {
			t.Errorf("after Close: got %v, want ErrClosed", err)
		}
		if err := c.Close(); err != nil {
			t.Errorf("closing again: %v", err)
		}
	})
}

func TestUpdatesReachSubscribers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, emulator.User{Phone: "+9996620001", FirstName: "Ann"})
		c := w.dial(t, nil)
		if _, err := auth.SignIn(t.Context(), c, auth.Phone("+9996620001"), auth.Answers{Code: auth.Code("22222")}); err != nil {
			t.Fatal(err)
		}
		got := make(chan tg.AnyUpdates, 10)
		stop := c.Subscribe(func(u tg.AnyUpdates) { got <- u })
		other := w.dial(t, nil)
		send := &tg.AuthSendCode{PhoneNumber: "+9996620001", APIID: 1, APIHash: "x", Settings: &tg.CodeSettings{}}
		if _, err := tg.Call(t.Context(), other, send); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(got) != 1 {
			t.Fatalf("got %d updates, want the message with the code", len(got))
		}
		stop()
		stop()
	})
}

func TestASessionOfAnotherNetworkIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(session.Memory)
		c := newTown(t).dial(t, store)
		c.Close()
		_, err := telekey.Dial(t.Context(), telekey.Config{Network: otherNetwork(t), Session: store})
		if !errors.Is(err, session.ErrOtherNetwork) {
			t.Errorf("got %v, want ErrOtherNetwork", err)
		}
	})
}

func TestAKeyThatTheServerDoesNotKnowIsSaidSoAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(session.Memory)
		first := newTown(t).dial(t, store)
		key := first.Session().Keys[2].Auth
		first.Close()
		_, err := newTown(t).tryDial(t, store) // the same RSA key, and another life
		if !errors.Is(err, telekey.ErrKeyUnknown) {
			t.Errorf("got %v, want ErrKeyUnknown", err)
		}
		held, err := store.Hold(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer held.Release(t.Context())
		if !held.Data().Keys[2].Auth.Equal(key) {
			t.Error("the key is gone from the session")
		}
	})
}

func TestASessionIsHeldByOneClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		store := new(session.Memory)
		w.dial(t, store)
		if _, err := w.tryDial(t, store); !errors.Is(err, session.ErrHeld) {
			t.Errorf("got %v, want ErrHeld", err)
		}
	})
}

func TestTelegramWantsAnApplication(t *testing.T) {
	_, err := telekey.Dial(t.Context(), telekey.Config{})
	if err == nil || !strings.Contains(err.Error(), "my.telegram.org") {
		t.Errorf("got %v, want where to get an AppID", err)
	}
}
