package mtproto

import (
	"crypto/rsa"
	"encoding/binary"
	"io"
	"math/big"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// The server's steps of a key exchange: functions of what came and of random
// bytes.

// semiprime is a product of two primes, p < q, that a client must factor.
type semiprime struct{ p, q uint64 }

func (s semiprime) product() uint64 { return s.p * s.q }

// drawSemiprime draws two primes of 31 bits. There are clients that write them
// in exactly four bytes.
// https://core.telegram.org/mtproto/auth_key#2-server-sends-response-of-the-form
func drawSemiprime(random io.Reader) semiprime {
	var b [8]byte
	fill(random, b[:])
	p := nextPrime(binary.LittleEndian.Uint32(b[:]))
	q := nextPrime(binary.LittleEndian.Uint32(b[4:]))
	if p == q {
		q = nextPrime(uint32(p) + 1)
	}
	return semiprime{min(p, q), max(p, q)}
}

// nextPrime returns a prime of 31 bits that is not far above those of v. The
// test of math/big is exact for numbers of this size.
func nextPrime(v uint32) uint64 {
	for v = v&(1<<30-1) | 1<<30 | 1; ; v += 2 {
		if new(big.Int).SetUint64(uint64(v)).ProbablyPrime(0) {
			return uint64(v) // before 2³¹-1, which is prime
		}
	}
}

func fingerprint(key *rsa.PrivateKey) int64 { return crypt.Fingerprint(&key.PublicKey) }

// innerQuery is what the client has sent for the server's eyes only.
type innerQuery struct {
	secret    hidden[tl.Int256] // new_nonce
	hasDC     bool
	dc        int // without the 10000 of test; negative for media
	test      bool
	temp      bool
	life      time.Duration
	expiresAt time.Time
}

// maxLife bounds the life of a temporary key. Clients ask for a day.
const maxLife = 30 * 24 * time.Hour

// openWork checks p and q and opens what is encrypted to the server's key.
// https://core.telegram.org/mtproto/auth_key#4-encrypted-data-payload-generation
func openWork(m *mt.ReqDHParams, n *nonces, pq semiprime, key *rsa.PrivateKey) (q innerQuery, err error) {
	const link = "mtproto/auth_key#presenting-proof-of-work-server-authentication"
	if err := n.check("req_DH_params", m.Nonce, m.ServerNonce); err != nil {
		return q, err
	}
	if want := fingerprint(key); m.PublicKeyFingerprint != want {
		return q, violation("fingerprint", link, KeyID(m.PublicKeyFingerprint), KeyID(want))
	}
	if err := pq.check(m.P, m.Q); err != nil {
		return q, err
	}
	data, err := crypt.RSAOpen(m.EncryptedData, key)
	if err != nil {
		return q, violation("encrypted data", link, err, "one for our public key")
	}
	// What follows the object is padding.
	object := mt.Schema.Read(tl.NewReader(data))
	q, inner, ok := readInner(object)
	if !ok {
		return q, unexpected(object, "a form of p_q_inner_data")
	}
	if err := n.check("p_q_inner_data", inner.Nonce, inner.ServerNonce); err != nil {
		return q, err
	}
	if product, ok := number(inner.PQ); !ok || product != pq.product() {
		return q, violation("pq of p_q_inner_data", link, inHex(inner.PQ), inHex(digits(pq.product())))
	}
	if q.temp && (q.life <= 0 || q.life > maxLife) {
		return q, violation("expires_in", link, q.life, "a time up to 30 days")
	}
	return q, pq.check(inner.P, inner.Q)
}

// check compares the factors that a client found; it may pad them with zeros.
func (s semiprime) check(p, q []byte) error {
	gotP, okP := number(p)
	gotQ, okQ := number(q)
	if !okP || !okQ || gotP != s.p || gotQ != s.q {
		return violation("p and q", "mtproto/auth_key#presenting-proof-of-work-server-authentication", inHex(p)+", "+inHex(q), "the factors of pq, the smaller one first")
	}
	return nil
}

// readInner reads the four forms that inner data has had. What they have in
// common is returned as the oldest of them.
// https://core.telegram.org/mtproto/auth_key#4-encrypted-data-payload-generation
func readInner(object any) (q innerQuery, inner mt.PQInnerData, ok bool) {
	switch m := object.(type) {
	case *mt.PQInnerData:
		inner = *m
	case *mt.PQInnerDataDC:
		inner = mt.PQInnerData{PQ: m.PQ, P: m.P, Q: m.Q, Nonce: m.Nonce, ServerNonce: m.ServerNonce, NewNonce: m.NewNonce}
		q.setDC(m.DC)
	case *mt.PQInnerDataTemp:
		inner = mt.PQInnerData{PQ: m.PQ, P: m.P, Q: m.Q, Nonce: m.Nonce, ServerNonce: m.ServerNonce, NewNonce: m.NewNonce}
		q.setLife(m.ExpiresIn)
	case *mt.PQInnerDataTempDC:
		inner = mt.PQInnerData{PQ: m.PQ, P: m.P, Q: m.Q, Nonce: m.Nonce, ServerNonce: m.ServerNonce, NewNonce: m.NewNonce}
		q.setDC(m.DC)
		q.setLife(m.ExpiresIn)
	default:
		return q, inner, false
	}
	*q.secret.value() = inner.NewNonce
	return q, inner, true
}

func (q *innerQuery) setDC(dc int32) {
	const test = 10000
	q.hasDC, q.dc = true, int(dc)
	switch {
	case q.dc >= test:
		q.dc, q.test = q.dc-test, true
	case q.dc <= -test:
		q.dc, q.test = q.dc+test, true
	}
}

func (q *innerQuery) setLife(seconds int32) {
	q.temp, q.life = true, time.Duration(seconds)*time.Second
}

// offerGroup sends the known prime, 3 as generator, which suits every client, and
// the server's share.
// https://core.telegram.org/mtproto/auth_key#6-server-responds-with
func offerGroup(n *nonces, a []byte, now time.Time, random io.Reader) (any, error) {
	prime := crypt.Prime()
	share := crypt.Pow([]byte{3}, a, prime)
	if err := checkShare("g_a", share[:], prime); err != nil {
		return nil, err
	}
	inner := appendService(nil, &mt.ServerDHInnerData{
		Nonce: n.client, ServerNonce: n.server, G: 3, DHPrime: prime, GA: share[:], ServerTime: int32(now.Unix()),
	})
	key, iv := n.aes()
	return &mt.ServerDHParamsOk{
		Nonce: n.client, ServerNonce: n.server, EncryptedAnswer: sealHashed(inner, key, iv, random),
	}, nil
}

// openShare opens the client's share and computes the key. Some clients pad with
// a whole block; and what they send as retry_id differs, so that it is not
// compared.
// https://core.telegram.org/mtproto/auth_key#7-client-computes-random-2048-bit-number-b-using-a-sufficient-amount-of-entropy-and-sends-the-server-a-message
func openShare(m *mt.SetClientDHParams, n *nonces, a []byte) (Key, error) {
	if err := n.check("set_client_DH_params", m.Nonce, m.ServerNonce); err != nil {
		return Key{}, err
	}
	key, iv := n.aes()
	object, _, err := openHashed(m.EncryptedData, key, iv)
	if err != nil {
		return Key{}, err
	}
	inner, ok := object.(*mt.ClientDHInnerData)
	if !ok {
		return Key{}, unexpected(object, "client_DH_inner_data")
	}
	if err := n.check("client_DH_inner_data", inner.Nonce, inner.ServerNonce); err != nil {
		return Key{}, err
	}
	prime := crypt.Prime()
	if err := checkShare("g_b", inner.GB, prime); err != nil {
		return Key{}, err
	}
	return NewKey(crypt.Pow(inner.GB, a, prime)), nil
}
