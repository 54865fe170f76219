package telekey_test

import (
	"context"
	"encoding/binary"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/transport"
)

// denier is an attacker on the route who lets a call through and puts transport
// error -404 in the place of what the server says next.
type denier struct {
	transport.Dialer
	armed atomic.Bool
}

func (d *denier) Dial(ctx context.Context, to dc.Endpoint) (transport.Conn, error) {
	conn, err := d.Dialer.Dial(ctx, to)
	return deniedConn{conn, d}, err
}

type deniedConn struct {
	transport.Conn
	d *denier
}

func (c deniedConn) Receive() ([]byte, error) {
	packet, err := c.Conn.Receive()
	if err == nil && c.d.armed.CompareAndSwap(true, false) {
		code := int32(-404)
		return binary.LittleEndian.AppendUint32(nil, uint32(code)), nil
	}
	return packet, err
}

// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
func TestAForgedDenialOfATemporaryKeyRepeatsNoCall(t *testing.T) {
	const another = "+9996620009"
	for name, want := range map[string]struct {
		options []telekey.CallOption
		err     error
		codes   int
	}{
		"once":       {nil, telekey.ErrOutcomeUnknown, 1},
		"repeatable": {[]telekey.CallOption{telekey.Repeatable()}, nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTown(t, emulator.User{Phone: ann, FirstName: "Ann"})
				d := &denier{Dialer: transport.TCP{DialContext: w.Dial}}
				c, err := telekey.Dial(t.Context(), telekey.Config{Network: w.Network(), Dialer: d, PFS: true})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if _, err := auth.SignIn(t.Context(), c, auth.Phone(ann), auth.Answers{Code: auth.Code(annCode)}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				d.armed.Store(true)
				_, err = tg.Call(t.Context(), c.With(want.options...), &tg.AccountSendChangePhoneCode{PhoneNumber: another, Settings: &tg.CodeSettings{}})
				if !errors.Is(err, want.err) {
					t.Errorf("got %v, want %v", err, want.err)
				}
				if d.armed.Load() {
					t.Error("nothing was forged: this test sees nothing")
				}
				if codes := len(w.Codes(another)); codes != want.codes {
					t.Errorf("the call was executed %d times, want %d", codes, want.codes)
				}
				if err := self(t.Context(), c); err != nil {
					t.Errorf("got %v of the next call, want an answer on another key", err)
				}
			})
		})
	}
}
