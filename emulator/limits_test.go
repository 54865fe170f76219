package emulator

import (
	"bytes"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey/internal/frame"
	"github.com/telekey/telekey/mtproto"
)

// unfinished opens a connection and sends the first bytes of a packet of a
// mebibyte.
func unfinished(t *testing.T, dial func(dc int) (net.Conn, error), size int) net.Conn {
	t.Helper()
	conn, err := dial(2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	b := append(frame.Intermediate.Tag(), 0, 0, 0x10, 0)
	b = append(b, make([]byte, size)...)
	// A connection that gives way is closed while it is written to.
	_, _ = conn.Write(b)
	return conn
}

// atEnd says whether the other end has closed a connection.
func atEnd(conn net.Conn) bool {
	_ = conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := conn.Read(make([]byte, 1))
	return err == io.EOF || err == io.ErrClosedPipe
}

// inBubble runs a test whose connections are pipes and whose time is fake.
func inBubble(t *testing.T, cfg Config, f func(t *testing.T, s *Server, dial func(dc int) (net.Conn, error))) {
	if _, err := processKey(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var n pipes
		cfg.Listener = n.listen
		s := running(t, cfg)
		f(t, s, n.dialer(s))
	})
}

func TestTheLongestSilentConnectionGivesWayToANewOne(t *testing.T) {
	inBubble(t, Config{MaxSockets: 3, Users: []User{{Phone: ann}}}, func(t *testing.T, s *Server, dial func(int) (net.Conn, error)) {
		good := tap(t, dial, 2, plain)
		var silent []net.Conn
		for range 2 {
			time.Sleep(time.Second)
			silent = append(silent, unfinished(t, dial, 4))
		}
		// It has been open longest, and is heard.
		good.agree(s, 2, 0)
		good.begin(good.exchange.Key, good.exchange.Salt)
		signedIn(t, good, ann)
		time.Sleep(time.Second)
		third := unfinished(t, dial, 4)
		synctest.Wait()
		if !atEnd(silent[0]) || atEnd(silent[1]) || atEnd(third) {
			t.Errorf("closed: first %v, second %v, third %v; want the first alone", atEnd(silent[0]), atEnd(silent[1]), atEnd(third))
		}
		signedIn(t, good, ann)
	})
}

func TestAConnectionMustSendAnAcceptedPacketWithinAMinute(t *testing.T) {
	inBubble(t, Config{Users: []User{{Phone: ann}}}, func(t *testing.T, s *Server, dial func(int) (net.Conn, error)) {
		good := tap(t, dial, 2, plain)
		good.agree(s, 2, 0)
		talks, halfway := unfinished(t, dial, 4), tap(t, dial, 2, plain)
		// One that goes on sending, and one that begins a key exchange and no more.
		question, _ := mtproto.NewHandshake(time.Now(), mtproto.HandshakeParams{
			DC: s.Network().KeyDC(2), Keys: s.Network().Keys, Random: rand.Reader,
		}).Next()
		if err := halfway.write(question); err != nil {
			t.Fatal(err)
		}
		for range 59 {
			time.Sleep(time.Second)
			_, _ = talks.Write([]byte{0})
		}
		synctest.Wait()
		if atEnd(talks) {
			t.Error("closed before the minute was over")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := len(s.sockets); n != 1 {
			t.Errorf("got %d connections, want that with a key alone", n)
		}
		good.begin(good.exchange.Key, good.exchange.Salt)
		signedIn(t, good, ann)
	})
}

func TestUnfinishedPacketsShareOneBudget(t *testing.T) {
	const many, size = 20, 900_000
	inBubble(t, Config{MaxMemory: minMemory, Users: []User{{Phone: ann}}}, func(t *testing.T, s *Server, dial func(int) (net.Conn, error)) {
		for range many {
			unfinished(t, dial, size)
		}
		synctest.Wait()
		if s.memory.used > minMemory || s.memory.used < size {
			t.Errorf("got %d bytes held, want at most %d, and some of them", s.memory.used, minMemory)
		}
		if n := len(s.sockets); n == 0 || n > minMemory/size {
			t.Errorf("got %d of %d connections, want 1 to %d", n, many, minMemory/size)
		}
		good := tap(t, dial, 2, plain)
		good.agree(s, 2, 0)
		good.begin(good.exchange.Key, good.exchange.Salt)
		signedIn(t, good, ann)
		time.Sleep(2 * patience)
		synctest.Wait()
		if s.memory.used != s.answers.Bytes() {
			t.Errorf("got %d bytes held when all are gone, want the answers' %d", s.memory.used, s.answers.Bytes())
		}
	})
}

// A length is a claim: memory is taken for what has come.
func TestAPacketTakesMemoryAsItComes(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *Server, dial func(int) (net.Conn, error)) {
		for _, size := range []int{4, 5000, 70_000} {
			unfinished(t, dial, size)
		}
		synctest.Wait()
		if got, most := s.memory.used, 2*(5000+70_000)+8*smallInflow; got == 0 || got > most {
			t.Errorf("got %d bytes held, want 1 to %d", got, most)
		}
	})
}

func TestTheSocketThatHoldsMostGivesWay(t *testing.T) {
	m := newMemory(100)
	var k [3]*socket
	for i := range k {
		conn, _ := net.Pipe()
		k[i] = &socket{id: 1, conn: conn}
	}
	if !m.grow(k[0], 60) || !m.grow(k[1], 30) || !m.grow(k[2], 30) {
		t.Fatal("a socket that holds little was refused")
	}
	if m.used != 60 || m.holders[k[0]] != 0 || m.grow(k[0], 1) {
		t.Errorf("got %d bytes held, %v; want the largest gone", m.used, m.holders)
	}
	if m.grow(k[1], 50) {
		t.Error("the socket that would hold most has grown")
	}
	if m.leave(k[0]); !m.reserve(70) || m.used != 100 {
		t.Errorf("got %d bytes used, want one of the others to have given way", m.used)
	}
	m.release(70)
	if m.tell(200); len(m.holders) != 0 || m.reserve(1) {
		t.Errorf("got %v and space beside answers that use up the budget", m.holders)
	}
	if m.tell(0); m.used != 0 || m.takeRefused() == 0 || m.takeRefused() != 0 {
		t.Errorf("got %d bytes used, want none, and refusals counted once", m.used)
	}
}

func TestWhatIsRefusedIsLoggedOnceASecond(t *testing.T) {
	var log bytes.Buffer
	cfg := Config{MaxSockets: 1, Log: slog.New(slog.NewTextHandler(&log, nil))}
	inBubble(t, cfg, func(t *testing.T, s *Server, dial func(int) (net.Conn, error)) {
		for range 10 {
			unfinished(t, dial, 4)
		}
		synctest.Wait()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
	var lines []string
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "too many connections") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 2 || !strings.Contains(lines[0], "closed=1 ") || !strings.Contains(lines[1], "closed=8 ") {
		t.Errorf("got %d lines, want one for the first and one for the other eight:\n%s", len(lines), strings.Join(lines, ""))
	}
}

func TestLimitsMakeSense(t *testing.T) {
	for _, cfg := range []Config{{MaxMemory: minMemory - 1}, {MaxMemory: -1}, {MaxSockets: -1}, {MaxUnpacked: -1}} {
		if s, err := Start(cfg); err == nil {
			s.Close()
			t.Errorf("%d, %d, %d: got no error", cfg.MaxMemory, cfg.MaxSockets, cfg.MaxUnpacked)
		}
	}
	s := running(t, Config{MaxSockets: 1 << 30})
	if most := fileLimit(); most > 0 && s.cfg.MaxSockets != most-spareFiles {
		t.Errorf("got %d sockets, want the %d files less %d", s.cfg.MaxSockets, most, spareFiles)
	}
}

// The owner learns of a socket that gave way while its reader waits for the packet in
// hand, and lets go of the calls of that packet.
func TestASocketThatGaveWayIsToldToTheOwner(t *testing.T) {
	m := newMemory(100)
	ours, theirs := net.Pipe()
	defer theirs.Close()
	large, small := &socket{id: 1, conn: ours}, &socket{id: 2, conn: ours}
	if !m.grow(large, 90) || !m.grow(small, 20) {
		t.Fatal("the larger socket does not give way")
	}
	if closed := m.takeClosed(); len(closed) != 1 || closed[0] != large {
		t.Errorf("got %d sockets closed, want the larger one", len(closed))
	}
	if closed := m.takeClosed(); len(closed) != 0 {
		t.Errorf("got %d sockets closed, want each told once", len(closed))
	}
}
