//go:build limits && linux

package limits

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

func TestUnfinishedPacketsHaveABudget(t *testing.T) {
	p := start(t)
	const sockets, length = 500, 1 << 20
	b := binary.LittleEndian.AppendUint32(nil, length)
	b = append(b, make([]byte, length-4)...)
	for range sockets {
		_, _ = p.dial().Write(b) // one of the others may be closed for it, or this one
	}
	p.signIn()
	p.holdPeak("500 sockets with an unfinished packet of 1 MiB")
}

func TestGzipBombsHaveABudget(t *testing.T) {
	p := start(t)
	r, _ := p.connect()
	bomb := mtproto.Pack(make([]byte, 4<<20))
	for range 60 {
		r.Send(time.Now(), bomb)
	}
	r.flush()
	// Its answers come when all bombs are dealt with.
	if _, err := r.call(bytesOf(t, &tg.HelpGetConfig{})); err != nil {
		t.Errorf("a call behind the bombs: %v", err)
	}
	p.signIn()
	p.holdPeak("60 gzip bombs of 4 MiB in one container")
}

// The constructors of vectors in vectors.
const (
	jsonArray = 0xf7444763
	jsonNull  = 0x3f6d7b68
)

func TestNestedVectorsHaveABudget(t *testing.T) {
	const size, levels, packets = 15 << 20, 30, 10
	null := tl.AppendUint32(nil, jsonNull)
	var params []byte
	for range levels {
		params = tl.AppendUint32(params, jsonArray)
		params = tl.AppendUint32(params, tl.VectorID)
		params = tl.AppendInt(params, int32((size-len(params)-4)/4))
	}
	params = append(params, bytes.Repeat(null, (size-len(params))/4)...)
	call := initialised(bytesOf(t, &tg.HelpGetConfig{}))
	at := bytes.LastIndex(call, null)
	if at < 0 {
		t.Fatal("initConnection has no parameters to replace")
	}
	call = append(append(bytes.Clone(call[:at]), params...), call[at+4:]...)
	packed := mtproto.Pack(call)

	p := start(t)
	r, _ := p.connect()
	for range packets {
		if _, err := r.call(packed); err == nil || !strings.Contains(err.Error(), "400") {
			t.Errorf("got %v, want a refusal with 400", err)
		}
	}
	p.signIn()
	p.holdPeak("30 vectors in vectors, 10 packets")
}

func TestUnreadAnswersHaveABudget(t *testing.T) {
	p := start(t)
	p.fillSessions(4)
	p.signIn()
	p.holdPeak("64 sessions of unread answers for each of 4 keys")
}

// fillSessions sends 1,000 calls in each of 64 sessions of each of a number of keys,
// and reads no answer.
func (p *process) fillSessions(keys int) {
	const sessions, calls = 64, 1000
	call := bytesOf(p.t, &tg.HelpGetConfig{})
	for range keys {
		_, e := p.connect()
		for range sessions {
			r := p.begin(p.dial(), e)
			for range calls {
				r.Send(time.Now(), call)
			}
			r.flush()
		}
	}
}

func TestSilentSocketsKeepNobodyOut(t *testing.T) {
	p := start(t)
	for range 10_000 {
		p.dial()
	}
	holdMedian(t, "signing in beside 10,000 silent sockets", time.Second, p.signIn)
	t.Logf("10,000 silent sockets: %d MiB at the peak (no limit)", p.peak()>>20)
}

func TestArithmeticForOneStopsNobody(t *testing.T) {
	p := start(t)
	r, _ := p.connect()
	halfIn(r)
	ctx := t.Context()
	c, err := p.honest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ping := func() time.Duration {
		began := time.Now()
		if _, err := tg.Call(ctx, c, &tg.HelpGetNearestDC{}); err != nil {
			t.Fatal(err)
		}
		return time.Since(began)
	}
	ping()
	question := bytesOf(t, &tg.AccountGetPassword{})
	holdMedian(t, "the slowest ping beside 1,000 account.getPassword in a packet", 100*time.Millisecond, func() (worst time.Duration) {
		for range 1000 {
			r.Send(time.Now(), question)
		}
		r.flush()
		for range 20 {
			worst = max(worst, ping())
		}
		// The next round begins when all of this one is answered.
		if _, err := r.call(question); err != nil {
			t.Fatal(err)
		}
		return worst
	})
}

// halfIn brings Bob to the question for his password.
func halfIn(r *raw) {
	r.t.Helper()
	b, err := r.call(bytesOf(r.t, &tg.AuthSendCode{
		PhoneNumber: bob, APIID: appID, APIHash: appHash, Settings: &tg.CodeSettings{},
	}))
	if err != nil {
		r.t.Fatal(err)
	}
	var sent tg.AnyAuthSentCode
	if err := tg.Schema.Decode(b, &sent); err != nil {
		r.t.Fatal(err)
	}
	code := annCode
	_, err = r.call(bytesOf(r.t, &tg.AuthSignIn{
		PhoneNumber: bob, PhoneCodeHash: sent.(*tg.AuthSentCode).PhoneCodeHash, PhoneCode: &code,
	}))
	if err == nil || !strings.Contains(err.Error(), "SESSION_PASSWORD_NEEDED") {
		r.t.Fatalf("got %v, want SESSION_PASSWORD_NEEDED", err)
	}
}
