package mtproto

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"strings"
	"testing"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

func TestWhatIsPackedUnpacks(t *testing.T) {
	body := value(strings.Repeat("again and ", 100))
	packed := Pack(body)
	if len(packed) >= len(body) || len(packed)%4 != 0 {
		t.Errorf("%d bytes became %d", len(body), len(packed))
	}
	if got, err := Unpack(packed); err != nil || !bytes.Equal(got, body) {
		t.Errorf("got %x, %v", got, err)
	}
	if got, err := Unpack(body); err != nil || !bytes.Equal(got, body) {
		t.Errorf("a value that is not packed: got %x, %v", got, err)
	}
}

// A few bytes that unpack to gigabytes do not get far.
// https://core.telegram.org/mtproto/service_messages#packed-object
func TestRule20BombsAreDefused(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range maxUnpacked>>20 + 1 {
		w.Write(zeros)
	}
	w.Close()
	packed := tl.AppendBytes(tl.AppendUint32(nil, mt.IDGzipPacked), bomb.Bytes())
	if _, err := Unpack(packed); err == nil || !strings.Contains(err.Error(), "33554432") {
		t.Errorf("got %v, want an error that names the limit", err)
	}

	// In an answer it ends the request; as an update, the connection.
	l := newLonely(t)
	r := l.Send(start, value("x"))
	l.hear(1, resultOf(l.wrote()[0].id, packed))
	events := l.told()
	if len(events) != 1 || events[0].Kind != Refused || events[0].Req != r || events[0].Err == nil {
		t.Errorf("got %+v, want one refusal", events)
	}
	wantViolation(t, l.Receive(start, l.packet(l.id(isNotice), 1, packed)), "packed message")

	// In a query it is the client's mistake.
	g := newGuest(t)
	p := g.say(true, packed)
	if got := refusalOf(t, g.heard(), p.id); got != "INPUT_FETCH_ERROR" {
		t.Errorf("got %q", got)
	}
}

// refusalOf returns the message of the rpc_error that answers a query.
func refusalOf(t *testing.T, all []message, id MsgID) string {
	t.Helper()
	for _, m := range all {
		if r := tl.NewReader(m.body); r.Uint32() == mt.IDRPCResult && MsgID(r.Long()) == id {
			if e, ok := mt.Schema.Read(r).(*mt.RPCError); ok {
				return e.ErrorMessage
			}
		}
	}
	t.Fatalf("no rpc_error for %v among %v", id, all)
	return ""
}

func TestGarbageDoesNotUnpack(t *testing.T) {
	good := Pack(value("x"))
	for name, body := range map[string][]byte{
		"nothing in it": tl.AppendBytes(tl.AppendUint32(nil, mt.IDGzipPacked), nil),
		"no gzip":       tl.AppendBytes(tl.AppendUint32(nil, mt.IDGzipPacked), []byte("not gzip")),
		"cut short":     good[:len(good)-8],
		"no string":     good[:4],
		"a wrong sum":   append(good[:len(good)-12:len(good)-12], make([]byte, 12)...),
	} {
		if got, err := Unpack(body); err == nil {
			t.Errorf("%s: got %x, want an error", name, got)
		}
	}
}

// mtcute packs its queries by zlib, not by gzip.
func TestWhatIsPackedByZlibIsUnpacked(t *testing.T) {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(value("packed")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	body := tl.AppendBytes(tl.AppendUint32(nil, mt.IDGzipPacked), packed.Bytes())
	if got, err := Unpack(body); err != nil || !bytes.Equal(got, value("packed")) {
		t.Errorf("got %x, %v", got, err)
	}
}
