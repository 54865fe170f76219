package ws

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/coder/websocket"
)

// stream is a WebSocket as a stream of bytes.
//
// Where its messages begin and end says nothing: MTProto's framing does. How
// long they are does not matter either, because none is held as a whole.
// https://core.telegram.org/mtproto/transports#websocket
type stream struct {
	net.Conn // below: addresses
	ws       *websocket.Conn
	messages net.Conn
}

func newStream(below net.Conn, ws *websocket.Conn) *stream {
	return &stream{below, ws, websocket.NetConn(context.Background(), ws, websocket.MessageBinary)}
}

// Read reads from the messages. The server's end is io.EOF, announced or not.
func (s *stream) Read(b []byte) (int, error) {
	n, err := s.messages.Read(b)
	if errors.Is(err, io.EOF) {
		err = io.EOF
	}
	return n, err
}

// Write sends one message.
func (s *stream) Write(b []byte) (int, error) { return s.messages.Write(b) }

// Close ends the connection at once: the one below first, or a server that does
// not read would be waited for.
func (s *stream) Close() error {
	err := s.Conn.Close()
	_ = s.ws.CloseNow() // which finds it closed
	return err
}
