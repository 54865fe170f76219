package auth_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// https://core.telegram.org/api/datacenter#user-migration
func TestFlowMovesHomeAndHasTheCodeSentAnew(t *testing.T) {
	for _, refusal := range []string{"PHONE_MIGRATE_1", "NETWORK_MIGRATE_1", "USER_MIGRATE_1"} {
		play(t, ann, nobody+`
			> auth.sendCode
			< 303 `+refusal+`
			move 1
			> auth.sendCode
			< sent h1 app 5
			? code app 5
			! code 22222
			> auth.signIn
			< 303 USER_MIGRATE_3
			move 3
			> auth.sendCode
			< sent h2 app 5
			? code app 5
		`)
	}
}

// What keeps the client from moving is not a refusal of the sign-in.
func TestMoveThatFailsIsRepeated(t *testing.T) {
	f := auth.NewFlow(ann)
	f.Returned(start, nil, tg.NewError(401, "AUTH_KEY_UNREGISTERED"))
	f.Returned(start, nil, tg.NewError(303, "PHONE_MIGRATE_4"))
	for _, err := range []error{tg.NewError(420, "FLOOD_WAIT_1"), tg.NewError(403, "RECAPTCHA_CHECK_a__k"), io.ErrUnexpectedEOF} {
		if got := f.Returned(start, nil, err); !errors.Is(got, err) || f.Next() != (auth.Move{DC: 4}) {
			t.Errorf("%v: got %v, then %v, want the move again", err, got, f.Next())
		}
	}
	if err := f.Returned(start, nil, nil); err != nil {
		t.Fatal(err)
	}
	if call, ok := f.Next().(auth.Call); !ok || call.Name() != "auth.sendCode" {
		t.Errorf("got %v, want the code to be sent there", f.Next())
	}
}

func TestFlowDoesNotMoveForEver(t *testing.T) {
	play(t, ann, nobody+strings.Repeat(`
		> auth.sendCode
		< 303 PHONE_MIGRATE_1
		move 1
		> auth.sendCode
		< 303 PHONE_MIGRATE_2
		move 2
	`, 2)+`
		> auth.sendCode
		< 303 PHONE_MIGRATE_1
		fails PHONE_MIGRATE_1: this is move 5
	`)
	for _, nowhere := range []string{"PHONE_MIGRATE", "PHONE_MIGRATE_0", "PHONE_MIGRATE_10000"} {
		play(t, ann, nobody+`
			> auth.sendCode
			< 303 `+nowhere+`
			fails want 1 to 9999
		`)
	}
}

func TestCallsThatMoveElsewhereAreNotTheFlows(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< 303 FILE_MIGRATE_1
		fails FILE_MIGRATE_1
	`)
}

// https://core.telegram.org/api/errors#500-internal
func TestRestartBeginsAnewOnce(t *testing.T) {
	play(t, ann, codeIsSent+`
		! code 22222
		> auth.signIn
		< 500 AUTH_RESTART
		> auth.sendCode
		< sent h2 app 5
		? code app 5
		! code 22222
		> auth.signIn phone_code_hash=h2
		< 500 AUTH_RESTART
		fails auth.signIn: telegram: 500 AUTH_RESTART
	`)
}

// https://core.telegram.org/api/errors#420-flood
func TestShortFloodsAreWaitedFor(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< 420 FLOOD_WAIT_30
		wait 30s
		> auth.sendCode
		< 420 FLOOD_WAIT_0
		wait 2s
		> auth.sendCode
		< 420 FLOOD_WAIT_60
		wait 1m0s
		> auth.sendCode
		< sent h1 app 5
		? code app 5
		! code 22222
		> auth.signIn phone_code=22222
		< 420 FLOOD_WAIT_5
		wait 5s
	`)
	tell(t, ann, codeIsSent+`
		! code 22222
		> auth.signIn phone_code=22222
		< 420 FLOOD_WAIT_5
		wait 5s
		> auth.signIn phone_code=22222
	`)
}

// Where Telegram does not say how long, each pause is twice as long as the last one.
func TestFloodsWithoutALengthAreWaitedForLongerEachTime(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		< 420 FLOOD_WAIT
		wait 1s
		> auth.sendCode
		< 420 FLOOD_PREMIUM_WAIT_0
		wait 2s
		> auth.sendCode
		< 420 FLOOD_TEST_PHONE_WAIT
		wait 4s
		> auth.sendCode
		< sent h1 app 5
		? code app 5
	`)
}

func TestLongFloodsAreErrors(t *testing.T) {
	for message, words := range map[string]string{
		"FLOOD_WAIT_61":                  "too many attempts, try again in 1m1s",
		"FLOOD_WAIT_9223372036854775807": "FLOOD_WAIT_9223372036854775807",
		"FLOOD_WAIT_9223372037":          "FLOOD_WAIT_9223372037", // seconds that overflow a time.Duration
		"2FA_CONFIRM_WAIT_10":            "2FA_CONFIRM_WAIT_10",
	} {
		play(t, ann, nobody+`
			> auth.sendCode
			< 420 `+message+`
			fails `+words+`
		`)
	}
}

func TestFloodsAreNotWaitedForForEver(t *testing.T) {
	play(t, ann, nobody+strings.Repeat(`
		> auth.sendCode
		< 420 FLOOD_WAIT_1
		wait 1s
	`, 10)+`
		> auth.sendCode
		< 420 FLOOD_WAIT_1
		fails FLOOD_WAIT_1
	`)
}

func TestWhatCannotBeDoneYetIsSaid(t *testing.T) {
	for reply, words := range map[string]string{
		"raw 78563412": "something new (#12345678), which this version cannot do",
	} {
		play(t, ann, nobody+`
			> auth.sendCode
			< `+reply+`
			fails `+words+`
		`)
	}
	play(t, ann, `
		> users.getUsers
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password-new-kind
		fails passwordKdfAlgoUnknown, which this version cannot do
	`)
}

func TestNewerTelegramKeepsItsReason(t *testing.T) {
	err := auth.NewFlow(ann).Returned(start, nil, fmt.Errorf("answer: %w", &tl.UnknownConstructorError{ID: 1, Want: "User"}))
	var unsupported *auth.UnsupportedError
	var unknown *tl.UnknownConstructorError
	if !errors.As(err, &unsupported) || !errors.As(err, &unknown) || unknown.Want != "User" {
		t.Errorf("got %v, want an UnsupportedError that says which constructor, where", err)
	}
}

func TestBrokenConnectionsLeaveTheFlowWhereItWas(t *testing.T) {
	play(t, ann, nobody+`
		> auth.sendCode
		lost connection reset
		> auth.sendCode
		< sent h1 app 5
		? code app 5
		! code 22222
		> auth.signIn phone_code=22222
		lost context canceled
		> auth.signIn phone_code=22222
		< in Ann
		done Ann
	`)
}

func TestErrorsKeepTelegramsOwn(t *testing.T) {
	f := auth.NewFlow(ann)
	err := f.Returned(start, nil, tg.NewError(400, "API_ID_INVALID"))
	var refusal *tg.Error
	if !errors.As(err, &refusal) || !errors.Is(err, tg.ErrAPIIDInvalid) {
		t.Errorf("got %v, want an error that is API_ID_INVALID", err)
	}
	if failed, ok := f.Next().(auth.Failed); !ok || failed.Err != err {
		t.Errorf("got %v, want Failed with the error that Returned gave", f.Next())
	}
}

func TestNoWaitIsWantedOfWhoDoesNotWait(t *testing.T) {
	f := auth.NewFlow(ann)
	f.MaxFlood = -1
	if err := f.Returned(start, nil, tg.NewError(420, "FLOOD_WAIT_1")); !errors.Is(err, tg.ErrFloodWait) {
		t.Errorf("got %v, want FLOOD_WAIT", err)
	}
	f = auth.NewFlow(ann)
	f.MaxFlood = time.Hour
	f.Returned(start, nil, tg.NewError(420, "FLOOD_WAIT_3600"))
	if s, ok := f.Next().(auth.Wait); !ok || !s.Until.Equal(start.Add(time.Hour)) {
		t.Errorf("got %v, want to wait for an hour", f.Next())
	}
}
