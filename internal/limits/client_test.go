//go:build limits && linux

package limits

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// appID and appHash are of no application: an emulator takes any.
const (
	appID   = 1
	appHash = "0123456789abcdef0123456789abcdef"
)

// honest dials as everybody does.
func (p *process) honest(ctx context.Context) (*telekey.Client, error) {
	return telekey.Dial(ctx, telekey.Config{
		AppID: appID, AppHash: appHash, Network: p.network, Session: &session.Memory{},
	})
}

// signIn measures how long an honest client takes from dialling to its user.
func (p *process) signIn() time.Duration {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	c, err := p.honest(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	defer c.Close()
	if _, err := auth.SignIn(ctx, c, auth.Phone(ann), auth.Answers{Code: auth.Code(annCode)}); err != nil {
		p.t.Fatal(err)
	}
	return time.Since(began)
}

// raw is a client that does everything by hand, in intermediate framing.
// https://core.telegram.org/mtproto/mtproto-transports#intermediate
type raw struct {
	t    *testing.T
	conn net.Conn
	*mtproto.Conn
}

// dial opens a socket to data centre 2.
func (p *process) dial() net.Conn {
	p.t.Helper()
	to, ok := p.network.Endpoint(2)
	if !ok {
		p.t.Fatal("the emulator has no data centre 2")
	}
	conn, err := net.Dial("tcp", to.Addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { conn.Close() })
	if _, err := conn.Write([]byte{0xee, 0xee, 0xee, 0xee}); err != nil {
		p.t.Fatal(err)
	}
	return conn
}

func write(conn net.Conn, packet []byte) error {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(packet)))
	_, err := conn.Write(append(b, packet...))
	return err
}

func read(conn net.Conn) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return nil, err
	}
	packet := make([]byte, binary.LittleEndian.Uint32(head[:]))
	_, err := io.ReadFull(conn, packet)
	return packet, err
}

// exchange makes a key.
func (p *process) exchange(conn net.Conn) mtproto.Exchange {
	p.t.Helper()
	h := mtproto.NewHandshake(time.Now(), mtproto.HandshakeParams{
		DC: p.network.KeyDC(2), Keys: p.network.Keys, Random: rand.Reader,
	})
	for {
		if packet, ok := h.Next(); ok {
			if err := write(conn, packet); err != nil {
				p.t.Fatal(err)
			}
		}
		if e, ok := h.Result(); ok {
			return e
		}
		packet, err := read(conn)
		if err == nil {
			err = h.Receive(time.Now(), packet)
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// begin begins a session of a key.
func (p *process) begin(conn net.Conn, e mtproto.Exchange) *raw {
	c := mtproto.NewConn(time.Now(), mtproto.Params{Key: e.Key, Salt: e.Salt, Random: rand.Reader})
	c.Up(time.Now())
	return &raw{p.t, conn, c}
}

// connect opens a socket, makes a key and introduces itself.
func (p *process) connect() (*raw, mtproto.Exchange) {
	p.t.Helper()
	conn := p.dial()
	e := p.exchange(conn)
	r := p.begin(conn, e)
	r.call(introduced(bytesOf(p.t, &tg.HelpGetConfig{})))
	return r, e
}

// flush writes what there is to write. A connection that the server has closed is
// no error: that is what it may do to an attacker.
func (r *raw) flush() {
	for e, ok := r.Next(); ok; e, ok = r.Next() {
		if e.Kind == mtproto.Write && write(r.conn, e.Body) != nil {
			return
		}
	}
}

// call makes a call and waits for what comes of it.
func (r *raw) call(request []byte) (answer []byte, err error) {
	r.t.Helper()
	req := r.Send(time.Now(), request)
	for {
		for e, ok := r.Next(); ok; e, ok = r.Next() {
			switch {
			case e.Kind == mtproto.Write:
				err = write(r.conn, e.Body)
			case e.Kind == mtproto.Answer && e.Req == req:
				return e.Body, nil
			case e.Kind == mtproto.Refused && e.Req == req:
				return nil, fmt.Errorf("%d %s", e.Code, e.Message)
			}
			if err != nil {
				return nil, err
			}
		}
		packet, err := read(r.conn)
		if err == nil {
			err = r.Receive(time.Now(), packet)
		}
		if err != nil {
			return nil, err
		}
	}
}

func bytesOf(t *testing.T, v any) []byte {
	t.Helper()
	b, err := tg.Schema.Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// introduced puts what a client must say about itself around a call.
func introduced(call []byte) []byte {
	b, err := tg.Schema.Append(nil, &tg.InvokeWithLayer{Layer: tg.Layer, Query: initialised(call)})
	if err != nil {
		panic(err)
	}
	return b
}

func initialised(call []byte) []byte {
	b, err := tg.Schema.Append(nil, &tg.InitConnection{
		APIID: appID, DeviceModel: "limits", SystemVersion: "1", AppVersion: "1",
		SystemLangCode: "en", LangCode: "en", Params: &tg.JSONNull{}, Query: call,
	})
	if err != nil {
		panic(err)
	}
	return b
}
