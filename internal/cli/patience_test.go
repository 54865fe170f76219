package cli

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey/dc"
)

// silent is a network whose only data centre accepts connections and says nothing.
func (s *stage) silent() string {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { l.Close() })
	network := s.server.Network()
	network.DCs = []dc.Endpoint{{ID: 2, Addr: l.Addr().String()}}
	return s.write("silent.json", network)
}

func TestTimeoutEndsAConnectionThatNobodyAnswers(t *testing.T) {
	s := newStage(t)
	e := s.run("login", "--json", "--network", s.silent(), "--session", s.path("s"), "--timeout", "50ms").failsAsJSON(4)
	if e.Type != "NETWORK" || !strings.HasPrefix(e.Message, "no answer in 50ms, the limit of --timeout") || strings.Contains(e.Message, "closed network connection") {
		t.Errorf("got %+v, want NETWORK and that there was no answer", e)
	}
	s.login(s.path("ann"))
	s.as("ann", "whoami", "--timeout", "1m").done()
	s.as("ann", "whoami", "--timeout", "soon").fails(2, "--timeout")
}

func TestTimeoutBoundsEachWaitAndGivesTheReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &patience{longest: 2 * time.Second, network: dc.Production()}
		forever := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		began := time.Now()
		err := w.wait(t.Context(), "Waiting", forever)
		if f, ok := errors.AsType[*fault](err); !ok || f.exit != exitNetwork || f.Message != "no answer in 2s, the limit of --timeout" || time.Since(began) != 2*time.Second {
			t.Errorf("got %v after %v, want the limit after 2 s", err, time.Since(began))
		}
		w.down = errors.New("connection refused")
		if err := w.wait(t.Context(), "Waiting", forever); !strings.Contains(err.Error(), "--timeout: connection refused") {
			t.Errorf("got %v, want why there was no answer", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.wait(ctx, "Waiting", forever); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want that the command was interrupted", err)
		}
		if err := w.wait(t.Context(), "Waiting", func(context.Context) error { return nil }); err != nil {
			t.Error(err)
		}
	})
}

func TestAPersonIsToldWhatIsWaitedForAfterASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var screen lockedBuffer
		w := &patience{screen: &screen}
		sleep := func(d time.Duration) func(context.Context) error {
			return func(context.Context) error { time.Sleep(d); return nil }
		}
		w.wait(t.Context(), "Connecting to data centre 2", sleep(999*time.Millisecond))
		if got := screen.String(); got != "" {
			t.Errorf("got %q before a second was over, want nothing", got)
		}
		w.wait(t.Context(), "Connecting to data centre 2", sleep(1001*time.Millisecond))
		if got := screen.String(); got != "Connecting to data centre 2...\r\x1b[K" {
			t.Errorf("got %q, want a line that is taken away", got)
		}
	})
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
