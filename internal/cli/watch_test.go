package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
)

// watcher is a telekey watch that runs beside the test.
type watcher struct {
	t     *testing.T
	lines *bufio.Scanner
	errs  bytes.Buffer
	code  chan int
	end   context.CancelFunc
}

// watches returns when Telegram knows that somebody watches.
func (s *stage) watches(session string, args ...string) *watcher {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	r, w := io.Pipe()
	v := &watcher{t: s.t, lines: bufio.NewScanner(r), code: make(chan int, 1), end: cancel}
	line := append([]string{"watch", "--json", "--session", s.path(session)}, args...)
	go func() {
		v.code <- Main(ctx, line, s.env, s.in, w, &v.errs)
		w.Close()
	}()
	v.sees("watching")
	return v
}

// sees is the next event, of the kind that is expected.
func (v *watcher) sees(event string) map[string]any {
	v.t.Helper()
	if !v.lines.Scan() {
		v.t.Fatalf("got no event, want %s: it ended with %d, %s", event, <-v.code, v.errs.String())
	}
	var fields map[string]any
	if err := json.Unmarshal(v.lines.Bytes(), &fields); err != nil || fields["event"] != event {
		v.t.Fatalf("got %q, %v, want the event %s", v.lines.Text(), err, event)
	}
	return fields
}

func TestWatchTellsWhatHappensToTheAccount(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	v := s.watches("ann")
	s.run("login", "--network", s.network, "--session", s.path("thief"), "--phone", annsNumber).fails(2, "--code-file")
	if code := v.sees("code_sent"); code["at"] == "" {
		t.Errorf("got %v, want when", code)
	}
	s.login(s.path("new"))
	v.sees("code_sent")
	if device := v.sees("new_device"); device["unconfirmed"] != true || device["id"] == "" || device["device"] == "" {
		t.Errorf("got %v, want a device that is not confirmed", device)
	}
	if err := s.server.SetFrozen(annsNumber, &emulator.Frozen{}); err != nil {
		t.Fatal(err)
	}
	v.sees("frozen")
	if _, err := s.server.EndSessions(annsNumber, emulator.Revoked); err != nil {
		t.Fatal(err)
	}
	if end := v.sees("ended"); end["reason"] != "ended elsewhere" {
		t.Errorf("got %v, want that it was ended elsewhere", end)
	}
	if code := <-v.code; code != 6 || v.errs.Len() > 0 {
		t.Errorf("got exit code %d, %q, want 6 and no complaint", code, v.errs.String())
	}
}

func TestWatchMakesCodesWorthlessOnDemand(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	v := s.watches("ann", "--invalidate-codes")
	s.in = readerFunc(func(b []byte) (int, error) {
		if code := v.sees("code_sent"); code["invalidated"] != true {
			t.Errorf("got %v, want the code to be worthless", code)
		}
		return copy(b, "22222\n"), nil
	})
	s.run("login", "--network", s.network, "--session", s.path("thief"), "--phone", annsNumber, "--code-file", "-").fails(3, "PHONE_CODE")
	v.end()
	if code := <-v.code; code != 0 {
		t.Errorf("got exit code %d, want 0: an interrupt is the ordinary end", code)
	}
}

func TestEventsAreToldInWords(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var out strings.Builder
	p := &program{out: &out}
	for _, e := range []auth.Event{
		auth.NewDevice{ID: -7, Unconfirmed: true, At: day, Device: "Pixel", Location: "Berlin"},
		auth.NewDevice{ID: 8},
		auth.CodeSent{At: day, Device: "Web"},
		auth.Frozen{Freeze: auth.Freeze{Since: day, Until: day.AddDate(1, 0, 0), Appeal: "https://t.me/spambot"}},
		auth.Ended{Reason: auth.Expired},
	} {
		if err := p.printEvent(e, true); err != nil {
			t.Fatal(err)
		}
	}
	want := `2026-01-02 03:04 UTC: a new login, id -7, Pixel, Berlin; if it is yours: telekey devices confirm -7, if not: telekey devices end -7
now: a new login, id 8
2026-01-02 03:04 UTC: somebody asked for a login code from Web, and it is worth nothing any more
the account is frozen since 2026-01-02 03:04 UTC, and will be deleted after 2027-01-02 03:04 UTC; its owner can appeal at https://t.me/spambot
this login has ended: expired
`
	if out.String() != want {
		t.Errorf("got %s, want %s", out.String(), want)
	}
}
