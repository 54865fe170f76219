package emulator

import (
	"bytes"
	"math/rand/v2"
	"net"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
)

// message is what an error may look like.
// https://core.telegram.org/api/errors#error-type
var message = regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`)

// throw makes a call of any bytes: it must be answered or refused, and never as
// if the server were to blame.
func throw(t testing.TB, v *visitor, request []byte) {
	t.Helper()
	given := bytes.Clone(request)
	_, no := v.bring(request)
	if !bytes.Equal(given, request) {
		t.Fatalf("%x: the request was written to", given)
	}
	if no == nil {
		return
	}
	switch no.code {
	case 303, 400, 401, 406:
	default:
		t.Errorf("%x: got %d %s", request, no.code, no.message)
	}
	if !message.MatchString(no.message) {
		t.Errorf("%x: got the message %q", request, no.message)
	}
}

// company is one visitor of each standing: a stranger, one that waits for a
// password, one who is signed in.
func company(t testing.TB, layer int) []*visitor {
	d := newDesk(t, User{Phone: ann}, User{Phone: stranger})
	d.w.accounts.byPhone["9996621234"].password = &password{group: d.w.newGroup(), verifier: four}
	in, half := d.visitorOf(2, layer), d.visitorOf(2, layer)
	in.key.signIn(&login{account: d.w.accounts.byPhone["9996620001"]})
	d.w.accounts.byPhone["9996620001"].loginEmail = mailbox
	half.key.pending = d.w.accounts.byPhone["9996621234"]
	return []*visitor{d.stranger(2), d.visitorOf(1, layer), half, in}
}

// four is a verifier that takes no time to compute; nobody knows its password.
func four() []byte { return append(make([]byte, 255), 4) }

func TestSpoiltCallsAreRefused(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, layer := range []int{layers.Oldest, 190, tg.Layer} {
		visitors := company(t, layer)
		for range 40 {
			for _, call := range slices.Concat(every(ann, "0123456789abcdef01"), accessCalls) {
				request, err := visitors[0].w.views.of(layer).Append(nil, call)
				if err != nil {
					t.Fatal(err)
				}
				throw(t, visitors[rng.IntN(len(visitors))], spoil(rng, request))
			}
		}
	}
}

// spoil changes a request in one of the ways in which bytes go wrong.
func spoil(rng *rand.Rand, b []byte) []byte {
	switch rng.IntN(5) {
	case 0:
		return b[:rng.IntN(len(b)+1)]
	case 1:
		return append(b, make([]byte, rng.IntN(64))...)
	case 2: // a vector, string or number too large
		at := rng.IntN(len(b))
		return append(append(bytes.Clone(b[:at]), 0xff, 0xff, 0xff, 0x7f), b[at:]...)
	case 3:
		return bytesOf(introduction(int32(rng.Uint32()), b))
	}
	for range 1 + rng.IntN(4) {
		b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
	}
	return b
}

func FuzzCall(f *testing.F) {
	for _, call := range slices.Concat(every(ann, "0123456789abcdef01"), accessCalls) {
		f.Add(158, []byte(bytesOf(call)))
		f.Add(228, []byte(bytesOf(introduction(200, bytesOf(call)))))
	}
	f.Add(0, []byte(nil))
	f.Fuzz(func(t *testing.T, layer int, request []byte) {
		for _, v := range company(t, layer) {
			throw(t, v, bytes.Clone(request))
		}
	})
}

// FuzzSocket sends any bytes. The server must take them or close, and then
// serve the next client.
func FuzzSocket(f *testing.F) {
	f.Add([]byte("\xef\x0aaaaaaaaa"))
	f.Add([]byte("\xee\xee\xee\xee\x08\x00\x00\x00aaaaaaaa"))
	f.Add([]byte("\xee\xee\xee\xee\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("\xdd\xdd\xdd\xdd\x04\x00\x00\x80\x01\x02\x03\x04"))
	f.Add(append([]byte("\x20\x00\x00\x00\x00\x00\x00\x00"), make([]byte, 64)...))
	f.Add([]byte("POST /api HTTP/1.1\r\n\r\n"))
	f.Add(bytes.Repeat([]byte{0x55, 0xaa, 1}, 100))
	var n pipes
	s := running(f, Config{Listener: n.listen, DCs: []int{1}})
	f.Fuzz(func(t *testing.T, b []byte) {
		conn, err := n.dialer(s)(1)
		if err != nil {
			t.Fatal(err)
		}
		go drain(conn)
		_ = conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
		if _, err := conn.Write(b); isTimeout(err) {
			t.Error("the server stopped reading")
		}
		conn.Close()
		if err := s.AddUser(User{}); err == nil || err == ErrClosed {
			t.Fatalf("got %v: the owner is gone", err)
		}
	})
}

func drain(conn net.Conn) {
	b := make([]byte, 1024)
	for {
		if _, err := conn.Read(b); err != nil {
			return
		}
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}
