package gotd

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/telekey/telekey/interop/pauses"
)

// explained are the tests in which a pause over the limit is right, each with the
// reason.
var explained = map[string]string{}

// measured returns a log for an emulator. At the end of the test it reports the
// longest pause between two packets; one over three times the limit fails the test,
// unless there is a reason for it.
func measured(t *testing.T) *slog.Logger {
	t.Helper()
	recorder, work, begin := new(pauses.Recorder), pauses.NewWork(os.Getpid()), time.Now()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			work.Sample()
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-stopped
		work.Sample()
		packets := recorder.Packets()
		if len(packets) == 0 {
			t.Errorf("got no packets in the emulator's log, want %q for each", pauses.Message)
		}
		pause, at := pauses.Longest(packets, begin, time.Now(), work.Between)
		reason := explained[t.Name()]
		t.Logf("longest pause %.2f s, %.2f s after the test began %s", pause.Seconds(), at.Seconds(), reason)
		if pause > 3*pauses.Limit && reason == "" {
			t.Errorf("got a pause of %v between two packets, want at most %v", pause, pauses.Limit)
		}
	})
	return slog.New(recorder)
}
