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

// network connects clients and data centres within the process, on its clock:
// the virtual time of testing/synctest does not pass while a goroutine waits for
// the operating system.
type network struct {
	seed       seed
	conditions conditions

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

// backlog is the number of connections that may wait to be accepted.
const backlog = 64

func newNetwork(s seed) *network {
	return &network{
		seed:       s,
		conditions: conditions{profile: healthy},
		listeners:  map[string]*listener{}, dials: map[route]int{}, lines: map[*line]route{},
	}
}

// Listen is an emulator.Config.Listener.
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

// dialer returns a transport.TCP.DialContext for one client. The parameters of a
// connection depend on its client, its data centre and the number of dials before,
// not on other clients.
func (n *network) dialer(who string) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, _, addr string) (net.Conn, error) {
		way := route{who, addr}
		n.mu.Lock()
		n.dials[way]++
		count := n.dials[way]
		n.log = append(n.log, dial{way, time.Now()})
		n.mu.Unlock()
		plan := n.conditions.draw(n.seed.random("dial", who, addr, count))
		return n.dial(ctx, way, plan, count)
	}
}

// directDial is a dialer that the conditions do not affect. Its connections last a
// second.
func (n *network) directDial(ctx context.Context, _, addr string) (net.Conn, error) {
	conn, err := n.dial(ctx, route{"side door", addr}, profile{}.draw(n.seed.random("side door")), 0)
	if err == nil {
		err = conn.SetDeadline(time.Now().Add(time.Second))
	}
	return conn, err
}

// systemTimeout is the time after which an operating system gives up a dial.
const systemTimeout = 127 * time.Second

func (n *network) dial(ctx context.Context, way route, plan dialPlan, count int) (net.Conn, error) {
	wait := plan.wait
	if plan.reply == noReply {
		wait = systemTimeout
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch plan.reply {
	case noReply:
		return nil, syscall.ETIMEDOUT
	case refusal:
		return nil, syscall.ECONNREFUSED
	}
	return n.connect(way, plan, count)
}

// connect puts a line between the two ends of a route.
func (n *network) connect(way route, plan dialPlan, count int) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.listeners[way.to]
	if l == nil || l.over() || len(l.conns) == cap(l.conns) {
		return nil, syscall.ECONNREFUSED
	}
	here := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2), Port: 1024 + count}
	line := newLine(plan.params, plan.random, here, l.addr)
	line.over = func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.lines, line)
	}
	n.lines[line] = way
	l.conns <- line.ends[server] // has space: only connect sends, with the lock
	return line.ends[client], nil
}

// fail applies a failure to all open lines; from is the end that becomes mute.
func (n *network) fail(how failure, from side) {
	for l := range n.open() {
		l.fail(how, from)
	}
}

// open returns the lines with an open end.
func (n *network) open() map[*line]route {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.lines)
}

// left lists the open ends.
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

// Close resets the connections that wait to be accepted.
func (l *listener) Close() error {
	l.once.Do(func() {
		l.network.mu.Lock()
		close(l.closed)
		l.network.mu.Unlock()
		for len(l.conns) > 0 {
			c := (<-l.conns).(*end)
			c.fail(torn, server)
			c.Close()
		}
	})
	return nil
}

func (l *listener) Addr() net.Addr { return l.addr }
