package websocket

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
)

// answer is the response to the only HTTP request of a connection. It replaces an
// http.Server, which would start goroutines and set the connection's deadlines.
type answer struct {
	conn    net.Conn
	in      *bufio.Reader // on conn
	request *http.Request // nil: it could not be read
	header  http.Header
	code    int
	body    bytes.Buffer
}

func newAnswer(conn net.Conn) *answer {
	return &answer{conn: conn, header: http.Header{}, code: http.StatusOK}
}

// Header, WriteHeader and Write make an answer an http.ResponseWriter. It is sent
// when it is complete.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sets the status.
func (a *answer) WriteHeader(code int) { a.code = code }

// Write adds to the body.
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// Hijack sends the answer and returns the connection: it makes an answer an
// http.Hijacker.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return a.conn, bufio.NewReadWriter(a.in, bufio.NewWriter(a.conn)), a.send()
}

// refuse sends err as a line of text, and returns it.
func (a *answer) refuse(code int, err error) error {
	http.Error(a, err.Error(), code)
	_ = a.send() // err matters more
	return err
}

// send writes the whole answer. The connection takes no further request.
func (a *answer) send() error {
	r := http.Response{
		ProtoMajor: 1, ProtoMinor: 1,
		StatusCode: a.code, Header: a.header, Request: a.request,
		ContentLength: int64(a.body.Len()), Body: io.NopCloser(&a.body),
		Close: a.code != http.StatusSwitchingProtocols,
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		return err
	}
	_, err := a.conn.Write(b.Bytes())
	return err
}

// rewound is a connection that returns some bytes again that were read already.
type rewound struct {
	net.Conn
	head []byte
}

// Read returns those bytes first.
func (r *rewound) Read(b []byte) (int, error) {
	if len(r.head) == 0 {
		return r.Conn.Read(b)
	}
	n := copy(b, r.head)
	r.head = r.head[n:]
	return n, nil
}
