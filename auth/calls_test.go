package auth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// The guide's flow, call by call.
func TestCallsOneByOneSignIn(t *testing.T) {
	ctx, c := t.Context(), newFake()
	c.password = "correct"
	if _, err := auth.GetUser(ctx, c); !errors.Is(err, tg.ErrAuthKeyUnregistered) {
		t.Fatalf("got %v, want that nobody is signed in", err)
	}
	answer, err := auth.SendCode(ctx, c, "9996621234")
	if err != nil {
		t.Fatal(err)
	}
	sent := answer.(*tg.AuthSentCode)
	if _, err = auth.CheckCode(ctx, c, "9996621234", sent.PhoneCodeHash, auth.Code("11111")); !errors.Is(err, tg.ErrPhoneCodeInvalid) {
		t.Fatalf("got %v, want that the code is wrong", err)
	}
	if _, err = auth.CheckCode(ctx, c, "9996621234", sent.PhoneCodeHash, auth.Code("22222")); !errors.Is(err, tg.ErrSessionPasswordNeeded) {
		t.Fatalf("got %v, want that the password is needed", err)
	}
	p, err := auth.GetPassword(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := auth.PasswordProof(p, auth.Secret("correct"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	u, err := auth.CheckPassword(ctx, c, proof)
	if err != nil || u.ID != 42 {
		t.Fatalf("got %v, %v", u, err)
	}
	if err := auth.Remember(ctx, c, u); err != nil {
		t.Fatal(err)
	}
	c.remembered(t, annsSession, 2)
	if u, err := auth.GetUser(ctx, c); err != nil || *u.FirstName != "Ann" {
		t.Errorf("got %v, %v, want Ann", u, err)
	}
}

func TestSignUpByCall(t *testing.T) {
	ctx, c := t.Context(), newFake()
	c.name = ""
	answer, err := auth.CheckCode(ctx, c, "9996621234", c.hash(), auth.Code("22222"))
	if _, ok := answer.(*tg.AuthAuthorizationSignUpRequired); !ok || err != nil {
		t.Fatalf("got %v, %v, want that sign-up is required", answer, err)
	}
	if u, err := auth.SignUp(ctx, c, "9996621234", c.hash(), auth.Name{First: "Eve"}); err != nil || *u.FirstName != "Eve" {
		t.Errorf("got %v, %v, want Eve", u, err)
	}
}

func TestLogOutForgetsWhoItWas(t *testing.T) {
	c := newFake()
	if _, err := auth.SignIn(t.Context(), c, ann, right); err != nil {
		t.Fatal(err)
	}
	for range 2 { // being logged out already is no error
		if err := auth.LogOut(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		c.remembered(t, nil)
	}
	c.refuse = map[string][]error{"auth.logOut": {tg.NewError(500, "RPC_CALL_FAIL")}}
	if err := auth.LogOut(t.Context(), c); tg.AsError(err) == nil {
		t.Errorf("got %v, want the refusal", err)
	}
}

func TestAnswersThatMakeNoSenseAreErrors(t *testing.T) {
	empty := &tg.UserEmpty{ID: 42}
	none := wire(func([]byte) ([]byte, error) { return []byte{0x15, 0xc4, 0xb5, 0x1c, 0, 0, 0, 0}, nil })
	if u, err := auth.GetUser(context.Background(), none); err == nil {
		t.Errorf("got the user %v from no users", u)
	}
	signedIn := wire(func([]byte) ([]byte, error) { return tg.Schema.Append(nil, &tg.AuthAuthorization{User: empty}) })
	if u, err := auth.SignUp(context.Background(), signedIn, "1", "h", auth.Name{}); err == nil {
		t.Errorf("got the user %v from an empty one", u)
	}
	required := wire(func([]byte) ([]byte, error) { return tg.Schema.Append(nil, &tg.AuthAuthorizationSignUpRequired{}) })
	if u, err := auth.CheckPassword(context.Background(), required, &tg.InputCheckPasswordSRP{}); err == nil {
		t.Errorf("got the user %v from sign-up required", u)
	}
}
