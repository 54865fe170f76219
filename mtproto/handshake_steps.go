package mtproto

import (
	"crypto/rsa"
	"crypto/subtle"
	"io"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// The client's steps of a key exchange: functions of what came and of random
// bytes.

// choose returns the first of our keys that the server has.
//
// Without one, whoever answers is not the server.
// https://core.telegram.org/mtproto/auth_key#2-server-sends-response-of-the-form
func choose(ours []*rsa.PublicKey, theirs []int64) (*rsa.PublicKey, error) {
	known := make([]KeyID, 0, len(ours))
	for _, key := range ours {
		fingerprint := crypt.Fingerprint(key)
		for _, their := range theirs {
			if their == fingerprint {
				return key, nil
			}
		}
		known = append(known, KeyID(fingerprint))
	}
	offered := make([]KeyID, 0, len(theirs))
	for _, their := range theirs[:min(len(theirs), 16)] {
		offered = append(offered, KeyID(their))
	}
	return nil, violation("public key of the server", "mtproto/auth_key#2-server-sends-response-of-the-form", offered, known)
}

// proveWork factors pq and encrypts the new nonce.
// https://core.telegram.org/mtproto/auth_key#4-encrypted-data-payload-generation
func proveWork(m *mt.ResPQ, n *nonces, public *rsa.PublicKey, params HandshakeParams) (*mt.ReqDHParams, error) {
	// pq is a product of two different odd primes, at most 2⁶³-1.
	// https://core.telegram.org/mtproto/auth_key#2-server-sends-response-of-the-form
	const link = "mtproto/auth_key#2-server-sends-response-of-the-form"
	pq, ok := number(m.PQ)
	if !ok || pq>>63 != 0 {
		return nil, violation("pq", link, inHex(m.PQ), "a number below 2^63")
	}
	p, q, ok := crypt.Factor(pq)
	if !ok {
		return nil, violation("pq", link, pq, "a product of two primes")
	}
	sealed, err := crypt.RSAPad(innerData(m.PQ, p, q, n, params.DC, params.ExpiresIn), public, params.Random)
	if err != nil {
		return nil, err
	}
	return &mt.ReqDHParams{
		Nonce: n.client, ServerNonce: n.server, P: digits(p), Q: digits(q),
		PublicKeyFingerprint: crypt.Fingerprint(public), EncryptedData: sealed,
	}, nil
}

// innerData is what only the server can read of req_DH_params.
// https://core.telegram.org/mtproto/auth_key#4-encrypted-data-payload-generation
func innerData(pq []byte, p, q uint64, n *nonces, dc int, expires time.Duration) []byte {
	if seconds := int32(expires / time.Second); seconds > 0 {
		return appendService(nil, &mt.PQInnerDataTempDC{
			PQ: pq, P: digits(p), Q: digits(q), Nonce: n.client, ServerNonce: n.server,
			NewNonce: *n.secret.value(), DC: int32(dc), ExpiresIn: seconds,
		})
	}
	return appendService(nil, &mt.PQInnerDataDC{
		PQ: pq, P: digits(p), Q: digits(q), Nonce: n.client, ServerNonce: n.server,
		NewNonce: *n.secret.value(), DC: int32(dc),
	})
}

// openParams decrypts and checks the server's half of the secret.
func openParams(object any, n *nonces) (*mt.ServerDHInnerData, error) {
	if m, ok := object.(*mt.ServerDHParamsFail); ok {
		if err := n.check("server_DH_params_fail", m.Nonce, m.ServerNonce); err != nil {
			return nil, err
		}
		return nil, errGenFail
	}
	m, ok := object.(*mt.ServerDHParamsOk)
	if !ok {
		return nil, unexpected(object, "server_DH_params_ok")
	}
	if err := n.check("server_DH_params_ok", m.Nonce, m.ServerNonce); err != nil {
		return nil, err
	}
	key, iv := n.aes()
	opened, padding, err := openHashed(m.EncryptedAnswer, key, iv)
	if err != nil {
		return nil, err
	}
	inner, ok := opened.(*mt.ServerDHInnerData)
	if !ok {
		return nil, unexpected(opened, "server_DH_inner_data")
	}
	// The padding is shorter than a block.
	// https://core.telegram.org/mtproto/auth_key#6-server-responds-with
	if padding >= blockSize {
		return nil, violation("padding of server_DH_inner_data", "mtproto/auth_key#6-server-responds-with", padding, "0 to 15 bytes")
	}
	if err := n.check("server_DH_inner_data", inner.Nonce, inner.ServerNonce); err != nil {
		return nil, err
	}
	return inner, checkGroup(inner)
}

// checkGroup makes sure that the numbers which the server chose keep a secret.
func checkGroup(m *mt.ServerDHInnerData) error {
	// The prime is a safe prime of 2048 bits, and g generates a group of prime
	// order in it.
	// https://core.telegram.org/mtproto/security_guidelines#validation-of-dh-parameters
	if err := crypt.CheckGroup(m.DHPrime, int(m.G)); err != nil {
		return violation("Diffie-Hellman group", "mtproto/security_guidelines#validation-of-dh-parameters", err, "a safe prime of 2048 bits and a generator from 2 to 7")
	}
	return checkShare("g_a", m.GA, m.DHPrime)
}

// checkShare checks g_a or g_b.
//
// It lies between 1 and p-1, and not close to either.
// https://core.telegram.org/mtproto/security_guidelines#g-a-and-g-b-validation
func checkShare(what string, share, prime []byte) error {
	if err := crypt.CheckShare(share, prime); err != nil {
		return violation(what, "mtproto/security_guidelines#g-a-and-g-b-validation", err, "a number from 2^1984 to p-2^1984")
	}
	return nil
}

// makeShare draws a secret exponent b and returns the key that comes of it and
// the message that brings g^b to the server.
// https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication
func makeShare(group *mt.ServerDHInnerData, n *nonces, retryID int64, random io.Reader) (Key, *mt.SetClientDHParams, error) {
	// The exponent is a random number of 2048 bits.
	// https://core.telegram.org/mtproto/auth_key#6-server-responds-with
	var b [256]byte
	defer clear(b[:])
	fill(random, b[:])
	share := crypt.Pow([]byte{byte(group.G)}, b[:], group.DHPrime)
	// Our own share is held to the same bounds: one that breaks them shows that
	// the random source does not work.
	if err := checkShare("g_b", share[:], group.DHPrime); err != nil {
		return Key{}, nil, err
	}
	key := NewKey(crypt.Pow(group.GA, b[:], group.DHPrime))
	return key, sealShare(share, n, retryID, random), nil
}

// sealShare encrypts g^b for the server.
// https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication
func sealShare(share [256]byte, n *nonces, retryID int64, random io.Reader) *mt.SetClientDHParams {
	inner := appendService(nil, &mt.ClientDHInnerData{
		Nonce: n.client, ServerNonce: n.server, RetryID: retryID, GB: share[:],
	})
	key, iv := n.aes()
	return &mt.SetClientDHParams{
		Nonce: n.client, ServerNonce: n.server, EncryptedData: sealHashed(inner, key, iv, random),
	}
}

// verdict is how a server ends an exchange: the number of the hash that proves
// it.
type verdict byte

const (
	verdictOk    verdict = 1
	verdictRetry verdict = 2
	verdictFail  verdict = 3
)

// openVerdict checks the server's last message.
//
// new_nonce_hash1, 2 or 3 shows that it comes from who has the key, and that
// nobody has turned one verdict into another.
// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
func openVerdict(object any, n *nonces, key Key) (verdict, error) {
	var v verdict
	var client, server, proof tl.Int128
	switch m := object.(type) {
	case *mt.DHGenOk:
		v, client, server, proof = verdictOk, m.Nonce, m.ServerNonce, m.NewNonceHash1
	case *mt.DHGenRetry:
		v, client, server, proof = verdictRetry, m.Nonce, m.ServerNonce, m.NewNonceHash2
	case *mt.DHGenFail:
		v, client, server, proof = verdictFail, m.Nonce, m.ServerNonce, m.NewNonceHash3
	default:
		return 0, unexpected(object, "dh_gen_ok, dh_gen_retry or dh_gen_fail")
	}
	if err := n.check("the server's verdict", client, server); err != nil {
		return 0, err
	}
	if want := n.proof(byte(v), key); subtle.ConstantTimeCompare(proof[:], want[:]) != 1 {
		return 0, violation("new_nonce_hash", "mtproto/auth_key#9-server-responds-in-one-of-three-ways", inHex(proof[:]), "the hash of the key that we have")
	}
	return v, nil
}
