package auth_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// notebook takes events down.
type notebook struct{ events []auth.Event }

func (n *notebook) note(e auth.Event) { n.events = append(n.events, e) }

// watched has an account watched while story happens, and returns the events. It
// is called in a synctest bubble.
func watched(t *testing.T, c *desk, story func()) []auth.Event {
	t.Helper()
	var n notebook
	stop := auth.Watch(t.Context(), c, n.note)
	synctest.Wait()
	story()
	synctest.Wait()
	stop()
	synctest.Wait()
	if len(c.subscribers)+len(c.listeners) > 0 {
		t.Error("who has stopped watching still listens")
	}
	return n.events
}

// state is how far updates have come.
func state(pts int32) *tg.UpdatesState { return &tg.UpdatesState{Pts: pts, Date: 1, Qts: 1, Seq: 1} }

// letter is a message of Telegram's.
func letter(id int32, words string) *tg.Message {
	return &tg.Message{ID: id, PeerID: &tg.PeerUser{UserID: 777000}, FromID: &tg.PeerUser{UserID: 777000}, Date: 1_767_322_000, Message: words}
}

func short(u tg.AnyUpdate) tg.AnyUpdates { return &tg.UpdateShort{Update: u} }

func TestWatchTellsOfNewDevices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newDesk(map[string][]any{"updates.getState": {state(1)}})
		got := watched(t, c, func() {
			c.push(&tg.Updates{Updates: []tg.AnyUpdate{
				&tg.UpdateUserName{}, // is nothing of ours
				&tg.UpdateNewAuthorization{Unconfirmed: true, Hash: -77, Date: new(int32(1_767_322_000)), Device: new("Pixel"), Location: new("Rome")},
			}})
			c.push(&tg.UpdatesCombined{Updates: []tg.AnyUpdate{&tg.UpdateNewAuthorization{Hash: -77}}})
		})
		want := []auth.Event{
			auth.NewDevice{ID: -77, Unconfirmed: true, At: time.Unix(1_767_322_000, 0).UTC(), Device: "Pixel", Location: "Rome"},
			auth.NewDevice{ID: -77},
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		c.called(t, "updates.getState")
	})
}

func TestWatchTellsOfCodesAndNeverWhatTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var invalidated []string
		c := newDesk(map[string][]any{
			"updates.getState": {state(1)},
			"account.invalidateSignInCodes": {func(m any) any {
				invalidated = m.(*tg.AccountInvalidateSignInCodes).Codes
				return true
			}},
		})
		got := watched(t, c, func() {
			c.push(short(&tg.UpdateNewMessage{Message: letter(7, "Login code: 7-35-19. Do not give it to anyone.\nDevice: Firefox\n"), Pts: 2, PtsCount: 1}))
			c.push(short(&tg.UpdateNewMessage{Message: letter(7, "Login code: 73519"), Pts: 2, PtsCount: 1})) // again
			c.push(&tg.UpdateShortMessage{ID: 8, UserID: 777000, Message: "73520", Date: 1_767_322_000, Pts: 3})
			c.push(&tg.UpdateShortMessage{ID: 9, UserID: 42, Message: "73521", Pts: 4})                    // a friend's
			c.push(&tg.UpdateShortMessage{ID: 10, Out: true, UserID: 777000, Message: "73521"})            // one's own
			c.push(short(&tg.UpdateNewMessage{Message: &tg.MessageEmpty{ID: 11}}))                         // nothing
			c.push(short(&tg.UpdateNewMessage{Message: letter(12, "New login on 2026-01-02, 192.0.2.7")})) // no code
		})
		if len(got) != 2 {
			t.Fatalf("got %v, want two codes", got)
		}
		sent := got[0].(auth.CodeSent)
		if sent.Device != "Firefox" || !sent.At.Equal(time.Unix(1_767_322_000, 0)) {
			t.Errorf("got %+v, want when, and for which device", sent)
		}
		var p prints
		p.print(got)
		p.print(sent)
		p.hides(t, "73519")
		p.hides(t, "7-35-19")
		c.called(t, "updates.getState")
		if err := sent.Invalidate(t.Context()); err != nil || fmt.Sprint(invalidated) != "[73519]" {
			t.Errorf("got %v, %v, want the code invalidated", invalidated, err)
		}
		if err := (auth.CodeSent{}).Invalidate(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// https://core.telegram.org/api/updates#recovering-gaps
func TestWatchAsksForWhatItMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []int32
		ask := func(answer any) func(any) any {
			return func(m any) any {
				asked = append(asked, m.(*tg.UpdatesGetDifference).Pts)
				return answer
			}
		}
		c := newDesk(map[string][]any{
			"updates.getState": {refusal(500, "RPC_CALL_FAIL"), state(10)},
			"updates.getDifference": {
				ask(&tg.UpdatesDifferenceSlice{NewMessages: []tg.AnyMessage{letter(7, "code 73519")}, IntermediateState: state(20)}),
				ask(&tg.UpdatesDifferenceTooLong{Pts: 30}),
				ask(&tg.UpdatesDifference{OtherUpdates: []tg.AnyUpdate{&tg.UpdateNewAuthorization{Hash: 5}}, State: state(40)}),
				ask(&tg.UpdatesDifferenceEmpty{}),
				ask(refusal(500, "RPC_CALL_FAIL")),
				ask(&tg.UpdatesDifferenceSlice{IntermediateState: state(50)}), // for ever
			},
		})
		got := watched(t, c, func() {
			for range 5 {
				c.push(&tg.UpdatesTooLong{})
				synctest.Wait()
			}
		})
		if len(got) != 2 || got[1] != auth.Event(auth.NewDevice{ID: 5}) {
			t.Errorf("got %v, want a code and a device", got)
		}
		if want := "[10 20 30 40 40 40"; !strings.HasPrefix(fmt.Sprint(asked), want) || len(asked) > 30 {
			t.Errorf("got the places %v, want %s … and an end", asked, want)
		}
	})
}

// https://core.telegram.org/api/errors#406-not-acceptable
func TestWatchTellsOfA406WithTelegramsWords(t *testing.T) {
	words := func(kind string) tg.AnyUpdates {
		return short(&tg.UpdateServiceNotification{Popup: true, Type: kind, Message: "words of " + kind, Media: &tg.MessageMediaEmpty{}})
	}
	refused, said := auth.Notice{Type: "UPDATE_APP_TO_LOGIN"}, auth.Notice{Type: "UPDATE_APP_TO_LOGIN", Text: "words of UPDATE_APP_TO_LOGIN"}
	for name, c := range map[string]struct {
		story func(d *desk)
		want  []auth.Event
	}{
		"words after the error": {func(d *desk) {
			d.refuse(2, refusal(406, "UPDATE_APP_TO_LOGIN"))
			synctest.Wait()
			d.push(words("UPDATE_APP_TO_LOGIN"))
		}, []auth.Event{refused, said}},
		"words before it": {func(d *desk) {
			d.push(words("UPDATE_APP_TO_LOGIN"))
			synctest.Wait()
			d.refuse(2, refusal(406, "UPDATE_APP_TO_LOGIN"))
		}, []auth.Event{said}},
		"elsewhere, no words": {func(d *desk) { d.refuse(3, refusal(406, "UPDATE_APP_TO_LOGIN")) }, []auth.Event{refused}},
		"words of another": {func(d *desk) {
			d.refuse(2, refusal(406, "UPDATE_APP_TO_LOGIN"))
			synctest.Wait()
			d.push(words("OTHER"))
		}, []auth.Event{refused}},
		"another code":     {func(d *desk) { d.refuse(2, refusal(400, "UPDATE_APP_TO_LOGIN")); d.push(words("UPDATE_APP_TO_LOGIN")) }, nil},
		"a key used twice": {func(d *desk) { d.refuse(2, refusal(406, "AUTH_KEY_DUPLICATED")) }, []auth.Event{auth.Ended{Reason: auth.Duplicated}}},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(map[string][]any{"updates.getState": {state(1)}})
			if got := watched(t, d, func() { c.story(d) }); !slices.Equal(got, c.want) {
				t.Errorf("%s: got %+v, want %+v", name, got, c.want)
			}
		})
	}
}

func TestWatchTellsWhyALoginEnded(t *testing.T) {
	for reason, happens := range map[auth.Reason]func(*desk){
		auth.EndedElsewhere: func(c *desk) { c.refuse(2, refusal(401, "SESSION_REVOKED")) },
		auth.Expired:        func(c *desk) { c.refuse(2, refusal(401, "SESSION_EXPIRED")) },
		auth.Banned:         func(c *desk) { c.refuse(2, refusal(401, "USER_DEACTIVATED_BAN")) },
		auth.Deleted:        func(c *desk) { c.refuse(2, refusal(401, "USER_DEACTIVATED")) },
		auth.Unknown:        func(c *desk) { c.refuse(2, refusal(401, "SOMETHING_NEW")) },
		auth.KeyUnknown:     func(c *desk) { c.refuse(2, fmt.Errorf("dial: %w", session.ErrKeyUnknown)) },
		auth.Duplicated: func(c *desk) {
			c.push(short(&tg.UpdateServiceNotification{Type: "AUTH_KEY_DROP_DUPLICATE", Media: &tg.MessageMediaEmpty{}}))
		},
		auth.LoggedOutHere: func(c *desk) {
			auth.LogOut(context.Background(), c)
			c.refuse(2, refusal(401, "AUTH_KEY_UNREGISTERED"))
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newDesk(map[string][]any{"updates.getState": {state(1)}, "auth.logOut": {&tg.AuthLoggedOut{}}})
			got := watched(t, c, func() {
				c.refuse(3, refusal(401, "AUTH_KEY_UNREGISTERED")) // elsewhere it is nothing
				c.refuse(2, refusal(400, "PEER_ID_INVALID"))
				c.refuse(2, refusal(401, "SESSION_PASSWORD_NEEDED"))
				happens(c)
				c.refuse(2, refusal(401, "AUTH_KEY_UNREGISTERED")) // follows, and says less
			})
			if len(got) != 1 || got[0] != auth.Event(auth.Ended{Reason: reason}) {
				t.Errorf("got %v, want that it ended once: %s", got, reason)
			}
		})
	}
}

// freeze is the app's config of a frozen account.
func freeze() *tg.HelpAppConfig {
	return &tg.HelpAppConfig{Config: &tg.JSONObject{Value: []*tg.JSONObjectValue{
		{Key: "freeze_since_date", Value: &tg.JSONNumber{Value: 1_767_322_000}},
		{Key: "freeze_until_date", Value: &tg.JSONNumber{Value: 1_767_922_000}},
		{Key: "freeze_appeal_url", Value: &tg.JSONString{Value: "https://t.me/spambot"}},
		{Key: "something", Value: &tg.JSONBool{Value: true}},
	}}}
}

var frozenNow = auth.Freeze{Since: time.Unix(1_767_322_000, 0).UTC(), Until: time.Unix(1_767_922_000, 0).UTC(), Appeal: "https://t.me/spambot"}

func TestWatchTellsOfAFreezeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		thawed := &tg.HelpAppConfig{Config: &tg.JSONObject{}}
		c := newDesk(map[string][]any{
			"updates.getState":  {state(1)},
			"help.getAppConfig": {refusal(500, "X"), freeze(), freeze(), thawed, freeze()},
		})
		got := watched(t, c, func() {
			for range 3 {
				c.refuse(2, refusal(420, "FROZEN_METHOD_INVALID"))
				synctest.Wait()
			}
			c.push(short(&tg.UpdateConfig{}))
			c.push(short(&tg.UpdateConfig{}))
		})
		want := []auth.Event{auth.Frozen{Freeze: frozenNow}, auth.Frozen{Freeze: frozenNow}}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestWatchEndsWithItsContextAndWhenToldInAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newDesk(map[string][]any{"updates.getState": {state(1)}})
		ctx, cancel := context.WithCancel(t.Context())
		told := 0
		auth.Watch(ctx, c, func(auth.Event) { told++ })
		synctest.Wait()
		cancel()
		synctest.Wait()
		c.push(short(&tg.UpdateNewAuthorization{}))

		var stop func()
		stop = auth.Watch(t.Context(), c, func(auth.Event) { told++; stop() })
		synctest.Wait()
		c.push(&tg.Updates{Updates: []tg.AnyUpdate{&tg.UpdateNewAuthorization{}}})
		c.push(&tg.Updates{Updates: []tg.AnyUpdate{&tg.UpdateNewAuthorization{}}})
		synctest.Wait()
		if told != 1 {
			t.Errorf("got %d events, want one", told)
		}
	})
}

// A flood of updates does not fill the memory: what is dropped is asked for.
func TestWatchBoundsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newDesk(map[string][]any{"updates.getState": {state(1)}, "updates.getDifference": {&tg.UpdatesDifferenceEmpty{}}})
		hold := make(chan struct{})
		told := 0
		stop := auth.Watch(t.Context(), c, func(auth.Event) { told++; <-hold })
		synctest.Wait()
		c.push(short(&tg.UpdateNewAuthorization{}))
		synctest.Wait() // the watcher is busy telling of it
		for range 5000 {
			c.push(short(&tg.UpdateNewAuthorization{}))
		}
		close(hold)
		synctest.Wait()
		stop()
		if told > 1001 || told < 2 {
			t.Errorf("got %d events, want that some were dropped", told)
		}
		c.called(t, "updates.getState", "updates.getDifference")
	})
}

func TestStatusSaysWhoIsSignedInOrWhyNobodyIs(t *testing.T) {
	never := func(d *session.Data) error { d.User = nil; return nil }
	here := func(d *session.Data) error { d.User, d.LoggedOut = nil, time.Unix(1, 0); return nil }
	for message, want := range map[string]struct {
		change func(*session.Data) error
		reason auth.Reason
	}{
		"401 AUTH_KEY_UNREGISTERED":   {nil, auth.EndedElsewhere},
		"401 AUTH_KEY_UNREGISTERED ":  {never, auth.NeverSignedIn},
		"401 AUTH_KEY_UNREGISTERED  ": {here, auth.LoggedOutHere},
		"401 AUTH_KEY_INVALID":        {nil, auth.EndedElsewhere},
		"401 SESSION_REVOKED":         {nil, auth.EndedElsewhere},
		"401 SESSION_EXPIRED":         {nil, auth.Expired},
		"401 SESSION_PASSWORD_NEEDED": {never, auth.PasswordPending},
		"401 USER_DEACTIVATED":        {nil, auth.Deleted},
		"401 USER_DEACTIVATED_BAN":    {nil, auth.Banned},
		"401 SOMETHING_NEW":           {nil, auth.Unknown},
		"406 AUTH_KEY_DUPLICATED":     {nil, auth.Duplicated},
	} {
		var code int
		var words string
		fmt.Sscan(message, &code, &words)
		c := newDesk(map[string][]any{"users.getUsers": {refusal(code, words)}})
		if want.change != nil {
			c.Remember(t.Context(), want.change)
		}
		if got, err := auth.Status(t.Context(), c); err != nil || got.Reason != want.reason || got.User != nil {
			t.Errorf("%s: got %+v, %v, want %s", message, got, err, want.reason)
		}
		// A client remembers a word that says why: it must be one that has a reason.
		own := want.change == nil && want.reason != auth.Unknown && !strings.HasPrefix(words, "AUTH_KEY_UN") && words != "AUTH_KEY_INVALID"
		if ends := tg.ErrorType(words).EndsLogin(); ends != own {
			t.Errorf("%s: ends the login: %v, want %v", message, ends, own)
		}
	}

	me := []any{&tg.User{Self: true, ID: 42}}
	c := newDesk(map[string][]any{"users.getUsers": {me, me, me, refusal(500, "RPC_CALL_FAIL")}, "help.getAppConfig": {freeze(), &tg.HelpAppConfigNotModified{}, refusal(500, "X")}})
	got, err := auth.Status(t.Context(), c)
	if err != nil || got.Reason != "" || got.User.ID != 42 || got.Frozen == nil || *got.Frozen != frozenNow {
		t.Errorf("got %+v, %v, want user 42, frozen", got, err)
	}
	for range 2 {
		if got, err := auth.Status(t.Context(), c); err != nil || got.User == nil || got.Frozen != nil {
			t.Errorf("got %+v, %v, want user 42, not frozen", got, err)
		}
	}
	if got, err := auth.Status(t.Context(), c); err == nil {
		t.Errorf("got %+v, want an error: nothing is known", got)
	}
	if got := auth.ReasonOf(fmt.Errorf("dial: %w", session.ErrKeyUnknown), session.Data{}); got != auth.KeyUnknown {
		t.Errorf("got %q, want that the key is unknown", got)
	}
}

// What the account says, as it says it.
func ExampleWatch() {
	ctx, client := context.Background(), newDesk(map[string][]any{"updates.getState": {state(1)}})
	events := make(chan auth.Event)
	stop := auth.Watch(ctx, client, func(e auth.Event) { events <- e })
	defer stop()

	go client.push(short(&tg.UpdateNewAuthorization{Unconfirmed: true, Hash: -77, Device: new("Pixel"), Location: new("Rome")}))
	switch e := (<-events).(type) {
	case auth.NewDevice:
		fmt.Printf("is that you, on %s in %s? If not: telekey devices end %d\n", e.Device, e.Location, e.ID)
	case auth.CodeSent:
		fmt.Println("somebody wants to sign in")
	}
	// Output: is that you, on Pixel in Rome? If not: telekey devices end -77
}

// Scripts ask whether they are still signed in, and why not.
func ExampleStatus() {
	ctx, client := context.Background(), newDesk(map[string][]any{"users.getUsers": {refusal(401, "SESSION_REVOKED")}})

	status, err := auth.Status(ctx, client)
	switch {
	case err != nil:
		fmt.Println("no answer:", err)
	case status.Reason != "":
		fmt.Println("signed out:", status.Reason)
	default:
		fmt.Println("signed in as user", status.User.ID)
	}
	// Output: signed out: ended elsewhere
}
