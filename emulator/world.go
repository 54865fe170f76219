package emulator

import (
	"encoding/binary"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"time"
)

// world is everything that the calls know and change. It has no sockets, no
// goroutines and no clock: time is told to whoever needs it.
type world struct {
	log         *slog.Logger
	random      io.Reader
	advertised  netip.Addr // see Server.advertise
	test        bool
	centres     []place
	views       views
	ahead       time.Duration // of the account clock before the real one
	accounts    accounts
	outbox      outbox
	tickets     bounded[string, transfer] // by their bytes
	futures     futures
	loginTokens bounded[string, *loginToken] // by their bytes
	bots        bots
	webTokens   bounded[AccessToken, webToken]
	signUp      SignUp
	minAge      int
	ways        map[phoneNumber][]Channel // of codes; see waysTo for the others
	pushes      []push                    // to be sent after the call that made them
	dropped     []*authKey                // to be forgotten after the call that dropped them
	post        post                      // that codes go out by

	decodeMemory int // that the values of one call may take

	background func(func()) // runs what takes long and touches nothing here

	passkeys      Passkeys                  // nil: there are none
	passkeyOwners map[string]*account       // by the passkey's id
	ceremonies    bounded[string, ceremony] // by their challenges in base64url
}

// place is where a data centre is.
type place struct {
	id   int
	addr netip.AddrPort
}

func newWorld(cfg Config, background func(func())) *world {
	return &world{
		log: cfg.Log, random: cfg.Random, test: cfg.Test, signUp: cfg.SignUp, minAge: cfg.MinAge,
		views: views{}, futures: futures{}, ways: map[phoneNumber][]Channel{}, background: background,
		decodeMemory: cfg.decodeMemory(),
	}
}

func (w *world) hasCentre(id int) bool {
	return slices.ContainsFunc(w.centres, func(p place) bool { return p.id == id })
}

// unix is a time as the API writes it.
func unix(t time.Time) int32 { return int32(t.Unix()) }

// randomBytes draws n bytes. There is no going on without them.
func (w *world) randomBytes(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(w.random, b); err != nil {
		panic("emulator: the random source failed: " + err.Error())
	}
	return b
}

func (w *world) random64() int64 { return int64(binary.LittleEndian.Uint64(w.randomBytes(8))) }
