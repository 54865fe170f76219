package telekey

import (
	"sync"

	"github.com/telekey/telekey/transport"
)

// socket moves the packets of one transport connection, with a goroutine for
// each direction, so that the owner never waits for the network. A nil socket
// has nothing to read and takes nothing to write.
type socket struct {
	conn   transport.Conn
	in     chan []byte
	out    chan []byte
	errors chan error
	stop   chan struct{}
}

func openSocket(tasks *sync.WaitGroup, conn transport.Conn) *socket {
	s := &socket{conn, make(chan []byte), make(chan []byte), make(chan error, 2), make(chan struct{})}
	tasks.Go(s.read)
	tasks.Go(s.write)
	return s
}

func (s *socket) read() {
	for {
		packet, err := s.conn.Receive()
		if err != nil {
			s.errors <- err
			return
		}
		select {
		case s.in <- packet:
		case <-s.stop:
			return
		}
	}
}

func (s *socket) write() {
	for {
		select {
		case packet := <-s.out:
			if err := s.conn.Send(packet); err != nil {
				s.errors <- err
				return
			}
		case <-s.stop:
			return
		}
	}
}

// reuse gives back a packet that was read and is not needed any more.
func (s *socket) reuse(packet []byte) {
	if s == nil || packet == nil {
		return
	}
	if r, ok := s.conn.(transport.Reuser); ok {
		r.Reuse(packet)
	}
}

// close ends both goroutines.
func (s *socket) close() {
	if s != nil {
		close(s.stop)
		s.conn.Close()
	}
}

func (s *socket) packets() <-chan []byte {
	if s == nil {
		return nil
	}
	return s.in
}

func (s *socket) broken() <-chan error {
	if s == nil {
		return nil
	}
	return s.errors
}
