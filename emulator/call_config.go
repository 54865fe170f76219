package emulator

import (
	"net/netip"
	"time"

	"github.com/telekey/telekey/tg"
)

// configLife is how long a client may keep the configuration.
const configLife = time.Hour

// getConfig answers help.getConfig. What matters in it is the list of data
// centres; the limits are those that the real servers have given for years.
//
// All data centres are listed, good for everything, and each address twice: with
// and without static. TDLib uses static addresses for a proxy alone; others leave
// out addresses that are not static.
// https://core.telegram.org/api/config#mtproto-configuration
func getConfig(w *world, c *caller, now time.Time, _ *tg.HelpGetConfig) (*tg.Config, *refusal) {
	return &tg.Config{
		Date:                    unix(now),
		Expires:                 unix(now.Add(configLife)),
		TestMode:                w.test,
		ThisDC:                  int32(c.dc),
		DCOptions:               w.options(c.local),
		DCTxtDomainName:         "localhost",
		ChatSizeMax:             200,
		MegagroupSizeMax:        200_000,
		ForwardedCountMax:       100,
		OnlineUpdatePeriodMs:    210_000,
		OfflineBlurTimeoutMs:    5_000,
		OfflineIdleTimeoutMs:    30_000,
		OnlineCloudTimeoutMs:    300_000,
		NotifyCloudDelayMs:      30_000,
		NotifyDefaultDelayMs:    1_500,
		PushChatPeriodMs:        60_000,
		PushChatLimit:           2,
		EditTimeLimit:           172_800,
		RevokeTimeLimit:         1<<31 - 1,
		RevokePmTimeLimit:       1<<31 - 1,
		RatingEDecay:            2_419_200,
		StickersRecentLimit:     200,
		ChannelsReadMediaPeriod: 604_800,
		CallReceiveTimeoutMs:    20_000,
		CallRingTimeoutMs:       90_000,
		CallConnectTimeoutMs:    30_000,
		CallPacketTimeoutMs:     10_000,
		MeURLPrefix:             "https://t.me/",
		CaptionLengthMax:        1024,
		MessageLengthMax:        4096,
		WebfileDCID:             int32(w.centres[0].id),
	}, nil
}

// options lists the data centres. A server that listens on every address of
// the machine is reached by the one that the client came in on.
func (w *world) options(local netip.Addr) []*tg.DCOption {
	list := make([]*tg.DCOption, 0, 2*len(w.centres))
	for _, centre := range w.centres {
		addr := centre.addr.Addr()
		if w.advertised.IsValid() {
			addr = w.advertised
		} else if addr.IsUnspecified() && local.IsValid() {
			addr = local
		}
		addr = addr.Unmap()
		option := tg.DCOption{
			ID:        int32(centre.id),
			IPAddress: addr.WithZone("").String(),
			Port:      int32(centre.addr.Port()),
			IPv6:      addr.Is6(),
		}
		static := option
		static.Static = true
		list = append(list, &option, &static)
	}
	return list
}

// getNearestDC answers help.getNearestDc: the one that is asked.
// https://core.telegram.org/method/help.getNearestDc
func getNearestDC(_ *world, c *caller, _ time.Time, _ *tg.HelpGetNearestDC) (*tg.NearestDC, *refusal) {
	return &tg.NearestDC{Country: "US", ThisDC: int32(c.dc), NearestDC: int32(c.dc)}, nil
}
