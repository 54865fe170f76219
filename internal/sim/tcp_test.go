package sim

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// pair is a line with the same parameters in both directions, in a bubble.
func pair(t *testing.T, f laneParams, test func(t *testing.T, here, there *end)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f.piece, f.window = max(f.piece, 1), max(f.window, 1)
		dice := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
		addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}
		l := newLine([2]laneParams{f, f}, [2]*rand.Rand{dice(), dice()}, addr, addr)
		test(t, l.ends[client], l.ends[server])
	})
}

// text is a message to send.
const text = "Sent bytes arrive unchanged and in order, or not at all."

func TestBytesArriveInOrderAfterTheirTime(t *testing.T) {
	pair(t, laneParams{latency: time.Second, jitter: time.Second, piece: 7, window: 20}, func(t *testing.T, here, there *end) {
		since := time.Now()
		go func() { here.Write([]byte(text)); here.Close() }()
		got, err := io.ReadAll(there)
		if string(got) != text || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		if took := time.Since(since); took < 3*time.Second { // three windows
			t.Errorf("it took %v", took)
		}
		if _, err := here.Write(nil); err != nil {
			t.Errorf("writing nothing: %v", err)
		}
	})
}

func TestAStallDelaysTheBytesBehindIt(t *testing.T) {
	pair(t, laneParams{piece: 4, window: 100, stall: time.Minute, stallAt: 9}, func(t *testing.T, here, there *end) {
		since := time.Now()
		here.Write([]byte(text))
		var early, late time.Duration
		io.ReadFull(there, make([]byte, 8))
		early = time.Since(since)
		io.ReadFull(there, make([]byte, len(text)-8))
		late = time.Since(since)
		if early != 0 || late != time.Minute {
			t.Errorf("eight bytes came after %v, the rest after %v", early, late)
		}
	})
}

// The test checks the bytes that a line carries before it fails after ten bytes, and
// the errors of its ends.
func TestTheFailuresOfALine(t *testing.T) {
	for how, want := range map[failure]struct {
		arrives    string
		read, late error // of the reader; late: of the writer, in the end
	}{
		torn:   {"", syscall.ECONNRESET, syscall.ECONNRESET},
		hungUp: {text[:10], nil, syscall.EPIPE},
		mute:   {text[:10], syscall.ETIMEDOUT, os.ErrDeadlineExceeded},
		silent: {text[:10], syscall.ETIMEDOUT, os.ErrDeadlineExceeded},
		ceased: {"", syscall.ECONNRESET, syscall.ECONNRESET},
	} {
		t.Run(how.String(), func(t *testing.T) {
			pair(t, laneParams{piece: 100, window: 30, failure: how, failureAt: 10}, func(t *testing.T, here, there *end) {
				here.SetWriteDeadline(time.Now().Add(time.Hour))
				written := make(chan error)
				go func() {
					_, err := here.Write([]byte(text))
					written <- err
				}()
				got, err := io.ReadAll(there)
				if string(got) != want.arrives || !errors.Is(err, want.read) || (err == nil) != (want.read == nil) {
					t.Errorf("got %q, %v, want %q, %v", got, err, want.arrives, want.read)
				}
				if err := <-written; !errors.Is(err, want.late) {
					t.Errorf("the writer got %v, want %v", err, want.late)
				}
			})
		})
	}
}

// Bytes in flight to a closed end are lost, and so are the bytes from that end that
// the other end has not read.
func TestClosingWithSomethingUnread(t *testing.T) {
	pair(t, laneParams{latency: time.Second, piece: 100, window: 100}, func(t *testing.T, here, there *end) {
		here.Write([]byte(text))
		there.Write([]byte(text))
		here.Close()
		time.Sleep(3 * time.Second)
		if _, err := here.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("reading from a closed end: %v", err)
		}
		if _, err := there.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v, want ECONNRESET", err)
		}
	})
}

func TestOneDirectionMayBeClosedAlone(t *testing.T) {
	pair(t, laneParams{piece: 100, window: 100}, func(t *testing.T, here, there *end) {
		here.CloseWrite()
		if _, err := there.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("got %v, want EOF", err)
		}
		there.Write([]byte("x"))
		if n, err := here.Read(make([]byte, 2)); n != 1 || err != nil {
			t.Errorf("got %d, %v from the other direction", n, err)
		}
		there.SetReadDeadline(time.Now())
		if _, err := there.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
	})
}

func TestASeedAlwaysDrawsTheSame(t *testing.T) {
	for s := seed(1); s < 50; s++ {
		if !slices.EqualFunc(s.phases(), s.phases(), func(a, b phase) bool {
			return a.profile.name == b.profile.name && a.lasts == b.lasts && slices.Equal(a.outages, b.outages)
		}) {
			t.Errorf("seed %d draws two sequences of phases", s)
		}
		if a, b := combined.draw(s.random("dial")), combined.draw(s.random("dial")); a.params != b.params || a.reply != b.reply {
			t.Errorf("seed %d draws %+v, and then %+v", s, a, b)
		}
		if s.random("a").Uint64() == s.random("b").Uint64() {
			t.Errorf("seed %d draws the same for different purposes", s)
		}
	}
}
