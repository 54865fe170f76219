package frame

import (
	"bytes"
	"crypto/cipher"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
)

// hexBytes are bytes that testdata spells in hex.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

type obfuscationVector struct {
	Name       string
	Secret     hexBytes
	Tag        string
	DC         int
	Init, Sent hexBytes
	ClientData hexBytes `json:"client_data"`
	ClientWire hexBytes `json:"client_wire"`
	ServerData hexBytes `json:"server_data"`
	ServerWire hexBytes `json:"server_wire"`
}

func obfuscationVectors(t *testing.T) []obfuscationVector {
	t.Helper()
	data, err := os.ReadFile("testdata/obfuscated.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []obfuscationVector }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) == 0 {
		t.Fatal("testdata/obfuscated.json holds no vectors")
	}
	return file.Vectors
}

func (v obfuscationVector) kind(t *testing.T) Kind {
	kind, ok := map[string]Kind{"eeeeeeee": Intermediate, "efefefef": Abridged, "dddddddd": Padded}[v.Tag]
	if !ok {
		t.Fatalf("%s: unknown tag %s", v.Name, v.Tag)
	}
	return kind
}

func crypted(s cipher.Stream, b []byte) []byte {
	out := make([]byte, len(b))
	s.XORKeyStream(out, b)
	return out
}

// https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation
func TestObfuscatedStreamsAreThoseOfOtherPrograms(t *testing.T) {
	for _, v := range obfuscationVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			header, client, err := SealHeader(bytes.NewReader(v.Init), v.kind(t), v.DC, v.Secret)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(header, v.Sent) {
				t.Fatalf("header:\n got %x\nwant %x", header, v.Sent)
			}
			if got := crypted(client.Out, v.ClientData); !bytes.Equal(got, v.ClientWire) {
				t.Errorf("client to server:\n got %x\nwant %x", got, v.ClientWire)
			}
			if got := crypted(client.In, v.ServerWire); !bytes.Equal(got, v.ServerData) {
				t.Errorf("server to client:\n got %x\nwant %x", got, v.ServerData)
			}

			server, err := OpenHeader(v.Sent, v.Secret)
			if err != nil {
				t.Fatal(err)
			}
			if server.Kind != v.kind(t) || server.DC != v.DC {
				t.Errorf("opened: got %v to data centre %d, want %v to %d", server.Kind, server.DC, v.kind(t), v.DC)
			}
			if got := crypted(server.In, v.ClientWire); !bytes.Equal(got, v.ClientData) {
				t.Errorf("at the server:\n got %x\nwant %x", got, v.ClientData)
			}
			if got := crypted(server.Out, v.ServerData); !bytes.Equal(got, v.ServerWire) {
				t.Errorf("from the server:\n got %x\nwant %x", got, v.ServerWire)
			}
		})
	}
}

func TestBothEndsNeedTheSameSecret(t *testing.T) {
	secret := []byte("sixteen bytes or")
	header, client, err := SealHeader(from(1), Padded, -10002, secret)
	if err != nil {
		t.Fatal(err)
	}
	server, err := OpenHeader(header, secret)
	if err != nil {
		t.Fatal(err)
	}
	if server.Kind != Padded || server.DC != -10002 {
		t.Errorf("got %v to data centre %d, want padded to -10002", server.Kind, server.DC)
	}
	for range 3 { // the streams run on
		if got := crypted(server.In, crypted(client.Out, []byte("question"))); string(got) != "question" {
			t.Errorf("client to server: got %q", got)
		}
		if got := crypted(client.In, crypted(server.Out, []byte("answer"))); string(got) != "answer" {
			t.Errorf("server to client: got %q", got)
		}
	}
	for _, other := range []string{"", "another sixteen!"} {
		_, err := OpenHeader(header, []byte(other))
		if err == nil {
			t.Errorf("secret %q: got no error", other)
		} else if strings.Contains(err.Error(), string(secret)) {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
}

// A header must not begin like anything that a server recognises.
func TestAHeaderIsDrawnAgainWhileItLooksLikeAnotherProtocol(t *testing.T) {
	good := append([]byte("anything"), make([]byte, HeaderSize-8)...)
	for _, head := range []string{
		"\xef234567", "HEAD567", "POST567", "GET 567", "OPTI567", "\x16\x03\x01\x02567",
		"\xdd\xdd\xdd\xdd567", "\xee\xee\xee\xee567", "1234\x00\x00\x00\x00",
	} {
		bad := append([]byte(head), bytes.Repeat([]byte{1}, HeaderSize-len(head))...)
		header, _, err := SealHeader(io.MultiReader(bytes.NewReader(bad), bytes.NewReader(good)), Abridged, 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(header, []byte("anything")) {
			t.Errorf("%q: was sent as a header", head)
		}
	}
}

func TestAHeaderThatCannotBeMadeIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		random io.Reader
		kind   Kind
		dc     int
		secret string
		want   string
	}{
		"full":                 {from(1), Full, 2, "", "full framing cannot be obfuscated"},
		"a data centre":        {from(1), Padded, 1 << 15, "", "data centre 32768"},
		"a secret":             {from(1), Padded, 2, "short", "5 bytes, want 16"},
		"no random bytes":      {failing{}, Padded, 2, "", "dry"},
		"no good random bytes": {zeros{}, Padded, 2, "", "random source is broken"},
	} {
		_, _, err := SealHeader(c.random, c.kind, c.dc, []byte(c.secret))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
	if _, err := OpenHeader(make([]byte, 63), nil); err == nil {
		t.Error("63 bytes: got no error")
	}
	if _, err := OpenHeader(make([]byte, 64), nil); err == nil {
		t.Error("64 zeros: got no error")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
