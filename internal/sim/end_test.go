package sim

import (
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// end is a net.Conn, and can close one direction alone, as TCP can.
type end struct {
	*line
	side            side
	local, remote   net.Addr
	closed          bool
	readBy, writeBy time.Time // deadlines; zero: none
	brokenAt        time.Time // from when on both directions fail; zero: they do not
	broken          error
	deaf            time.Time // from when on writing fails, because the other end has closed
}

// Read gives at most one parcel, and of that as much as fits.
func (e *end) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	in := &e.lanes[e.side.other()]
	for {
		var arrival time.Time
		switch {
		case len(in.parcels) > 0:
			arrival = in.parcels[0].at
		case in.finished && !in.dead:
			arrival = in.latest
		}
		switch {
		case e.closed:
			return 0, net.ErrClosed
		case reached(e.brokenAt):
			return 0, e.broken
		case reached(e.readBy):
			return 0, os.ErrDeadlineExceeded
		case reached(arrival) && len(in.parcels) > 0:
			return e.pick(in, p), nil
		case reached(arrival):
			return 0, io.EOF
		}
		e.wait(arrival, e.readBy, e.brokenAt)
	}
}

// pick takes bytes off the first parcel.
func (e *end) pick(in *lane, p []byte) int {
	first := &in.parcels[0]
	n := copy(p, first.bytes)
	if first.bytes = first.bytes[n:]; len(first.bytes) == 0 {
		in.parcels = in.parcels[1:]
	}
	in.flying -= n
	e.tell()
	return n
}

// Write returns when the lane has taken all of p.
func (e *end) Write(p []byte) (n int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := &e.lanes[e.side]
	for n < len(p) {
		switch {
		case e.closed:
			return n, net.ErrClosed
		case reached(e.brokenAt):
			return n, e.broken
		case out.finished, reached(e.deaf):
			return n, syscall.EPIPE
		case reached(e.writeBy):
			return n, os.ErrDeadlineExceeded
		}
		if room := out.window - out.flying; room > 0 {
			n += e.send(e.side, p[n:min(n+room, len(p))])
		} else {
			e.wait(e.writeBy, e.brokenAt, e.deaf)
		}
	}
	return n, nil
}

// CloseWrite lets the other end read the bytes in flight and then the end.
func (e *end) CloseWrite() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return net.ErrClosed
	}
	e.lanes[e.side].finish()
	e.tell()
	return nil
}

// Close closes both directions. Bytes in flight to the other end arrive, unless
// this end has unread bytes: then the other end loses the bytes that it has not
// read when the reset arrives.
func (e *end) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return net.ErrClosed
	}
	e.closed = true
	in, out, peer := &e.lanes[e.side.other()], &e.lanes[e.side], e.ends[e.side.other()]
	out.finish()
	if !out.dead {
		peer.deaf = out.latest
		if len(in.parcels) > 0 {
			peer.breaks(out.latest, syscall.ECONNRESET)
		}
	}
	in.parcels = nil
	e.tell()
	if peer.closed {
		e.over()
	}
	return nil
}

// breaks lets the end fail from a time on, unless it fails earlier.
func (e *end) breaks(at time.Time, err error) {
	if e.brokenAt.IsZero() || at.Before(e.brokenAt) {
		e.brokenAt, e.broken = at, err
	}
}

func (e *end) LocalAddr() net.Addr  { return e.local }
func (e *end) RemoteAddr() net.Addr { return e.remote }

func (e *end) SetDeadline(t time.Time) error {
	return e.set(func() { e.readBy, e.writeBy = t, t })
}

func (e *end) SetReadDeadline(t time.Time) error {
	return e.set(func() { e.readBy = t })
}

func (e *end) SetWriteDeadline(t time.Time) error {
	return e.set(func() { e.writeBy = t })
}

func (e *end) set(change func()) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return net.ErrClosed
	}
	change()
	e.tell()
	return nil
}
