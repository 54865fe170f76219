package emulator

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// messagesOf takes the messages out of an answer or an update, as a client of a
// layer reads it.
func messagesOf(t *testing.T, view *tl.Schema, name string, b []byte) (found []tl.Map) {
	t.Helper()
	typ, err := tl.ParseType(name)
	if err != nil {
		t.Fatal(err)
	}
	r := tl.NewReader(b)
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				collect(item)
			}
		case tl.Map:
			if v["_"] == "message" {
				found = append(found, v)
				return
			}
			for _, field := range v {
				collect(field)
			}
		}
	}
	if collect(view.ReadValue(r, typ)); r.Err() != nil || len(found) == 0 {
		t.Errorf("got %v and %d messages in %x, want a message", r.Err(), len(found), b)
	}
	return found
}

func TestARichMessageIsPlainForClientsOfOlderLayers(t *testing.T) {
	for layer := layers.Oldest; layer <= layers.Newest+1; layer++ {
		d := newDesk(t, User{Phone: ann, RichMessages: true})
		v := d.visitorOf(2, layer)
		signedIn(t, d.visitor(2), ann)
		v.key.signIn(d.w.accounts.byPhone["9996620001"].logins[0])
		d.w.pushes = nil
		ask(t, d.visitor(2), ann)
		view := d.w.views.of(layer)
		var all []tl.Map
		for _, p := range d.w.pushes {
			if p.key == v.key {
				b, err := d.w.views.write(layer, p.update)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, messagesOf(t, view, "Updates", b)...)
			}
		}
		for _, call := range []any{
			&tg.MessagesGetHistory{Peer: &tg.InputPeerUser{UserID: serviceID}},
			&tg.MessagesGetDialogs{OffsetPeer: &tg.InputPeerEmpty{}},
			&tg.UpdatesGetDifference{Pts: 1, Date: 1},
		} {
			request, err := view.Append(nil, call)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, messagesOf(t, view, view.DefinitionOf(call).Result.String(), raw(t, v, request, ""))...)
		}
		if len(all) != 4 {
			t.Errorf("layer %d: got %d messages, want one in each of an update and three answers", layer, len(all))
		}
		for _, m := range all {
			words, _ := m["message"].(string)
			_, rich := m["rich_message"]
			if plain := layer < 227; rich == plain || strings.Contains(words, codeX) != plain {
				t.Errorf("layer %d: got %q, rich: %v", layer, words, rich)
			}
		}
	}
}
