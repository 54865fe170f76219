//go:build limits && linux

package limits

import (
	"bytes"
	"crypto/rand"
	"testing"
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

func TestHalfKeyExchangesHaveABudget(t *testing.T) {
	p := start(t)
	for range 10_000 {
		h := mtproto.NewHandshake(time.Now(), mtproto.HandshakeParams{
			DC: p.network.KeyDC(2), Keys: p.network.Keys, Random: rand.Reader,
		})
		packet, _ := h.Next()
		if err := write(p.dial(), packet); err != nil {
			t.Fatal(err)
		}
	}
	p.signIn()
	p.holdPeak("10,000 key exchanges that go no further than the first step")
}

func TestCallsThatWaitHaveABudget(t *testing.T) {
	p := start(t)
	p.fillSessions(16)
	p.signIn()
	p.holdPeak("1,000 calls at once from 64 sessions of each of 16 keys")
}

// ofManyValues returns an initConnection around a call, with parameters of size bytes:
// a list of nulls.
func ofManyValues(t *testing.T, size int, inner []byte) []byte {
	t.Helper()
	null := tl.AppendUint32(nil, jsonNull)
	params := tl.AppendUint32(tl.AppendUint32(nil, jsonArray), tl.VectorID)
	params = tl.AppendInt(params, int32(size/4))
	params = append(params, bytes.Repeat(null, size/4)...)
	call := initialised(inner)
	at := bytes.LastIndex(call[:len(call)-len(inner)], null)
	if at < 0 {
		t.Fatal("initConnection has no parameters to replace")
	}
	return append(append(bytes.Clone(call[:at]), params...), call[at+4:]...)
}

func TestDecodingForOneStopsNobody(t *testing.T) {
	p := start(t)
	r, _ := p.connect()
	c, err := p.honest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ping := func() time.Duration {
		began := time.Now()
		if _, err := tg.Call(t.Context(), c, &tg.HelpGetNearestDC{}); err != nil {
			t.Fatal(err)
		}
		return time.Since(began)
	}
	ping()
	packed := mtproto.Pack(ofManyValues(t, 300<<10, bytesOf(t, &tg.HelpGetConfig{})))
	holdMedian(t, "the slowest ping beside 100 calls of 75,000 values in a packet", 100*time.Millisecond, func() (worst time.Duration) {
		for range 100 {
			r.Send(time.Now(), packed)
		}
		r.flush()
		for range 20 {
			worst = max(worst, ping())
		}
		// The next round begins when all of this one is answered.
		if _, err := r.call(packed); err != nil {
			t.Fatal(err)
		}
		return worst
	})
	p.holdPeak("100 calls of 75,000 values in a packet")
}

func TestTasksHoldTheirCallsInTheBudget(t *testing.T) {
	p := start(t)
	packed := mtproto.Pack(ofManyValues(t, 1<<20, bytesOf(t, &tg.AccountGetPassword{})))
	var all []*raw
	for range 50 {
		r, _ := p.connect()
		halfIn(r)
		all = append(all, r)
	}
	for _, r := range all {
		for range 10 {
			r.Send(time.Now(), packed)
		}
		r.flush()
	}
	p.signIn()
	p.holdPeak("10 calls of 1 MiB from each of 50 keys that wait for arithmetic")
}
