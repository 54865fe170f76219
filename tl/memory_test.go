package tl_test

import (
	"bytes"
	"reflect"
	"runtime"
	"sync"
	"testing"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// nest writes a text that is bold depth times over, each of which lies in a stack
// frame of its own.
func nest(depth int, text tg.AnyRichText) ([]byte, error) {
	if depth == 0 {
		return tg.Schema.Append(nil, text)
	}
	return nest(depth-1, &tg.TextBold{Text: text})
}

func TestARequestIsWrittenWholeWhenItsStackMoves(t *testing.T) {
	const depth = tl.MaxDepth - 1
	want := bytes.Repeat(tl.AppendUint32(nil, 0x6724abc4), depth) // textBold
	want = tl.AppendString(tl.AppendUint32(want, 0x744694e0), "deep")
	var all sync.WaitGroup
	for range 20 {
		// A new goroutine begins with a small stack.
		all.Go(func() {
			if got, err := nest(depth, &tg.TextPlain{Text: "deep"}); err != nil || !bytes.Equal(got, want) {
				t.Errorf("got %x, %v\nwant %x", got, err, want)
			}
		})
	}
	all.Wait()
}

func TestAnAnswerIsReadIntoAStackThatMoves(t *testing.T) {
	const depth = tl.MaxDepth - 1
	b := bytes.Repeat(tl.AppendUint32(nil, 0x6724abc4), depth) // textBold
	b = tl.AppendString(tl.AppendUint32(b, 0x744694e0), "deep")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			var text tg.AnyRichText
			err := tg.Schema.Decode(b, &text)
			runtime.GC()
			for range depth {
				if bold, ok := text.(*tg.TextBold); ok {
					text = bold.Text
				}
			}
			if plain, ok := text.(*tg.TextPlain); err != nil || !ok || plain.Text != "deep" {
				t.Errorf("got %v, %v, want the text below all bold ones", text, err)
			}
		})
	}
	all.Wait()
}

func TestWhatIsReadSharesNothingWithItsBytes(t *testing.T) {
	b := written(t, page())
	var got tg.AnyMessagesMessages
	if err := tg.Schema.Decode(b, &got); err != nil {
		t.Fatal(err)
	}
	want := bytes.Clone(b)
	clear(b)
	runtime.GC()
	if !bytes.Equal(written(t, got), want) {
		t.Error("the value changed with the bytes that it was read from")
	}
}

func TestNeighboursInMemoryAreStrangers(t *testing.T) {
	page := page()
	for _, m := range page.Messages {
		m.(*tg.Message).Views, m.(*tg.Message).Forwards = new(int32(1)), new(int32(2))
	}
	var got tg.AnyMessagesMessages
	if err := tg.Schema.Decode(written(t, page), &got); err != nil {
		t.Fatal(err)
	}
	// A change to every second message does not change the others.
	for i, m := range got.(*tg.MessagesMessages).Messages {
		if m := m.(*tg.Message); i%2 == 0 {
			m.Entities = append(m.Entities, &tg.MessageEntityItalic{})
			m.Message += "!"
			*m.Views, *m.Forwards = 10, 20
			*m.FromID.(*tg.PeerUser) = tg.PeerUser{UserID: -1}
			*m = tg.Message{}
		}
	}
	for i, m := range got.(*tg.MessagesMessages).Messages {
		if i%2 == 1 && !reflect.DeepEqual(m, page.Messages[i]) {
			t.Errorf("message %d: got %+v, want %+v", i, m, page.Messages[i])
		}
	}
}

// Structs take more memory than their bytes, because missing fields have no bytes.
// A sender must not be able to multiply its bytes.
func TestHostileBytesBuyLittleMemory(t *testing.T) {
	const size = 1 << 18
	vector := func(items ...[]byte) []byte {
		b := tl.AppendUint32(nil, tl.VectorID)
		item := bytes.Join(items, nil)
		n := size / len(item)
		return append(tl.AppendInt(b, int32(n*len(items))), bytes.Repeat(item, n)...)
	}
	entity := func(id uint32) []byte { return append(tl.AppendUint32(nil, id), make([]byte, 8)...) }
	headers := tl.AppendInt(tl.AppendUint32(nil, 0x1b97dd66), 0) // messageReplyHeader with nothing in it
	for name, c := range map[string]struct {
		b    []byte
		into any
	}{
		"the largest struct for the fewest bytes": {vector(headers), new([]tg.AnyMessageReplyHeader)},
		"kinds that take turns": {vector(entity(0xbd610bc9), entity(0x826f8b60), entity(0x28a20571), entity(0x6ed02538),
			entity(0x6f635b0d), entity(0xfa04579d), entity(0x9c4e7e8b), entity(0xbf0693d4), entity(0x6cef8ac7),
			entity(0x64e475c2), entity(0x9b69e34b), entity(0x4c4e743f), entity(0x761e6af4), entity(0x32ca960f),
			entity(0xbb92ba95), entity(0x71777116), entity(0xbd610bc9), entity(0x6ed02538)), new([]tg.AnyMessageEntity)},
		"strings just too long for what is left": {vector(tl.AppendString(nil, "x"), tl.AppendString(nil, string(make([]byte, 1023)))), new([]string)},
		"empty strings":                          {vector(make([]byte, 4)), new([]string)},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := tg.Schema.Decode(c.b, c.into)
		runtime.ReadMemStats(&after)
		if n := int(after.TotalAlloc-before.TotalAlloc) / len(c.b); n > 40 {
			t.Errorf("%s: got %d bytes of memory for each byte (%v), want at most 40", name, n, err)
		} else {
			t.Logf("%s: %d bytes of memory for each byte, %v", name, n, err)
		}
	}
}

func TestManyMayUseASchemaForTheFirstTime(t *testing.T) {
	want := written(t, page())
	fresh := tg.Schema.With("")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			var v tg.AnyMessagesMessages
			if err := fresh.Decode(want, &v); err != nil {
				t.Error(err)
			} else if got, err := fresh.Append(nil, v); err != nil || !bytes.Equal(got, want) {
				t.Errorf("got %x, %v, want %x", got, err, want)
			}
		})
	}
	all.Wait()
}

func written(t *testing.T, v any) []byte {
	t.Helper()
	b, err := tg.Schema.Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
