package websocket

import (
	"context"
	"net"

	"github.com/coder/websocket"
)

// stream is a WebSocket as a stream of bytes.
//
// The boundaries of received messages have no meaning; MTProto's framing delimits
// packets. Each Write sends one message.
// https://core.telegram.org/mtproto/transports#websocket
type stream struct {
	net.Conn // below: addresses, deadlines
	ws       *websocket.Conn
	messages net.Conn
}

func newStream(conn net.Conn, ws *websocket.Conn) *stream {
	s := &stream{conn, ws, websocket.NetConn(context.Background(), ws, websocket.MessageBinary)}
	ws.SetReadLimit(maxMessage) // NetConn has removed the limit
	return s
}

// Read reads from the messages: text ends the connection, as does a message that
// is too long. The end that the client announces is io.EOF.
func (s *stream) Read(b []byte) (int, error) { return s.messages.Read(b) }

// Write sends one message.
func (s *stream) Write(b []byte) (int, error) { return s.messages.Write(b) }

// Close sends a close frame and waits for the client's, a few seconds or until a
// deadline of the connection below.
//
// The status is always that of a normal closure.
// https://core.telegram.org/mtproto/transports#websocket
func (s *stream) Close() error { return s.ws.Close(websocket.StatusNormalClosure, "") }
