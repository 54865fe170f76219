package mtproto

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// meeting is a key exchange with the test on the wire.
type meeting struct {
	t      *testing.T
	now    time.Time
	client *Handshake
	server *ServerHandshake
	rsa    *rsa.PrivateKey
	rounds int
}

func newMeeting(t *testing.T, p HandshakeParams, s ServerHandshakeParams) *meeting {
	private, production := serverRSA(t)
	if p.Keys == nil {
		p.Keys = []*rsa.PublicKey{production, &private.PublicKey}
	}
	if p.Random == nil {
		p.Random = newChance(1)
	}
	s.Key = private
	if s.Random == nil {
		s.Random = newChance(2)
	}
	return &meeting{t: t, now: start, client: NewHandshake(start, p), server: NewServerHandshake(s), rsa: private}
}

// carry takes the client's next packet to the server and returns the answer.
func (m *meeting) carry() []byte {
	m.t.Helper()
	packet, ok := m.client.Next()
	if !ok {
		m.t.Fatal("the client has nothing to say")
	}
	answer, err := m.server.Receive(m.now, packet)
	if err != nil {
		m.t.Fatal(err)
	}
	m.rounds++
	return answer
}

// round carries one packet there and its answer back.
func (m *meeting) round() error { m.t.Helper(); return m.client.Receive(m.now, m.carry()) }

// finish plays the exchange to its end.
func (m *meeting) finish() (Exchange, ServerExchange) {
	m.t.Helper()
	for {
		if e, ok := m.client.Result(); ok {
			s, ok := m.server.Done()
			if !ok {
				m.t.Fatal("the server has no key")
			}
			return e, s
		}
		if err := m.round(); err != nil {
			m.t.Fatal(err)
		}
	}
}

// forgeParams is a server that knows the nonces and sends what it likes.
func (m *meeting) forgeParams(change func(*mt.ServerDHInnerData), seal func(plain []byte) []byte) []byte {
	m.t.Helper()
	m.carry()
	n := m.client.nonces
	share := crypt.Pow([]byte{3}, bytes.Repeat([]byte{7}, 256), crypt.Prime())
	inner := &mt.ServerDHInnerData{Nonce: n.client, ServerNonce: n.server, G: 3, DHPrime: crypt.Prime(), GA: share[:], ServerTime: int32(m.now.Unix())}
	change(inner)
	key, iv := n.aes()
	sealed := sealHashed(boxed(inner), key, iv, newChance(3))
	if seal != nil {
		sealed = seal(boxed(inner))
	}
	return m.plain(&mt.ServerDHParamsOk{Nonce: n.client, ServerNonce: n.server, EncryptedAnswer: sealed})
}

func (m *meeting) plain(v any) []byte { return appendPlain(nil, idAt(m.now)|isAnswer, boxed(v)) }

// middle brings the client to where it waits for server_DH_params_ok.
func (m *meeting) middle() *meeting {
	m.t.Helper()
	if err := m.round(); err != nil {
		m.t.Fatal(err)
	}
	return m
}

func TestTwoStrangersAgreeOnAKey(t *testing.T) {
	for name, c := range map[string]struct {
		client HandshakeParams
		server ServerHandshakeParams
		dc     int
	}{
		"permanent":         {HandshakeParams{DC: 2}, ServerHandshakeParams{}, 2},
		"temporary":         {HandshakeParams{DC: 4, ExpiresIn: 24 * time.Hour}, ServerHandshakeParams{}, 4},
		"on a test server":  {HandshakeParams{DC: 10002}, ServerHandshakeParams{Test: true}, 2},
		"for media":         {HandshakeParams{DC: -3}, ServerHandshakeParams{}, -3},
		"for media on test": {HandshakeParams{DC: -10003}, ServerHandshakeParams{Test: true}, -3},
	} {
		m := newMeeting(t, c.client, c.server)
		m.now = start.Add(90 * time.Second) // the server's clock; the client's is told to be the same
		m.client.Receive(start, m.carry())
		m.client.Receive(start, m.carry())
		m.client.Receive(start, m.carry())
		e, ok := m.client.Result()
		s, done := m.server.Done()
		if !ok || !done {
			t.Fatalf("%s: no key", name)
		}
		if e.Key.ID() != s.Key.ID() || !bytes.Equal(e.Key.Bytes(), s.Key.Bytes()) || e.Salt != s.Salt || e.Salt == 0 {
			t.Errorf("%s: got %v and %v", name, e, s)
		}
		if off := e.Offset - 90*time.Second; off.Abs() > time.Second {
			t.Errorf("%s: the clock is off by %v", name, off)
		}
		if s.DC != c.dc || s.Temp() != (c.client.ExpiresIn > 0) {
			t.Errorf("%s: got %+v", name, s)
		}
		if d := e.ExpiresAt.Sub(s.ExpiresAt).Abs(); d > time.Second || e.ExpiresAt.IsZero() != (c.client.ExpiresIn == 0) {
			t.Errorf("%s: the key expires at %v and %v", name, e.ExpiresAt, s.ExpiresAt)
		}
		if _, again := m.server.Done(); again {
			t.Errorf("%s: the key is told twice", name)
		}
		if err := m.client.Receive(start, nil); !errors.Is(err, errHandshakeOver) {
			t.Errorf("%s: a packet after the end: got %v", name, err)
		}
	}
}

// The prime is a safe prime of 2048 bits.
// https://core.telegram.org/mtproto/security_guidelines#validation-of-dh-parameters
func TestRule01ThePrimeIsSafe(t *testing.T) {
	composite := new(big.Int).SetBytes(crypt.Prime())
	composite.Add(composite, big.NewInt(2*840)) // keeps what the generator asks for
	for name, prime := range map[string][]byte{
		"a bit short": append([]byte{0x7f}, crypt.Prime()[1:]...),
		"256 bits":    crypt.Prime()[:32],
		"a bit long":  append([]byte{1}, crypt.Prime()...),
		"composite":   composite.Bytes(),
		"none":        {},
	} {
		m := newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{}).middle()
		err := m.client.Receive(start, m.forgeParams(func(d *mt.ServerDHInnerData) { d.DHPrime = prime }, nil))
		t.Run(name, func(t *testing.T) { wantViolation(t, err, "Diffie-Hellman group") })
		if _, ok := m.client.Next(); ok {
			t.Errorf("%s: the client answers", name)
		}
	}
}

// g is 2 to 7 and a square modulo the prime.
// https://core.telegram.org/mtproto/auth_key#dh-key-exchange-complete
func TestRule02TheGeneratorFitsThePrime(t *testing.T) {
	fits := map[int32]bool{3: true, 4: true, 5: true, 6: true, 7: true} // for the known prime
	for _, g := range []int32{-1 << 31, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1<<31 - 1} {
		m := newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{}).middle()
		err := m.client.Receive(start, m.forgeParams(func(d *mt.ServerDHInnerData) { d.G = g }, nil))
		if want := crypt.CheckGroup(crypt.Prime(), int(g)) == nil; (err == nil) != want || want && !fits[g] {
			t.Errorf("g = %d: got %v", g, err)
		}
	}
}

// Both shares lie between 2^1984 and p-2^1984.
// https://core.telegram.org/mtproto/security_guidelines#g-a-and-g-b-validation
func TestRule03SharesAreWithinTheirBounds(t *testing.T) {
	p := new(big.Int).SetBytes(crypt.Prime())
	margin := new(big.Int).Lsh(big.NewInt(1), 1984)
	add := func(a *big.Int, d int64) []byte { return new(big.Int).Add(a, big.NewInt(d)).Bytes() }
	high := new(big.Int).Sub(p, margin)
	for name, c := range map[string]struct {
		share []byte
		right bool
	}{
		"0": {nil, false}, "1": {[]byte{1}, false}, "p-1": {add(p, -1), false}, "p": {p.Bytes(), false},
		"below 2^1984": {add(margin, -1), false}, "2^1984": {margin.Bytes(), true},
		"p-2^1984": {high.Bytes(), true}, "above p-2^1984": {add(high, 1), false},
		"257 bytes": {append([]byte{1}, p.Bytes()...), false},
	} {
		m := newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{}).middle()
		err := m.client.Receive(start, m.forgeParams(func(d *mt.ServerDHInnerData) { d.GA = c.share }, nil))
		if (err == nil) != c.right {
			t.Errorf("g_a = %s: got %v", name, err)
		}
		// The server looks at g_b in the same way.
		m = newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{}).middle().middle()
		inner := &mt.ClientDHInnerData{Nonce: m.client.nonces.client, ServerNonce: m.client.nonces.server, GB: c.share}
		answer, err := m.server.Receive(start, m.shareOf(boxed(inner), 0))
		if (err == nil) != c.right || !c.right && !bytes.Equal(answer, appendTransportError(nil, -404)) {
			t.Errorf("g_b = %s: got %x, %v", name, answer, err)
		}
	}
}

// shareOf seals a client's inner data with so many more bytes of padding.
func (m *meeting) shareOf(inner []byte, more int) []byte {
	n := m.client.nonces
	key, iv := n.aes()
	sealed := sealHashed(inner, key, iv, newChance(4))
	if more > 0 {
		crypt.DecryptIGE(sealed, sealed, &key, &iv)
		sealed = append(sealed, make([]byte, more)...)
		crypt.EncryptIGE(sealed, sealed, &key, &iv)
	}
	return m.plain(&mt.SetClientDHParams{Nonce: n.client, ServerNonce: n.server, EncryptedData: sealed})
}

// The SHA1 in front of the answer is of the object, not of the padding.
// https://core.telegram.org/mtproto/security_guidelines#checking-sha1-hash-values
func TestRule04TheHashIsOfTheObjectExactly(t *testing.T) {
	for name, c := range map[string]struct {
		hashed func(object, padding []byte) []byte
		blocks int // of padding
		what   string
	}{
		"of the object":              {func(o, _ []byte) []byte { return o }, 0, ""},
		"of object and padding":      {func(o, p []byte) []byte { return append(o, p...) }, 0, "SHA1 of encrypted data"},
		"of a part of the object":    {func(o, _ []byte) []byte { return o[:len(o)-4] }, 0, "SHA1 of encrypted data"},
		"of nothing":                 {func(_, _ []byte) []byte { return nil }, 0, "SHA1 of encrypted data"},
		"with a block of padding":    {func(o, _ []byte) []byte { return o }, 1, "padding of server_DH_inner_data"},
		"with padding without sense": {func(o, _ []byte) []byte { return o }, 60, "padding of server_DH_inner_data"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{}).middle()
			err := m.client.Receive(start, m.forgeParams(func(*mt.ServerDHInnerData) {}, func(object []byte) []byte {
				padding := make([]byte, -(20+len(object))&15+16*c.blocks)
				sum := sha1.Sum(c.hashed(bytes.Clone(object), padding))
				b := append(append(sum[:], object...), padding...)
				key, iv := m.client.nonces.aes()
				crypt.EncryptIGE(b, b, &key, &iv)
				return b
			}))
			if c.what == "" && err != nil {
				t.Error(err)
			}
			if c.what != "" {
				wantViolation(t, err, c.what)
			}
		})
	}
}

// Every message of the exchange repeats its nonces.
// https://core.telegram.org/mtproto/security_guidelines#checking-nonce-server-nonce-and-new-nonce-values
func TestRule05NoncesAreRepeatedEverywhere(t *testing.T) {
	other := tl.Int128{1, 2, 3}
	stages := map[string]struct {
		before int // rounds that go well
		forge  func(m *meeting, client, server *tl.Int128) []byte
	}{
		"resPQ": {0, func(m *meeting, client, _ *tl.Int128) []byte {
			m.carry()
			return m.plain(&mt.ResPQ{Nonce: *client, ServerNonce: other, PQ: digits(15), ServerPublicKeyFingerprints: []int64{fingerprint(m.rsa)}})
		}},
		"server_DH_params_ok": {1, func(m *meeting, client, server *tl.Int128) []byte {
			return m.plain(&mt.ServerDHParamsOk{Nonce: *client, ServerNonce: *server, EncryptedAnswer: make([]byte, 592)})
		}},
		"server_DH_params_fail": {1, func(m *meeting, client, server *tl.Int128) []byte {
			return m.plain(&mt.ServerDHParamsFail{Nonce: *client, ServerNonce: *server})
		}},
		"server_DH_inner_data": {1, func(m *meeting, client, server *tl.Int128) []byte {
			return m.forgeParams(func(d *mt.ServerDHInnerData) { d.Nonce, d.ServerNonce = *client, *server }, nil)
		}},
		"the server's verdict": {2, func(m *meeting, client, server *tl.Int128) []byte {
			return m.plain(&mt.DHGenOk{Nonce: *client, ServerNonce: *server})
		}},
	}
	for name, stage := range stages {
		for _, which := range []string{"nonce", "server nonce"} {
			if name == "resPQ" && which == "server nonce" {
				continue // it is the first to have one
			}
			t.Run(name+" "+which, func(t *testing.T) {
				m := newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{})
				for range stage.before {
					m.middle()
				}
				n := m.client.nonces
				if which == "nonce" {
					n.client = other
				} else {
					n.server = other
				}
				packet := stage.forge(m, &n.client, &n.server)
				wantViolation(t, m.client.Receive(start, packet), which+" of "+name)
			})
		}
	}
}

// Whatever the server's verdict, a hash of the key proves it.
// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
func TestRule06TheVerdictIsProven(t *testing.T) {
	verdicts := map[string]func(n *nonces, proof tl.Int128) any{
		"ok": func(n *nonces, p tl.Int128) any {
			return &mt.DHGenOk{Nonce: n.client, ServerNonce: n.server, NewNonceHash1: p}
		},
		"retry": func(n *nonces, p tl.Int128) any {
			return &mt.DHGenRetry{Nonce: n.client, ServerNonce: n.server, NewNonceHash2: p}
		},
		"fail": func(n *nonces, p tl.Int128) any {
			return &mt.DHGenFail{Nonce: n.client, ServerNonce: n.server, NewNonceHash3: p}
		},
	}
	right := map[string]byte{"ok": 1, "retry": 2, "fail": 3}
	for name, forge := range verdicts {
		for hash := byte(1); hash <= 3; hash++ {
			m := newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{}).middle().middle()
			n := &m.client.nonces
			err := m.client.Receive(start, m.plain(forge(n, n.proof(hash, m.client.key))))
			_, done := m.client.Result()
			_, more := m.client.Next()
			switch {
			case hash != right[name]:
				wantViolation(t, err, "new_nonce_hash")
			case name == "ok" && (err != nil || !done):
				t.Errorf("dh_gen_ok: got %v", err)
			case name == "retry" && (err != nil || !more):
				t.Errorf("dh_gen_retry: got %v, want another share", err)
			case name == "fail" && !errors.Is(err, errGenFail):
				t.Errorf("dh_gen_fail: got %v", err)
			}
			if done != (name == "ok" && hash == 1) {
				t.Errorf("dh_gen_%s with hash %d: there is a key: %v", name, hash, done)
			}
		}
	}
}

func TestRule06ARetryTakesAnotherShare(t *testing.T) {
	refuse, asked := 3, map[KeyID]bool{}
	taken := func(id KeyID) bool {
		if asked[id] {
			t.Errorf("key %v is offered twice", id)
		}
		asked[id] = true
		refuse--
		return refuse >= 0
	}
	m := newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{Taken: taken})
	e, s := m.finish()
	if e.Key.ID() != s.Key.ID() || m.rounds != 6 {
		t.Errorf("got %v and %v after %d rounds, want one key after 6", e.Key, s.Key, m.rounds)
	}
	// Not without end.
	m = newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{Taken: func(KeyID) bool { return true }})
	var err error
	for err == nil {
		err = m.round()
	}
	wantViolation(t, err, "number of retries")
	if m.rounds != 3+maxRetries {
		t.Errorf("gave up after %d rounds, want %d", m.rounds, 3+maxRetries)
	}
	if err := m.client.Receive(start, nil); err == nil {
		t.Error("a packet after the end was taken")
	}
}

// The secret exponents are 2048 random bits.
// https://core.telegram.org/mtproto/auth_key#6-server-responds-with
func TestRule07ExponentsAre2048RandomBits(t *testing.T) {
	client, server := &spy{r: newChance(1)}, &spy{r: newChance(2)}
	newMeeting(t, HandshakeParams{DC: 2, Random: client}, ServerHandshakeParams{Random: server}).finish()
	for name, s := range map[string]*spy{"client": client, "server": server} {
		if s.largest != 256 {
			t.Errorf("the %s drew at most %d bytes at once, want 256", name, s.largest)
		}
	}
	// The machine stops where the source does.
	defer func() {
		if recover() == nil {
			t.Error("a random source that failed was used")
		}
	}()
	newMeeting(t, HandshakeParams{Random: strings.NewReader("short")}, ServerHandshakeParams{})
}

// spy notes how much is read at once.
type spy struct {
	r       io.Reader
	largest int
}

func (s *spy) Read(b []byte) (int, error) {
	s.largest = max(s.largest, len(b))
	return s.r.Read(b)
}

// The key keeps its 256 bytes when the number it comes from is shorter.
// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
func TestRule08AShortSecretKeepsItsZeros(t *testing.T) {
	a := make([]byte, 256)
	for i := range 26 {
		a[230+i] = byte(i + 1)
	}
	group := &mt.ServerDHInnerData{G: 3, DHPrime: crypt.Prime()}
	share := crypt.Pow([]byte{3}, a, group.DHPrime)
	group.GA = share[:]
	// The first exponent of this form that makes a short secret.
	b := bytes.Repeat([]byte{0x5a}, 256)
	binary.BigEndian.PutUint32(b[252:], 425)
	key, _, err := makeShare(group, &nonces{}, 0, script(b))
	if err != nil {
		t.Fatal(err)
	}
	if got := key.Bytes(); len(got) != 256 || got[0] != 0 || key.ID() != KeyID(crypt.KeyID((*[256]byte)(got))) {
		t.Errorf("got %d bytes that begin with %d, want 256 and 0", len(got), got[0])
	}
	// A server of ours asks for another one.
	if wellBegun(key) {
		t.Error("the server takes a key that begins with a zero byte")
	}
}

// pq is a product of two primes, and one of the server's public keys is ours.
// https://core.telegram.org/mtproto/auth_key#2-server-sends-response-of-the-form
func TestRule09TheServersFirstWordIsChecked(t *testing.T) {
	private, production := serverRSA(t)
	ours := fingerprint(private)
	for name, c := range map[string]struct {
		pq     []byte
		prints []int64
		what   string
	}{
		"right":          {digits(0x17ed48941a08f981), []int64{1, ours, 2}, ""},
		"zeros in front": {append(make([]byte, 1), digits(0x2e9cdb98c80cda4b)...), []int64{ours}, ""},
		"prime":          {digits(0x494c553b), []int64{ours}, "pq"},
		"zero":           {digits(0), []int64{ours}, "pq"},
		"one":            {digits(1), []int64{ours}, "pq"},
		"even":           {digits(2 * 0x494c553b), []int64{ours}, "pq"},
		"a square":       {digits(0x494c553b * 0x494c553b), []int64{ours}, "pq"},
		"empty":          {nil, []int64{ours}, "pq"},
		"64 bits":        {digits(1<<63 + 1), []int64{ours}, "pq"},
		"nine bytes":     {append([]byte{1}, make([]byte, 8)...), []int64{ours}, "pq"},
		"256 bytes":      {bytes.Repeat([]byte{255}, 256), []int64{ours}, "pq"},
		"another's key":  {digits(15), []int64{crypt.Fingerprint(production)}, "public key of the server"},
		"no key":         {digits(15), nil, "public key of the server"},
		"very many keys": {digits(15), make([]int64, 10_000), "public key of the server"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMeeting(t, HandshakeParams{DC: 2, Keys: []*rsa.PublicKey{&private.PublicKey}}, ServerHandshakeParams{})
			m.carry()
			err := m.client.Receive(start, m.plain(&mt.ResPQ{Nonce: m.client.nonces.client, PQ: c.pq, ServerPublicKeyFingerprints: c.prints}))
			if c.what != "" {
				wantViolation(t, err, c.what)
				if err != nil && len(err.Error()) > 1500 {
					t.Errorf("the error has %d bytes", len(err.Error()))
				}
				return
			}
			packet, ok := m.client.Next()
			if err != nil || !ok {
				t.Fatal(err)
			}
			q := readAs[mt.ReqDHParams](t, packet)
			p1, _ := number(q.P)
			p2, _ := number(q.Q)
			if pq, _ := number(c.pq); p1 >= p2 || p1*p2 != pq || q.PublicKeyFingerprint != ours {
				t.Errorf("got %+v", q)
			}
		})
	}
}

// readAs reads the one object of an unencrypted packet.
func readAs[T any](t *testing.T, packet []byte) *T {
	t.Helper()
	object, err := readPlain(packet)
	if err != nil {
		t.Fatal(err)
	}
	v, ok := object.(*T)
	if !ok {
		t.Fatalf("got a %T, want a %T", object, v)
	}
	return v
}

func TestAClientRefusesWhatIsOutOfPlace(t *testing.T) {
	for before := range 3 {
		for name, packet := range map[string]func(m *meeting) []byte{
			"nothing":        func(*meeting) []byte { return nil },
			"a few bytes":    func(*meeting) []byte { return make([]byte, 19) },
			"a key id":       func(m *meeting) []byte { return append([]byte{1}, m.plain(&mt.DHGenOk{})[1:]...) },
			"a short length": func(m *meeting) []byte { return append(m.plain(&mt.DHGenOk{}), 0, 0, 0, 0) },
			"no object":      func(*meeting) []byte { return appendPlain(nil, 1, []byte{1, 2, 3, 4}) },
			"a query":        func(m *meeting) []byte { return m.plain(&mt.ReqPQMulti{}) },
			"-404":           func(*meeting) []byte { return appendTransportError(nil, -404) },
		} {
			m := newMeeting(t, HandshakeParams{DC: 2}, ServerHandshakeParams{})
			for range before {
				m.middle()
			}
			m.client.Next()
			err := m.client.Receive(start, packet(m))
			var v *ViolationError
			var e *TransportError
			if !errors.As(err, &v) && !errors.As(err, &e) {
				t.Errorf("%s: got %v", name, err)
			}
			if _, ok := m.client.Next(); ok || m.client.state != handshakeFailed {
				t.Errorf("%s: the client goes on", name)
			}
			if again := m.client.Receive(start, nil); again != err {
				t.Errorf("%s: got %v at the next packet, want the same error", name, again)
			}
		}
	}
}

func TestStatesHaveNames(t *testing.T) {
	var names []string
	for s := awaitPQ; s <= handshakeFailed; s++ {
		names = append(names, s.String())
	}
	for s := stagePQ; s <= stageOver; s++ {
		names = append(names, s.String())
	}
	for s := callFresh; s <= callDone; s++ {
		names = append(names, s.String())
	}
	if got := strings.Join(names, ","); strings.Contains(got, ",,") || len(names) != 14 {
		t.Errorf("got %s", got)
	}
}
