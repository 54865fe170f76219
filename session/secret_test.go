package session_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/session/sessiontest"
)

// No printed form of a value contains any part of a key or a token.
func TestSecretsPrintAsFingerprints(t *testing.T) {
	d := sessiontest.Sample()
	key, token := d.Keys[2].Auth, session.NewToken("xq7 hidden 93zk")
	d.Tokens[0] = token
	raw := key.Bytes()
	memory, file := new(session.Memory), session.File(inTempDir(t))
	save(t, memory)
	save(t, file)

	printed := make(map[string]string)
	for name, v := range map[string]any{
		"key": key, "*key": &key, "token": token, "Key": d.Keys[2], "Data": d, "*Data": &d,
		"tokens": d.Tokens, "keys": d.Keys, "memory": memory, "memory held": hold(t, memory),
		"file": file, "file held": hold(t, file), "struct": struct{ V any }{d},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			printed[name+" "+verb] = fmt.Sprintf(verb, v)
		}
		printed[name+" json"] = asJSON(v)
		var text, lines bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("it", "v", v)
		slog.New(slog.NewJSONHandler(&lines, nil)).Info("it", "v", v)
		printed[name+" slog text"], printed[name+" slog json"] = text.String(), lines.String()
	}
	for how, got := range printed {
		if part := leak(got, raw[:]); part != "" {
			t.Errorf("%s shows %q of the key: %.200s", how, part, got)
		}
		if part := leak(got, token.Bytes()); part != "" {
			t.Errorf("%s shows %q of the token: %.200s", how, part, got)
		}
	}
	if got, want := printed["key %x"], fmt.Sprintf("authkey(%016x)", uint64(key.ID())); got != want {
		t.Errorf("a key prints as %q, want %q", got, want)
	}
}

// The test above is worth something only if it sees a leak.
func TestALeakIsSeen(t *testing.T) {
	key := sessiontest.Sample().Keys[2].Auth
	raw := key.Bytes()
	for _, text := range []string{
		fmt.Sprint(raw), fmt.Sprintf("%x", raw), fmt.Sprintf("%X", raw), fmt.Sprintf("%#v", raw), fmt.Sprintf("%s", raw),
		asJSON(raw), asJSON(raw[:]),
	} {
		if leak(text, raw[:]) == "" {
			t.Errorf("not seen in %.60s", text)
		}
	}
}

// leak finds a piece of a secret in a text, in any of the ways in which Go prints
// bytes.
func leak(text string, secret []byte) string {
	text = strings.ToLower(text)
	for i := 0; i+9 <= len(secret); i += 3 { // by threes, for base64
		part := secret[i : i+9]
		four := []any{part[0], part[1], part[2], part[3]}
		for _, shape := range []string{
			string(part), hex.EncodeToString(part), base64.StdEncoding.EncodeToString(part),
			fmt.Sprintf("%d %d %d %d", four...), fmt.Sprintf("%d,%d,%d,%d", four...),
			fmt.Sprintf("%#x, %#x, %#x, %#x", four...),
		} {
			if strings.Contains(text, strings.ToLower(shape)) {
				return shape
			}
		}
	}
	return ""
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	return fmt.Sprint(string(b), err)
}

// encoding/json would lose the keys without a word; it says a word.
func TestSessionsAreNotStoredThroughJSON(t *testing.T) {
	_, err := json.Marshal(sessiontest.Sample())
	if err == nil || !strings.Contains(err.Error(), "session.Marshal") {
		t.Errorf("json.Marshal: got %v, want an error that names session.Marshal", err)
	}
	var d session.Data
	if err := json.Unmarshal([]byte(`{}`), &d); err == nil {
		t.Error("json.Unmarshal of a session: got no error")
	}
	var key session.AuthKey
	if err := json.Unmarshal([]byte(`"authkey(0000000000000001)"`), &key); err == nil {
		t.Error("json.Unmarshal of a key: got no error")
	}
	var token session.Token
	if err := json.Unmarshal([]byte(`"token"`), &token); err == nil {
		t.Error("json.Unmarshal of a token: got no error")
	}
}

func TestNoKeyHasNoID(t *testing.T) {
	var none session.AuthKey
	if none.ID() != 0 || none.String() != "authkey(none)" {
		t.Errorf("got %d, %v, want 0 and none", none.ID(), none)
	}
}
