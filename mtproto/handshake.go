package mtproto

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/telekey/telekey/internal/mt"
)

// HandshakeParams is what a Handshake needs.
type HandshakeParams struct {
	DC        int              // the data centre's number; on test servers with 10000 added, negative for media
	Keys      []*rsa.PublicKey // those the server may answer with
	ExpiresIn time.Duration    // the life of a temporary key, in whole seconds; 0 for a permanent key
	Random    io.Reader        // nonces, secret exponent, padding; must not fail
}

// Exchange is what a finished key exchange leaves on the client.
type Exchange struct {
	Key       Key
	Salt      Salt
	Offset    time.Duration // the server's clock less ours, within a second or so
	ExpiresAt time.Time     // of a temporary key, by the server's clock; zero for a permanent key
}

// handshakeState is what a Handshake waits for.
type handshakeState uint8

const (
	awaitPQ      handshakeState = iota // resPQ
	awaitParams                        // server_DH_params_ok
	awaitVerdict                       // dh_gen_ok, dh_gen_retry, dh_gen_fail
	handshakeDone
	handshakeFailed
)

// String returns the state's name.
func (s handshakeState) String() string {
	return [...]string{"await pq", "await params", "await verdict", "done", "failed"}[s]
}

// Handshake is the client's end of a key exchange. It lives on one socket: after
// an error, begin again with a new one. See the package's comment for how to use
// it.
type Handshake struct {
	params HandshakeParams
	state  handshakeState
	err    error
	ids    idClock
	out    []byte

	nonces  nonces
	group   *mt.ServerDHInnerData
	key     Key
	retries int
	offset  time.Duration
}

// Format prints the state under every verb, and no secret.
func (h *Handshake) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "mtproto.Handshake(%s)", h.state) }

// maxRetries is how often a server may ask for another key: the reasons that it
// can have come up once in hundreds of exchanges.
const maxRetries = 5

// NewHandshake returns a Handshake whose first packet is ready in Next.
func NewHandshake(now time.Time, p HandshakeParams) *Handshake {
	h := &Handshake{params: p}
	fill(p.Random, h.nonces.client[:])
	h.write(now, &mt.ReqPQMulti{Nonce: h.nonces.client})
	return h
}

// Next returns the next packet to write; false for none.
func (h *Handshake) Next() (packet []byte, ok bool) {
	packet, h.out = h.out, nil
	return packet, packet != nil
}

// Result returns the key once the exchange is finished.
func (h *Handshake) Result() (Exchange, bool) {
	if h.state != handshakeDone {
		return Exchange{}, false
	}
	e := Exchange{Key: h.key, Salt: h.nonces.salt(), Offset: h.offset}
	if h.params.ExpiresIn > 0 {
		e.ExpiresAt = time.Unix(int64(h.group.ServerTime), 0).Add(h.params.ExpiresIn)
	}
	return e, true
}

// errHandshakeOver is for packets after the end.
var errHandshakeOver = errors.New("mtproto: the key exchange is finished; packets without a key have no place after it")

// Receive takes one packet. Any error ends the exchange: a *TransportError, a
// *ViolationError, or that the server gave up.
func (h *Handshake) Receive(now time.Time, packet []byte) error {
	switch h.state {
	case handshakeFailed:
		return h.err
	case handshakeDone:
		return errHandshakeOver
	}
	if h.err = h.receive(now, packet); h.err != nil {
		h.state, h.out = handshakeFailed, nil
	}
	return h.err
}

func (h *Handshake) receive(now time.Time, packet []byte) error {
	if e, ok := asTransportError(packet); ok {
		return e
	}
	object, err := readPlain(packet)
	if err != nil {
		return err
	}
	switch h.state {
	case awaitPQ:
		return h.onPQ(now, object)
	case awaitParams:
		return h.onParams(now, object)
	default:
		return h.onVerdict(now, object)
	}
}

// onPQ proves a little work and sends the new nonce to the owner of the public
// key.
func (h *Handshake) onPQ(now time.Time, object any) error {
	m, ok := object.(*mt.ResPQ)
	if !ok {
		return unexpected(object, "resPQ")
	}
	h.nonces.server = m.ServerNonce
	if err := h.nonces.check("resPQ", m.Nonce, m.ServerNonce); err != nil {
		return err
	}
	public, err := choose(h.params.Keys, m.ServerPublicKeyFingerprints)
	if err != nil {
		return err
	}
	fill(h.params.Random, h.nonces.secret.value()[:])
	request, err := proveWork(m, &h.nonces, public, h.params)
	if err != nil {
		return err
	}
	h.state = awaitParams
	h.write(now, request)
	return nil
}

// onParams takes the group and the server's share, and answers with ours.
func (h *Handshake) onParams(now time.Time, object any) error {
	group, err := openParams(object, &h.nonces)
	if err != nil {
		return err
	}
	h.group = group
	h.offset = time.Unix(int64(group.ServerTime), 0).Sub(now)
	return h.share(now, 0)
}

// share sends a share of the secret and computes the key that comes of it.
func (h *Handshake) share(now time.Time, retryID int64) error {
	key, request, err := makeShare(h.group, &h.nonces, retryID, h.params.Random)
	if err != nil {
		return err
	}
	h.key, h.state = key, awaitVerdict
	h.write(now, request)
	return nil
}

// errGenFail is the server's last word.
var errGenFail = errors.New("mtproto: the server gave up the key exchange (dh_gen_fail); begin again later")

// onVerdict learns whether the server has the same key and likes it. What it
// says counts only with the hash that proves it.
// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
func (h *Handshake) onVerdict(now time.Time, object any) error {
	verdict, err := openVerdict(object, &h.nonces, h.key)
	if err != nil {
		return err
	}
	switch verdict {
	case verdictOk:
		h.state = handshakeDone
		return nil
	case verdictFail:
		return errGenFail
	}
	if h.retries++; h.retries > maxRetries {
		return violation("number of retries", "mtproto/auth_key#9-server-responds-in-one-of-three-ways", h.retries, "at most 5 times dh_gen_retry")
	}
	retryID := auxID(h.key)
	h.key.Wipe()
	return h.share(now, retryID)
}

// write prepares a packet.
func (h *Handshake) write(now time.Time, object any) {
	h.out = appendPlain(nil, h.ids.next(now, fromClient), appendService(nil, object))
}
