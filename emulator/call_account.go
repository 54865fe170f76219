package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// getAuthorizations answers account.getAuthorizations: the account's devices,
// the caller's own first and under the hash 0.
// https://core.telegram.org/method/account.getAuthorizations
func getAuthorizations(_ *world, c *caller, _ time.Time, _ *tg.AccountGetAuthorizations) (*tg.AccountAuthorizations, *refusal) {
	own := c.key.login.describe()
	own.Current, own.Hash = true, 0
	list := []*tg.Authorization{own}
	for _, l := range c.account().logins {
		if l != c.key.login {
			list = append(list, l.describe())
		}
	}
	return &tg.AccountAuthorizations{AuthorizationTTLDays: 180, Authorizations: list}, nil
}

// describe shows a login in the list of devices.
func (l *login) describe() *tg.Authorization {
	return &tg.Authorization{
		Hash:          l.hash,
		DeviceModel:   l.device.model,
		SystemVersion: l.device.systemVersion,
		APIID:         l.device.apiID,
		AppName:       "Application",
		AppVersion:    l.device.appVersion,
		DateCreated:   unix(l.created),
		DateActive:    unix(l.active),
		IP:            "127.0.0.1",
		Country:       "Localhost",
	}
}

// updateStatus answers account.updateStatus. Nobody here looks who is online.
// https://core.telegram.org/method/account.updateStatus
func updateStatus(_ *world, _ *caller, _ time.Time, _ *tg.AccountUpdateStatus) (bool, *refusal) {
	return true, nil
}

// getNotifySettings answers account.getNotifySettings: the default for every
// peer.
// https://core.telegram.org/method/account.getNotifySettings
func getNotifySettings(_ *world, _ *caller, _ time.Time, _ *tg.AccountGetNotifySettings) (*tg.PeerNotifySettings, *refusal) {
	return &tg.PeerNotifySettings{}, nil
}
