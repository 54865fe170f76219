package transport

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/telekey/telekey/dc"
)

// dialTimeout bounds a dial whose context has no deadline. A handshake of TCP
// that takes longer has lost several packets in a row.
const dialTimeout = 15 * time.Second

// TCP dials data centres directly. The zero value speaks obfuscated
// intermediate framing, as Telegram's own apps do.
type TCP struct {
	Framing Framing
	Plain   bool // do not obfuscate

	// DialContext opens the stream; nil means a net.Dialer. A proxy's dialer
	// fits here when it only passes bytes on.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Dial connects to the endpoint's address. Errors name the address; what the
// network said is wrapped.
func (t TCP) Dial(ctx context.Context, to dc.Endpoint) (Conn, error) {
	open := t.DialContext
	if open == nil {
		open = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	stream, err := open(ctx, "tcp", to.Addr)
	if err != nil {
		return nil, dialError(to, err)
	}
	conn, err := NewConn(stream, Stream{Framing: t.Framing, Plain: t.Plain, DC: to.ID})
	if err != nil {
		stream.Close()
		return nil, dialError(to, err)
	}
	return conn, nil
}

// dialError names the address, which net's own errors do already.
func dialError(to dc.Endpoint, err error) error {
	if strings.Contains(err.Error(), to.Addr) {
		return err
	}
	return fmt.Errorf("dial %s: %w", to.Addr, err)
}
