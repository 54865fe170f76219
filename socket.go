package telekey

import (
	"sync"

	"github.com/telekey/telekey/transport"
)

// socket moves the packets of one transport connection, with a goroutine for
// each direction, so that the owner never waits for the network; the one that
// writes lives only while there is something to write. A nil socket has nothing
// to read and takes nothing to write.
type socket struct {
	conn   transport.Conn
	tasks  *sync.WaitGroup
	in     chan received
	stop   chan struct{}
	writer func() // write, made once so that beginning it allocates nothing

	mu      sync.Mutex
	outbox  [][]byte // to be written, in order
	written [][]byte // since the owner last asked
	writing bool     // the writer lives
}

// received is a packet, or the end of the connection.
type received struct {
	packet []byte
	err    error
}

func openSocket(tasks *sync.WaitGroup, conn transport.Conn) *socket {
	s := &socket{conn: conn, tasks: tasks, in: make(chan received), stop: make(chan struct{})}
	s.writer = s.write
	tasks.Go(s.read)
	return s
}

func (s *socket) read() {
	for {
		packet, err := s.conn.Receive()
		if !s.tell(packet, err) || err != nil {
			return
		}
	}
}

// tell hands something to the owner; false if it does not listen any more.
func (s *socket) tell(packet []byte, err error) bool {
	select {
	case s.in <- received{packet, err}:
		return true
	case <-s.stop:
		return false
	}
}

// send has a packet written. Only the owner calls it.
func (s *socket) send(packet []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outbox = append(s.outbox, packet)
	if !s.writing {
		s.writing = true
		s.tasks.Add(1)
		go s.writer()
	}
}

// write writes what there is, and ends.
func (s *socket) write() {
	defer s.tasks.Done()
	for packet := s.next(nil); packet != nil; packet = s.next(packet) {
		if err := s.conn.Send(packet); err != nil {
			s.tell(nil, err)
			return // nothing is written after this
		}
	}
}

// next notes that a packet was written and returns the next one; nil for none,
// and then the writer ends.
func (s *socket) next(written []byte) (packet []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if written != nil {
		s.written = append(s.written, written)
	}
	if s.writing = len(s.outbox) > 0; s.writing {
		packet = s.outbox[0]
		s.outbox = append(s.outbox[:0], s.outbox[1:]...)
	}
	return packet
}

// finished gives each packet that was written to reuse.
func (s *socket) finished(reuse func(packet []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, packet := range s.written {
		reuse(packet)
	}
	clear(s.written)
	s.written = s.written[:0]
}

// reuse gives back a packet that was read and is not needed any more.
func (s *socket) reuse(packet []byte) {
	if s == nil || packet == nil {
		return
	}
	if r, ok := s.conn.(transport.PacketRecycler); ok {
		r.Reuse(packet)
	}
}

// rest lets go of the lists, if there is nothing in them.
func (s *socket) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written = nil
	if len(s.outbox) == 0 {
		s.outbox = nil
	}
}

// close ends both goroutines.
func (s *socket) close() {
	if s != nil {
		close(s.stop)
		s.conn.Close()
	}
}

func (s *socket) packets() <-chan received {
	if s == nil {
		return nil
	}
	return s.in
}
