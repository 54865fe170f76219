// Package websocket connects clients that can open only WebSockets, such as those
// in browsers, to an emulator, on the port that other clients reach by TCP:
//
//	srv, err := emulator.Start(emulator.Config{Upgrade: websocket.Upgrade})
//
// A client finds the data centre at ws://host:port/apiws, where host:port is the
// address in the network file, asks for the sub-protocol "binary", and speaks
// obfuscated MTProto. Its messages are arbitrary pieces of one stream; each message
// to the client is one packet. TLS is not supported.
//
// # Who may connect
//
// Pages of any origin may connect: the Origin header is ignored. A browser adds no
// cookie and no password to the WebSocket that another page could exploit. An
// authorization key identifies the client, and to agree on one the page needs the
// emulator's public key. That key is in the network file (and in the control API,
// which checks Origin) and differs in each process unless Config.Key sets it. So a
// page without the network file gets no further than the first response of the key
// exchange. With a publicly known key in Config.Key any page can sign in to the
// emulator's accounts.
//
// The package is separate from the emulator because it adds net/http to a program.
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

// The limits for a client's bytes.
const (
	maxHead    = 16 << 10      // bytes of its request
	maxMessage = 1<<20 + 1<<10 // bytes of a message: the longest packet, its frame and the header
)

// Upgrade is for an emulator.Config: it reads an HTTP request and, if that asks for
// a WebSocket, accepts it and returns the stream of its messages. It answers any
// other request with a line of text that describes the fault, and returns an error
// that does the same. The caller limits the time with conn's deadlines.
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
		InsecureSkipVerify: true, // do not check Origin
	})
	if err != nil {
		return nil, errors.Join(err, a.send())
	}
	return newStream(conn, ws), nil
}

// check returns the fault of a request and its status. It does not check the
// WebSocket headers.
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
// WebSocket, _test for the test network; Telegram's web clients append _premium
// for some accounts. The emulator treats all alike.
// https://core.telegram.org/mtproto/transports#uri-format
func isAPI(path string) bool {
	flags, ok := strings.CutPrefix(path, "/api")
	flags = strings.TrimSuffix(strings.TrimSuffix(flags, "_premium"), "_test")
	return ok && slices.Contains([]string{"", "w", "s", "ws"}, flags)
}

// A client must ask for this sub-protocol, and a browser closes the connection
// unless the response repeats it.
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
