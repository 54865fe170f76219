package mtproto

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestAKeyNeverShowsItsBytes(t *testing.T) {
	key := NewKey([256]byte(bytes.Repeat([]byte("quartz!!"), 32)))
	holder := struct {
		Key   Key
		inner Key
		ptr   *Key
		list  []Key
	}{key, key, &key, []Key{key}}

	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d", "%o"} {
		fmt.Fprintf(&shown, verb+"\n", key)
		fmt.Fprintf(&shown, verb+"\n", &key)
		fmt.Fprintf(&shown, verb+"\n", holder)
		fmt.Fprintf(&shown, verb+"\n", &Conn{&hiddenConn{&connState{key: key}}})
		fmt.Fprintf(&shown, verb+"\n", Exchange{Key: key})
	}
	text, err := json.Marshal(map[string]any{"key": key, "exchange": Exchange{Key: key}})
	if err != nil {
		t.Fatal(err)
	}
	shown.Write(text)
	slog.New(slog.NewTextHandler(&shown, nil)).Info("a", "key", key, "exchange", Exchange{Key: key})
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("a", "key", key, "exchange", Exchange{Key: key})

	// As text, as hex, as numbers, as numbers of %#v, and in base64.
	for _, leak := range []string{"quartz", "71756172", "113 117 97 114", "0x71, 0x75", "cXVhcnR6", "161 165 141"} {
		if at := strings.Index(strings.ToLower(shown.String()), strings.ToLower(leak)); at >= 0 {
			t.Errorf("the key shows as %q: …%s", leak, shown.String()[at:min(at+100, shown.Len())])
		}
	}
	if want := "auth key " + key.ID().String(); !strings.Contains(shown.String(), want) {
		t.Errorf("the fingerprint %q is not shown", want)
	}
}

// A key is 256 bytes with its leading zeros.
// https://core.telegram.org/mtproto/auth_key#9-server-responds-in-one-of-three-ways
func TestRule08AKeyKeepsItsLeadingZeros(t *testing.T) {
	short := append(make([]byte, 3), bytes.Repeat([]byte{7}, 253)...)
	key, err := ParseKey(short)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(key.Bytes(), short) {
		t.Error("the zeros are gone")
	}
	if _, err := ParseKey(short[3:]); err == nil || !strings.Contains(err.Error(), "253") {
		t.Errorf("got %v, want an error that names 253 bytes", err)
	}
}

func TestAKeyCanBeWiped(t *testing.T) {
	key := testKey(1)
	same := key
	out := key.Bytes()
	key.Wipe()
	if !bytes.Equal(same.Bytes(), make([]byte, 256)) {
		t.Error("a copy of the key still has the bytes")
	}
	if bytes.Equal(out, make([]byte, 256)) {
		t.Error("Bytes gave out the key's own memory")
	}
	var none Key
	none.Wipe()
	if !none.IsZero() || none.Bytes() != nil || none.ID() != 0 || none.String() != "no auth key" {
		t.Errorf("got %v, want no key", none)
	}
}
