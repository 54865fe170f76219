package websocket

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// request is an upgrade as a browser sends it. Its lines can be replaced.
const request = "GET /apiws HTTP/1.1\r\n" +
	"Host: 127.0.0.1:41002\r\n" +
	"Connection: keep-alive, Upgrade\r\n" +
	"Upgrade: websocket\r\n" +
	"Origin: https://example.org\r\n" +
	"Sec-WebSocket-Version: 13\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
	"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" +
	"Sec-WebSocket-Protocol: binary\r\n\r\n"

// script is a connection with a fixed input. Upgrade must not change its deadlines:
// that would be a nil dereference.
type script struct {
	net.Conn
	in     io.Reader
	out    bytes.Buffer
	closed bool
}

func (s *script) Read(b []byte) (int, error) {
	if s.closed {
		return 0, net.ErrClosed
	}
	return s.in.Read(b)
}

func (s *script) Write(b []byte) (int, error) {
	if s.closed {
		return 0, net.ErrClosed
	}
	return s.out.Write(b)
}

func (s *script) Close() error { s.closed = true; return nil }

// upgrade calls Upgrade for text, of which the first n bytes have been read.
func upgrade(t testing.TB, text string, n int) (*script, net.Conn, *http.Response) {
	t.Helper()
	conn := &script{in: strings.NewReader(text[n:])}
	up, err := Upgrade(conn, []byte(text[:n]))
	if (up == nil) == (err == nil) {
		t.Fatalf("%.60q: got %v and %v", text, up, err)
	}
	method, _, _ := strings.Cut(text, " ")
	answer, err := http.ReadResponse(bufio.NewReader(&conn.out), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%.60q: got no answer: %v", text, err)
	}
	return conn, up, answer
}

// The key and what it is answered with are those of the RFC.
// https://www.rfc-editor.org/rfc/rfc6455#section-1.3
func TestARequestIsUpgradedHoweverItsBytesArrive(t *testing.T) {
	frame := "\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58" // "Hello", masked: RFC 6455, 5.7, but binary
	for n := range len(request + frame) {
		_, up, answer := upgrade(t, request+frame, n)
		if answer.StatusCode != http.StatusSwitchingProtocols || up == nil {
			t.Fatalf("%d bytes first: got %s", n, answer.Status)
		}
		for name, want := range map[string]string{
			"Upgrade": "websocket", "Connection": "Upgrade", "Sec-Websocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
			"Sec-Websocket-Protocol": "binary", "Sec-Websocket-Extensions": "", "Content-Length": "",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%d bytes first: %s: got %q, want %q", n, name, got, want)
			}
		}
		b := make([]byte, 5)
		if _, err := io.ReadFull(up, b); err != nil || string(b) != "Hello" {
			t.Fatalf("%d bytes first: got %q, %v", n, b, err)
		}
	}
}

func TestWhatMayDifferInARequest(t *testing.T) {
	for _, change := range [][2]string{
		{"/apiws", "/apiws_test"}, {"/apiws", "/apiws_premium"}, {"/apiws", "/apiws_test_premium"},
		{"/apiws", "/api"}, {"/apiws", "/apis"}, {"/apiws", "/apiws?dc=2"},
		{"Protocol: binary", "Protocol: base64, Binary"},
		{"Protocol: binary", "Protocol: base64\r\nSec-WebSocket-Protocol: binary"},
		{"Origin: https://example.org", "Origin: null"}, {"Origin: https://example.org\r\n", ""},
		{"keep-alive, Upgrade", "upgrade"}, {"Upgrade: websocket", "UPGRADE: WebSocket"},
		{"Host: 127", "X: " + strings.Repeat("x", 15<<10) + "\r\nHost: 127"},
	} {
		_, up, answer := upgrade(t, strings.Replace(request, change[0], change[1], 1), 4)
		if up == nil {
			body, _ := io.ReadAll(answer.Body)
			t.Errorf("%.60q: got %s, %s", change, answer.Status, body)
		}
	}
}

func TestAnyOtherRequestIsRefusedWithAReason(t *testing.T) {
	for _, c := range []struct {
		from, to string // the part of request to replace; "": all of it
		status   int
		want     string
	}{
		{"", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404, `got the path "/": a data centre's WebSocket is at /apiws`},
		{"", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404, `got the path "*"`},
		{"", "GET /apiws HTTP/1.1\r\nHost: x\r\n\r\n", 501, "got GET /apiws: this port speaks MTProto over TCP and WebSocket, not HTTP"},
		{"", "POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n", 501, "got POST /api"},
		{"", "HEAD /apiw_test HTTP/1.1\r\nHost: x\r\n\r\n", 501, ""},
		{"", "GET /apiws\r\n\r\n", 400, "got no HTTP request"},
		{"", "GET \x00\xff\r\n\r\n", 400, "got no HTTP request"},
		{"", "POST", 400, "got no HTTP request"},
		{"", "GET /" + strings.Repeat("x", maxHead) + " HTTP/1.1\r\n\r\n", 431, "more than 16384 bytes"},
		{"\r\n\r\n", "\r\n" + strings.Repeat("X: y\r\n", maxHead/6), 431, "more than 16384 bytes"},
		{"/apiws", "/apiwss", 404, `"/apiwss"`}, {"/apiws", "/apiws/", 404, ""}, {"/apiws", "/%0d%0aX", 404, `"/\r\nX"`},
		{"Sec-WebSocket-Protocol: binary\r\n", "", 400, `Sec-WebSocket-Protocol: [], want "binary" in it`},
		{"binary", "base64, binaryx", 400, `["base64, binaryx"], want "binary" in it`},
		{"Upgrade: websocket", "Upgrade: h2c", 426, "websocket"},
		{"keep-alive, Upgrade", "close", 426, "Connection"},
		{"HTTP/1.1", "HTTP/1.0", 426, "HTTP/1.1"},
		{"GET", "POST", 405, "POST"},
		{"Version: 13", "Version: 8", 400, "only 13"},
		{"Key: dGhl", "Key: !", 400, "Sec-WebSocket-Key"},
	} {
		text := c.to
		if c.from != "" {
			text = strings.Replace(request, c.from, c.to, 1)
		}
		_, up, answer := upgrade(t, text, 4)
		body, err := io.ReadAll(answer.Body)
		if up != nil || answer.StatusCode != c.status || err != nil || !strings.Contains(string(body), c.want) || !answer.Close {
			t.Errorf("%.80q: got %s, %q, %v, close %v; want %d, %q and the end", text, answer.Status, body, err, answer.Close, c.status, c.want)
		}
		if kind := answer.Header.Get("Content-Type"); kind != "text/plain; charset=utf-8" {
			t.Errorf("%.80q: got the type %q, want text", text, kind)
		}
	}
}

// endless is a client whose request never ends.
type endless struct{ n int }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	e.n += len(b)
	return len(b), nil
}

func TestAHeadWithoutAnEndIsReadToItsLimit(t *testing.T) {
	client := &endless{}
	conn := &script{in: client}
	if _, err := Upgrade(conn, []byte("GET /")); err == nil || client.n > maxHead {
		t.Errorf("got %v after %d bytes, want a refusal within %d", err, client.n, maxHead)
	}
}

func TestAMessageIsReadToItsLimit(t *testing.T) {
	head := binary.BigEndian.AppendUint64([]byte("\x82\xff"), maxMessage+1)
	message := string(append(head, make([]byte, 4+maxMessage+1)...))
	conn, up, _ := upgrade(t, request+message, 4)
	conn.out.Reset()
	n, err := io.Copy(io.Discard, up)
	if n > maxMessage+1 || !errors.Is(err, websocket.ErrMessageTooBig) {
		t.Errorf("got %d bytes, %v; want ErrMessageTooBig", n, err)
	}
	if goodbye := conn.out.String(); len(goodbye) < 4 || goodbye[0] != '\x88' || goodbye[2:4] != "\x03\xf1" { // 1009
		t.Errorf("the client is told %q, want the status 1009", goodbye)
	}
}

// Any request gets an HTTP response, and reading messages from the rest ends.
func FuzzUpgrade(f *testing.F) {
	f.Add([]byte(request), 4)
	f.Add([]byte(request+"\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), 300)
	f.Add([]byte(request+"\x02\x80\x00\x00\x00\x00\x89\x80\x00\x00\x00\x00\x80\x80\x00\x00\x00\x00\x88\x80\x00\x00\x00\x00"), 0)
	f.Add([]byte(request+"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"), 0)
	f.Add([]byte("POST /api HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 4)
	f.Add([]byte("GET http://[::1/apiws HTTP/1.1\r\n\r\n"), 4)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		_, up, answer := upgrade(t, string(b), min(max(n, 0), len(b)))
		if (answer.StatusCode == http.StatusSwitchingProtocols) != (up != nil) {
			t.Fatalf("got %s and the stream %v", answer.Status, up)
		}
		if up == nil {
			return
		}
		got, err := io.Copy(io.Discard, up)
		if got > int64(len(b)) {
			t.Errorf("got %d bytes out of %d, %v", got, len(b), err)
		}
		up.Close()
	})
}
