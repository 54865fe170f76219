package mtproto

import (
	"bytes"
	"crypto/rsa"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// published are the nonces and the key of a worked example.
func published(t *testing.T, v map[string]any) (n nonces, key Key) {
	t.Helper()
	copy(n.client[:], unhex(t, v, "nonce"))
	copy(n.server[:], unhex(t, v, "server_nonce"))
	copy(n.secret.value()[:], unhex(t, v, "new_nonce"))
	key, err := ParseKey(unhex(t, v, "auth_key"))
	if err != nil {
		t.Fatal(err)
	}
	return n, key
}

// What is derived from nonces and key is as in the worked examples.
// https://core.telegram.org/mtproto/samples-auth_key
func TestPublishedExchangesGiveTheSameKeys(t *testing.T) {
	for _, v := range readVectors(t).Exchanges {
		n, key := published(t, v)
		if id := binary.LittleEndian.AppendUint64(nil, uint64(key.ID())); !bytes.Equal(id, unhex(t, v, "auth_key_id")) {
			t.Errorf("%s: got key id %x", v["name"], id)
		}
		if salt := binary.LittleEndian.AppendUint64(nil, uint64(n.salt())); !bytes.Equal(salt, unhex(t, v, "server_salt")) {
			t.Errorf("%s: got salt %x", v["name"], salt)
		}
		for i, name := range []string{"new_nonce_hash1", "new_nonce_hash2", "new_nonce_hash3"} {
			if proof := n.proof(byte(i+1), key); !bytes.Equal(proof[:], unhex(t, v, name)) {
				t.Errorf("%s: got %s %x", v["name"], name, proof)
			}
		}
		aesKey, iv := n.aes()
		if !bytes.Equal(aesKey[:], unhex(t, v, "tmp_aes_key")) || !bytes.Equal(iv[:], unhex(t, v, "tmp_aes_iv")) {
			t.Errorf("%s: got AES key %x and iv %x", v["name"], aesKey, iv)
		}
		pq, _ := number(unhex(t, v, "pq"))
		p, q, ok := crypt.Factor(pq)
		if !ok || !bytes.Equal(digits(p), unhex(t, v, "p")) || !bytes.Equal(digits(q), unhex(t, v, "q")) {
			t.Errorf("%s: got factors %x and %x", v["name"], p, q)
		}
	}
}

// script is a random source that gives what an example gave, and then anything.
func script(parts ...[]byte) io.Reader {
	return io.MultiReader(bytes.NewReader(bytes.Join(parts, nil)), newChance(1))
}

// The client's machine walks through the worked example.
// https://core.telegram.org/mtproto/samples-auth_key
func TestTheClientWalksThroughThePublishedExchange(t *testing.T) {
	v := readVectors(t).Exchanges[0]
	_, production := serverRSA(t)
	h := NewHandshake(time.Unix(1783001184, 0), HandshakeParams{
		DC: 2, Keys: []*rsa.PublicKey{production}, Random: script(unhex(t, v, "nonce"), unhex(t, v, "new_nonce")),
	})
	packet, _ := h.Next()
	if want := unhex(t, v, "req_pq_multi"); !bytes.Equal(packet[16:], want[16:]) { // but for the message id
		t.Errorf("got %x, want %x", packet, want)
	}

	now := time.Unix(1783001180, 0) // our clock is 5 s behind
	if err := h.Receive(now, unhex(t, v, "res_pq")); err != nil {
		t.Fatal(err)
	}
	packet, _ = h.Next()
	q := readAs[mt.ReqDHParams](t, packet)
	if !bytes.Equal(q.P, unhex(t, v, "p")) || !bytes.Equal(q.Q, unhex(t, v, "q")) || uint64(q.PublicKeyFingerprint) != 0xd09d1d85de64fd85 {
		t.Errorf("got %+v", q)
	}
	p1, _ := number(q.P)
	p2, _ := number(q.Q)
	if inner := innerData(unhex(t, v, "pq"), p1, p2, &h.nonces, 2, 0); !bytes.Equal(inner, unhex(t, v, "p_q_inner_data_dc")) {
		t.Errorf("got inner data %x", inner)
	}

	ok := boxed(&mt.ServerDHParamsOk{Nonce: h.nonces.client, ServerNonce: h.nonces.server, EncryptedAnswer: unhex(t, v, "encrypted_answer")})
	if err := h.Receive(now, appendPlain(nil, 1, ok)); err != nil {
		t.Fatal(err)
	}
	if h.group.G != 3 || !bytes.Equal(h.group.GA, unhex(t, v, "g_a")) || !bytes.Equal(h.group.DHPrime, unhex(t, v, "dh_prime")) || h.offset != 5*time.Second {
		t.Errorf("got %+v, offset %v", h.group, h.offset)
	}
	// The example does not show the exponent, but what came of it.
	share := sealShare([256]byte(unhex(t, v, "g_b")), &h.nonces, 0, bytes.NewReader(unhex(t, v, "client_dh_padding")))
	if !bytes.Equal(share.EncryptedData, unhex(t, v, "client_dh_encrypted")) {
		t.Errorf("got share %x", share.EncryptedData)
	}

	_, h.key = published(t, v)
	if err := h.Receive(now, unhex(t, v, "dh_gen_ok")); err != nil {
		t.Fatal(err)
	}
	if e, ok := h.Result(); !ok || e.Key.ID() != h.key.ID() || e.Offset != 5*time.Second {
		t.Errorf("got %+v, %v", e, ok)
	}
}

// The server's steps give what the example's server gave.
// https://core.telegram.org/mtproto/samples-auth_key
func TestTheServerSealsThePublishedAnswer(t *testing.T) {
	v := readVectors(t).Exchanges[0]
	n, _ := published(t, v)
	inner := boxed(&mt.ServerDHInnerData{
		Nonce: n.client, ServerNonce: n.server, G: 3, DHPrime: unhex(t, v, "dh_prime"),
		GA: unhex(t, v, "g_a"), ServerTime: int32(v["server_time"].(float64)),
	})
	if !bytes.Equal(inner, unhex(t, v, "server_dh_inner_data")) {
		t.Errorf("got %x", inner)
	}
	key, iv := n.aes()
	if sealed := sealHashed(inner, key, iv, bytes.NewReader(unhex(t, v, "answer_padding"))); !bytes.Equal(sealed, unhex(t, v, "encrypted_answer")) {
		t.Errorf("got %x", sealed)
	}
	object, _, err := openHashed(unhex(t, v, "client_dh_encrypted"), key, iv)
	if share, ok := object.(*mt.ClientDHInnerData); err != nil || !ok || !bytes.Equal(share.GB, unhex(t, v, "g_b")) {
		t.Errorf("got %+v, %v", object, err)
	}
	want := unhex(t, v, "p_q_inner_data_dc")
	q, data, ok := readInner(mt.Schema.Read(tl.NewReader(want)))
	if !ok || !q.hasDC || q.dc != 2 || q.test || q.temp || data.NewNonce != *n.secret.value() {
		t.Errorf("got %+v, %+v", q, data)
	}
}
