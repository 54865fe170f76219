package auth

import (
	"context"
	"time"

	"github.com/telekey/telekey/tg"
)

// PasswordState is what can be told of an account's password without knowing it.
//
// https://core.telegram.org/constructor/account.password
type PasswordState struct {
	Set  bool   `json:"set"`
	Hint string `json:"hint,omitempty"`

	// HasRecovery says that a lost password can be replaced by way of an e-mail
	// address; Unconfirmed is the address, partly hidden, that was named for it
	// and waits for its code: see [ConfirmRecoveryEmail].
	HasRecovery bool   `json:"has_recovery,omitempty"`
	Unconfirmed string `json:"unconfirmed,omitempty"`

	// LoginEmail is the address, partly hidden, that codes for signing in go to;
	// empty: they do not go by e-mail.
	LoginEmail string `json:"login_email,omitempty"`

	// ResetAt is from when on [ResetPassword] takes the password away; zero: that
	// was not asked for.
	ResetAt time.Time `json:"reset_at,omitzero"`

	// Passport says that documents are stored under the password, which are lost
	// without it.
	Passport bool `json:"passport,omitempty"`
}

// PasswordInfo says how it stands with the account's password.
//
// https://core.telegram.org/method/account.getPassword
func PasswordInfo(ctx context.Context, c tg.Invoker) (*PasswordState, error) {
	p, err := GetPassword(ctx, c)
	if err != nil {
		return nil, explainedCall(err)
	}
	return &PasswordState{
		Set: p.HasPassword, Hint: text(p.Hint), HasRecovery: p.HasRecovery,
		Unconfirmed: text(p.EmailUnconfirmedPattern), LoginEmail: text(p.LoginEmailPattern), Passport: p.HasSecureValues,
		ResetAt: unix(p.PendingResetDate),
	}, nil
}

// PasswordReset is what came of [ResetPassword].
type PasswordReset struct {
	// Done: the account has no password any more.
	Done bool `json:"done,omitempty"`

	// At is when to ask again, a week after the first time: then the password
	// goes. Until then [DeclinePasswordReset] calls it off.
	At time.Time `json:"at,omitzero"`

	// RetryAt is when it may be asked for again: a reset was called off not long
	// ago.
	RetryAt time.Time `json:"retry_at,omitzero"`
}

// ResetPassword takes away a password that nobody remembers and that has no
// recovery e-mail. It takes a week, in which it can be called off from any of
// the account's devices.
//
// Errors: tg.ErrPasswordEmpty when there is no password.
//
// https://core.telegram.org/method/account.resetPassword
func ResetPassword(ctx context.Context, c tg.Invoker) (PasswordReset, error) {
	answer, err := tg.Call(ctx, c, &tg.AccountResetPassword{})
	if err != nil {
		return PasswordReset{}, explainedTo(ctx, c, err)
	}
	switch r := answer.(type) {
	case *tg.AccountResetPasswordOk:
		return PasswordReset{Done: true}, nil
	case *tg.AccountResetPasswordRequestedWait:
		return PasswordReset{At: moment(r.UntilDate)}, nil
	case *tg.AccountResetPasswordFailedWait:
		return PasswordReset{RetryAt: moment(r.RetryDate)}, nil
	}
	return PasswordReset{}, unexpected(answer, "account.ResetPasswordResult")
}

// DeclinePasswordReset calls off what [ResetPassword] began: for an owner who
// sees that somebody else asked for it.
//
// Errors: tg.ErrResetRequestMissing when nothing was begun.
//
// https://core.telegram.org/method/account.declinePasswordReset
func DeclinePasswordReset(ctx context.Context, c tg.Invoker) error {
	return done(ctx, c, &tg.AccountDeclinePasswordReset{})
}
