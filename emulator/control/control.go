// Package control is the HTTP API of an emulator, in JSON, for tests in other
// languages. docs/control.md describes every route.
//
//	api, err := control.Start(srv, control.Config{})
//	defer api.Close()
//	http.Get(api.URL() + "/v1/codes?phone=9996620001&wait=10s")
//
// # Who may ask
//
// The API shows login codes, so it listens on this machine alone. That is not
// enough: a web page in a browser on this machine can send requests here, too,
// with its own origin (Origin), or to a host name that its owner's DNS resolves to
// 127.0.0.1 (Host). So a request must name a loopback host, and a web page's
// request is refused unless the page came from the API's own address. Pages of
// other local servers are refused as well: a server on localhost:3000 may serve
// scripts of others. The API never sends a CORS header.
//
// Listening on other addresses needs Config.AllowRemote. Every request must then
// carry a token, and may name any host.
package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/secret"
)

// Config says where the API listens and who may ask it.
type Config struct {
	Listen string // address to listen on; "": 127.0.0.1
	Port   int    // 0: a free one

	// AllowRemote allows a Listen that other machines reach. It needs a Token.
	AllowRemote bool

	// Token is required in every request, as "Authorization: Bearer TOKEN": at least
	// 16 letters, digits and signs, made by secret.New. Zero: no token.
	Token secret.Text

	// Log records errors and, at level Debug, every request without its token and
	// body. Nil: no log.
	Log *slog.Logger
}

// Server is the API of one emulator, listening.
type Server struct {
	url     string
	http    *http.Server
	end     context.CancelFunc // of all requests
	running sync.WaitGroup
}

// The limits for clients.
const (
	maxConnections = 256
	maxHeader      = 16 << 10 // bytes
	maxBody        = 64 << 10 // bytes
	headerTimeout  = 10 * time.Second
	requestTimeout = maxWait + 20*time.Second // net/http takes its end for the end of the client, also in the middle of an answer
	idleTimeout    = 2 * time.Minute
	closeTimeout   = time.Second // for answers that are on their way
)

// Start serves the API of srv until Close. When it returns, the port accepts.
func Start(srv *emulator.Server, cfg Config) (*Server, error) {
	if err := cfg.complete(); err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	l, addr, err := cfg.listen()
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	life, end := context.WithCancel(context.Background())
	s := &Server{url: "http://" + reachable(addr).String(), end: end}
	a := &api{emulator: srv, cfg: cfg, url: s.url, life: life}
	s.http = &http.Server{
		Handler:                      a.handler(),
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            headerTimeout,
		ReadTimeout:                  requestTimeout,
		WriteTimeout:                 requestTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeader,
		ErrorLog:                     slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug),
		BaseContext:                  func(net.Listener) context.Context { return life },
	}
	s.running.Go(func() {
		if err := s.http.Serve(limitListener{l, make(chan struct{}, maxConnections)}); !errors.Is(err, http.ErrServerClosed) {
			cfg.Log.Error("the control API has ended", "error", err)
		}
	})
	return s, nil
}

// complete checks the Config and sets the defaults of missing fields.
func (c *Config) complete() error {
	if c.Listen == "" {
		c.Listen = "127.0.0.1"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	switch {
	case c.Port < 0 || c.Port > 65535:
		return fmt.Errorf("port: got %d, want 0 to 65535", c.Port)
	case c.AllowRemote && c.Token.IsZero():
		return errors.New("token: got none, want one if other machines may connect")
	case !c.Token.IsZero():
		return checkToken(c.Token)
	}
	return nil
}

// listen opens the port. It accepts no connection before it has checked that the
// address is allowed.
func (c *Config) listen() (net.Listener, netip.AddrPort, error) {
	network := "tcp" // which would make of 0.0.0.0 the IPv6 address of everything
	if a, err := netip.ParseAddr(c.Listen); err == nil && a.Is4() {
		network = "tcp4"
	}
	l, err := net.Listen(network, net.JoinHostPort(c.Listen, strconv.Itoa(c.Port)))
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	addr, err := netip.ParseAddrPort(l.Addr().String())
	if err == nil && !c.AllowRemote && !addr.Addr().IsLoopback() {
		err = fmt.Errorf("listen: got %s, want a loopback address, or remote access allowed", c.Listen)
	}
	if err != nil {
		_ = l.Close()
		return nil, netip.AddrPort{}, err
	}
	return l, addr, nil
}

// reachable returns an address at which this machine reaches a listener on all
// addresses.
func reachable(a netip.AddrPort) netip.AddrPort {
	switch {
	case !a.Addr().IsUnspecified():
		return a
	case a.Addr().Is4():
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
	}
	return netip.AddrPortFrom(netip.IPv6Loopback(), a.Port())
}

// URL returns the address of the API, without a slash at its end.
func (s *Server) URL() string { return s.url }

// Close ends the API and returns when all its goroutines have ended. Requests
// that wait for a code are answered.
func (s *Server) Close() error {
	s.end()
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	s.running.Wait()
	return err
}

// limitListener is a listener with a limited number of connections. It closes
// further connections.
type limitListener struct {
	net.Listener
	places chan struct{}
}

// limitConn is a connection of a limitListener.
type limitConn struct {
	net.Conn
	release func()
}

// Accept returns the next connection within the limit.
func (c limitListener) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case c.places <- struct{}{}:
			return limitConn{conn, sync.OnceFunc(func() { <-c.places })}, nil
		default:
			_ = conn.Close()
		}
	}
}

// Close closes the connection and frees its place for another one.
func (c limitConn) Close() error {
	c.release()
	return c.Conn.Close()
}
