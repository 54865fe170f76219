package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"reflect"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

func TestPasswordInfoSaysHowItStands(t *testing.T) {
	p := newChallenge(t, "correct").password("a horse")
	p.HasRecovery, p.HasSecureValues = true, true
	p.EmailUnconfirmedPattern, p.LoginEmailPattern, p.PendingResetDate = new("a*@b.c"), new("l*@b.c"), new(int32(1_767_322_000))
	c := newDesk(map[string][]any{"account.getPassword": {p}})
	got, err := auth.PasswordInfo(t.Context(), c)
	want := &auth.PasswordState{Set: true, Hint: "a horse", HasRecovery: true, Unconfirmed: "a*@b.c",
		LoginEmail: "l*@b.c", ResetAt: time.Unix(1_767_322_000, 0).UTC(), Passport: true}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// https://core.telegram.org/api/srp#password-reset
func TestResetOfAPasswordTakesAWeek(t *testing.T) {
	at := time.Unix(1_767_322_000, 0).UTC()
	c := newDesk(map[string][]any{"account.resetPassword": {
		&tg.AccountResetPasswordFailedWait{RetryDate: 1_767_322_000},
		&tg.AccountResetPasswordRequestedWait{UntilDate: 1_767_322_000},
		&tg.AccountResetPasswordOk{},
		refusal(400, "PASSWORD_EMPTY"),
	}})
	for _, want := range []auth.PasswordReset{{RetryAt: at}, {At: at}, {Done: true}} {
		if got, err := auth.ResetPassword(t.Context(), c); got != want || err != nil {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	if _, err := auth.ResetPassword(t.Context(), c); !errors.Is(err, tg.ErrPasswordEmpty) {
		t.Errorf("got %v, want that there is no password", err)
	}
}

func ExampleResetPassword() {
	ctx, client := context.Background(), newDesk(map[string][]any{
		"account.resetPassword": {&tg.AccountResetPasswordRequestedWait{UntilDate: 1_767_322_000}},
	})

	reset, err := auth.ResetPassword(ctx, client)
	if err != nil {
		log.Fatal(err)
	}
	switch {
	case reset.Done:
		fmt.Println("the account has no password any more")
	case !reset.At.IsZero():
		fmt.Println("ask again at", reset.At)
	default:
		fmt.Println("called off not long ago: not before", reset.RetryAt)
	}
	// Output: ask again at 2026-01-02 02:46:40 +0000 UTC
}
