package tg

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"
)

func TestEveryStructFitsItsDefinition(t *testing.T) {
	defs, err := Schema.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	if len(defs) < 2000 || len(structs) != len(defs) {
		t.Fatalf("got %d structs for %d definitions, want both to be the whole API", len(structs), len(defs))
	}
	for i, d := range defs {
		if structs[i] != nil && Schema.DefinitionOf(structs[i]) != d {
			t.Errorf("%s: the struct %T stands for %v", d.Name, structs[i], Schema.DefinitionOf(structs[i]))
		}
	}
}

func TestAnErrorIsSplitIntoTypeAndArgument(t *testing.T) {
	for message, want := range map[string]Error{
		"FLOOD_WAIT_42":                   {Type: ErrFloodWait, Arg: 42},
		"PHONE_MIGRATE_3":                 {Type: ErrPhoneMigrate, Arg: 3},
		"INTERDC_2_CALL_ERROR":            {Type: "INTERDC_CALL_ERROR", Arg: 2},
		"2FA_CONFIRM_WAIT_7":              {Type: "2FA_CONFIRM_WAIT", Arg: 7},
		"PHONE_CODE_INVALID":              {Type: ErrPhoneCodeInvalid},
		"FLOOD_WAIT_99999999999999999999": {Type: ErrFloodWait, Arg: math.MaxInt},
		"FLOOD_WAIT_0":                    {Type: ErrFloodWait},
		"FLOOD_WAIT":                      {Type: ErrFloodWait},
		"No workers running":              {Type: "No workers running"},
		"":                                {},
	} {
		if got := NewError(420, message); got.Type != want.Type || got.Arg != want.Arg || got.Message != message {
			t.Errorf("%s: got %q and %d, want %q and %d", message, got.Type, got.Arg, want.Type, want.Arg)
		}
	}
}

func TestErrorsAreFoundByTypeAndAsAValue(t *testing.T) {
	err := fmt.Errorf("auth.signIn: %w", NewError(401, "SESSION_PASSWORD_NEEDED"))
	if !errors.Is(err, ErrSessionPasswordNeeded) || errors.Is(err, ErrPhoneCodeInvalid) {
		t.Error("errors.Is does not go by the type")
	}
	if e := AsError(err); e == nil || e.Code != 401 {
		t.Errorf("got %v, want the error with its code", e)
	}
	if AsError(errors.New("another")) != nil {
		t.Error("an error that is not Telegram's was taken for one")
	}
}

func TestAFloodWaitIsATimeAndNeverAPast(t *testing.T) {
	for message, want := range map[string]time.Duration{"FLOOD_WAIT_42": 42 * time.Second, "FLOOD_WAIT_9999999999999": 1<<31*time.Second - time.Second} {
		if got, ok := FloodWait(NewError(420, message)); !ok || got != want {
			t.Errorf("%s: got %v, %v, want %v", message, got, ok, want)
		}
	}
	for _, message := range []string{"2FA_CONFIRM_WAIT_5", "TAKEOUT_INIT_DELAY_5", "FROZEN_METHOD_INVALID"} {
		if _, ok := FloodWait(NewError(420, message)); ok {
			t.Errorf("%s was taken for a wait: it is an outcome", message)
		}
	}
}

func TestAFloodWaitWithoutALengthDoublesItsPause(t *testing.T) {
	for _, message := range []string{"FLOOD_WAIT_0", "FLOOD_WAIT", "FLOOD_PREMIUM_WAIT_0", "SLOWMODE_WAIT", "FLOOD_TEST_PHONE_WAIT_0"} {
		for n, want := range map[int]time.Duration{-1: 1, 0: 1, 1: 2, 2: 4, 5: 32, 6: 32, 1 << 30: 32} {
			if got, ok := FloodPause(NewError(420, message), n); !ok || got != want*time.Second {
				t.Errorf("%s after %d: got %v, %v, want %v", message, n, got, ok, want*time.Second)
			}
		}
	}
	if got, _ := FloodPause(NewError(420, "SLOWMODE_WAIT_7"), 3); got != 7*time.Second {
		t.Errorf("got %v, want the 7 seconds that were named", got)
	}
}

func TestACodeThatIsNotDocumentedIsInternal(t *testing.T) {
	for _, code := range []int{500, 501, 502, 503, -500, -503, -404, -420, 0, 200, 402, 1 << 30, -1 << 31} {
		if !NewError(code, "No workers running").Internal() {
			t.Errorf("code %d: got false, want it handled as 500", code)
		}
	}
	for _, code := range []int{303, 400, 401, 403, 404, 406, 420} {
		if NewError(code, "ANY").Internal() {
			t.Errorf("code %d: got true, want false: it is documented", code)
		}
	}
}
