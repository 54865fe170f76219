package ws_test

import (
	"fmt"
	"testing"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/transport/ws"
)

func TestEveryDataCentreOfTelegramHasAName(t *testing.T) {
	for network, want := range map[string]struct {
		dcs  []dc.Endpoint
		path string
	}{
		"production": {dc.Production().DCs, "/apiws"},
		"test":       {dc.Test().DCs, "/apiws_test"},
	} {
		names := map[int]string{1: "pluto", 2: "venus", 3: "aurora", 4: "vesta", 5: "flora"}
		for _, endpoint := range want.dcs {
			want := "wss://" + names[endpoint.ID] + ".web.telegram.org" + want.path
			if got := ws.URL(endpoint); got != want {
				t.Errorf("%s, %v: got %s, want %s", network, endpoint, got, want)
			}
		}
	}
}

func TestEveryOtherDataCentreIsALocalOne(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:41002":    "ws://127.0.0.1:41002/apiws",
		"[::1]:41002":        "ws://[::1]:41002/apiws",
		"149.154.167.50:443": "ws://149.154.167.50:443/apiws", // Telegram's, but not of this number
	} {
		if got := ws.URL(dc.Endpoint{ID: 3, Addr: addr}); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
}

// Where a data centre is reached through a web server of one's own, URL says so.
func ExampleDialer() {
	dialer := ws.Dialer{URL: func(to dc.Endpoint) string {
		return fmt.Sprintf("wss://telegram.example.org/%d/apiws", to.ID)
	}}
	fmt.Println(dialer.URL(dc.Endpoint{ID: 2, Addr: "149.154.167.50:443"}))
	// Output: wss://telegram.example.org/2/apiws
}
