package lab

import (
	"io"
	"net"
	"time"
)

// serve takes connections and handles each in a goroutine of its own.
func serve(l net.Listener, handle func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			handle(c)
		}()
	}
}

// newRelay listens on a free port and passes connections on to addr. What comes
// back is passed on after a delay, in order.
//
// No server answers within microseconds, and one of the libraries loses answers
// that come before it has begun to wait for them.
func newRelay(addr string, delay time.Duration) (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go serve(l, func(client net.Conn) {
		server, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		defer server.Close()
		go func() {
			io.Copy(server, client)
			server.Close()
		}()
		late(client, server, delay)
	})
	return l, nil
}

// chunk is what one Read gave, and when it is to be written.
type chunk struct {
	bytes []byte
	due   time.Time
}

// late copies from src to dst, each byte the given time after it came.
func late(dst io.Writer, src io.Reader, delay time.Duration) {
	chunks := make(chan chunk, 1024)
	go func() {
		defer close(chunks)
		for {
			b := make([]byte, 16<<10)
			n, err := src.Read(b)
			if n > 0 {
				chunks <- chunk{b[:n], time.Now().Add(delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	for c := range chunks {
		time.Sleep(time.Until(c.due))
		if _, err := dst.Write(c.bytes); err != nil {
			break
		}
	}
	for range chunks { // so that the reader ends
	}
}
