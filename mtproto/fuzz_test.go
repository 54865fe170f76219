package mtproto

import (
	"bytes"
	"crypto/rsa"
	"encoding/binary"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
)

// Fuzzing tells a machine anything at any time. What must hold: it does not
// panic, it ends, no deadline is in the past for ever, and everything it writes
// can be read by the other end. The input is a row of orders:
//
//	1 what · 2 how much · as many bytes
//
// Bytes that pretend to be a message are sealed with the right key, so that the
// insides are reached, too.

// order takes one order off the input.
func order(script []byte) (what byte, arg, rest []byte, ok bool) {
	if len(script) < 3 {
		return 0, nil, nil, false
	}
	n := min(int(binary.LittleEndian.Uint16(script[1:])), len(script)-3)
	return script[0], script[3 : 3+n], script[3+n:], true
}

// orders writes a row of orders.
func orders(list ...any) (script []byte) {
	for i := 0; i < len(list); i += 2 {
		arg, _ := list[i+1].([]byte)
		script = append(script, byte(list[i].(int)))
		script = binary.LittleEndian.AppendUint16(script, uint16(len(arg)))
		script = append(script, arg...)
	}
	return script
}

// services are messages to begin with.
func services(id int64) (all [][]byte) {
	for _, v := range []any{
		&mt.MsgsAck{MsgIDs: []int64{id}}, &mt.BadServerSalt{BadMsgID: id, ErrorCode: 48, NewServerSalt: 1},
		&mt.BadMsgNotification{BadMsgID: id, ErrorCode: 16}, &mt.BadMsgNotification{BadMsgID: id, ErrorCode: 17},
		&mt.BadMsgNotification{BadMsgID: id, ErrorCode: 32}, &mt.BadMsgNotification{BadMsgID: id, ErrorCode: 64},
		&mt.NewSessionCreated{FirstMsgID: id, ServerSalt: 1}, &mt.MsgsStateReq{MsgIDs: []int64{id}},
		&mt.MsgsStateInfo{ReqMsgID: id, Info: []byte{1}}, &mt.MsgsAllInfo{MsgIDs: []int64{id}, Info: []byte{2}},
		&mt.MsgDetailedInfo{MsgID: id, AnswerMsgID: id + 1}, &mt.MsgNewDetailedInfo{AnswerMsgID: id + 1},
		&mt.MsgResendReq{MsgIDs: []int64{id}}, &mt.Pong{MsgID: id, PingID: 1}, &mt.FutureSalts{ReqMsgID: id},
		&mt.DestroySessionOk{}, &mt.DestroyAuthKeyOk{}, &mt.Ping{PingID: 1}, &mt.PingDelayDisconnect{DisconnectDelay: 5},
		&mt.GetFutureSalts{Num: 3}, &mt.RPCDropAnswer{ReqMsgID: id}, &mt.DestroySession{SessionID: 1}, &mt.DestroyAuthKey{},
		&mt.HTTPWait{}, &mt.RPCError{ErrorCode: 420, ErrorMessage: "X"},
	} {
		all = append(all, boxed(v), Pack(boxed(v)), resultOf(MsgID(id), boxed(v)))
	}
	return append(all, value("x"), Pack(value("x")), resultOf(MsgID(id), Pack(value("x"))))
}

func FuzzConn(f *testing.F) {
	id := idAt(start)
	for _, body := range services(int64(id)) {
		f.Add(orders(0, value("x"), 9, nil, 4, body, 9, nil, 2, nil, 1, nil, 9, nil, 5, body, 9, nil))
		f.Add(orders(0, value("x"), 0, value("y"), 9, nil, 6, body, 6, body, 7, []byte{60}, 9, nil, 4, body))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		l := &lonely{t: t, now: start}
		l.forge = forge{side: crypt.FromServer, key: testKey(5), salt: 1}
		l.Conn = NewConn(start, Params{Key: l.forge.key, Random: newChance(6)})
		l.Conn.Up(start)
		sent, ended := 0, map[Req]bool{}
		for steps := 0; steps < 200; steps++ {
			what, arg, rest, ok := order(script)
			if !ok {
				break
			}
			script = rest
			l.forge.session = l.Session()
			switch what % 11 {
			case 0:
				l.Send(l.now, bytes.Clone(arg))
				sent++
			case 1:
				l.Conn.Up(l.now)
			case 2:
				l.Conn.Down(l.now)
			case 3: // anything
				l.Conn.Receive(l.now, bytes.Clone(arg))
			case 4: // a message
				l.Conn.Receive(l.now, l.packet(l.id(isAnswer), int32(len(arg)), pad4(arg)))
			case 5: // one of another time
				l.Conn.Receive(l.now, l.packet(MsgID(len(arg))<<40|isNotice, 1, pad4(arg)))
			case 6: // in a container
				inner := part{l.id(isAnswer), 1, pad4(arg)}
				l.Conn.Receive(l.now, l.container(l.id(isNotice), 2, inner, inner))
			case 7:
				for _, seconds := range arg {
					l.pass(time.Duration(seconds) * time.Second)
				}
			case 8:
				if len(arg) > 0 {
					l.Cancel(l.now, Req(arg[0]))
					ended[Req(arg[0])] = true
				}
			case 9:
				written, events := l.drain()
				for _, m := range written {
					if m.id&3 != fromClient || len(m.body)%4 != 0 {
						t.Fatalf("wrote message %v of %d bytes", m.id, len(m.body))
					}
				}
				for _, e := range events {
					if e.Kind != Answer && e.Kind != Refused && e.Kind != Lost {
						continue
					}
					if ended[e.Req] || e.Req == 0 || int(e.Req) > sent {
						t.Fatalf("request %d of %d ended, or not for the first time: %+v", e.Req, sent, e)
					}
					ended[e.Req] = true
				}
			case 10: // a plaintext, right or wrong
				l.Conn.Receive(l.now, l.plain(append(bytes.Clone(arg), make([]byte, -len(arg)&15)...)))
			}
		}
		if d := l.Deadline(); !d.IsZero() {
			l.now = earliest(l.now.Add(time.Hour), d)
			l.Advance(l.now)
			l.drain()
			l.Advance(l.now)
			l.drain()
			if again := l.Deadline(); !again.IsZero() && !again.After(l.now) {
				t.Fatalf("the deadline %v stays", again)
			}
		}
	})
}

func pad4(b []byte) []byte { return append(bytes.Clone(b), make([]byte, -len(b)&3)...) }

func FuzzServer(f *testing.F) {
	id := idAt(start)
	for _, body := range services(int64(id)) {
		f.Add(orders(0, body, 1, body, 9, nil, 2, body, 9, nil))
		f.Add(orders(3, body, 9, nil, 7, []byte{80}, 9, nil, 6, []byte{2}, 1, body, 9, nil, 8, value("a"), 9, nil))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		g := &guest{t: t, now: start, socket: 1}
		g.Server = NewServer(ServerParams{Random: newChance(7)})
		g.forge = forge{side: crypt.FromClient, key: testKey(5), salt: 1, session: 99}
		g.AddKey(start, g.forge.key, 1, start.Add(time.Hour))
		asked := map[Query]bool{}
		var running []Query
		for steps := 0; steps < 200; steps++ {
			what, arg, rest, ok := order(script)
			if !ok {
				break
			}
			script = rest
			switch what % 12 {
			case 0:
				p := g.next(true, pad4(arg))
				g.Receive(g.now, g.socket, g.packet(p.id, p.seq, p.body))
			case 1:
				p := g.next(false, pad4(arg))
				g.Receive(g.now, g.socket, g.packet(p.id, p.seq, p.body))
			case 2:
				a, b := g.next(true, pad4(arg)), g.next(false, pad4(arg))
				p := g.next(false, appendContainer(nil, []part{a, b, a}))
				g.Receive(g.now, g.socket, g.packet(p.id, p.seq, p.body))
			case 3: // the same id again, or any other
				g.Receive(g.now, g.socket, g.packet(idAt(start)+MsgID(len(arg)), int32(len(arg)), pad4(arg)))
			case 4: // anything
				g.Receive(g.now, g.socket, bytes.Clone(arg))
			case 5:
				g.socket++
			case 6:
				g.Gone(g.now, g.socket)
			case 7:
				for _, seconds := range arg {
					g.now = g.now.Add(time.Duration(seconds) * time.Second)
					g.Advance(g.now)
				}
			case 8:
				for _, q := range running {
					g.Answer(g.now, q, arg)
				}
				running = nil
			case 9:
				_, events := g.drain()
				for _, e := range events {
					if e.Kind != Asked {
						continue
					}
					if asked[e.Query] {
						t.Fatalf("%v is asked twice", e.Query)
					}
					asked[e.Query] = true
					running = append(running, e.Query)
				}
			case 10:
				g.forge.session = SessionID(len(arg))
				clear(asked) // it may be a session that was forgotten
				running = nil
			case 11: // a plaintext, right or wrong
				g.Receive(g.now, g.socket, g.plain(append(bytes.Clone(arg), make([]byte, -len(arg)&15)...)))
			}
		}
		g.drain()
		if d := g.Deadline(); !d.IsZero() {
			g.now = earliest(g.now.Add(time.Hour), d)
			g.Advance(g.now)
			g.drain()
			if again := g.Deadline(); !again.IsZero() && !again.After(g.now) {
				t.Fatalf("the deadline %v stays", again)
			}
		}
	})
}

func FuzzHandshake(f *testing.F) {
	v := readVectors(f).Exchanges[0]
	_, production := serverRSA(f)
	f.Add(unhex(f, v, "res_pq"), unhex(f, v, "encrypted_answer"), unhex(f, v, "dh_gen_ok"))
	f.Add(appendTransportError(nil, -404), unhex(f, v, "server_dh_inner_data"), unhex(f, v, "req_pq_multi"))
	f.Fuzz(func(t *testing.T, first, second, third []byte) {
		h := NewHandshake(start, HandshakeParams{
			DC: 2, Keys: []*rsa.PublicKey{production}, Random: script(unhex(t, v, "nonce"), unhex(t, v, "new_nonce")),
		})
		h.Receive(start, bytes.Clone(first))
		if h.state == awaitPQ || h.state == handshakeFailed {
			if h = NewHandshake(start, h.params); true {
				copy(h.nonces.client[:], unhex(t, v, "nonce"))
				h.Receive(start, unhex(t, v, "res_pq"))
			}
		}
		// What is in the answer, encrypted as it should be, with its hash.
		key, iv := h.nonces.aes()
		m := &mt.ServerDHParamsOk{Nonce: h.nonces.client, ServerNonce: h.nonces.server, EncryptedAnswer: sealHashed(second, key, iv, newChance(1))}
		h.Receive(start, appendPlain(nil, 1, boxed(m)))
		h.Receive(start, bytes.Clone(third))
		if _, ok := h.Result(); ok {
			t.Fatal("there is a key that no server has")
		}
		for range 3 {
			h.Next()
		}
	})
}

func FuzzServerHandshake(f *testing.F) {
	key, _ := serverRSA(f)
	f.Add(boxed(&mt.ReqPQ{}), boxed(&mt.PQInnerData{}), boxed(&mt.ClientDHInnerData{}), false)
	f.Add(boxed(&mt.ReqPQMulti{}), boxed(&mt.PQInnerDataTempDC{DC: 10002, ExpiresIn: -1}), boxed(&mt.ClientDHInnerData{}), true)
	f.Fuzz(func(t *testing.T, first, second, third []byte, legacy bool) {
		h := NewServerHandshake(ServerHandshakeParams{Key: key, Random: newChance(1)})
		check := func(answer []byte, err error) {
			_, failed := asTransportError(answer)
			if failed != (err != nil) || !failed && len(answer) < plainPacketHead {
				t.Fatalf("got %x, %v", answer, err)
			}
		}
		check(h.Receive(start, bytes.Clone(first)))
		check(h.Receive(start, appendPlain(nil, 4, first)))
		check(h.Receive(start, appendPlain(nil, 4, boxed(&mt.ReqPQMulti{}))))
		encrypt := crypt.RSAPad
		if legacy {
			encrypt = crypt.RSALegacy
		}
		sealed, err := encrypt(second, &key.PublicKey, newChance(2))
		if err != nil {
			return
		}
		check(h.Receive(start, appendPlain(nil, 4, boxed(&mt.ReqDHParams{
			ServerNonce: h.nonces.server, P: digits(h.pq.p), Q: digits(h.pq.q), PublicKeyFingerprint: fingerprint(key), EncryptedData: sealed,
		}))))
		if h.stage != stageShare { // then as if it had been right
			h.stage, *h.secret.value() = stageShare, bytes.Repeat([]byte{1}, 256)
		}
		aes, iv := h.nonces.aes()
		check(h.Receive(start, appendPlain(nil, 4, boxed(&mt.SetClientDHParams{
			ServerNonce: h.nonces.server, EncryptedData: sealHashed(third, aes, iv, newChance(3)),
		}))))
	})
}
