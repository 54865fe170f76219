package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

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
