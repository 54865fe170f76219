package emulator

import (
	"bytes"
	"testing"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// packed is a call in gzip_packed.
func packed(call []byte) tl.Raw { return mtproto.Pack(call) }

// TDLib packs a call and puts the wrappers around that.
// https://core.telegram.org/mtproto/service_messages#packed-object
func TestACallIsUnpackedWhereverItIs(t *testing.T) {
	call := bytesOf(&tg.HelpGetConfig{})
	quiet := func(q tl.Raw) tl.Raw { return bytesOf(&tg.InvokeWithoutUpdates{Query: q}) }
	init := func(q tl.Raw) tl.Raw { return introduction(190, q).Query }
	layer := func(q tl.Raw) tl.Raw { return bytesOf(&tg.InvokeWithLayer{Layer: 190, Query: q}) }
	for name, request := range map[string]tl.Raw{
		"around everything":       packed(layer(init(quiet(call)))),
		"inside invokeWithLayer":  layer(packed(init(quiet(call)))),
		"inside initConnection":   layer(init(packed(quiet(call)))),
		"around the call":         layer(init(quiet(packed(call)))),
		"at each level":           packed(layer(packed(init(packed(quiet(packed(call))))))),
		"after another wrapper":   quiet(packed(layer(init(call)))),
		"with an old client's id": layer(init(packed(tl.AppendUint32(nil, 0xc4f9186b)))), // help.getConfig
	} {
		v := newDesk(t).stranger(2)
		if answer := raw(t, v, request, ""); !bytes.HasPrefix(answer, tl.AppendUint32(nil, 0xcc1a241e)) {
			t.Errorf("%s: got %x, want a config", name, answer)
		}
		if v.key.layer != 190 || v.key.device == nil {
			t.Errorf("%s: got layer %d and device %v, want what the wrappers say", name, v.key.layer, v.key.device)
		}
	}
}

// A packed object replaces any other object, which is not a packed one.
// https://core.telegram.org/mtproto/service_messages#packed-object
func TestWhatCannotBeUnpackedIsRefused(t *testing.T) {
	call := bytesOf(&tg.HelpGetConfig{})
	for name, inner := range map[string]tl.Raw{
		"packed twice":   packed(packed(call)),
		"not packed":     tl.AppendBytes(packed(call)[:4:4], []byte("not gzip")),
		"cut short":      packed(call)[:8],
		"nothing inside": packed(nil),
	} {
		v := newDesk(t).stranger(2)
		raw(t, v, bytesOf(introduction(190, inner)), "INPUT_FETCH_ERROR")
		if v.key.device == nil {
			t.Errorf("%s: the device is not stored", name)
		}
	}
}

// nested packs a call that often, each time with so many bytes around it that the
// packing takes away.
func nested(levels, size int) tl.Raw {
	q := bytesOf(&tg.HelpGetConfig{})
	for range levels {
		q = packed(bytesOf(&tg.InvokeAfterMsgs{MsgIDs: make([]int64, size/8), Query: q}))
	}
	return q
}

// What is unpacked at one level counts at all levels of a call.
func TestTheLimitOfUnpackingHoldsForAllLevelsTogether(t *testing.T) {
	const size = 100_000
	for levels, want := range map[int]string{1: "", 3: "", 4: "INPUT_FETCH_ERROR", 15: "INPUT_FETCH_ERROR"} {
		v := newDesk(t).visitor(2)
		c := *v.caller
		_, no := v.w.serve(&c, v.now, v.w.read(&c, nested(levels, size), mtproto.NewUnpacker(3*size+size/2)))
		got := ""
		if no != nil {
			got = no.message
		}
		if got != want {
			t.Errorf("%d levels: got the refusal %q, want %q", levels, got, want)
		}
	}
}

// The protocol unpacks the first level, and the emulator the others.
func TestTheLimitOfUnpackingHoldsForAPacket(t *testing.T) {
	s := running(t, Config{})
	l := connect(t, s, 2, plain)
	get(t, l, &tg.HelpGetConfig{})
	l.layer = 0
	const size = 12 << 20
	if _, err := l.Invoke(t.Context(), nested(2, size)); err != nil {
		t.Errorf("24 MiB in two levels: got %v, want an answer", err)
	}
	_, err := l.Invoke(t.Context(), nested(3, size))
	if e := tg.AsError(err); e == nil || e.Message != "INPUT_FETCH_ERROR" {
		t.Errorf("36 MiB in three levels: got %v, want INPUT_FETCH_ERROR", err)
	}
}
