package frame

import (
	"bytes"
	"strings"
	"testing"
)

// visit returns the first bytes of a client: the beginning of its stream and a packet.
func visit(t testing.TB, kind Kind, obfuscated bool, packet []byte) []byte {
	t.Helper()
	begin, out := kind.Tag(), func([]byte) {}
	if obfuscated {
		header, o, err := SealHeader(from(1), kind, 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		begin, out = header, func(b []byte) { o.Out.XORKeyStream(b, b) }
	}
	framed, err := NewWriter(kind, from(7)).Append(nil, packet)
	if err != nil {
		t.Fatal(err)
	}
	out(framed)
	return append(begin, framed...)
}

func TestEveryFramingIsRecognisedHoweverItsBytesArrive(t *testing.T) {
	for _, kind := range kinds {
		for _, obfuscated := range []bool{false, true} {
			if kind == Full && obfuscated {
				continue
			}
			stream := visit(t, kind, obfuscated, sealed(9))
			for size := 1; size <= len(stream); size++ {
				recognise(t, kind, obfuscated, stream, size)
			}
		}
	}
}

// recognise feeds stream in pieces, first to a Detector, then to a Splitter.
func recognise(t *testing.T, kind Kind, obfuscated bool, stream []byte, size int) {
	t.Helper()
	var d Detector
	var rest []byte
	var g *Greeting
	for piece := range chunks(stream, size) {
		switch {
		case g == nil:
			got, ok, err := d.Feed(piece)
			if err != nil {
				t.Fatalf("%v, obfuscated %v, pieces of %d: %v", kind, obfuscated, size, err)
			}
			if ok {
				g, rest = &got, bytes.Clone(got.Rest)
			}
		case g.Obfuscation != nil:
			rest = append(rest, crypted(g.Obfuscation.In, piece)...)
		default:
			rest = append(rest, piece...)
		}
	}
	if g == nil {
		t.Fatalf("%v, obfuscated %v, pieces of %d: not recognised", kind, obfuscated, size)
	}
	if g.Protocol != MTProto || g.Kind != kind || (g.Obfuscation != nil) != obfuscated {
		t.Fatalf("%v, obfuscated %v: recognised as %v %v, obfuscated %v", kind, obfuscated, g.Protocol, g.Kind, g.Obfuscation != nil)
	}
	if p := one(t, NewSplitter(g.Kind, FromClient, 0), rest); !bytes.Equal(p.Body, sealed(9)) {
		t.Fatalf("%v, obfuscated %v, pieces of %d: got another packet", kind, obfuscated, size)
	}
}

// chunks yields copies of b's pieces.
func chunks(b []byte, size int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			n := min(size, len(b))
			if !yield(bytes.Clone(b[:n])) {
				return
			}
			b = b[n:]
		}
	}
}

func TestOtherProtocolsAreHandedOverWhole(t *testing.T) {
	for stream, want := range map[string]Protocol{
		"GET /apiws HTTP/1.1\r\n":                      HTTP,
		"POST /api HTTP/1.1\r\n":                       HTTP,
		"HEAD / HTTP/1.1\r\n":                          HTTP,
		"OPTIONS / HTTP/1.1\r\n":                       HTTP,
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03": TLS,
	} {
		var d Detector
		g, ok, err := d.Feed([]byte(stream))
		if err != nil || !ok || g.Protocol != want || string(g.Rest) != stream {
			t.Errorf("%q: got %v with %q, %v, %v; want %v with all of it", stream, g.Protocol, g.Rest, ok, err, want)
		}
	}
}

func TestGarbageIsRefusedAfterSixtyFourBytes(t *testing.T) {
	var d Detector
	garbage := strings.Repeat("SSH-2.0-", HeaderSize/8)
	if _, ok, err := d.Feed([]byte(garbage[:63])); ok || err != nil {
		t.Fatalf("63 bytes: got %v, %v; want to wait", ok, err)
	}
	_, ok, err := d.Feed([]byte(garbage[63:]))
	if ok || err == nil || !strings.Contains(err.Error(), "want eeeeeeee, efefefef or dddddddd") {
		t.Errorf("64 bytes: got %v, %v; want a refusal that names the tags", ok, err)
	}
}

func TestAServerWithASecretRefusesOtherSecrets(t *testing.T) {
	secret := []byte("sixteen bytes or")
	header, _, err := SealHeader(from(1), Padded, 2, secret)
	if err != nil {
		t.Fatal(err)
	}
	with := Detector{Secret: secret}
	if g, ok, err := with.Feed(header); !ok || err != nil || g.Kind != Padded {
		t.Errorf("with the secret: got %v, %v, %v", g.Kind, ok, err)
	}
	var without Detector
	if _, ok, err := without.Feed(header); ok || err == nil {
		t.Errorf("without it: got %v, %v; want a refusal", ok, err)
	}
}
