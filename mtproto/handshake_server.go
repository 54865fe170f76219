package mtproto

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/telekey/telekey/internal/mt"
)

// ServerHandshakeParams is what a ServerHandshake needs.
type ServerHandshakeParams struct {
	Key    *rsa.PrivateKey  // 2048 bits
	Test   bool             // whether this is a test server: clients add 10000 to the data centre's number
	Random io.Reader        // must not fail
	Taken  func(KeyID) bool // whether a key id is in use; nil for never
}

// ServerExchange is what a finished key exchange leaves on the server.
type ServerExchange struct {
	Key       Key
	Salt      Salt      // the first one, for Server.AddKey
	ExpiresAt time.Time // of a temporary key; zero for a permanent one
	DC        int       // the number that the client gave, without the 10000 of test; 0 if it gave none
}

// Temp says whether the key is temporary.
func (e ServerExchange) Temp() bool { return !e.ExpiresAt.IsZero() }

// ServerHandshake is the server's end of a key exchange, one for each socket. A
// socket may make several keys one after the other. It accepts what clients
// have sent since 2013: req_pq and req_pq_multi, both paddings of RSA, inner data
// with and without data centre, permanent and temporary.
type ServerHandshake struct {
	params ServerHandshakeParams
	stage  stage
	ids    idClock
	query  []byte // the last one that was answered
	answer []byte // the packet that answered it

	nonces  nonces
	pq      semiprime
	inner   innerQuery
	secret  hidden[[]byte] // a, the exponent
	retries int
	done    *ServerExchange
}

// stage is what a ServerHandshake waits for.
type stage uint8

const (
	stagePQ    stage = iota // req_pq, req_pq_multi: the only query that is welcome at any stage
	stageWork               // req_DH_params
	stageShare              // set_client_DH_params
	stageOver               // a repetition, or another req_pq
)

// String returns the stage's name.
func (s stage) String() string {
	return [...]string{"await req_pq", "await req_DH_params", "await set_client_DH_params", "over"}[s]
}

// Format prints the stage under every verb, and no secret.
func (h *ServerHandshake) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "mtproto.ServerHandshake(%s)", h.stage)
}

// maxServerRetries is how often a ServerHandshake asks for another share before
// it gives up. A fair client needs one in 256 exchanges.
const maxServerRetries = 16

// NewServerHandshake returns a ServerHandshake that waits for its first query.
func NewServerHandshake(p ServerHandshakeParams) *ServerHandshake {
	return &ServerHandshake{params: p}
}

// Done returns the key that the packet taken last has brought about, if any, once:
// tell it to the Server before writing the answer. It may be one that the client
// is asked to give up.
func (h *ServerHandshake) Done() (ServerExchange, bool) {
	if h.done == nil {
		return ServerExchange{}, false
	}
	e := *h.done
	h.done = nil
	return e, true
}

// Receive takes one unencrypted packet, as [PacketKey] tells, and returns the
// one to write in answer. After an error the answer is a transport error: write
// it and close the socket.
func (h *ServerHandshake) Receive(now time.Time, packet []byte) (answer []byte, err error) {
	// The same query has the same answer: the first one may have been lost.
	// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
	body, err := splitPlain(packet)
	if err == nil && h.answer != nil && bytes.Equal(body, h.query) {
		return h.answer, nil
	}
	var object any
	if err == nil {
		object, err = readPlain(packet)
	}
	if err == nil {
		object, err = h.receive(now, object)
	}
	if err != nil {
		return h.refuse(err), err
	}
	h.query = append([]byte(nil), body...)
	h.answer = appendPlain(nil, h.ids.next(now, isAnswer), appendService(nil, object))
	return h.answer, nil
}

func (h *ServerHandshake) receive(now time.Time, query any) (answer any, err error) {
	switch m := query.(type) {
	case *mt.ReqPQ:
		return h.begin(m.Nonce), nil
	case *mt.ReqPQMulti:
		return h.begin(m.Nonce), nil
	case *mt.ReqDHParams:
		if h.stage == stageWork {
			return h.onWork(now, m)
		}
	case *mt.SetClientDHParams:
		if h.stage == stageShare {
			return h.onShare(m)
		}
	}
	return nil, unexpected(query, "what ends "+h.stage.String())
}

// errWrongDC is answered in its own way.
var errWrongDC = errors.New("mtproto: the client asks for a data centre of the other kind, production or test")

// refuse ends the exchange: nothing but a new one is answered on this socket.
// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
func (h *ServerHandshake) refuse(err error) []byte {
	clear(*h.secret.value())
	*h = ServerHandshake{params: h.params, ids: h.ids, done: h.done}
	if errors.Is(err, errWrongDC) {
		return appendTransportError(nil, codeWrongDC)
	}
	return appendTransportError(nil, codeUnknownKey)
}

// begin starts an exchange.
func (h *ServerHandshake) begin(nonce [16]byte) *mt.ResPQ {
	clear(*h.secret.value())
	*h = ServerHandshake{params: h.params, ids: h.ids, done: h.done}
	h.stage = stageWork
	h.nonces.client = nonce
	fill(h.params.Random, h.nonces.server[:])
	h.pq = drawSemiprime(h.params.Random)
	return &mt.ResPQ{
		Nonce: h.nonces.client, ServerNonce: h.nonces.server, PQ: digits(h.pq.product()),
		ServerPublicKeyFingerprints: []int64{fingerprint(h.params.Key)},
	}
}

// onWork checks the client's work, learns the new nonce and offers a group.
func (h *ServerHandshake) onWork(now time.Time, m *mt.ReqDHParams) (any, error) {
	inner, err := openWork(m, &h.nonces, h.pq, h.params.Key)
	if err != nil {
		return nil, err
	}
	// Test servers add 10000 to their number; the number of a media data centre
	// is negative.
	// https://core.telegram.org/mtproto/auth_key#4-encrypted-data-payload-generation
	if inner.hasDC && inner.test != h.params.Test {
		return nil, errWrongDC
	}
	h.inner, h.nonces.secret = inner, inner.secret
	if inner.temp {
		h.inner.expiresAt = now.Add(inner.life)
	}
	*h.secret.value() = make([]byte, 256)
	fill(h.params.Random, *h.secret.value())
	h.stage = stageShare
	return offerGroup(&h.nonces, *h.secret.value(), now, h.params.Random)
}

// onShare computes the key and tells the client that it has it; or asks for
// another, if this one would be trouble.
func (h *ServerHandshake) onShare(m *mt.SetClientDHParams) (any, error) {
	key, err := openShare(m, &h.nonces, *h.secret.value())
	if err != nil {
		return nil, err
	}
	client, server := h.nonces.client, h.nonces.server
	free := h.free(key)
	switch {
	case free && wellBegun(key):
	case h.retries == maxServerRetries:
		h.stage = stageOver
		return &mt.DHGenFail{Nonce: client, ServerNonce: server, NewNonceHash3: h.nonces.proof(byte(verdictFail), key)}, nil
	default:
		// Pyrogram and its kin take dh_gen_retry for success and go on with the key
		// that was refused. One that begins with a zero byte is a good key for who
		// keeps the byte: it is made known, too.
		if free {
			h.done = &ServerExchange{Key: key, Salt: h.nonces.salt(), ExpiresAt: h.inner.expiresAt, DC: h.inner.dc}
		}
		h.retries++
		return &mt.DHGenRetry{Nonce: client, ServerNonce: server, NewNonceHash2: h.nonces.proof(byte(verdictRetry), key)}, nil
	}
	clear(*h.secret.value())
	h.stage = stageOver
	h.done = &ServerExchange{Key: key, Salt: h.nonces.salt(), ExpiresAt: h.inner.expiresAt, DC: h.inner.dc}
	return &mt.DHGenOk{Nonce: client, ServerNonce: server, NewNonceHash1: h.nonces.proof(byte(verdictOk), key)}, nil
}

// wellBegun says whether every client can use a key. One that begins with a zero
// byte is computed as a number by some, who lose that byte, and then fail: one key
// in 256 is such.
func wellBegun(key Key) bool { return key.bytes()[0] != 0 }

// free says whether no other key has its id.
// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
func (h *ServerHandshake) free(key Key) bool {
	taken := h.params.Taken != nil && h.params.Taken(key.ID())
	return !taken && key.ID() != 0
}
