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

// town is an emulator, the network to it, and the people who live there.
type town struct {
	*network
	*emulator.Server
	ledger
	t   *testing.T
	log *slog.Logger
}

// newTown builds a town in fair weather. It must be called in a bubble.
func newTown(t *testing.T, s seed, users ...emulator.User) *town {
	t.Helper()
	w := &town{network: newNetwork(s), t: t, log: slog.New(slog.DiscardHandler)}
	if *replay != 0 {
		w.log = slog.New(slog.NewTextHandler(logbook{t}, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: shortly}))
	}
	srv, err := emulator.Start(emulator.Config{Users: users, Listener: w.Listen, Random: s.thrift(), Log: w.log.With("who", "server")})
	if err != nil {
		t.Fatal(err)
	}
	w.Server = srv
	t.Cleanup(func() { srv.Close() })
	return w
}

// logbook writes the lines of a log to a test.
type logbook struct{ t *testing.T }

func (l logbook) Write(line []byte) (int, error) {
	l.t.Log(strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

// shortly leaves out of a log line what is the same in each.
func shortly(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey:
		return slog.String(slog.TimeKey, clock(a.Value.Time()))
	case slog.LevelKey:
		return slog.Attr{}
	}
	return a
}

// crowd is how many sessions a key may have; one more, and the server forgets
// the one that was used last the longest ago.
const crowd = 64

// forget makes the servers forget every session of a person's keys, as they do
// when they start anew: other sessions of the same keys crowd them out. That goes
// in by the side door, where there is no weather.
func (w *town) forget(data session.Data) {
	for id, key := range data.Keys {
		endpoint, ok := w.Network().Endpoint(id)
		for left := crowd; ok && left > 0; {
			left -= w.crowdOut(endpoint, mtproto.NewKey(key.Auth.Bytes()), left)
		}
	}
}

// crowdOut begins up to so many sessions, and returns how many until a whim of
// the server ended it.
func (w *town) crowdOut(to dc.Endpoint, key mtproto.Key, most int) (n int) {
	conn, err := transport.TCP{DialContext: w.sideDoor}.Dial(w.t.Context(), to)
	if err != nil {
		w.t.Fatalf("the side door is closed: %v", err)
	}
	defer conn.Close()
	for ; n < most; n++ {
		c := mtproto.NewConn(time.Now(), mtproto.Params{Key: key, Random: rand.Reader})
		c.Send(time.Now(), make([]byte, 4))
		c.Up(time.Now())
		e, _ := c.Next()
		// The salt is wrong, and the server says so: then the session exists.
		if conn.Send(e.Body) != nil {
			return n
		}
		if _, err := conn.Receive(); err != nil {
			return n
		}
	}
	return n
}
