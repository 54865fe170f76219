package frame

import (
	"encoding/binary"
	"fmt"
)

// Protocol is the protocol that a client speaks on a server's port.
type Protocol int

// The protocols that a Detector tells apart.
const (
	MTProto Protocol = iota // in one of the framings, plain or obfuscated
	HTTP                    // a request: MTProto over HTTP, or the upgrade to WebSocket
	TLS                     // or an MTProxy client that imitates TLS
)

// String returns the protocol's name.
func (p Protocol) String() string {
	switch p {
	case MTProto:
		return "MTProto"
	case HTTP:
		return "HTTP"
	case TLS:
		return "TLS"
	}
	return fmt.Sprintf("protocol %d", int(p))
}

// Greeting describes the beginning of a client's stream.
type Greeting struct {
	Protocol    Protocol
	Kind        Kind         // of MTProto
	Obfuscation *Obfuscation // of obfuscated MTProto; nil: plain
	// Rest holds the bytes after the tag or the header, decrypted if the stream
	// is obfuscated; the caller decrypts later bytes. Without a tag and a
	// header, Rest holds all bytes.
	Rest []byte
}

// A Detector determines a client's protocol from the first bytes of its stream.
// The zero value is ready for direct connections.
type Detector struct {
	Secret []byte // expected in obfuscation headers; nil: none
	head   []byte // all bytes so far, fewer than HeaderSize
}

// Feed takes the next bytes of the stream. Until ok, it needs more; after ok or an
// error the Detector must not be used again. It decides within the first
// HeaderSize bytes; the caller limits the wait for a client that sends fewer.
func (d *Detector) Feed(b []byte) (g Greeting, ok bool, err error) {
	d.head = append(d.head, b...)
	b = d.head
	switch {
	case len(b) == 0:
		return Greeting{}, false, nil

	// The order matters: a client keeps its obfuscation header from looking
	// like anything above the last case.
	// https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation
	case b[0] == 0xef:
		return Greeting{Kind: Abridged, Rest: b[1:]}, true, nil
	case len(b) < 4:
		return Greeting{}, false, nil
	}
	switch string(b[:4]) {
	case "\xee\xee\xee\xee":
		return Greeting{Kind: Intermediate, Rest: b[4:]}, true, nil
	case "\xdd\xdd\xdd\xdd":
		return Greeting{Kind: Padded, Rest: b[4:]}, true, nil
	case "POST", "GET ", "HEAD", "OPTI":
		return Greeting{Protocol: HTTP, Rest: b}, true, nil
	}
	switch {
	case string(b[:3]) == "\x16\x03\x01":
		return Greeting{Protocol: TLS, Rest: b}, true, nil
	case len(b) < 8:
		return Greeting{}, false, nil
	// Full has no tag, but its first frame is number zero.
	case binary.LittleEndian.Uint32(b[4:]) == 0:
		return Greeting{Kind: Full, Rest: b}, true, nil
	case len(b) < HeaderSize:
		return Greeting{}, false, nil
	}
	return d.open(b)
}

// open reads the first bytes as an obfuscation header, the only remaining case.
func (d *Detector) open(b []byte) (Greeting, bool, error) {
	o, err := OpenHeader(b[:HeaderSize], d.Secret)
	if err != nil {
		return Greeting{}, false, err
	}
	rest := b[HeaderSize:]
	o.In.XORKeyStream(rest, rest)
	return Greeting{Kind: o.Kind, Obfuscation: &o, Rest: rest}, true, nil
}
