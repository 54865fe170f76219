package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/telekey/telekey/tg"
)

// DeviceID tells the logins of an account apart: Telegram's hash of one. 0 is the
// login that asks.
type DeviceID int64

// Device is one login of the account: a program on some machine. What it says of
// itself (model, system, program) may be made up; IP, Country and Region are what
// Telegram saw of it.
//
// https://core.telegram.org/constructor/authorization
type Device struct {
	ID      DeviceID `json:"id,string"`
	Current bool     `json:"current,omitempty"` // the login that asks

	// Unconfirmed: nobody has said yet that this login is one's own: see
	// [ConfirmDevice].
	Unconfirmed bool `json:"unconfirmed,omitempty"`

	// PasswordPending: the code was right, and the password is still to come.
	PasswordPending bool `json:"password_pending,omitempty"`
	Official        bool `json:"official,omitempty"` // one of Telegram's own programs

	Model      string `json:"model"`
	Platform   string `json:"platform,omitempty"`
	System     string `json:"system,omitempty"`
	App        string `json:"app"`
	AppVersion string `json:"app_version,omitempty"`
	AppID      int    `json:"app_id"`

	Created time.Time `json:"created"` // when it signed in
	Active  time.Time `json:"active"`  // when it was last seen
	IP      string    `json:"ip,omitempty"`
	Country string    `json:"country,omitempty"`
	Region  string    `json:"region,omitempty"`
}

// Devices lists the logins of the account, as Telegram orders them.
//
// https://core.telegram.org/method/account.getAuthorizations
func Devices(ctx context.Context, c tg.Invoker) ([]Device, error) {
	answer, err := tg.Call(ctx, c, &tg.AccountGetAuthorizations{})
	if err != nil {
		return nil, explainedCall(err)
	}
	return devicesIn(answer), nil
}

func devicesIn(answer *tg.AccountAuthorizations) []Device {
	devices := make([]Device, 0, len(answer.Authorizations))
	for _, a := range answer.Authorizations {
		if a != nil {
			devices = append(devices, deviceOf(a))
		}
	}
	return devices
}

func deviceOf(a *tg.Authorization) Device {
	return Device{
		ID: DeviceID(a.Hash), Current: a.Current,
		Unconfirmed: a.Unconfirmed, PasswordPending: a.PasswordPending, Official: a.OfficialApp,
		Model: a.DeviceModel, Platform: a.Platform, System: a.SystemVersion,
		App: a.AppName, AppVersion: a.AppVersion, AppID: int(a.APIID),
		Created: moment(a.DateCreated), Active: moment(a.DateActive),
		IP: a.IP, Country: a.Country, Region: a.Region,
	}
}

// EndDevice signs another device out.
//
// Errors: a [*TooFreshError] while this login is younger than 24 hours;
// tg.ErrHashInvalid when there is no such device, or none any more.
//
// https://core.telegram.org/method/account.resetAuthorization
func EndDevice(ctx context.Context, c tg.Invoker, id DeviceID) error {
	if err := another(id, "use LogOut"); err != nil {
		return err
	}
	return done(ctx, c, &tg.AccountResetAuthorization{Hash: int64(id)})
}

// EndOtherDevices signs all other devices out.
//
// Errors: a [*TooFreshError] while this login is younger than 24 hours.
//
// https://core.telegram.org/method/auth.resetAuthorizations
func EndOtherDevices(ctx context.Context, c tg.Invoker) error {
	return done(ctx, c, &tg.AuthResetAuthorizations{})
}

// ConfirmDevice says that a new login is one's own. Telegram also takes silence
// for it, after some days. A login that is not confirmed can confirm none.
//
// Errors: tg.ErrHashInvalid when there is no such device.
//
// https://core.telegram.org/api/auth#confirming-login
func ConfirmDevice(ctx context.Context, c tg.Invoker, id DeviceID) error {
	if err := another(id, "another device has to confirm this one"); err != nil {
		return err
	}
	return done(ctx, c, &tg.AccountChangeAuthorizationSettings{Confirmed: true, Hash: int64(id)})
}

// another refuses the id of the login that asks.
func another(id DeviceID, instead string) error {
	if id != 0 {
		return nil
	}
	return fmt.Errorf("got device 0, which is this one, want another of Devices: %s", instead)
}

// DeviceTTL returns after how many days without a sign of life a device is signed
// out.
//
// https://core.telegram.org/constructor/account.authorizations
func DeviceTTL(ctx context.Context, c tg.Invoker) (days int, err error) {
	answer, err := tg.Call(ctx, c, &tg.AccountGetAuthorizations{})
	if err != nil {
		return 0, explainedCall(err)
	}
	return int(answer.AuthorizationTTLDays), nil
}

// SetDeviceTTL has devices signed out after so many days without a sign of life.
// Telegram's own apps offer 7, 30, 90, 180 and 365.
//
// Errors: tg.ErrTTLDaysInvalid; a [*TooFreshError] while this login is younger
// than 24 hours.
//
// https://core.telegram.org/method/account.setAuthorizationTTL
func SetDeviceTTL(ctx context.Context, c tg.Invoker, days int) error {
	n, err := daysOf(days)
	if err != nil {
		return err
	}
	return done(ctx, c, &tg.AccountSetAuthorizationTTL{AuthorizationTTLDays: n})
}

// daysOf is a number of days as Telegram takes it. Which of them it takes is its
// own to say.
func daysOf(days int) (int32, error) {
	const most = 100_000
	if days < 1 || days > most {
		return 0, fmt.Errorf("got %d days, want 1 to %d", days, most)
	}
	return int32(days), nil
}

// moment is a time as Telegram tells it; 0 is none.
func moment(unix int32) time.Time {
	if unix == 0 {
		return time.Time{}
	}
	return time.Unix(int64(unix), 0).UTC()
}

// done makes a call that answers yes, and explains its refusal.
func done(ctx context.Context, c tg.Invoker, m tg.Method[bool]) error {
	ok, err := tg.Call(ctx, c, m)
	if err != nil {
		return explainedTo(ctx, c, err)
	}
	if !ok {
		return fmt.Errorf("%s: Telegram answered no, and not why", constructor(m))
	}
	return nil
}
