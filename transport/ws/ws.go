// Package ws reaches data centres by WebSocket, for networks that let nothing
// through but the web:
//
//	c, err := telekey.Dial(ctx, telekey.Config{…, Dialer: ws.Dialer{}})
//
// It is apart from package transport because it brings net/http and TLS into a
// program: three megabytes of them.
package ws

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/transport"
)

// Dialer is a transport.Dialer. The zero value reaches Telegram's data centres
// by TLS and local ones without, and speaks obfuscated intermediate framing.
type Dialer struct {
	// URL says where a data centre's WebSocket is: ws:// or wss://. Nil: URL.
	URL func(to dc.Endpoint) string

	Framing transport.Framing // not Full: a WebSocket must be obfuscated

	TLS *tls.Config // for wss://; nil: Go's defaults

	// DialContext opens the connection below; nil: a net.Dialer. A proxy's
	// dialer fits here when it only passes bytes on.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

const (
	dialTimeout = 20 * time.Second // of a Dial whose context has no deadline
	maxHead     = 16 << 10         // bytes of an HTTP answer, without its body
)

// subprotocol is what a client must ask for.
// https://core.telegram.org/mtproto/transports#websocket
const subprotocol = "binary"

// Dial connects to the data centre's URL. Errors name it; what the network said
// is wrapped. Redirections are not followed.
func (d Dialer) Dial(ctx context.Context, to dc.Endpoint) (transport.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	where := d.URL
	if where == nil {
		where = URL
	}
	u, err := url.Parse(where(to))
	if err != nil {
		return nil, fmt.Errorf("dial data centre %d: %w", to.ID, err)
	}
	if u.Scheme != "ws" && u.Scheme != "wss" || u.Host == "" {
		return nil, fmt.Errorf("dial data centre %d: got the URL %q, want ws://host/path or wss://host/path", to.ID, u.Redacted())
	}
	stream, err := d.open(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", u.Redacted(), err)
	}
	conn, err := transport.NewConn(stream, transport.Stream{Framing: d.Framing, DC: to.ID})
	if err != nil {
		_ = stream.Close()
		return nil, fmt.Errorf("dial %s: %w", u.Redacted(), err)
	}
	return conn, nil
}

// open opens a WebSocket.
func (d Dialer) open(ctx context.Context, u *url.URL) (net.Conn, error) {
	var below net.Conn
	open := d.DialContext
	if open == nil {
		open = new(net.Dialer).DialContext
	}
	// A request to upgrade is the only one on its connection, and goes by HTTP/1.1
	// without being told.
	web := &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (conn net.Conn, err error) {
			below, err = open(ctx, network, addr)
			return below, err
		},
		TLSClientConfig:        d.TLS,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHead,
	}
	ws, answer, err := websocket.Dial(ctx, u.String(), &websocket.DialOptions{
		HTTPClient:   &http.Client{Transport: web, CheckRedirect: stay},
		Subprotocols: []string{subprotocol},
	})
	if err != nil {
		return nil, refused(answer, err)
	}
	return newStream(below, ws), nil
}

// stay is a CheckRedirect that takes a redirection for the answer.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// refused says why a WebSocket could not be opened: in the server's words if it
// had any.
func refused(answer *http.Response, err error) error {
	if answer != nil && answer.StatusCode != http.StatusSwitchingProtocols {
		words, _ := io.ReadAll(io.LimitReader(answer.Body, 200))
		return fmt.Errorf("got HTTP %s, want a WebSocket; the server says %q", answer.Status, bytes.TrimSpace(words))
	}
	// Which URL that was is said already.
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
