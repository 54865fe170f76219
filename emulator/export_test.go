package emulator

import (
	"context"
	"net"
)

// What the tests of package emulator_test see of this package's own.

// Pipes is a network within the process.
type Pipes = pipes

// Listen is a Config.Listener.
func (n *pipes) Listen(network, address string) (net.Listener, error) {
	return n.listen(network, address)
}

// DialContext is a transport.TCP's.
func (n *pipes) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	p := n.ports[address]
	n.mu.Unlock()
	client, server := net.Pipe()
	select {
	case p.conns <- end{server, p.addr}:
		return client, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ProcessKey is the key of Servers that are given none. Making it takes a while,
// which a bubble of fake time should not see.
var ProcessKey = processKey
