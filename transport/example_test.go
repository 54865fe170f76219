package transport_test

import (
	"context"
	"fmt"
	"net"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/transport"
)

// The zero TCP suits most programs; a network that watches its traffic less
// may be spoken to in the lightest way.
func ExampleTCP() {
	dialer := transport.TCP{Framing: transport.Abridged, Plain: true}
	fmt.Println(dialer.Framing)
	// Output: abridged
}

// memory dials into the process itself; a proxy's Dialer looks the same.
type memory struct{ visit func(net.Conn) }

func (m memory) Dial(_ context.Context, to dc.Endpoint) (transport.Conn, error) {
	near, far := net.Pipe()
	go m.visit(far)
	return transport.NewConn(near, transport.Stream{Framing: transport.Padded, DC: to.ID})
}

func ExampleNewConn() {
	header := make(chan int)
	dialer := memory{func(c net.Conn) {
		n, _ := c.Read(make([]byte, 64))
		header <- n
	}}
	conn, err := dialer.Dial(context.Background(), dc.Endpoint{ID: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	go conn.Send(make([]byte, 40))
	fmt.Println("the server reads", <-header, "bytes of header")
	conn.Close()
	// Output: the server reads 64 bytes of header
}
