package mtproto

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// forge makes packets that no end of this package would make.
type forge struct {
	side    crypt.Side
	key     Key
	salt    Salt
	session SessionID
}

// packet seals a message with these numbers.
func (f forge) packet(id MsgID, seq int32, body []byte) []byte {
	p := appendHead(nil, head{f.salt, f.session, id, seq}, len(body))
	return seal(append(p, body...), f.key, f.side, newChance(9))
}

// container seals messages in a container with that id.
func (f forge) container(id MsgID, seq int32, parts ...part) []byte {
	return f.packet(id, seq, appendContainer(nil, parts))
}

// plain seals a plaintext as it is, right or wrong; its length is a multiple of
// 16.
func (f forge) plain(text []byte) []byte {
	msgKey, _ := crypt.MessageKey(f.key.bytes(), f.side, text)
	aesKey, iv := crypt.MessageAES(f.key.bytes(), &msgKey, f.side)
	b := binary.LittleEndian.AppendUint64(nil, uint64(f.key.id))
	b = append(append(b, msgKey[:]...), text...)
	crypt.EncryptIGE(b[sealedHead:], b[sealedHead:], &aesKey, &iv)
	return b
}

// text is a plaintext whose length field says length and which has padding
// bytes after the body.
func (f forge) text(id MsgID, seq int32, body []byte, length int32, padding int) []byte {
	p := appendHead(nil, head{f.salt, f.session, id, seq}, int(length))[sealedHead:]
	return append(append(p, body...), make([]byte, padding)...)
}

// boxed is one of MTProto's own messages in bytes.
func boxed(v any) []byte { return appendService(nil, v) }

// resultOf is an rpc_result.
func resultOf(id MsgID, value []byte) []byte {
	b := tl.AppendLong(tl.AppendUint32(nil, mt.IDRPCResult), int64(id))
	return append(b, value...)
}

// message is one message that a machine has written.
type message struct {
	part
	container MsgID // 0 for none
	salt      Salt
	session   SessionID
}

// service reads a message as one of MTProto's own; nil if it is none.
func (m message) service() any { return mt.Schema.Read(tl.NewReader(m.body)) }

// opened takes a packet apart.
func opened(t *testing.T, packet []byte, key Key, side crypt.Side) (all []message) {
	t.Helper()
	h, body, _, err := open(append([]byte(nil), packet...), key, side)
	if err != nil {
		t.Fatal(err)
	}
	m := message{part{h.id, h.seq, body}, 0, h.salt, h.session}
	if constructor(body) != mt.IDMsgContainer {
		return []message{m}
	}
	parts, err := splitContainer(nil, h.id, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		all = append(all, message{p, h.id, h.salt, h.session})
	}
	return all
}

// lonely is a Conn whose server is the test.
type lonely struct {
	*Conn
	t    *testing.T
	now  time.Time
	last MsgID // of the server's messages
	forge
}

// newLonely returns a Conn that is up and has nothing to say.
func newLonely(t *testing.T) *lonely {
	l := &lonely{t: t, now: start}
	l.forge = forge{side: crypt.FromServer, key: testKey(5), salt: 1}
	l.Conn = NewConn(start, Params{Key: l.forge.key, Salt: 1, Random: newChance(6)})
	l.forge.session = l.Conn.Session()
	l.Conn.Up(start)
	return l
}

// id returns the next id for a message of the server.
func (l *lonely) id(low MsgID) MsgID {
	l.last = max(l.last&^3+4, idAt(l.now)) | low
	return l.last
}

// hear gives the Conn one message and wants it taken.
func (l *lonely) hear(seq int32, body []byte) {
	l.t.Helper()
	if err := l.Conn.Receive(l.now, l.packet(l.id(isAnswer), seq, body)); err != nil {
		l.t.Fatal(err)
	}
}

// pong answers the last ping.
func (l *lonely) pong() {
	l.t.Helper()
	l.hear(0, boxed(&mt.Pong{MsgID: int64(l.pings.id), PingID: l.pings.number}))
}

// events drains the Conn: the messages written, and the other events.
func (l *lonely) drain() (written []message, events []Event) {
	l.t.Helper()
	for e, ok := l.Next(); ok; e, ok = l.Next() {
		if e.Kind == Write {
			written = append(written, opened(l.t, e.Body, l.forge.key, crypt.FromClient)...)
		} else {
			events = append(events, e)
		}
	}
	return written, events
}

// wrote drains the Conn and returns the messages written.
func (l *lonely) wrote() []message {
	l.t.Helper()
	written, _ := l.drain()
	return written
}

// told drains the Conn and returns its other events.
func (l *lonely) told() []Event {
	l.t.Helper()
	_, events := l.drain()
	return events
}

// pass lets time pass.
func (l *lonely) pass(d time.Duration) {
	l.now = l.now.Add(d)
	l.Advance(l.now)
}

// guest is a client of a Server that is the test.
type guest struct {
	*Server
	t      *testing.T
	now    time.Time
	socket SocketID
	ids    idClock
	sent   sent
	forge
}

// newGuest returns a Server with one key and a client on one socket.
func newGuest(t *testing.T) *guest {
	g := &guest{t: t, now: start, socket: 1}
	g.Server = NewServer(ServerParams{Random: newChance(7)})
	g.forge = forge{side: crypt.FromClient, key: testKey(5), salt: 1, session: 99}
	g.AddKey(start, g.forge.key, 1, time.Time{})
	return g
}

// next numbers a message.
func (g *guest) next(content bool, body []byte) part {
	return part{g.ids.next(g.now, fromClient), g.sent.seq(content), body}
}

// say gives the Server one message.
func (g *guest) say(content bool, body []byte) part {
	g.t.Helper()
	p := g.next(content, body)
	g.sayPart(p)
	return p
}

func (g *guest) sayPart(p part) {
	g.t.Helper()
	if err := g.Receive(g.now, g.socket, g.packet(p.id, p.seq, p.body)); err != nil {
		g.t.Fatal(err)
	}
}

// sayAll gives the Server messages in one container.
func (g *guest) sayAll(parts ...part) part {
	g.t.Helper()
	p := g.next(false, appendContainer(nil, parts))
	g.sayPart(p)
	return p
}

// drain drains the Server: the messages it wrote to the socket, and the other
// events.
func (g *guest) drain() (heard []message, events []ServerEvent) {
	g.t.Helper()
	for e, ok := g.Server.Next(); ok; e, ok = g.Server.Next() {
		if e.Kind == Write && len(e.Body) > 4 {
			heard = append(heard, opened(g.t, e.Body, g.forge.key, crypt.FromServer)...)
		} else {
			events = append(events, e)
		}
	}
	return heard, events
}

// heard drains the Server and returns the messages it wrote.
func (g *guest) heard() []message {
	g.t.Helper()
	heard, _ := g.drain()
	return heard
}

// asked drains the Server and returns the queries it asks about.
func (g *guest) asked() (queries []ServerEvent) {
	g.t.Helper()
	_, events := g.drain()
	for _, e := range events {
		if e.Kind == Asked {
			queries = append(queries, e)
		}
	}
	return queries
}

// find returns the first message that is a T.
func find[T any](all []message) (v *T, at message) {
	for _, m := range all {
		if v, ok := m.service().(*T); ok {
			return v, m
		}
	}
	return nil, message{}
}

// want returns the first message that is a T, which there must be.
func want[T any](t *testing.T, all []message) *T {
	t.Helper()
	v, _ := find[T](all)
	if v == nil {
		var names []string
		for _, m := range all {
			names = append(names, KeyID(constructor(m.body)).String()[8:])
		}
		t.Fatalf("got no %T among %v", v, names)
	}
	return v
}

// wantViolation checks that an error names a part of a message.
func wantViolation(t *testing.T, err error, what string) {
	t.Helper()
	var v *ViolationError
	if !errors.As(err, &v) || v.What != what {
		t.Errorf("got %v, want a violation of %q", err, what)
	}
}

// vectors are those of testdata/vectors.json.
type vectors struct {
	Exchanges  []map[string]any
	Messages   []map[string]any
	Production struct{ PEM string } `json:"production_key"`
	Private    struct{ PEM string } `json:"private_key"`
	Binding    map[string]any
}

func readVectors(t testing.TB) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// unhex returns a field of a vector as bytes.
func unhex(t testing.TB, v map[string]any, name string) []byte {
	t.Helper()
	s, _ := v[name].(string)
	b, err := hex.DecodeString(s)
	if err != nil || len(b) == 0 {
		t.Fatalf("%s: got %q, want hex", name, s)
	}
	return b
}

// serverKey is a private key for key exchanges, production Telegram's public
// key.
func serverRSA(t testing.TB) (*rsa.PrivateKey, *rsa.PublicKey) {
	t.Helper()
	v := readVectors(t)
	private, _ := pem.Decode([]byte(strings.TrimSpace(v.Private.PEM)))
	public, _ := pem.Decode([]byte(strings.TrimSpace(v.Production.PEM)))
	key, err := x509.ParsePKCS1PrivateKey(private.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	production, err := x509.ParsePKCS1PublicKey(public.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key, production
}
