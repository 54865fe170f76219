package tg

import (
	"errors"
	"fmt"
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
		"FLOOD_WAIT_99999999999999999999": {Type: "FLOOD_WAIT_99999999999999999999"},
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
	if _, ok := FloodWait(NewError(420, "SLOWMODE_WAIT_5")); ok {
		t.Error("SLOWMODE_WAIT is a matter of one chat, not of the method")
	}
}
