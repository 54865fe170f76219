// Package emulator is a local Telegram: small enough to start in a test, real
// enough for other people's clients to sign in to.
//
// It speaks MTProto over TCP on one port for each data centre, in every framing,
// plain or obfuscated, and answers in the API layer that the client names. Its
// accounts live in memory and are forgotten when it ends. It checks what
// Telegram checks on the way in (codes, hashes, expiry, two-step verification,
// home data centres) and refuses with Telegram's own errors. There is no daily
// limit on anything.
//
//	srv, err := emulator.Start(emulator.Config{
//		Users: []emulator.User{{Phone: "+9996621234", Password: "correct horse"}},
//	})
//	defer srv.Close()
//	client.Dial(srv.Network())
//	code, err := srv.WaitCode(ctx, "+9996621234")
//
// # Numbers and codes
//
// Any number signs in; one without an account is invited to sign up, unless the
// Config's SignUp has it otherwise. Test numbers 99966XYYYY are at home in data
// centre X and their code is X five times. Another number's home is its user's
// DC, or else where it first asks for a code, and its codes are random. No code
// leaves the process: it is in the log, in [Server.Codes] and [Server.WaitCode],
// and, for an account that is signed in elsewhere, in a message from user 777000.
//
// Codes go out in every way that Telegram has: a [User]'s Channels or
// [Server.SetChannels] name them in order, and [Server.Codes] says which way each
// one went. A minute has to pass before auth.resendCode has the next one sent.
// Codes to mailboxes, for a login or for the recovery of a password, are among
// them, with the address.
//
// # Without a code
//
// [Server.AcceptLogin] plays the device that reads a QR code. Bots come with the
// [Config] or by [Server.AddBot], each with its token; [Server.NewWebToken] makes
// what a web page signs in with. Future auth tokens are handed out at each sign-in
// and log-out; passkeys are taken if the Config has [Passkeys].
//
// # Devices and the end of them
//
// An account's devices are told of a new one, which is unconfirmed for a week
// unless another has let it in. For a day it may neither end others, nor change
// the number, nor make a passkey: 406, and a service notification that says when.
// The device that was the account's only one when it signed in is spared that, so
// that a test with one client need not wait; for others there is
// [Server.FastForward]. A device that another one has ended comes back by a code
// alone: its future auth tokens are void. Sessions that nobody uses expire in 180
// days, accounts in a year after their last use, if they do not say otherwise.
// [Server.EndSessions] ends them now, for any reason that Telegram has, and
// [Server.SetFrozen] freezes an account.
//
// # Two clocks
//
// What expires for people (codes, their timers, tickets to other data centres,
// the week until a password or a login e-mail is reset) goes by the account
// clock, which [Server.FastForward] moves. The protocol's own clock stays the
// machine's, or clients would be refused. Temporary keys expire by that one.
//
// # Bad weather
//
// A [Rule] makes it misbehave on purpose: refuse a call, lose an answer, cut a
// connection in the middle of a frame. Rules come with the [Config], with a
// [Seed], or by [Server.AddRule] at any time.
//
//	srv.AddRule(emulator.Rule{Method: "auth.sendCode", Nth: 1, Do: "error", Code: 420, Message: "FLOOD_WAIT_3"})
//
// # What it does not do
//
// It has no chats but Telegram's own messages, no files, no calls. Methods that
// it does not know are refused with 400 INPUT_METHOD_INVALID: among them those
// that prove a number for Telegram Passport (account.sendVerifyPhoneCode and
// account.verifyPhone) or by Firebase (auth.initFirebasePnvLogin). As nobody can
// write a message here, no login code is seen sent onwards, on which Telegram
// itself makes it void; account.invalidateSignInCodes does that here.
//
// A key is refused with 400 CONNECTION_NOT_INITED until its client has said
// initConnection, as by the real servers; help.getConfig and help.getNearestDc may
// come before. invokeAfterMsg does not wait: calls are executed in the order in
// which they come. A permanent key has one temporary key at a time, for there are
// no parallel sessions (tmp_sessions); that key lives as long as was agreed when it
// was made, even if the binding names an earlier time. A layer that is too old is
// answered as the oldest that is known, and the log says so. HTTP and TLS are
// turned away, and WebSocket unless [Config] has an Upgrade.
//
// # Budgets
//
// What clients can make it hold is bounded for all of them together: see MaxMemory,
// MaxSockets and MaxUnpacked of [Config]. 10,000 keys are kept, and 8,192 sessions.
// Where a budget is used up the oldest or the largest gives way, and the log says
// how many, once a second. A connection has a minute for its first packet that is
// accepted: one that completes a key exchange, or is encrypted with a key of this
// server.
//
// # How it is made
//
// One goroutine owns everything: keys, accounts, sessions, all data centres.
// Each socket has a reader, and a writer once something is written, that only move
// bytes; methods of [Server] hand the owner a function to run. Nothing of it is
// locked, and the owner waits for no socket: a client that does not read what it is
// sent is cut off. Nor does it wait for arithmetic with big numbers, which runs
// beside it and comes back as an event. Of each socket one packet is in hand at a
// time; what its calls wait for does not keep other sockets waiting.
package emulator

import (
	"container/list"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/mtproto"
)

// Config is what a Server begins with. The zero Config is an empty Telegram of
// three data centres on free ports of 127.0.0.1.
type Config struct {
	Users     []User
	Bots      []Bot
	WebLogins []WebLogin // of these Users
	Rules     []Rule     // of misbehaviour

	SignUp SignUp // of numbers without an account; "": allowed
	MinAge int    // that the terms of service ask for, in years; 0: none

	DCs  []int           // numbers of the data centres, from 1 to 999; nil: 1, 2, 3
	Test bool            // play the test network: clients must say so in the key exchange
	Key  *rsa.PrivateKey // 2048 bits; nil: one made for the process, shared by its Servers

	Listen string // address to listen on; "": 127.0.0.1
	Port   int    // data centre N listens on Port+N-1; 0: free ports

	// Addresses are one for each of DCs, in their order, instead of Listen. All
	// data centres listen on Port then, which fits clients that insist on a port.
	Addresses []string

	// Advertise is the host that clients are told in place of the listening
	// addresses: of a container, for instance. Where a client takes an IP address
	// alone, a name is resolved when the Server starts. "": no other host.
	Advertise string

	// ListenTDLib lets in TDLib's libraries that telekey tdlib patch has changed:
	// the Server listens on the addresses that they dial, too. Linux alone has
	// these loopback addresses.
	ListenTDLib bool

	// Listener opens the port of a data centre; nil: net.Listen. The listener's
	// address must read as IP:port, and is what clients are told.
	Listener func(network, address string) (net.Listener, error)

	// Upgrade makes of a connection that begins with an HTTP request one that
	// obfuscated MTProto is spoken on: Upgrade of the package
	// emulator/websocket does. Nil: HTTP is turned away.
	//
	// It gets the first bytes of the request, reads and writes the rest, and may
	// wait: conn has deadlines, which are not its to change, and is closed for
	// it. If it returns an error it has told the client. Each packet is one
	// Write of the net.Conn that it returns. Close says what there is to say at
	// the end, also while another goroutine reads, and keeps to conn's
	// deadlines.
	Upgrade func(conn net.Conn, head []byte) (net.Conn, error)

	// Passkeys checks them: New of the package emulator/passkeys makes one. Nil:
	// the methods of passkeys are refused as methods are that are not known.
	Passkeys Passkeys

	// What all clients together may use. Where the memory is used up, the connection
	// that holds most of it is closed; where there are too many sockets, the one that
	// has been silent longest; the log says how many, once a second.
	MaxMemory   int // bytes of packets, of values while they are read, and of answers kept; 0: 96 MiB
	MaxSockets  int // 0: 16,384; never more than the process may open files, less 64
	MaxUnpacked int // bytes that the packed parts of one packet may become; 0: 32 MiB

	// Log is told of codes (at level Info, readable: this is how people learn
	// them), sign-ins and, at level Debug, calls. Nil: silent.
	Log *slog.Logger

	// Random is where keys, salts, hashes and codes come from. One goroutine
	// reads it. Nil: crypto/rand.
	Random io.Reader
}

// Format prints how much c has, and neither passwords nor keys, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "emulator.Config(%d users, %d bots, %d rules)", len(c.Users), len(c.Bots), len(c.Rules))
}

// Server is a running emulator. Its methods may be used by several goroutines.
type Server struct{ *hiddenServer }

// hiddenServer keeps what a Server knows two pointers away, where no verb of fmt finds it.
type hiddenServer struct{ *serverState }

// serverState is the state of a Server.
type serverState struct {
	cfg     Config
	network dc.Network
	centres []*dataCentre
	tdlib   []net.Listener // see listenTDLib
	world   *world         // the owner's alone, as are:
	rules   rules          // of misbehaviour
	delayed []delayed      // by rules

	delayedBytes int // that they keep

	inbox   chan func(now time.Time)
	closing chan struct{}
	once    sync.Once
	running sync.WaitGroup // every goroutine of the Server
	memory  *memory        // also the readers' and writers'

	// The owner's.
	sockets  map[mtproto.SocketID]*socket
	silent   list.List // of sockets, the longest silent first
	lastID   mtproto.SocketID
	answers  *mtproto.Shared // that all data centres keep
	overload overload
	unpacks  *socket       // whose packet is being unpacked
	turn     *socket       // whose packet is being taken
	ready    []*authKey    // whose calls wait for their turn
	quota    int           // of calls in this turn
	cores    chan struct{} // holds one for each task that runs beside the owner
}

// Format prints the addresses, whatever the verb, and no secret.
func (s Server) Format(f fmt.State, _ rune) {
	if s.hiddenServer == nil {
		_, _ = io.WriteString(f, "emulator.Server()")
		return
	}
	_, _ = fmt.Fprintf(f, "emulator.Server(%v)", s.network.DCs)
}

// ErrClosed says that the Server has been closed.
var ErrClosed = errors.New("emulator: the server is closed")

// Start opens the ports and serves until Close. When it returns, every port
// accepts.
func Start(cfg Config) (*Server, error) {
	if err := cfg.complete(); err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	s := &Server{&hiddenServer{&serverState{
		cfg:     cfg,
		inbox:   make(chan func(time.Time)),
		closing: make(chan struct{}),
		sockets: map[mtproto.SocketID]*socket{},
		memory:  newMemory(cfg.MaxMemory),
		cores:   make(chan struct{}, runtime.GOMAXPROCS(0)),
		answers: mtproto.NewShared(cfg.answersMemory(), 0),
	}}}
	s.world = newWorld(cfg, func(f func()) { s.running.Go(func() { s.onCore(f) }) })
	s.world.passkeys = cfg.Passkeys
	if err := s.populate(); err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	if err := s.listen(); err != nil {
		s.closeListeners()
		return nil, fmt.Errorf("emulator: %w", err)
	}
	s.running.Go(s.run)
	for _, centre := range s.centres {
		s.running.Go(func() { s.accept(centre.listener, centre) })
	}
	for _, l := range s.tdlib {
		s.running.Go(func() { s.accept(l, nil) })
	}
	return s, nil
}

// populate makes what the Config names.
func (s *Server) populate() error {
	for i, u := range s.cfg.Users {
		if err := s.addUser(u); err != nil {
			return fmt.Errorf("user %d: %w", i+1, err)
		}
	}
	for i, b := range s.cfg.Bots {
		if _, err := s.addBot(b); err != nil {
			return fmt.Errorf("bot %d: %w", i+1, err)
		}
	}
	for i, l := range s.cfg.WebLogins {
		phone, _ := checkPhone(l.Phone)
		a, err := s.world.accounts.byPhone[phone], error(ErrNoUser)
		if a != nil {
			err = s.addWebLogin(time.Now(), a, l)
		}
		if err != nil {
			return fmt.Errorf("web login %d: %w", i+1, err)
		}
	}
	for i, r := range s.cfg.Rules {
		if _, err := s.rules.add(r, s.cfg.DCs); err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
	}
	// The accounts have the passwords and tokens now; a Server that is printed has not.
	s.cfg.Users, s.cfg.Bots, s.cfg.WebLogins, s.cfg.Rules = nil, nil, nil, nil
	return nil
}

// maxCentre is the highest number of a data centre here: a media data centre is
// named by a negative number and a test one by 10000 more, and neither may be
// taken for another.
const maxCentre = 999

// complete checks the Config and fills in what was left out.
func (c *Config) complete() error {
	if c.DCs == nil {
		c.DCs = []int{1, 2, 3}
	}
	for i, id := range c.DCs {
		if id < 1 || id > maxCentre || slices.Contains(c.DCs[:i], id) {
			return fmt.Errorf("data centres: got %d in %v, want different numbers from 1 to %d", id, c.DCs, maxCentre)
		}
	}
	if len(c.DCs) == 0 {
		return errors.New("data centres: got none, want at least one")
	}
	if err := errors.Join(c.checkListen(), c.SignUp.check(), checkMinAge(c.MinAge), c.completeLimits()); err != nil {
		return err
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1"
	}
	if c.Listener == nil {
		c.Listener = net.Listen
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	return c.completeKey()
}

// Network describes the Server to clients: its data centres' addresses and its
// public key. It is the caller's to change.
func (s *Server) Network() dc.Network {
	n := s.network
	n.DCs, n.Keys = slices.Clone(n.DCs), slices.Clone(n.Keys)
	return n
}

// Close ends the Server and returns when all its goroutines have ended. Clients
// see their connections close; accounts and sessions are gone.
func (s *Server) Close() error {
	s.once.Do(func() {
		close(s.closing)
		s.closeListeners()
	})
	s.running.Wait()
	return nil
}

func (s *Server) closeListeners() {
	for _, centre := range s.centres {
		_ = centre.listener.Close() // a second close is no news
	}
	for _, l := range s.tdlib {
		_ = l.Close()
	}
}
