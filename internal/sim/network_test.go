package sim

import (
	"context"
	"fmt"
	"maps"
	"net"
	"sync"
	"syscall"
	"time"
)

// network is all there is between clients and data centres. It lives inside one
// process and on its clock, because the virtual time of testing/synctest stands
// still for whoever waits for the operating system.
type network struct {
	seed    seed
	weather weather

	mu        sync.Mutex
	listeners map[string]*listener
	dials     map[route]int
	lines     map[*line]route // those that are not closed by both ends
	log       []dial
}

// route is a way from a client to a data centre.
type route struct{ from, to string }

// dial is one attempt to connect.
type dial struct {
	route
	at time.Time
}

type listener struct {
	network *network
	addr    *net.TCPAddr
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

// backlog is how many connections wait to be accepted.
const backlog = 64

func newNetwork(s seed) *network {
	return &network{
		seed:      s,
		weather:   weather{climate: fair},
		listeners: map[string]*listener{}, dials: map[route]int{}, lines: map[*line]route{},
	}
}

// Listen is what emulator.Config.Listener wants.
func (n *network) Listen(_, _ string) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := &listener{
		network: n,
		addr:    &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1 + len(n.listeners)},
		conns:   make(chan net.Conn, backlog),
		closed:  make(chan struct{}),
	}
	n.listeners[l.addr.String()] = l
	return l, nil
}

// dialer returns what transport.TCP.DialContext wants, for one client. What
// becomes of a connection depends on who dials whom and how often before, not on
// what others do at the same time.
func (n *network) dialer(who string) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, _, addr string) (net.Conn, error) {
		way := route{who, addr}
		n.mu.Lock()
		n.dials[way]++
		count := n.dials[way]
		n.log = append(n.log, dial{way, time.Now()})
		n.mu.Unlock()
		lot := n.weather.draw(n.seed.random("dial", who, addr, count))
		return n.dial(ctx, way, lot, count)
	}
}

// sideDoor is a dialer that the weather does not reach. Who uses it is in a
// hurry: his connections last a second.
func (n *network) sideDoor(ctx context.Context, _, addr string) (net.Conn, error) {
	conn, err := n.dial(ctx, route{"side door", addr}, climate{}.draw(n.seed.random("side door")), 0)
	if err == nil {
		err = conn.SetDeadline(time.Now().Add(time.Second))
	}
	return conn, err
}

// systemPatience is how long an operating system waits for an answer to a dial.
const systemPatience = 127 * time.Second

func (n *network) dial(ctx context.Context, way route, lot lot, count int) (net.Conn, error) {
	wait := lot.wait
	if lot.reply == noReply {
		wait = systemPatience
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch lot.reply {
	case noReply:
		return nil, syscall.ETIMEDOUT
	case refusal:
		return nil, syscall.ECONNREFUSED
	}
	return n.connect(way, lot, count)
}

// connect puts a line between the two ends of a route.
func (n *network) connect(way route, lot lot, count int) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.listeners[way.to]
	if l == nil || l.over() || len(l.conns) == cap(l.conns) {
		return nil, syscall.ECONNREFUSED
	}
	here := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2), Port: 1024 + count}
	line := newLine(lot.fates, lot.random, here, l.addr)
	line.over = func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.lines, line)
	}
	n.lines[line] = way
	l.conns <- line.ends[server] // has room: only we send, with the lock
	return line.ends[client], nil
}

// strike does the same to all lines that are open; from is the end that falls
// mute.
func (n *network) strike(how mishap, from side) {
	for l := range n.open() {
		l.strike(how, from)
	}
}

// open are the lines that have an end which is not closed.
func (n *network) open() map[*line]route {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.lines)
}

// left lists the ends that are not closed.
func (n *network) left() (ends []string) {
	for l, way := range n.open() {
		for s, whose := range []string{"client", "server"} {
			if !l.isClosed(side(s)) {
				ends = append(ends, fmt.Sprintf("the %s's end of a connection from %s to %s", whose, way.from, way.to))
			}
		}
	}
	return ends
}

func (l *listener) over() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close turns away who waits to be accepted.
func (l *listener) Close() error {
	l.once.Do(func() {
		l.network.mu.Lock()
		close(l.closed)
		l.network.mu.Unlock()
		for len(l.conns) > 0 {
			c := (<-l.conns).(*end)
			c.strike(torn, server)
			c.Close()
		}
	})
	return nil
}

func (l *listener) Addr() net.Addr { return l.addr }
