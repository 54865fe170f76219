package sim

import (
	"crypto/rand"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/transport"
)

// simulation is an emulator, the network to it, and the clients' calls.
type simulation struct {
	*network
	*emulator.Server
	ledger
	t   *testing.T
	log *slog.Logger
}

// newSimulation starts a simulation with a healthy network. It must be called in a
// bubble.
func newSimulation(t *testing.T, s seed, users ...emulator.User) *simulation {
	t.Helper()
	w := &simulation{network: newNetwork(s), t: t, log: slog.New(slog.DiscardHandler)}
	if *replay != 0 {
		w.log = slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: shortAttr}))
	}
	srv, err := emulator.Start(emulator.Config{Users: users, Listener: w.Listen, Random: s.cheapRandom(), Log: w.log.With("who", "server")})
	if err != nil {
		t.Fatal(err)
	}
	w.Server = srv
	t.Cleanup(func() { srv.Close() })
	return w
}

// logbook writes the lines of a log to a test.
type testLog struct{ t *testing.T }

func (l testLog) Write(line []byte) (int, error) {
	l.t.Log(strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

// shortAttr removes the parts of a log line that are the same in each.
func shortAttr(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey:
		return slog.String(slog.TimeKey, clock(a.Value.Time()))
	case slog.LevelKey:
		return slog.Attr{}
	}
	return a
}

// maxSessions is the number of sessions that a server keeps for a key; for one more
// it forgets the least recently used.
const maxSessions = 64

// forget makes the servers forget every session of a person's keys, as after a
// restart: other sessions of the same keys evict them. Its connections are not
// affected by the conditions.
func (w *simulation) forget(data session.Data) {
	for id, key := range data.Keys {
		endpoint, ok := w.Network().Endpoint(id)
		for left := maxSessions; ok && left > 0; {
			left -= w.evictSessions(endpoint, mtproto.NewKey(key.Auth.Bytes()), left)
		}
	}
}

// evictSessions begins up to most sessions and returns their number; a fault of the
// server may end it early.
func (w *simulation) evictSessions(to dc.Endpoint, key mtproto.Key, most int) (n int) {
	conn, err := transport.TCP{DialContext: w.directDial}.Dial(w.t.Context(), to)
	if err != nil {
		w.t.Fatalf("cannot dial directly: %v", err)
	}
	defer conn.Close()
	for ; n < most; n++ {
		c := mtproto.NewConn(time.Now(), mtproto.Params{Key: key, Random: rand.Reader})
		c.Send(time.Now(), make([]byte, 4))
		c.Up(time.Now())
		e, _ := c.Next()
		// The server answers that the salt is wrong: then the session exists.
		if conn.Send(e.Body) != nil {
			return n
		}
		if _, err := conn.Receive(); err != nil {
			return n
		}
	}
	return n
}
