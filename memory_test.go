package telekey_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net"
	"sync"
	"testing"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/transport"
)

// memory is a network inside the process: synctest's clock runs only while
// everybody waits, and it cannot see into sockets of the system.
type memory struct {
	mu        sync.Mutex
	listeners map[string]*listener
	pipes     []net.Conn
	dials     int
	down      bool          // dials are refused
	stuck     chan struct{} // dials hang until it is closed; nil: they do not
}

type listener struct {
	network *memory
	addr    *net.TCPAddr
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newMemory() *memory { return &memory{listeners: map[string]*listener{}} }

// Listen is what emulator.Config.Listener wants.
func (m *memory) Listen(_, _ string) (net.Listener, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := &listener{network: m, addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1 + len(m.listeners)}, conns: make(chan net.Conn), closed: make(chan struct{})}
	m.listeners[l.addr.String()] = l
	return l, nil
}

// Dial is what transport.TCP.DialContext wants.
func (m *memory) Dial(ctx context.Context, _, addr string) (net.Conn, error) {
	m.mu.Lock()
	m.dials++
	l := m.listeners[addr]
	if stuck := m.stuck; stuck != nil {
		m.mu.Unlock()
		select {
		case <-stuck:
			return m.Dial(ctx, "", addr)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if m.down || l == nil {
		m.mu.Unlock()
		return nil, errors.New("connection refused")
	}
	here, there := net.Pipe()
	m.pipes = append(m.pipes, here)
	m.mu.Unlock()
	select {
	case l.conns <- pipe{there, l.addr}:
		return here, nil
	case <-l.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// cut breaks all connections, and refuses new ones while down.
func (m *memory) cut(down bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.pipes {
		p.Close()
	}
	m.pipes, m.down = nil, down
}

// dialled is how often Dial was called.
func (m *memory) dialled() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dials
}

// pipe is the server's end of a net.Pipe, with an address like a socket's.
type pipe struct {
	net.Conn
	addr net.Addr
}

func (p pipe) LocalAddr() net.Addr { return p.addr }

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *listener) Addr() net.Addr { return l.addr }

// town is an emulator and the network to it.
type town struct {
	*memory
	*emulator.Server
}

// newTown must be called inside a synctest bubble, whose end wants the emulator
// closed: t.Cleanup there runs before.
func newTown(t *testing.T, users ...emulator.User) *town {
	t.Helper()
	m := newMemory()
	srv, err := emulator.Start(emulator.Config{Users: users, Listener: m.Listen})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return &town{m, srv}
}

// rule adds a misbehaviour, and returns how often it has been in turn.
func (w *town) rule(t *testing.T, r emulator.Rule) (fired func() int) {
	t.Helper()
	id, err := w.AddRule(r)
	if err != nil {
		t.Fatal(err)
	}
	return func() int {
		for _, r := range w.Rules() {
			if r.ID == id {
				return r.Fired
			}
		}
		return -1
	}
}

// dial connects a client to the town; a nil store is a new session.
func (w *town) dial(t *testing.T, store session.Store) *telekey.Client {
	t.Helper()
	c, err := w.tryDial(t, store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func (w *town) tryDial(t *testing.T, store session.Store) (*telekey.Client, error) {
	return telekey.Dial(t.Context(), telekey.Config{
		Network: w.Network(), Session: store, Dialer: transport.TCP{DialContext: w.Dial},
	})
}

// dialWith is dial with more of the configuration.
func (w *town) dialWith(t *testing.T, cfg telekey.Config) *telekey.Client {
	t.Helper()
	cfg.Network, cfg.Dialer = w.Network(), transport.TCP{DialContext: w.Dial}
	c, err := telekey.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// otherNetwork is a network that is not the emulator's.
func otherNetwork(t *testing.T) dc.Network {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return dc.Network{DCs: []dc.Endpoint{{ID: 2, Addr: "127.0.0.1:1"}}, Keys: []*rsa.PublicKey{&key.PublicKey}}
}
