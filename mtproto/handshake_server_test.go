package mtproto

import (
	"bytes"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// stranger is a client of another make, step by step.
type stranger struct {
	t      *testing.T
	server *ServerHandshake
	n      nonces
	pq     *mt.ResPQ
	p, q   []byte
	key    Key
}

func newStranger(t *testing.T, p ServerHandshakeParams) *stranger {
	p.Key, _ = serverRSA(t)
	p.Random = newChance(2)
	s := &stranger{t: t, server: NewServerHandshake(p)}
	newChance(1).Read(s.n.client[:])
	newChance(3).Read(s.n.secret.value()[:])
	return s
}

// say sends an object and returns what comes back.
func (s *stranger) say(v any) (any, error) {
	s.t.Helper()
	answer, err := s.server.Receive(start, appendPlain(nil, idAt(start), boxed(v)))
	if err != nil {
		if e, ok := asTransportError(answer); ok {
			return e.Code, err
		}
		s.t.Fatalf("an error without a transport error: %v", err)
	}
	if id := MsgID(tl.NewReader(answer[8:]).Long()); id&3 != isAnswer {
		s.t.Errorf("the answer's id is %v, want one that ends in 1", id)
	}
	object, err := readPlain(answer)
	if err != nil {
		s.t.Fatal(err)
	}
	return object, nil
}

// must is say when nothing can go wrong.
func (s *stranger) must(v any) any {
	s.t.Helper()
	object, err := s.say(v)
	if err != nil {
		s.t.Fatal(err)
	}
	return object
}

func (s *stranger) ask(query any) {
	s.t.Helper()
	s.pq = s.must(query).(*mt.ResPQ)
	s.n.server = s.pq.ServerNonce
	pq, _ := number(s.pq.PQ)
	p, q, ok := crypt.Factor(pq)
	if !ok || p>>32 != 0 || q>>32 != 0 {
		s.t.Fatalf("pq is %x, want factors of four bytes", s.pq.PQ)
	}
	s.p, s.q = digits(p), digits(q)
}

// work is req_DH_params around some inner data.
func (s *stranger) work(inner any, legacy bool) *mt.ReqDHParams {
	s.t.Helper()
	key, _ := serverRSA(s.t)
	encrypt := crypt.RSAPad
	if legacy {
		encrypt = crypt.RSALegacy
	}
	sealed, err := encrypt(boxed(inner), &key.PublicKey, newChance(4))
	if err != nil {
		s.t.Fatal(err)
	}
	return &mt.ReqDHParams{
		Nonce: s.n.client, ServerNonce: s.n.server, P: s.p, Q: s.q,
		PublicKeyFingerprint: fingerprint(key), EncryptedData: sealed,
	}
}

// share is set_client_DH_params, with so many bytes of padding too many.
func (s *stranger) share(params any, retryID int64, more int) *mt.SetClientDHParams {
	s.t.Helper()
	return s.shareOf(params, bytes.Repeat([]byte{byte(retryID), 1}, 128), retryID, more)
}

// shareOf is the share of the exponent b.
func (s *stranger) shareOf(params any, b []byte, retryID int64, more int) *mt.SetClientDHParams {
	s.t.Helper()
	group, err := openParams(params, &s.n)
	if err != nil {
		s.t.Fatal(err)
	}
	gb := crypt.Pow([]byte{3}, b, group.DHPrime)
	s.key = NewKey(crypt.Pow(group.GA, b, group.DHPrime))
	m := &meeting{t: s.t, now: start, client: &Handshake{nonces: s.n}}
	inner := boxed(&mt.ClientDHInnerData{Nonce: s.n.client, ServerNonce: s.n.server, RetryID: retryID, GB: gb[:]})
	return readAs[mt.SetClientDHParams](s.t, m.shareOf(inner, more))
}

func (s *stranger) inner() mt.PQInnerData {
	return mt.PQInnerData{PQ: s.pq.PQ, P: s.p, Q: s.q, Nonce: s.n.client, ServerNonce: s.n.server, NewNonce: *s.n.secret.value()}
}

func (s *stranger) innerDC(dc int32) *mt.PQInnerDataDC {
	i := s.inner()
	return &mt.PQInnerDataDC{PQ: i.PQ, P: i.P, Q: i.Q, Nonce: i.Nonce, ServerNonce: i.ServerNonce, NewNonce: i.NewNonce, DC: dc}
}

// Clients of all years are understood.
// https://core.telegram.org/mtproto/auth_key#4-encrypted-data-payload-generation
func TestClientsOfEveryMakeAgreeOnAKey(t *testing.T) {
	forms := map[string]func(s *stranger) any{
		"p_q_inner_data":    func(s *stranger) any { i := s.inner(); return &i },
		"p_q_inner_data_dc": func(s *stranger) any { return s.innerDC(2) },
		"p_q_inner_data_temp": func(s *stranger) any {
			i := s.inner()
			return &mt.PQInnerDataTemp{PQ: i.PQ, P: i.P, Q: i.Q, Nonce: i.Nonce, ServerNonce: i.ServerNonce, NewNonce: i.NewNonce, ExpiresIn: 60}
		},
		"p_q_inner_data_temp_dc": func(s *stranger) any {
			i := s.inner()
			return &mt.PQInnerDataTempDC{PQ: i.PQ, P: i.P, Q: i.Q, Nonce: i.Nonce, ServerNonce: i.ServerNonce, NewNonce: i.NewNonce, DC: 2, ExpiresIn: 60}
		},
	}
	for form, inner := range forms {
		for _, legacy := range []bool{false, true} {
			for _, padding := range []int{0, 16} {
				s := newStranger(t, ServerHandshakeParams{})
				if legacy {
					s.ask(&mt.ReqPQ{Nonce: s.n.client})
				} else {
					s.ask(&mt.ReqPQMulti{Nonce: s.n.client})
				}
				params := s.must(s.work(inner(s), legacy))
				verdict := s.must(s.share(params, 7, padding)) // retry_id should be 0
				if v, err := openVerdict(verdict, &s.n, s.key); v != verdictOk || err != nil {
					t.Errorf("%s, legacy %v: got %T, %v", form, legacy, verdict, err)
				}
				e, ok := s.server.Done()
				wantTemp := form == "p_q_inner_data_temp" || form == "p_q_inner_data_temp_dc"
				if !ok || e.Key.ID() != s.key.ID() || e.Temp() != wantTemp || wantTemp && !e.ExpiresAt.Equal(start.Add(time.Minute)) {
					t.Errorf("%s, legacy %v: got %+v", form, legacy, e)
				}
			}
		}
	}
}

// The same query has the same answer.
// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
func TestARepeatedQueryGetsTheSameAnswer(t *testing.T) {
	m := newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{})
	for range 3 {
		packet, _ := m.client.Next()
		first, err := m.server.Receive(start, bytes.Clone(packet))
		if err != nil {
			t.Fatal(err)
		}
		// The message id of the repetition differs; the body counts.
		packet[9]++
		second, err := m.server.Receive(start.Add(time.Minute), packet)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("got %x, %v, want %x", second, err, first)
		}
		if err := m.client.Receive(start, first); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := m.server.Done(); !ok {
		t.Error("there is no key")
	}
}

func TestASocketMayMakeSeveralKeys(t *testing.T) {
	m := newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{})
	first, _ := m.finish()
	m.client = NewHandshake(start, HandshakeParams{DC: 2, ExpiresIn: time.Hour, Keys: m.client.params.Keys, Random: newChance(9)})
	second, s := m.finish()
	if first.Key.ID() == second.Key.ID() || s.Key.ID() != second.Key.ID() || !s.Temp() {
		t.Errorf("got %v and then %v", first, s)
	}
}

// Whatever is wrong is answered with -404, and so is the rest of that exchange.
// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
func TestWhatIsWrongEndsTheExchange(t *testing.T) {
	other := tl.Int128{9}
	for name, spoil := range map[string]func(s *stranger, w *mt.ReqDHParams, i *mt.PQInnerDataDC) (work any){
		"nonce":           func(_ *stranger, w *mt.ReqDHParams, _ *mt.PQInnerDataDC) any { w.Nonce = other; return w },
		"server nonce":    func(_ *stranger, w *mt.ReqDHParams, _ *mt.PQInnerDataDC) any { w.ServerNonce = other; return w },
		"p and q swapped": func(_ *stranger, w *mt.ReqDHParams, _ *mt.PQInnerDataDC) any { w.P, w.Q = w.Q, w.P; return w },
		"p of nine bytes": func(_ *stranger, w *mt.ReqDHParams, _ *mt.PQInnerDataDC) any {
			w.P = append([]byte{1}, make([]byte, 8)...)
			return w
		},
		"fingerprint":       func(_ *stranger, w *mt.ReqDHParams, _ *mt.PQInnerDataDC) any { w.PublicKeyFingerprint++; return w },
		"encrypted data":    func(_ *stranger, w *mt.ReqDHParams, _ *mt.PQInnerDataDC) any { w.EncryptedData[9] ^= 1; return w },
		"no encrypted data": func(_ *stranger, w *mt.ReqDHParams, _ *mt.PQInnerDataDC) any { w.EncryptedData = nil; return w },
		"inner nonce": func(s *stranger, _ *mt.ReqDHParams, i *mt.PQInnerDataDC) any {
			i.Nonce = other
			return s.work(i, false)
		},
		"inner server nonce": func(s *stranger, _ *mt.ReqDHParams, i *mt.PQInnerDataDC) any {
			i.ServerNonce = other
			return s.work(i, true)
		},
		"inner pq": func(s *stranger, _ *mt.ReqDHParams, i *mt.PQInnerDataDC) any {
			i.PQ = digits(15)
			return s.work(i, false)
		},
		"inner p": func(s *stranger, _ *mt.ReqDHParams, i *mt.PQInnerDataDC) any {
			i.P = digits(3)
			return s.work(i, false)
		},
		"no inner data":     func(s *stranger, _ *mt.ReqDHParams, _ *mt.PQInnerDataDC) any { return s.work(&mt.Ping{}, false) },
		"an endless life":   func(s *stranger, _ *mt.ReqDHParams, _ *mt.PQInnerDataDC) any { return s.work(s.temp(1<<31-1), false) },
		"a life that ended": func(s *stranger, _ *mt.ReqDHParams, _ *mt.PQInnerDataDC) any { return s.work(s.temp(-5), false) },
		"the third step": func(s *stranger, _ *mt.ReqDHParams, _ *mt.PQInnerDataDC) any {
			return &mt.SetClientDHParams{Nonce: s.n.client, ServerNonce: s.n.server}
		},
		"an answer": func(s *stranger, _ *mt.ReqDHParams, _ *mt.PQInnerDataDC) any { return &mt.DHGenOk{} },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStranger(t, ServerHandshakeParams{})
			s.ask(&mt.ReqPQMulti{Nonce: s.n.client})
			good := s.work(s.innerDC(2), false)
			bad := *good
			bad.EncryptedData = bytes.Clone(good.EncryptedData)
			code, err := s.say(spoil(s, &bad, s.innerDC(2)))
			if err == nil || code != -404 {
				t.Fatalf("got %v, %v, want -404", code, err)
			}
			var v *ViolationError
			if !errors.As(err, &v) {
				t.Errorf("got %v, want it to say what was wrong", err)
			}
			if code, _ := s.say(good); code != -404 {
				t.Errorf("the exchange goes on: got %v", code)
			}
			// Another one may begin.
			s.ask(&mt.ReqPQMulti{Nonce: s.n.client})
		})
	}
}

func (s *stranger) temp(seconds int32) *mt.PQInnerDataTemp {
	i := s.inner()
	return &mt.PQInnerDataTemp{PQ: i.PQ, P: i.P, Q: i.Q, Nonce: i.Nonce, ServerNonce: i.ServerNonce, NewNonce: i.NewNonce, ExpiresIn: seconds}
}

func TestAWrongShareEndsTheExchange(t *testing.T) {
	for name, spoil := range map[string]func(m *mt.SetClientDHParams){
		"nonce":        func(m *mt.SetClientDHParams) { m.Nonce[0]++ },
		"server nonce": func(m *mt.SetClientDHParams) { m.ServerNonce[0]++ },
		"a bit":        func(m *mt.SetClientDHParams) { m.EncryptedData[50]++ },
		"a part":       func(m *mt.SetClientDHParams) { m.EncryptedData = m.EncryptedData[:320] },
		"15 bytes":     func(m *mt.SetClientDHParams) { m.EncryptedData = m.EncryptedData[:15] },
		"nothing":      func(m *mt.SetClientDHParams) { m.EncryptedData = nil },
	} {
		s := newStranger(t, ServerHandshakeParams{})
		s.ask(&mt.ReqPQMulti{Nonce: s.n.client})
		share := s.share(s.must(s.work(s.innerDC(2), false)), 0, 0)
		spoil(share)
		if code, err := s.say(share); err == nil || code != -404 {
			t.Errorf("%s: got %v, %v, want -404", name, code, err)
		}
		if _, ok := s.server.Done(); ok {
			t.Errorf("%s: there is a key", name)
		}
	}
}

// Production and test do not mix.
// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
func TestADataCentreOfTheOtherKindIsRefused(t *testing.T) {
	for dc, test := range map[int32]bool{10002: false, -10002: false, 2: true, -2: true} {
		s := newStranger(t, ServerHandshakeParams{Test: test})
		s.ask(&mt.ReqPQMulti{Nonce: s.n.client})
		if code, err := s.say(s.work(s.innerDC(dc), false)); code != -444 || err == nil {
			t.Errorf("dc %d: got %v, %v, want -444", dc, code, err)
		}
	}
	// Who names none is welcome on both.
	s := newStranger(t, ServerHandshakeParams{Test: true})
	s.ask(&mt.ReqPQMulti{Nonce: s.n.client})
	i := s.inner()
	s.must(s.work(&i, true))
}

func TestAServerGivesUpAfterManyRetries(t *testing.T) {
	s := newStranger(t, ServerHandshakeParams{Taken: func(KeyID) bool { return true }})
	s.ask(&mt.ReqPQMulti{Nonce: s.n.client})
	params := s.must(s.work(s.innerDC(2), false))
	for n := int64(0); ; n++ {
		verdict := s.must(s.share(params, n, 0))
		v, err := openVerdict(verdict, &s.n, s.key)
		if err != nil {
			t.Fatal(err)
		}
		if v == verdictFail {
			if n != maxServerRetries {
				t.Errorf("gave up after %d, want %d", n, maxServerRetries)
			}
			return
		}
		if v != verdictRetry || n > 100 {
			t.Fatalf("got verdict %d at %d", v, n)
		}
	}
}

// Some clients take dh_gen_retry for success, and keep the byte.
func TestAKeyRefusedForItsFirstByteIsMadeKnown(t *testing.T) {
	s := newStranger(t, ServerHandshakeParams{})
	s.ask(&mt.ReqPQMulti{Nonce: s.n.client})
	params := s.must(s.work(s.innerDC(2), false))
	verdict := s.must(s.shareOf(params, s.exponentOfAZero(params), 0, 0))
	if v, err := openVerdict(verdict, &s.n, s.key); v != verdictRetry || err != nil || wellBegun(s.key) {
		t.Fatalf("got verdict %d, %v, want a retry because of the zero byte", v, err)
	}
	e, ok := s.server.Done()
	if !ok || e.Key.ID() != s.key.ID() || e.Salt != s.n.salt() || e.DC != 2 {
		t.Errorf("got %+v, %v, want the key that was refused", e, ok)
	}
	refused := s.key.ID()
	verdict = s.must(s.share(params, 1, 0))
	if v, err := openVerdict(verdict, &s.n, s.key); v != verdictOk || err != nil {
		t.Fatalf("got verdict %d, %v, want the next key accepted", v, err)
	}
	if e, ok := s.server.Done(); !ok || e.Key.ID() != s.key.ID() || e.Key.ID() == refused {
		t.Errorf("got %+v, %v, want the key that was accepted", e, ok)
	}
}

// exponentOfAZero is a b of which comes a key that begins with a zero byte.
func (s *stranger) exponentOfAZero(params any) []byte {
	group, err := openParams(params, &s.n)
	if err != nil {
		s.t.Fatal(err)
	}
	p, ga := new(big.Int).SetBytes(group.DHPrime), new(big.Int).SetBytes(group.GA)
	b := new(big.Int).SetBytes(bytes.Repeat([]byte{5, 1}, 128))
	key := new(big.Int).Exp(ga, b, p)
	for key.BitLen() > 2048-8 {
		b.Add(b, big.NewInt(1))
		key.Mul(key, ga).Mod(key, p)
	}
	return b.Bytes()
}

func TestAKeyRefusedBecauseItsIDIsTakenIsNotMadeKnown(t *testing.T) {
	s := newStranger(t, ServerHandshakeParams{Taken: func(KeyID) bool { return true }})
	s.ask(&mt.ReqPQMulti{Nonce: s.n.client})
	verdict := s.must(s.share(s.must(s.work(s.innerDC(2), false)), 1, 0))
	if v, err := openVerdict(verdict, &s.n, s.key); v != verdictRetry || err != nil {
		t.Fatalf("got verdict %d, %v, want a retry", v, err)
	}
	if e, ok := s.server.Done(); ok {
		t.Errorf("got %+v, want no key: there is another one of that id", e)
	}
}

func TestGarbageIsAnsweredWithATransportError(t *testing.T) {
	for _, packet := range [][]byte{nil, {1}, make([]byte, 8), make([]byte, 19), make([]byte, 20), make([]byte, 24), bytes.Repeat([]byte{255}, 100)} {
		s := newStranger(t, ServerHandshakeParams{})
		answer, err := s.server.Receive(start, packet)
		if e, ok := asTransportError(answer); !ok || e.Code != -404 || err == nil {
			t.Errorf("%x: got %x, %v", packet, answer, err)
		}
	}
}

func TestSemiprimesAreProductsOfTwoPrimes(t *testing.T) {
	random := newChance(1)
	for range 50 {
		s := drawSemiprime(random)
		p, q, ok := crypt.Factor(s.product())
		if !ok || p != s.p || q != s.q || q>>31 != 0 || p>>30 == 0 {
			t.Fatalf("got %d·%d", s.p, s.q)
		}
	}
	// Even a source without chance makes two different primes.
	if s := drawSemiprime(bytes.NewReader(make([]byte, 8))); s.p == s.q {
		t.Errorf("got %d twice", s.p)
	}
	if s := drawSemiprime(bytes.NewReader(bytes.Repeat([]byte{255}, 8))); s.p == s.q || s.q>>31 != 0 {
		t.Errorf("got %d and %d", s.p, s.q)
	}
}
