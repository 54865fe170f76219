package ws_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/emulator"
	upgrade "github.com/telekey/telekey/emulator/websocket"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/transport"
	"github.com/telekey/telekey/transport/ws"
)

var _ transport.Dialer = ws.Dialer{}

// reader answers the questions of a sign-in with the code off the emulator.
type reader struct{ srv *emulator.Server }

func (r reader) Ask(ctx context.Context, q auth.Question) (auth.Answer, error) {
	if _, ok := q.(auth.CodeQuestion); ok {
		code, err := r.srv.WaitCode(ctx, "+9996611234")
		return auth.Code(code.Code), err
	}
	return auth.Answers{Password: auth.Secret("correct horse")}.Ask(ctx, q)
}

// Two data centres: the account is not where the client begins.
func TestSigningInByWebSocket(t *testing.T) {
	srv, err := emulator.Start(emulator.Config{
		Users:   []emulator.User{{Phone: "+9996611234", FirstName: "Ann", Password: "correct horse"}},
		Upgrade: upgrade.Upgrade,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	for _, framing := range []transport.Framing{transport.Intermediate, transport.Abridged, transport.Padded} {
		c, err := telekey.Dial(t.Context(), telekey.Config{Network: srv.Network(), Dialer: ws.Dialer{Framing: framing}})
		if err != nil {
			t.Fatalf("%v: %v", framing, err)
		}
		me, err := auth.SignIn(t.Context(), c, auth.Phone("+9996611234"), reader{srv})
		if err != nil || *me.FirstName != "Ann" {
			t.Errorf("%v: got %+v, %v; want Ann", framing, me, err)
		}
		if _, err := tg.Call(t.Context(), c, &tg.HelpGetNearestDC{}); err != nil {
			t.Errorf("%v: %v", framing, err)
		}
		if err := c.Close(); err != nil {
			t.Errorf("%v: %v", framing, err)
		}
	}
}

// A server is a data centre that answers requests with f, and an endpoint of it.
func server(t *testing.T, f http.HandlerFunc) (*httptest.Server, dc.Endpoint) {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	return srv, dc.Endpoint{ID: 2, Addr: srv.Listener.Addr().String()}
}

// accepting upgrades requests and gives the WebSocket to f.
func accepting(t *testing.T, f func(*websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/apiws" || r.Header.Get("Sec-WebSocket-Protocol") != "binary" || r.Header.Get("Sec-WebSocket-Extensions") != "" {
			t.Errorf("got %s with %v, want /apiws with the sub-protocol binary and no extension", r.URL, r.Header)
		}
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"binary"}})
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(-1)
		f(c)
	}
}

// packet is one that a framing takes.
var packet = bytes.Repeat([]byte("packet.."), 4)

func TestTheContextOfADialMattersUntilItReturns(t *testing.T) {
	_, to := server(t, accepting(t, func(c *websocket.Conn) {
		for range 2 {
			if _, b, err := c.Read(t.Context()); err != nil || len(b)%4 != 0 {
				t.Errorf("server: got %d bytes, %v", len(b), err)
			}
		}
	}))
	ctx, cancel := context.WithCancel(t.Context())
	c, err := ws.Dialer{}.Dial(ctx, to)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for range 2 {
		if err := c.Send(packet); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Receive(); !errors.Is(err, io.EOF) || !strings.Contains(err.Error(), to.Addr) {
		t.Errorf("after the end: got %v, want io.EOF and the address %s", err, to.Addr)
	}
	c.Close()
	if _, err := c.Receive(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: got %v, want net.ErrClosed", err)
	}
}

func TestAnEndIsTheSameWithAndWithoutAGoodbye(t *testing.T) {
	for name, end := range map[string]func(*websocket.Conn) error{
		"goodbye":    func(c *websocket.Conn) error { return c.Close(websocket.StatusNormalClosure, "") },
		"going away": func(c *websocket.Conn) error { return c.Close(websocket.StatusGoingAway, "") },
		"hanging up": (*websocket.Conn).CloseNow,
	} {
		for part, want := range map[string]error{"": io.EOF, "\x01": io.ErrUnexpectedEOF} {
			_, to := server(t, accepting(t, func(c *websocket.Conn) {
				if _, _, err := c.Read(t.Context()); err != nil {
					t.Error(err)
				}
				if part != "" {
					_ = c.Write(t.Context(), websocket.MessageBinary, []byte(part))
				}
				_ = end(c)
			}))
			c, err := ws.Dialer{}.Dial(t.Context(), to)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Send(packet); err != nil {
				t.Error(err)
			}
			if _, err := c.Receive(); !errors.Is(err, want) {
				t.Errorf("%s after %q: got %v, want %v", name, part, err, want)
			}
			c.Close()
		}
	}
}

func TestTextIsNoPacket(t *testing.T) {
	_, to := server(t, accepting(t, func(c *websocket.Conn) {
		_ = c.Write(t.Context(), websocket.MessageText, []byte("\x04\x00\x00\x00text"))
		_, _, _ = c.Read(t.Context()) // until the client says goodbye
	}))
	c, err := ws.Dialer{}.Dial(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if p, err := c.Receive(); err == nil {
		t.Errorf("got %q, want an error", p)
	}
}

func TestADialThatFailsSaysWhereAndWhy(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		`got HTTP 501 Not Implemented, want a WebSocket; the server says "no such thing"`: func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "no such thing", http.StatusNotImplemented)
		},
		"got HTTP 302 Found": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/apiws" {
				t.Errorf("the redirection to %s was followed", r.URL)
			}
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		},
		"got HTTP 200 OK": func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("long "), 1e6)) },
		"headers exceeded 16384 bytes": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<16))
		},
	}
	for want, answer := range answers {
		srv, to := server(t, answer)
		_, err := ws.Dialer{}.Dial(t.Context(), to)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "dial ws://"+to.Addr+"/apiws: ") || len(err.Error()) > 400 {
			t.Errorf("got %v, want an error with %q", err, want)
		}
		srv.Close() // waits for the connections: none is left behind
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	to := dc.Endpoint{ID: 2, Addr: listener.Addr().String()}
	listener.Close()
	var wrapped *net.OpError
	if _, err := (ws.Dialer{}).Dial(t.Context(), to); !errors.As(err, &wrapped) {
		t.Errorf("nobody listens: got %v, want an error of net's", err)
	}
	for _, bad := range []string{"", "127.0.0.1:80", "https://example.org/apiws", "ws:///apiws", "ws://%zz"} {
		_, err := ws.Dialer{URL: func(dc.Endpoint) string { return bad }}.Dial(t.Context(), to)
		if err == nil || !strings.HasPrefix(err.Error(), "dial data centre 2: ") {
			t.Errorf("the URL %q: got %v", bad, err)
		}
	}
	secret := ws.Dialer{URL: func(dc.Endpoint) string { return "ws://me:hunter2@" + to.Addr }}
	if _, err := secret.Dial(t.Context(), to); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a URL with a password: got %v", err)
	}
}

func TestFullFramingIsRefusedAndTheConnectionClosed(t *testing.T) {
	ended := make(chan error, 1)
	_, to := server(t, accepting(t, func(c *websocket.Conn) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, _, err := c.Read(ctx)
		ended <- err
	}))
	if _, err := (ws.Dialer{Framing: transport.Full}).Dial(t.Context(), to); err == nil || !strings.Contains(err.Error(), "obfuscated") {
		t.Errorf("got %v, want a refusal", err)
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("the server sees %v, want the end", err)
	}
}

func TestTLSIsTheCallers(t *testing.T) {
	srv := httptest.NewUnstartedServer(accepting(t, func(c *websocket.Conn) { _, _, _ = c.Read(t.Context()) }))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.EnableHTTP2 = true // and yet not chosen: WebSocket needs HTTP/1.1
	srv.StartTLS()
	defer srv.Close()
	to := dc.Endpoint{ID: 2, Addr: srv.Listener.Addr().String()}
	url := func(to dc.Endpoint) string { return "wss://" + to.Addr + "/apiws" }

	var unknown *tls.CertificateVerificationError
	if _, err := (ws.Dialer{URL: url}).Dial(t.Context(), to); !errors.As(err, &unknown) {
		t.Errorf("a certificate that nobody knows: got %v", err)
	}
	trust := &tls.Config{RootCAs: x509.NewCertPool()}
	trust.RootCAs.AddCert(srv.Certificate())
	c, err := ws.Dialer{URL: url, TLS: trust}.Dial(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(packet); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// through dials into the process: f has the other end.
func through(f func(net.Conn)) ws.Dialer {
	return ws.Dialer{DialContext: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go f(far)
		return near, nil
	}}
}

// A test in a bubble ends when all goroutines have.
func TestNothingIsLeftOfADialThatWasGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := through(func(far net.Conn) { _, _ = io.Copy(io.Discard, far) })
		if _, err := silent.Dial(t.Context(), dc.Endpoint{ID: 2, Addr: "example.org:1"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a server that says nothing: got %v, want the deadline", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			synctest.Wait()
			cancel()
		}()
		if _, err := silent.Dial(ctx, dc.Endpoint{ID: 2, Addr: "example.org:1"}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: got %v, want context.Canceled", err)
		}
		busy := through(func(far net.Conn) { serve(far, http.NotFoundHandler()) })
		if _, err := busy.Dial(t.Context(), dc.Endpoint{ID: 2, Addr: "example.org:1"}); err == nil {
			t.Error("a server without a WebSocket: got no error")
		}
	})
}

// Close does not wait, not even for a server that reads no more, nor for one
// that is owed a goodbye.
func TestCloseEndsEverythingAtOnce(t *testing.T) {
	for _, text := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			stuck := through(func(far net.Conn) {
				serve(far, accepting(t, func(c *websocket.Conn) {
					if text {
						_ = c.Write(t.Context(), websocket.MessageText, []byte("text"))
					}
					<-t.Context().Done()
				}))
			})
			c, err := stuck.Dial(t.Context(), dc.Endpoint{ID: 2, Addr: "example.org:1"})
			if err != nil {
				t.Fatal(err)
			}
			var ended sync.WaitGroup
			ended.Go(func() { _, _ = c.Receive() })
			ended.Go(func() { _ = c.Send(packet) }) // without a reader
			synctest.Wait()
			began := time.Now()
			if err := c.Close(); err != nil {
				t.Errorf("text %v: %v", text, err)
			}
			ended.Wait()
			if d := time.Since(began); d > 0 {
				t.Errorf("text %v: Close took %v", text, d)
			}
		})
	}
}

// serve is an HTTP server of one connection.
func serve(conn net.Conn, h http.Handler) {
	srv := http.Server{Handler: h}
	_ = srv.Serve(&only{conn})
}

// only is a listener that accepts one connection, and ends with it.
type only struct{ conn net.Conn }

func (o *only) Accept() (net.Conn, error) {
	conn := o.conn
	if o.conn = nil; conn == nil {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (o *only) Close() error   { return nil }
func (o *only) Addr() net.Addr { return &net.TCPAddr{} }
