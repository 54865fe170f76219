// Package control is the JSON API of an emulator: what tests in other languages
// ask and tell it, by HTTP. docs/control.md describes every route.
//
//	api, err := control.Start(srv, control.Config{})
//	defer api.Close()
//	http.Get(api.URL() + "/v1/codes?phone=9996620001&wait=10s")
//
// # Who may ask
//
// The API shows login codes, so it listens on this machine alone. That is not
// enough: a web page that is open in a browser on this machine can send requests
// here, too, under its own name (Origin), or under the name of a host that its
// owner's DNS points to 127.0.0.1 (Host). So a request must name a loopback host,
// and one from a web page is refused unless the page came from this very address.
// Pages of other local servers are refused as well: what runs on localhost:3000
// may show anybody's script. No CORS header is ever sent.
//
// Listening on other addresses has to be allowed, and then every request must
// bring a token; the name of the host does not matter any more.
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

	// Token is what every request must bring, as "Authorization: Bearer TOKEN":
	// at least 16 letters, digits and signs, made by secret.New. Zero: none is needed.
	Token secret.Text

	// Log is told of what goes wrong and, at level Debug, of every request, without
	// its token and its body. Nil: silent.
	Log *slog.Logger
}

// Server is the API of one emulator, listening.
type Server struct {
	url     string
	http    *http.Server
	end     context.CancelFunc // of all requests
	running sync.WaitGroup
}

// Bounds of what a client may do.
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
		if err := s.http.Serve(crowd{l, make(chan struct{}, maxConnections)}); !errors.Is(err, http.ErrServerClosed) {
			cfg.Log.Error("the control API has ended", "error", err)
		}
	})
	return s, nil
}

// complete checks the Config and fills in what was left out.
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
		return errors.New("token: got none, want one where other machines may ask")
	case !c.Token.IsZero():
		return checkToken(c.Token)
	}
	return nil
}

// listen opens the port. Nobody is let in before the address is known to be
// allowed.
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
		err = fmt.Errorf("listen: got %s, want a loopback address, or to be told that other machines may ask", c.Listen)
	}
	if err != nil {
		_ = l.Close()
		return nil, netip.AddrPort{}, err
	}
	return l, addr, nil
}

// reachable is the address by which this machine reaches a listener that
// listens on all of them.
func reachable(a netip.AddrPort) netip.AddrPort {
	switch {
	case !a.Addr().IsUnspecified():
		return a
	case a.Addr().Is4():
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
	}
	return netip.AddrPortFrom(netip.IPv6Loopback(), a.Port())
}

// URL is where the API is, without a slash at its end.
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

// crowd is a listener that has only so many connections at once. Others are
// closed.
type crowd struct {
	net.Listener
	places chan struct{}
}

// guest is a connection that has a place.
type guest struct {
	net.Conn
	leave func()
}

// Accept returns the next connection for which there is a place.
func (c crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case c.places <- struct{}{}:
			return guest{conn, sync.OnceFunc(func() { <-c.places })}, nil
		default:
			_ = conn.Close()
		}
	}
}

// Close gives the place to the next one.
func (g guest) Close() error {
	g.leave()
	return g.Conn.Close()
}
