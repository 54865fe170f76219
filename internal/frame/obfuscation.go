package frame

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// An obfuscated stream begins with a header of 64 bytes that looks random:
//
//	8 any · 32 key · 16 counter · 4 tag · 2 data centre · 2 any
//	                              └── only these eight are sent encrypted
//
// The key and the counter encrypt the client's bytes; the same 48 bytes
// read backwards encrypt the server's bytes. This hides the protocol from simple
// filters; it keeps nothing secret.
// https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation

// HeaderSize is the length of the header of an obfuscated stream.
const HeaderSize = 64

// SecretSize is the length of the secret that an MTProxy shares with its
// clients, without the marks around it in links.
const SecretSize = 16

const (
	keyAt  = 8
	ivAt   = 40
	tagAt  = 56
	dcAt   = 60
	ivSize = tagAt - ivAt
)

// Obfuscation is the state of both ends of an obfuscated stream after its header.
type Obfuscation struct {
	Kind Kind
	DC   int           // as the client wrote it: 10000 more for test, negative for media; some clients write noise
	In   cipher.Stream // decrypts what arrives, at either end
	Out  cipher.Stream // encrypts the bytes sent, at either end
}

// SealHeader makes the header with which a client begins an obfuscated
// stream. Only an MTProxy uses dc; secret is its secret, nil without a proxy.
// About one draw of 64 random bytes in 256 is unusable and is repeated.
func SealHeader(random io.Reader, kind Kind, dc int, secret []byte) ([]byte, Obfuscation, error) {
	tag, ok := headerTag(kind)
	if !ok {
		return nil, Obfuscation{}, fmt.Errorf("%v framing cannot be obfuscated: the header has no tag for it", kind)
	}
	if dc < math.MinInt16 || dc > math.MaxInt16 {
		return nil, Obfuscation{}, fmt.Errorf("got data centre %d, want one of 16 bits", dc)
	}
	header, err := drawHeader(random)
	if err != nil {
		return nil, Obfuscation{}, err
	}
	copy(header[tagAt:], tag)
	binary.LittleEndian.PutUint16(header[dcAt:], uint16(int16(dc)))
	toServer, toClient, err := streams(header, secret)
	if err != nil {
		return nil, Obfuscation{}, err
	}
	// The stream runs over the whole header, but only its end is replaced.
	sealed := make([]byte, HeaderSize)
	toServer.XORKeyStream(sealed, header)
	copy(header[tagAt:], sealed[tagAt:])
	return header, Obfuscation{Kind: kind, DC: dc, In: toClient, Out: toServer}, nil
}

// OpenHeader reads the HeaderSize bytes with which a client began a stream,
// at the server or a proxy. An error means that they are not a header, or that it
// was made with another secret.
func OpenHeader(header, secret []byte) (Obfuscation, error) {
	if len(header) != HeaderSize {
		return Obfuscation{}, fmt.Errorf("got %d bytes, want an obfuscation header of %d", len(header), HeaderSize)
	}
	toServer, toClient, err := streams(header, secret)
	if err != nil {
		return Obfuscation{}, err
	}
	opened := make([]byte, HeaderSize)
	toServer.XORKeyStream(opened, header)
	for _, kind := range []Kind{Intermediate, Abridged, Padded} {
		if tag, _ := headerTag(kind); bytes.Equal(tag, opened[tagAt:dcAt]) {
			dc := int16(binary.LittleEndian.Uint16(opened[dcAt:]))
			return Obfuscation{Kind: kind, DC: int(dc), In: toServer, Out: toClient}, nil
		}
	}
	return Obfuscation{}, fmt.Errorf("not an obfuscation header: got tag %x, want eeeeeeee, efefefef or dddddddd", opened[tagAt:dcAt])
}

// headerTag is the tag in a header: always four bytes, so that of abridged is
// repeated. Full has none.
func headerTag(kind Kind) ([]byte, bool) {
	tag := kind.Tag()
	if len(tag) == 0 {
		return nil, false
	}
	return bytes.Repeat(tag, 4/len(tag)), true
}

// drawHeader draws random bytes until they differ from the beginning of every
// other protocol. The number of draws is bounded, because a broken random source
// may never get there.
func drawHeader(random io.Reader) ([]byte, error) {
	header := make([]byte, HeaderSize)
	for range 32 {
		if _, err := io.ReadFull(random, header); err != nil {
			return nil, fmt.Errorf("obfuscation header: no random bytes: %w", err)
		}
		if !taken(header) {
			return header, nil
		}
	}
	return nil, errors.New("obfuscation header: 32 draws in a row looked like another protocol: the random source is broken")
}

// taken reports whether a header begins like another protocol that a server
// recognises: a tag, HTTP, TLS, or the zero sequence number of full.
// https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation
func taken(header []byte) bool {
	if header[0] == 0xef {
		return true
	}
	switch string(header[:4]) {
	case "HEAD", "POST", "GET ", "OPTI", "\x16\x03\x01\x02", "\xdd\xdd\xdd\xdd", "\xee\xee\xee\xee":
		return true
	}
	return binary.LittleEndian.Uint32(header[4:]) == 0
}

// streams makes the two key streams of a header: AES in counter mode, each used
// until the connection ends.
func streams(header, secret []byte) (toServer, toClient cipher.Stream, err error) {
	if n := len(secret); n != 0 && n != SecretSize {
		return nil, nil, fmt.Errorf("got an obfuscation secret of %d bytes, want %d", n, SecretSize)
	}
	forward := slices.Clone(header[keyAt:tagAt])
	backward := slices.Clone(forward)
	slices.Reverse(backward)
	if toServer, err = stream(forward, secret); err != nil {
		return nil, nil, err
	}
	toClient, err = stream(backward, secret)
	return toServer, toClient, err
}

func stream(material, secret []byte) (cipher.Stream, error) {
	key, iv := material[:len(material)-ivSize], material[len(material)-ivSize:]
	// With a proxy's secret the key is a hash of both.
	if len(secret) > 0 {
		hash := sha256.Sum256(slices.Concat(key, secret))
		key = hash[:]
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewCTR(block, iv), nil
}
