package mtproto

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/tl"
)

// chance is a random source that is the same in every run.
type chance struct{ *rand.ChaCha8 }

func newChance(seed byte) chance { return chance{rand.NewChaCha8([32]byte{seed, 1})} }

// start is when stories begin.
var start = time.Date(2026, 3, 14, 15, 9, 26, 535897932, time.UTC)

// testKey is the key of stories.
func testKey(seed byte) Key {
	var b [256]byte
	newChance(seed).Read(b[:])
	b[0] |= 0x80
	return NewKey(b)
}

// value returns a boxed value that no schema knows, with something readable in
// it.
func value(what string) []byte { return tl.AppendString(tl.AppendUint32(nil, 0xca11ab1e), what) }

// world is a client and a server, a wire between them, and the time. Its verbs
// tell a story; what both ends do meanwhile is written down in log.
type world struct {
	t      *testing.T
	now    time.Time // by the server's clock
	skew   time.Duration
	key    Key
	conn   *Conn
	server *Server

	socket   SocketID
	up       bool
	toServer [][]byte
	toClient [][]byte

	log   []string          // of events
	onLog func(line string) // nil: not called
	ran   map[string]int
	reply func(call string) []byte // nil: "re:" and the call; the answer nil: none
	asked []ServerEvent

	// observe sees every packet that is written, and reports whether it arrives;
	// nil: all do.
	observe func(side crypt.Side, packet []byte) (arrives bool)

	ended  map[Req]string
	events []Event
	serves []ServerEvent
}

func newWorld(t *testing.T, seed byte) *world {
	w := &world{t: t, now: start, key: testKey(seed), ran: map[string]int{}, ended: map[Req]string{}}
	w.server = NewServer(ServerParams{Random: newChance(seed + 1)})
	w.server.AddKey(w.now, w.key, 77, time.Time{})
	w.conn = NewConn(w.clientNow(), Params{Key: w.key, Salt: 77, Random: newChance(seed + 2)})
	return w
}

// record adds a line to the log.
func (w *world) record(line string) {
	w.log = append(w.log, line)
	if w.onLog != nil {
		w.onLog(line)
	}
}

// clientNow is the time by the client's clock.
func (w *world) clientNow() time.Time { return w.now.Add(w.skew) }

// dial connects the client by another socket.
func (w *world) dial() *world {
	w.socket++
	w.up = true
	w.conn.Up(w.clientNow())
	return w
}

// cut breaks the wire; what is on it is lost.
func (w *world) cut() {
	w.up = false
	w.toServer, w.toClient = nil, nil
	w.conn.Down(w.clientNow())
	w.server.Gone(w.now, w.socket)
}

// send sends a call.
func (w *world) send(call string) Req { return w.conn.Send(w.clientNow(), value(call)) }

// run lets both ends do what they have to do and carries the packets over the
// wire, until nothing moves.
func (w *world) run() {
	w.t.Helper()
	for moved := true; moved; {
		moved = w.drainClient()
		moved = w.carryToServer() || moved
		moved = w.drainServer() || moved
		moved = w.carryToClient() || moved
	}
}

// drainClient takes the client's events.
func (w *world) drainClient() (moved bool) {
	for e, ok := w.conn.Next(); ok; e, ok = w.conn.Next() {
		moved = true
		if e.Kind == Write {
			if !w.up {
				w.t.Fatal("the client writes while it is down")
			}
			if w.observe == nil || w.observe(crypt.FromClient, e.Body) {
				w.toServer = append(w.toServer, e.Body)
			}
			continue
		}
		w.note(e)
	}
	return moved
}

func (w *world) note(e Event) {
	w.events = append(w.events, e)
	line := e.Kind.String()
	switch e.Kind {
	case Answer, Refused, Lost:
		if earlier, twice := w.ended[e.Req]; twice {
			w.t.Fatalf("request %d ended twice: %s, then %s", e.Req, earlier, e.Kind)
		}
		line = fmt.Sprintf("%s %d", e.Kind, e.Req)
		switch {
		case e.Kind == Answer:
			line += " " + readValue(e.Body)
		case e.Err != nil:
			line += " " + e.Err.Error()
		case e.Kind == Refused:
			line += fmt.Sprintf(" %d %s", e.Code, e.Message)
		}
		w.ended[e.Req] = line
	case Pushed:
		line += " " + readValue(e.Body)
	}
	w.record(line)
}

// readValue undoes value, as far as it can.
func readValue(b []byte) string {
	r := tl.NewReader(b)
	if id := r.Uint32(); id != 0xca11ab1e {
		return fmt.Sprintf("%08x", id)
	}
	return r.String()
}

// drainServer takes the server's events and answers what is asked.
func (w *world) drainServer() (moved bool) {
	for e, ok := w.server.Next(); ok; e, ok = w.server.Next() {
		moved = true
		switch e.Kind {
		case Write:
			if w.up && e.Socket == w.socket && (w.observe == nil || w.observe(crypt.FromServer, e.Body)) {
				w.toClient = append(w.toClient, e.Body)
			}
			continue
		case Close:
			if e.Socket == w.socket && w.up {
				w.hangUp()
			}
		case Asked:
			call := readValue(e.Body)
			w.ran[call]++
			w.asked = append(w.asked, e)
			w.answer(e.Query, call)
		}
		w.serves = append(w.serves, e)
	}
	return moved
}

// hangUp is the server closing the socket: what it wrote still arrives.
func (w *world) hangUp() {
	w.carryToClient()
	if w.up {
		w.cut()
	}
}

func (w *world) answer(q Query, call string) {
	answer := value("re:" + call)
	if w.reply != nil {
		answer = w.reply(call)
	}
	if answer != nil {
		w.server.Answer(w.now, q, answer)
	}
}

// carryToServer delivers what the client wrote.
func (w *world) carryToServer() (moved bool) {
	for len(w.toServer) > 0 && w.up {
		packet := w.toServer[0]
		w.toServer = w.toServer[1:]
		moved = true
		if err := w.server.Receive(w.now, w.socket, packet); err != nil {
			w.record("server: " + err.Error())
		}
	}
	return moved
}

// carryToClient delivers what the server wrote.
func (w *world) carryToClient() (moved bool) {
	for len(w.toClient) > 0 && w.up {
		packet := w.toClient[0]
		w.toClient = w.toClient[1:]
		moved = true
		if err := w.conn.Receive(w.clientNow(), packet); err != nil {
			w.record("client: " + err.Error())
			w.cut()
		}
	}
	return moved
}

// wait lets time pass, stopping at every deadline on the way.
func (w *world) wait(d time.Duration) {
	w.t.Helper()
	w.run()
	end := w.now.Add(d)
	for steps := 0; ; steps++ {
		if steps == 100_000 {
			w.t.Fatal("the deadlines do not let time pass")
		}
		next := end
		if t := w.conn.Deadline(); !t.IsZero() {
			next = earliest(next, t.Add(-w.skew))
		}
		next = earliest(next, w.server.Deadline())
		if next.After(w.now) {
			w.now = next
		}
		w.conn.Advance(w.clientNow())
		w.server.Advance(w.now)
		w.run()
		if !w.now.Before(end) {
			return
		}
	}
}

// wantEnd checks how a request ended.
func (w *world) wantEnd(r Req, want string) {
	w.t.Helper()
	got := w.ended[r]
	want = strings.Replace(want, "#", fmt.Sprint(r), 1)
	if got != want {
		w.t.Errorf("request %d: got %q, want %q\nlog:\n%s", r, got, want, strings.Join(w.log, "\n"))
	}
}

// wantRuns checks how often a call was executed.
func (w *world) wantRuns(call string, want int) {
	w.t.Helper()
	if got := w.ran[call]; got != want {
		w.t.Errorf("%q was executed %d times, want %d", call, got, want)
	}
}

// wantLog checks that the log has a line.
func (w *world) wantLog(line string) {
	w.t.Helper()
	if !slices.Contains(w.log, line) {
		w.t.Errorf("no %q in the log:\n%s", line, strings.Join(w.log, "\n"))
	}
}

// count counts the lines of the log that begin with a word.
func (w *world) count(word string) (n int) {
	for _, line := range w.log {
		if strings.HasPrefix(line, word) {
			n++
		}
	}
	return n
}
