// Package websocket lets clients into an emulator that can open nothing but a
// WebSocket, as those in browsers, on the port that the others reach by TCP:
//
//	srv, err := emulator.Start(emulator.Config{Upgrade: websocket.Upgrade})
//
// A client finds the data centre at ws://host:port/apiws, where host:port is the
// address in the network file, asks for the sub-protocol "binary", and speaks
// obfuscated MTProto. Its messages are pieces of one stream, cut as it likes;
// what it gets is one packet in each message. There is no TLS.
//
// # Who may connect
//
// A page of any origin may: Origin is not looked at. A browser adds nothing to a
// WebSocket here that would be worth riding on, no cookie and no password. Who
// speaks is decided by an authorization key, which the page has to agree on
// first, and for this it needs the emulator's public key. That stands in the
// network file (and in the control API, which does look at Origin) and, unless
// Config.Key says otherwise, is another one for each process. So a page that was
// not given the network file gets as far as the first answer of the key exchange.
// Whoever sets a key that everybody knows should keep in mind that any page can
// then sign in to the made-up accounts.
//
// The room is apart from the emulator because it brings net/http into a program.
package websocket

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/coder/websocket"
)

// Bounds of what a client may send.
const (
	maxHead    = 16 << 10      // bytes of its request
	maxMessage = 1<<20 + 1<<10 // bytes of a message: the longest packet, and room for its frame and the header
)

// Upgrade is for an emulator.Config: it reads an HTTP request and, if that asks
// for a WebSocket, says yes and returns the stream that the messages are. Any
// other request is answered with a line of text that says what is wrong, and so
// does the error. How long all this may take is for conn's deadlines.
func Upgrade(conn net.Conn, head []byte) (net.Conn, error) {
	a := newAnswer(&rewound{conn, head})
	limit := &io.LimitedReader{R: a.conn, N: maxHead}
	a.in = bufio.NewReader(limit)
	var err error
	if a.request, err = http.ReadRequest(a.in); err != nil {
		if limit.N == 0 {
			return nil, a.refuse(http.StatusRequestHeaderFieldsTooLarge, fmt.Errorf("got a request head of more than %d bytes", maxHead))
		}
		return nil, a.refuse(http.StatusBadRequest, fmt.Errorf("got no HTTP request: %w", err))
	}
	if code, err := check(a.request); err != nil {
		return nil, a.refuse(code, err)
	}
	ws, err := websocket.Accept(a, a.request, &websocket.AcceptOptions{
		Subprotocols:       []string{subprotocol},
		InsecureSkipVerify: true, // that is, do not look at Origin
	})
	if err != nil {
		return nil, errors.Join(err, a.send())
	}
	return newStream(conn, ws), nil
}

// check says what is wrong with a request, and in which status, before its
// WebSocket headers are looked at.
func check(r *http.Request) (int, error) {
	switch {
	case !isAPI(r.URL.Path):
		return http.StatusNotFound, fmt.Errorf("got the path %.40q: a data centre's WebSocket is at /apiws", r.URL.Path)
	case r.Header.Get("Upgrade") == "":
		return http.StatusNotImplemented, fmt.Errorf("got %s %s: this port speaks MTProto over TCP and WebSocket, not HTTP", r.Method, r.URL.Path)
	case !asks(r, subprotocol):
		return http.StatusBadRequest, fmt.Errorf("got the header Sec-WebSocket-Protocol: %.40q, want %q in it",
			r.Header.Values("Sec-WebSocket-Protocol"), subprotocol)
	}
	return 0, nil
}

// The path of a data centre is /api, then w for requests from pages, s for
// WebSocket, _test for the test network; Telegram's web clients put _premium
// behind it for some accounts. All mean the same here.
// https://core.telegram.org/mtproto/transports#uri-format
func isAPI(path string) bool {
	flags, ok := strings.CutPrefix(path, "/api")
	flags = strings.TrimSuffix(strings.TrimSuffix(flags, "_premium"), "_test")
	return ok && slices.Contains([]string{"", "w", "s", "ws"}, flags)
}

// A client must ask for this sub-protocol, and a browser hangs up unless it is
// said again in the answer.
// https://core.telegram.org/mtproto/transports#websocket
const subprotocol = "binary"

// asks reports whether a client offers a sub-protocol.
func asks(r *http.Request, name string) bool {
	offers := strings.Join(r.Header.Values("Sec-WebSocket-Protocol"), ",")
	for offer := range strings.SplitSeq(offers, ",") {
		if strings.EqualFold(strings.TrimSpace(offer), name) {
			return true
		}
	}
	return false
}
