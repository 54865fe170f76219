package mtproto

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/telekey/telekey/internal/crypt"
)

func TestMessagesOfOtherClientsOpenAndSealAlike(t *testing.T) {
	for _, v := range readVectors(t).Messages {
		key, err := ParseKey(unhex(t, v, "auth_key"))
		if err != nil {
			t.Fatal(err)
		}
		side := crypt.FromClient
		if v["side"] == "server" {
			side = crypt.FromServer
		}
		packet := unhex(t, v, "packet")
		h, body, _, err := open(bytes.Clone(packet), key, side)
		if err != nil {
			t.Fatal(v["name"], err)
		}
		wantHead := head{
			salt:    Salt(binary.LittleEndian.Uint64(unhex(t, v, "salt"))),
			session: SessionID(binary.LittleEndian.Uint64(unhex(t, v, "session_id"))),
			id:      MsgID(binary.LittleEndian.Uint64(unhex(t, v, "msg_id"))),
			seq:     int32(v["seqno"].(float64)),
		}
		if h != wantHead || len(body) != int(v["length"].(float64)) {
			t.Errorf("%s: got %v and %d bytes, want %v and %v", v["name"], h, len(body), wantHead, v["length"])
		}
		again := append(appendHead(nil, h, len(body)), body...)
		if again = seal(again, key, side, bytes.NewReader(unhex(t, v, "padding"))); !bytes.Equal(again, packet) {
			t.Errorf("%s: got %x, want %x", v["name"], again, packet)
		}
	}
}

func TestWhatIsSealedOpensAgain(t *testing.T) {
	key := testKey(1)
	h := head{salt: 1, session: -2, id: 3 << 32, seq: 5}
	for n := 4; n < 300; n += 4 {
		body := bytes.Repeat([]byte{byte(n)}, n)
		packet := seal(append(appendHead(nil, h, n), body...), key, crypt.FromClient, newChance(1))
		if len(packet) != sealedSize(n) {
			t.Errorf("%d bytes became %d, want %d", n, len(packet), sealedSize(n))
		}
		got, opened, _, err := open(packet, key, crypt.FromClient)
		if err != nil || got != h || !bytes.Equal(opened, body) {
			t.Fatalf("%d bytes: got %v, %v", n, got, err)
		}
	}
}

// Padding is 12 to 1024 bytes; the length is within the message and a multiple
// of four.
// https://core.telegram.org/mtproto/security_guidelines#checking-message-length
func TestRule12LengthAndPaddingAreChecked(t *testing.T) {
	f := forge{side: crypt.FromServer, key: testKey(1)}
	body := make([]byte, 20)
	for _, c := range []struct {
		name            string
		length, padding int
		what            string // "": right
	}{
		{"the least padding", 20, 12, ""},
		{"the most padding", 20, 1020, ""},
		{"too little padding", 24, 12, "padding"},
		{"none at all", 32, 12, "padding"},
		{"too much padding", 20, 1036, "padding"},
		{"a body that is padding", 0, 1036, "padding"},
		{"a negative length", -4, 12, "message length"},
		{"the least length", -1 << 31, 12, "message length"},
		{"an odd length", 18, 12, "message length"},
		{"a length beyond the end", 36, 12, "message length"},
		{"the greatest length", 1<<31 - 4, 12, "message length"},
	} {
		packet := f.plain(f.text(5, 1, body, int32(c.length), c.padding))
		_, _, _, err := open(packet, f.key, f.side)
		if c.what == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.what != "" {
			wantViolation(t, err, c.what)
		}
	}
}

// The key id is that of our key.
// https://core.telegram.org/mtproto/security_guidelines#mtproto-encrypted-messages
func TestRule10TheKeyIDIsOurs(t *testing.T) {
	f := forge{side: crypt.FromServer, key: testKey(1)}
	packet := f.packet(5, 1, make([]byte, 4))
	_, _, _, err := open(packet, testKey(2), f.side)
	wantViolation(t, err, "auth key id")
	var v *ViolationError
	if errors.As(err, &v); v.Got != testKey(1).ID().String() || v.Want != testKey(2).ID().String() {
		t.Errorf("got %v, want both key ids in it", err)
	}
}

// The message key covers everything that is encrypted, the padding too; and
// whatever is wrong before it is compared is told in the same words.
// https://core.telegram.org/mtproto/security_guidelines#mtproto-encrypted-messages
func TestRule11TheMessageKeyIsCheckedFirst(t *testing.T) {
	f := forge{side: crypt.FromServer, key: testKey(1)}
	good := f.packet(5, 1, make([]byte, 40))
	if _, _, _, err := open(bytes.Clone(good), f.key, f.side); err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{
		"one byte more":          append(bytes.Clone(good), 0),
		"one block less":         good[:len(good)-16],
		"one block more":         append(bytes.Clone(good), make([]byte, 16)...),
		"the head alone":         good[:24],
		"a part of the head":     good[:10],
		"a few bytes":            good[:5],
		"nothing":                {},
		"the least, and garbage": good[:24+48],
	}
	for i := 8; i < len(good); i++ { // every byte but the key id's, padding included
		broken := bytes.Clone(good)
		broken[i] ^= 1
		bad["byte "+string(rune('0'+i%10))] = broken
		if _, _, _, err := open(broken, f.key, f.side); err != errNotOurs {
			t.Fatalf("byte %d changed: got %v, want the one error", i, err)
		}
	}
	for name, packet := range bad {
		if _, _, _, err := open(bytes.Clone(packet), f.key, f.side); err != errNotOurs {
			t.Errorf("%s: got %v, want the one error", name, err)
		}
	}
	// The same message from the other side is not the same message.
	if _, _, _, err := open(bytes.Clone(good), f.key, crypt.FromClient); err != errNotOurs {
		t.Errorf("a message played back to its sender: got %v", err)
	}
}

// A quick acknowledgement is the first four bytes of the hash that the message
// key is cut from, with the top bit set.
// https://core.telegram.org/mtproto/mtproto-transports#quick-ack
func TestRule25QuickAcknowledgementIsOfTheMessageKey(t *testing.T) {
	f := forge{side: crypt.FromClient, key: testKey(1)}
	text := f.text(4, 1, make([]byte, 20), 20, 12)
	packet := f.plain(bytes.Clone(text))
	_, _, quick, err := open(packet, f.key, f.side)
	if err != nil {
		t.Fatal(err)
	}
	large := sha256.Sum256(append(f.key.Bytes()[88:120], text...))
	if want := binary.LittleEndian.Uint32(large[:]) | 0x80000000; quick != want {
		t.Errorf("got %08x, want %08x", quick, want)
	}
}

// Sealing costs what AES costs for a new key, and nothing of its own.
func TestASealedMessageAllocatesNothing(t *testing.T) {
	key, random := testKey(1), newChance(1)
	body, packet := make([]byte, 100), make([]byte, 0, 256)
	aesKey, iv := [32]byte{1}, [32]byte{2}
	aes := testing.AllocsPerRun(100, func() { crypt.EncryptIGE(packet[:144], packet[:144], &aesKey, &iv) })
	sealing := testing.AllocsPerRun(100, func() {
		seal(append(appendHead(packet, head{}, len(body)), body...), key, crypt.FromClient, random)
	})
	if sealing > aes {
		t.Errorf("sealing allocates %v times, want no more than AES, %v", sealing, aes)
	}
	opening := testing.AllocsPerRun(100, func() {
		p := seal(append(appendHead(packet, head{}, len(body)), body...), key, crypt.FromClient, random)
		if _, _, _, err := open(p, key, crypt.FromClient); err != nil {
			t.Fatal(err)
		}
	})
	if opening > 2*aes {
		t.Errorf("sealing and opening allocate %v times, want no more than AES, %v", opening, 2*aes)
	}
}

func BenchmarkSeal(b *testing.B) {
	key, random := testKey(1), newChance(1)
	body, packet := make([]byte, 200), make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		seal(append(appendHead(packet, head{}, len(body)), body...), key, crypt.FromClient, random)
	}
}
