package ws

import (
	"slices"

	"github.com/telekey/telekey/dc"
)

// names are what Telegram's data centres are called on the web, where
// certificates need names.
// https://core.telegram.org/mtproto/transports#uri-format
var names = [...]string{1: "pluto", 2: "venus", 3: "aurora", 4: "vesta", 5: "flora"}

// URL is where a data centre's WebSocket is. For one of dc.Production or dc.Test
// that is a name of Telegram's, as in wss://venus.web.telegram.org/apiws. Any
// other is taken for a local one, whose port speaks everything:
// ws://127.0.0.1:41002/apiws.
func URL(to dc.Endpoint) string {
	switch {
	case slices.Contains(dc.Production().DCs, to):
		return "wss://" + names[to.ID] + ".web.telegram.org/apiws"
	case slices.Contains(dc.Test().DCs, to):
		return "wss://" + names[to.ID] + ".web.telegram.org/apiws_test"
	}
	return "ws://" + to.Addr + "/apiws"
}
