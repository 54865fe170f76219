package auth_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/emutest"
	"github.com/telekey/telekey/tg"
)

// The stories in this file are played with a client on a socket, and an emulator
// behind it.

// owner answers as the owner of an account does, with passwords and mailbox at
// hand.
type owner struct {
	srv   *emulator.Server
	phone string
	now   string // the password
	next  auth.NewPassword
}

func (o *owner) Ask(ctx context.Context, q auth.Question) (auth.Answer, error) {
	switch q.(type) {
	case auth.PasswordQuestion:
		return auth.Secret(o.now), nil
	case auth.NewPasswordQuestion:
		n := o.next
		n.Password = n.Password.Clone()
		return n, nil
	case auth.CodeQuestion:
		code, err := o.srv.WaitCode(ctx, "+"+o.phone)
		return auth.Code(code.Code), err
	}
	return nil, &auth.UnansweredError{Question: q}
}

// annAtHome is an emulator where Ann lives, and a client that she has signed in.
func annAtHome(t *testing.T, password string) (*emulator.Server, *telekey.Client, *owner) {
	t.Helper()
	ann := emulator.User{Phone: "+9996620001", FirstName: "Ann", Password: password}
	srv := emutest.Start(t, ann)
	return srv, emutest.SignIn(t, srv, ann), &owner{srv: srv, phone: "9996620001", now: password}
}

// passwordIs fails unless a new device gets in with this password.
func (o *owner) passwordIs(t *testing.T, password string) {
	t.Helper()
	emutest.SignIn(t, o.srv, emulator.User{Phone: "+" + o.phone, Password: password})
}

func TestPasswordIsSetChangedAndRemovedAtTheEmulator(t *testing.T) {
	t.Parallel()
	_, c, o := annAtHome(t, "")
	ctx := t.Context()
	o.next = auth.NewPassword{Password: auth.Secret("correct horse"), Hint: "an animal"}
	if _, err := auth.Run(ctx, c, auth.SetPassword(), o); err != nil {
		t.Fatal(err)
	}
	if p, err := auth.PasswordInfo(ctx, c); err != nil || !p.Set || p.Hint != "an animal" {
		t.Fatalf("got %+v, %v, want a password with its hint", p, err)
	}
	o.passwordIs(t, "correct horse")

	o.now, o.next = "correct horse", auth.NewPassword{Password: auth.Secret("battery staple"), Email: "ann@example.org"}
	end, err := auth.Run(ctx, c, auth.SetPassword(), o)
	if err != nil || end.Email != "ann@example.org" || end.Unconfirmed {
		t.Fatalf("got %+v, %v, want the address confirmed", end, err)
	}
	if p, err := auth.PasswordInfo(ctx, c); err != nil || !p.HasRecovery {
		t.Fatalf("got %+v, %v, want a recovery address", p, err)
	}
	o.passwordIs(t, "battery staple")

	o.now = "battery staple"
	if _, err := auth.Run(ctx, c, auth.RemovePassword(), o); err != nil {
		t.Fatal(err)
	}
	o.passwordIs(t, "")
}

func TestWrongPasswordChangesNothingAtTheEmulator(t *testing.T) {
	t.Parallel()
	_, c, o := annAtHome(t, "correct horse")
	wrongOnce := auth.Answers{Password: auth.Secret("wrong")}
	_, err := auth.Run(t.Context(), c, auth.RemovePassword(), wrongOnce)
	if !errors.Is(err, tg.ErrPasswordHashInvalid) {
		t.Errorf("got %v, want that the password is wrong", err)
	}
	o.passwordIs(t, "correct horse")
}

// https://core.telegram.org/api/srp#password-reset
func TestPasswordIsResetAfterAWeekAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv, c, o := annAtHome(t, "correct horse")
	ctx := t.Context()
	if err := auth.DeclinePasswordReset(ctx, c); !errors.Is(err, tg.ErrResetRequestMissing) {
		t.Errorf("got %v, want that there is nothing to decline", err)
	}
	reset, err := auth.ResetPassword(ctx, c)
	if err != nil || reset.At.Before(srv.Clock().Add(6*24*time.Hour)) {
		t.Fatalf("got %+v, %v, want a week's wait", reset, err)
	}
	if p, err := auth.PasswordInfo(ctx, c); err != nil || !p.ResetAt.Equal(reset.At) {
		t.Errorf("got %+v, %v, want the reset in it", p, err)
	}
	if err := auth.DeclinePasswordReset(ctx, c); err != nil {
		t.Fatal(err)
	}
	reset, err = auth.ResetPassword(ctx, c)
	if err != nil || reset.RetryAt.IsZero() {
		t.Fatalf("got %+v, %v, want that it was called off not long ago", reset, err)
	}
	srv.FastForward(reset.RetryAt.Sub(srv.Clock()) + time.Hour)
	if reset, err = auth.ResetPassword(ctx, c); err != nil || reset.At.IsZero() {
		t.Fatalf("got %+v, %v, want another week's wait", reset, err)
	}
	srv.FastForward(8 * 24 * time.Hour)
	if reset, err = auth.ResetPassword(ctx, c); err != nil || !reset.Done {
		t.Fatalf("got %+v, %v, want the password gone", reset, err)
	}
	o.passwordIs(t, "")
}

func TestStatusFollowsTheLoginAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv, c, _ := annAtHome(t, "")
	ctx := t.Context()
	if s, err := auth.Status(ctx, c); err != nil || s.User == nil || *s.User.FirstName != "Ann" {
		t.Fatalf("got %+v, %v, want Ann", s, err)
	}
	if err := auth.LogOut(ctx, c); err != nil {
		t.Fatal(err)
	}
	if s, err := auth.Status(ctx, c); err != nil || s.Reason != auth.LoggedOutHere {
		t.Errorf("got %+v, %v, want that it was logged out here", s, err)
	}
	if s, err := auth.Status(ctx, emutest.Dial(t, srv)); err != nil || s.Reason != auth.NeverSignedIn {
		t.Errorf("got %+v, %v, want that nobody ever was", s, err)
	}
}

// https://core.telegram.org/api/srp#using-the-2fa-password
func TestSensitiveCallsAreRefusedForADayAtTheEmulator(t *testing.T) {
	t.Parallel()
	srv, c, o := annAtHome(t, "")
	ctx := t.Context()
	withdraw := &tg.PaymentsGetStarsRevenueWithdrawalURL{Peer: &tg.InputPeerSelf{}, Amount: new(int64(1))}
	if _, err := auth.CallWithPassword(ctx, c, withdraw, o); !errors.Is(err, tg.ErrPasswordMissing) {
		t.Fatalf("got %v, want that a password is missing", err)
	}
	o.now, o.next = "correct horse", auth.NewPassword{Password: auth.Secret("correct horse")}
	if _, err := auth.Run(ctx, c, auth.SetPassword(), o); err != nil {
		t.Fatal(err)
	}
	var fresh *auth.TooFreshError
	if _, err := auth.CallWithPassword(ctx, c, withdraw, o); !errors.As(err, &fresh) || time.Until(fresh.Until) < 23*time.Hour {
		t.Fatalf("got %v, want that the password is too fresh, and until when", err)
	}
	srv.FastForward(25 * time.Hour)
	url, err := auth.CallWithPassword(ctx, c, withdraw, o)
	if err != nil || url.URL == "" {
		t.Errorf("got %+v, %v, want an address", url, err)
	}
}
