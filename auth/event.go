package auth

import (
	"context"
	"time"
)

// Event is something that the account tells its owner: [NewDevice], [CodeSent],
// [Frozen], [Notice] or [Ended]. Later versions may tell more: leave out what you do not
// know.
type Event interface{ isEvent() }

// NewDevice says that somebody has signed in to the account elsewhere. If it is
// Unconfirmed, [ConfirmDevice] says that it was the owner, and [EndDevice] signs
// it out; if it is not, another device has confirmed it. Device and Location are
// what the new login says of itself, and may be empty.
//
// https://core.telegram.org/api/auth#confirming-login
type NewDevice struct {
	ID          DeviceID  `json:"id,string"`
	Unconfirmed bool      `json:"unconfirmed,omitempty"`
	At          time.Time `json:"at,omitzero"`
	Device      string    `json:"device,omitempty"`
	Location    string    `json:"location,omitempty"`
}

// CodeSent says that Telegram has sent a login code to this account's devices:
// somebody signs in with its number. The code itself is in the chat with
// Telegram, for the owner to read; it is not in the event, and nothing is hidden
// or deleted there.
type CodeSent struct {
	At     time.Time `json:"at"`
	Device string    `json:"device,omitempty"` // that asks for the code, if Telegram's message says so; mostly it does not

	invalidate func(context.Context) error
}

// Invalidate makes the code worthless, for an owner who did not ask for it.
//
// https://core.telegram.org/api/auth#invalidating-login-codes
func (e CodeSent) Invalidate(ctx context.Context) error {
	if e.invalidate == nil {
		return nil
	}
	return e.invalidate(ctx)
}

// Frozen says that Telegram has frozen the account.
type Frozen struct{ Freeze }

// Ended says that this login is no more, and why. It is the last event.
type Ended struct {
	Reason Reason `json:"reason"`
}

func (NewDevice) isEvent() {}
func (CodeSent) isEvent()  {}
func (Frozen) isEvent()    {}
func (Ended) isEvent()     {}
