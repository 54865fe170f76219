package mtproto

import (
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// What both ends of a key exchange do. A client and a server that have never met
// agree on a key in three steps:
//
//	client  req_pq_multi            nonce
//	server  resPQ                   server nonce, pq, the server's public keys
//	client  req_DH_params           p and q; to the server alone: the new nonce
//	server  server_DH_params_ok     under a key from the nonces: g, prime, g^a, the time
//	client  set_client_DH_params    under the same key: g^b
//	server  dh_gen_ok               a proof that it has g^ab, the auth key
//
// https://core.telegram.org/mtproto/auth_key

// nonces are the three random numbers that name one exchange; the new one is
// known to the client and the owner of the server's private key only.
type nonces struct {
	client tl.Int128
	server tl.Int128
	secret hidden[tl.Int256] // new_nonce
}

// check compares the nonces of a message with those of the exchange.
//
// Every message repeats them, the encrypted ones too.
// https://core.telegram.org/mtproto/security_guidelines#checking-nonce-server-nonce-and-new-nonce-values
func (n *nonces) check(what string, client, server tl.Int128) error {
	const link = "mtproto/security_guidelines#checking-nonce-server-nonce-and-new-nonce-values"
	if client != n.client {
		return violation("nonce of "+what, link, inHex(client[:]), inHex(n.client[:]))
	}
	if server != n.server {
		return violation("server nonce of "+what, link, inHex(server[:]), inHex(n.server[:]))
	}
	return nil
}

// aes is the key under which the two halves of the secret travel.
func (n *nonces) aes() (key, iv [32]byte) {
	return crypt.TempAES((*[32]byte)(n.secret.value()), (*[16]byte)(&n.server))
}

// proof is new_nonce_hash1, 2 or 3 for a key.
func (n *nonces) proof(number byte, key Key) tl.Int128 {
	return tl.Int128(crypt.NewNonceHash((*[32]byte)(n.secret.value()), number, crypt.AuxHash(key.bytes())))
}

// salt is the first salt of the key.
func (n *nonces) salt() Salt {
	return Salt(crypt.FirstSalt((*[32]byte)(n.secret.value()), (*[16]byte)(&n.server)))
}

// auxID is the auth_key_aux_hash of a key as a number: the retry_id after it.
func auxID(key Key) int64 {
	aux := crypt.AuxHash(key.bytes())
	return int64(binary.LittleEndian.Uint64(aux[:]))
}

// sealHashed encrypts an object of the exchange:
//
//	20 SHA1 of the object · object · 0–15 random bytes
//
// https://core.telegram.org/mtproto/auth_key#6-server-responds-with
func sealHashed(object []byte, key, iv [32]byte, random io.Reader) []byte {
	sum := sha1.Sum(object)
	b := append(sum[:], object...)
	object = make([]byte, -len(b)&(blockSize-1))
	fill(random, object)
	b = append(b, object...)
	crypt.EncryptIGE(b, b, &key, &iv)
	return b
}

// openHashed decrypts an object of the exchange and reads it.
//
// The hash is of the object alone: where it ends, only reading it can tell.
// https://core.telegram.org/mtproto/security_guidelines#checking-sha1-hash-values
func openHashed(sealed []byte, key, iv [32]byte) (object any, padding int, err error) {
	const link = "mtproto/security_guidelines#checking-sha1-hash-values"
	if len(sealed) < sha1.Size+4 || len(sealed)%blockSize != 0 {
		return nil, 0, violation("length of encrypted data", link, len(sealed), "a multiple of 16 that holds a hash and an object")
	}
	plain := make([]byte, len(sealed))
	crypt.DecryptIGE(plain, sealed, &key, &iv)
	r := tl.NewReader(plain[sha1.Size:])
	object = mt.Schema.Read(r)
	sum := sha1.Sum(plain[sha1.Size:][:r.Offset()])
	if r.Err() != nil || subtle.ConstantTimeCompare(sum[:], plain[:sha1.Size]) != 1 {
		return nil, 0, violation("SHA1 of encrypted data", link, "another one", "that of the object in it")
	}
	return object, r.Len(), nil
}

// readPlain reads the one object of an unencrypted packet.
func readPlain(packet []byte) (any, error) {
	body, err := splitPlain(packet)
	if err != nil {
		return nil, err
	}
	r := tl.NewReader(body)
	object := mt.Schema.Read(r)
	if err := r.Err(); err != nil {
		return nil, violation("message of the key exchange", "mtproto/auth_key", err, "one that can be read")
	}
	return object, nil
}

// unexpected says that an object has no place in the exchange, or not yet.
func unexpected(object any, want string) error {
	return violation("message of the key exchange", "mtproto/auth_key", fmt.Sprintf("%T", object), want)
}

func inHex(b []byte) string { return fmt.Sprintf("%x", b) }

// number returns a big-endian number of up to 8 bytes.
func number(b []byte) (v uint64, ok bool) {
	for _, c := range b {
		if v>>56 != 0 {
			return 0, false
		}
		v = v<<8 | uint64(c)
	}
	return v, true
}

// digits returns a number big endian, without leading zeros.
func digits(v uint64) []byte {
	b := binary.BigEndian.AppendUint64(nil, v)
	for len(b) > 1 && b[0] == 0 {
		b = b[1:]
	}
	return b
}
