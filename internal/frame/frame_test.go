package frame

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
)

var kinds = []Kind{Intermediate, Abridged, Padded, Full}

// counting is a predictable random source: n, n+1, n+2 …
type counting byte

func (c *counting) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(*c)
		*c++
	}
	return len(b), nil
}

// from returns a source whose first byte is n.
func from(n byte) io.Reader { c := counting(n); return &c }

// failing is a random source that returns an error.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("dry") }

// sealed returns a packet of an encrypted message: a key id, a message key and
// blocks of 16 bytes.
func sealed(blocks int) []byte {
	b := make([]byte, sealedHead+16*blocks)
	for i := range b {
		b[i] = byte(i + 1)
	}
	return b
}

// unsealed returns a packet of a message without encryption.
func unsealed(body string) []byte {
	b := make([]byte, 16, plainHead+len(body))
	b[8] = 4
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	return append(b, body...)
}

// transportError returns a server's packet with a transport error.
func transportError(code int32) []byte {
	return binary.LittleEndian.AppendUint32(nil, uint32(code))
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// splitAll splits all of stream and returns copies of the packets, the remaining
// bytes, and the error that ended it.
func splitAll(s *Splitter, stream []byte) (packets []Packet, left []byte, err error) {
	for {
		p, n, err := s.Split(stream)
		if err != nil || n == 0 {
			return packets, stream, err
		}
		p.Body = bytes.Clone(p.Body)
		packets = append(packets, p)
		stream = stream[n:]
	}
}

// one splits a stream that holds exactly one packet.
func one(t *testing.T, s *Splitter, stream []byte) Packet {
	t.Helper()
	packets, left, err := splitAll(s, stream)
	if err != nil || len(packets) != 1 || len(left) != 0 {
		t.Fatalf("got %d packets, %d bytes left, error %v; want one packet and nothing else", len(packets), len(left), err)
	}
	return packets[0]
}

// https://core.telegram.org/mtproto/mtproto-transports
func TestEveryFramingFramesAPacket(t *testing.T) {
	long := make([]byte, 127*4)
	for _, c := range []struct {
		kind   Kind
		packet []byte
		head   string
		tail   string
	}{
		{Abridged, unhex(t, "0102030405060708"), "02", ""},
		{Abridged, long[:126*4], "7e", ""},
		{Abridged, long, "7f 7f0000", ""},
		{Intermediate, unhex(t, "0102030405060708"), "08000000", ""},
		{Intermediate, long, "fc010000", ""},
		// The source begins with 3: three bytes of padding, 4, 5 and 6.
		{Padded, unhex(t, "0102030405060708"), "0b000000", "040506"},
		// Checksum from another program (Python's zlib.crc32).
		{Full, unhex(t, "0102030405060708"), "14000000 00000000", "e06e4584"},
	} {
		got, err := NewWriter(c.kind, from(3)).Append([]byte("before"), c.packet)
		if err != nil {
			t.Fatal(err)
		}
		want := append([]byte("before"), unhex(t, c.head)...)
		want = append(append(want, c.packet...), unhex(t, c.tail)...)
		if !bytes.Equal(got, want) {
			t.Errorf("%v, %d bytes:\n got %x\nwant %x", c.kind, len(c.packet), got, want)
		}
	}
}

func TestTheFirstBytesOfAStreamNameItsFraming(t *testing.T) {
	for kind, want := range map[Kind]string{Abridged: "ef", Intermediate: "eeeeeeee", Padded: "dddddddd", Full: ""} {
		if got := hex.EncodeToString(kind.Tag()); got != want {
			t.Errorf("%v: got tag %q, want %q", kind, got, want)
		}
	}
}

func TestWhatIsAppendedIsSplitAgain(t *testing.T) {
	packets := [][]byte{transportError(-404), unsealed(""), unsealed("four"), sealed(1), sealed(40), sealed(5000)}
	for _, kind := range kinds {
		for _, side := range []Side{FromClient, FromServer} {
			w, s := NewWriter(kind, from(9)), NewSplitter(kind, side, 0)
			var stream []byte
			for _, p := range packets {
				var err error
				if stream, err = w.Append(stream, p); err != nil {
					t.Fatal(err)
				}
			}
			got, left, err := splitAll(s, stream)
			if err != nil || len(left) != 0 || len(got) != len(packets) {
				t.Fatalf("%v: got %d packets, %d bytes left, %v", kind, len(got), len(left), err)
			}
			for i, p := range packets {
				if !bytes.Equal(got[i].Body, p) || got[i].Quick {
					t.Errorf("%v: packet %d: got %x, want %x", kind, i, got[i].Body, p)
				}
			}
		}
	}
}

func TestHalfAPacketIsNoPacketYetAndNoError(t *testing.T) {
	for _, kind := range kinds {
		stream, err := NewWriter(kind, from(15)).Append(nil, sealed(8))
		if err != nil {
			t.Fatal(err)
		}
		s := NewSplitter(kind, FromClient, 0)
		for i := range stream {
			if p, n, err := s.Split(stream[:i]); n != 0 || err != nil || p.Body != nil {
				t.Fatalf("%v, %d of %d bytes: got packet %x, %d bytes taken, %v", kind, i, len(stream), p.Body, n, err)
			}
		}
		one(t, s, stream)
	}
}

func TestAPacketCannotReachIntoTheNextOne(t *testing.T) {
	for _, kind := range kinds {
		w, s := NewWriter(kind, from(2)), NewSplitter(kind, FromServer, 0)
		stream, _ := w.Append(nil, sealed(1))
		stream, _ = w.Append(stream, sealed(2))
		p, n, err := s.Split(stream)
		if err != nil {
			t.Fatal(err)
		}
		_ = append(p.Body, "overwritten"...)
		if q := one(t, s, stream[n:]); !bytes.Equal(q.Body, sealed(2)) {
			t.Errorf("%v: appending to a packet changed the next one", kind)
		}
	}
}

func TestAPacketThatCannotBeFramedIsRefused(t *testing.T) {
	for _, kind := range kinds {
		for _, n := range []int{0, 3, 5, MaxFromServer + 4} {
			dst, err := NewWriter(kind, from(0)).Append([]byte("kept"), make([]byte, n))
			if err == nil || string(dst) != "kept" {
				t.Errorf("%v: %d bytes: got %q and error %v, want a refusal", kind, n, dst, err)
			}
		}
	}
	if _, err := NewWriter(Padded, failing{}).Append(nil, sealed(1)); err == nil {
		t.Error("padding without random bytes: got no error")
	}
	if _, err := NewWriter(Kind(9), nil).Append(nil, sealed(1)); err == nil {
		t.Error("a framing that does not exist: got no error")
	}
	if _, _, err := NewSplitter(Kind(9), FromServer, 0).Split(sealed(1)); err == nil {
		t.Error("a framing that does not exist: got no error")
	}
}

// Split checks the length before the packet has arrived.
func TestALengthBeyondTheLimitEndsTheStreamAtOnce(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		head string
		want string
	}{
		{Intermediate, "04000100", "65540 bytes in intermediate framing, want at most 65536"},
		{Abridged, "7f014000", "65540 bytes in abridged framing, want at most 65536"},
		{Padded, "10000100", "65552 bytes in padded intermediate framing, want at most 65551"},
		{Full, "10000100", "65540 bytes in full framing, want at most 65536"},
		{Intermediate, "ffffff7f", "2147483647 bytes"},
		{Full, "ffffffff", "4294967283 bytes"},
		{Intermediate, "03000000", "3 bytes in intermediate framing, want at least 4"},
		{Abridged, "00", "0 bytes in abridged framing, want at least 4"},
		{Padded, "00000000", "0 bytes in padded intermediate framing, want at least 4"},
		{Full, "0f000000", "3 bytes in full framing, want at least 4"},
		{Full, "0b000000", "full frame of 11 bytes, want at least 16"},
	} {
		_, n, err := NewSplitter(c.kind, FromClient, 1<<16).Split(unhex(t, c.head))
		if n != 0 || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %s: got %v, want an error with %q", c.kind, c.head, err, c.want)
		}
	}
}

func TestAPacketOfTheLimitPassesWithItsPadding(t *testing.T) {
	for _, kind := range kinds {
		packet := sealed(10)
		stream, err := NewWriter(kind, from(15)).Append(nil, packet)
		if err != nil {
			t.Fatal(err)
		}
		if p := one(t, NewSplitter(kind, FromClient, len(packet)), stream); !bytes.Equal(p.Body, packet) {
			t.Errorf("%v: got %d bytes, want %d", kind, len(p.Body), len(packet))
		}
	}
}

// https://core.telegram.org/mtproto/mtproto-transports#padded-intermediate
func TestPaddingIsCutWhereThePacketEnds(t *testing.T) {
	for _, packet := range [][]byte{transportError(-404), transportError(-1), unsealed("four"), sealed(1), sealed(7)} {
		for padding := range byte(maxPadding + 1) {
			stream := binary.LittleEndian.AppendUint32(nil, uint32(len(packet))+uint32(padding))
			stream = append(append(stream, packet...), bytes.Repeat([]byte{0xa5}, int(padding))...)
			p := one(t, NewSplitter(Padded, FromClient, 0), stream)
			if !bytes.Equal(p.Body, packet) {
				t.Errorf("padding of %d: got %x, want %x", padding, p.Body, packet)
			}
		}
	}
}

// Some readers cut the padding at the last multiple of four.
func TestOurPaddingIsShorterThanAWord(t *testing.T) {
	packet := sealed(1)
	for draw := range byte(maxPadding + 1) {
		stream, err := NewWriter(Padded, from(draw)).Append(nil, packet)
		if err != nil {
			t.Fatal(err)
		}
		if padding := len(stream) - 4 - len(packet); padding != int(draw)%4 {
			t.Errorf("got %d bytes of padding for a draw of %d, want %d", padding, draw, draw%4)
		}
	}
}

// The reader of the message reports its wrong length, not the framing.
func TestAMessageWithAWrongLengthIsPassedOnWhole(t *testing.T) {
	liar := unsealed("four")
	binary.LittleEndian.PutUint32(liar[16:], 500)
	for _, packet := range [][]byte{liar, make([]byte, 12), sealed(0)[:22]} {
		stream := appendIntermediate(nil, packet)
		if p := one(t, NewSplitter(Padded, FromClient, 0), stream); !bytes.Equal(p.Body, packet) {
			t.Errorf("got %x, want %x", p.Body, packet)
		}
	}
}

// https://core.telegram.org/mtproto/mtproto-transports#full
func TestFullCountsItsPacketsAndChecksTheirSums(t *testing.T) {
	// Frames 0 and 1 of the same packet, from another program (Python's
	// struct and zlib).
	zero := unhex(t, "14000000 00000000 0102030405060708 e06e4584")
	first := unhex(t, "14000000 01000000 0102030405060708 8f22e01f")
	both := append(bytes.Clone(zero), first...)
	if packets, left, err := splitAll(NewSplitter(Full, FromServer, 0), both); len(packets) != 2 || len(left) != 0 || err != nil {
		t.Fatalf("got %d packets, %d bytes left, %v", len(packets), len(left), err)
	}
	for name, c := range map[string]struct {
		stream []byte
		want   string
	}{
		"a packet lost":     {first, "got full frame number 1, want 0"},
		"a packet repeated": {append(bytes.Clone(zero), zero...), "got full frame number 0, want 1"},
		"a bit flipped":     {append(bytes.Clone(zero[:19]), 0x85), "got checksum 85456ee0, want 84456ee0"},
	} {
		_, _, err := splitAll(NewSplitter(Full, FromServer, 0), c.stream)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestAServersBareErrorIsReadInFullFraming(t *testing.T) {
	bare := bytes.Repeat(transportError(-429), 2)
	p, n, err := NewSplitter(Full, FromServer, 0).Split(bare)
	if err != nil || n != 4 || !bytes.Equal(p.Body, transportError(-429)) {
		t.Errorf("from a server: got %x, %d bytes taken, %v", p.Body, n, err)
	}
	if _, _, err := NewSplitter(Full, FromClient, 0).Split(bare); err == nil {
		t.Error("from a client: got no error")
	}
}

// https://core.telegram.org/mtproto/mtproto-transports#quick-ack
func TestAClientMayAskForAQuickAck(t *testing.T) {
	short, long := sealed(1), sealed(100)
	for _, c := range []struct {
		kind   Kind
		head   string
		packet []byte
	}{
		{Abridged, "8a", short},
		{Abridged, "ff 960100", long},
		{Intermediate, "28000080", short},
		{Padded, "28000080", short},
	} {
		asking := append(unhex(t, c.head), c.packet...)
		if p := one(t, NewSplitter(c.kind, FromClient, 0), asking); !p.Quick || !bytes.Equal(p.Body, c.packet) {
			t.Errorf("%v: got quick %v and %d bytes, want true and %d", c.kind, p.Quick, len(p.Body), len(c.packet))
		}
	}
}

func TestAQuickAckIsATokenInTheFormOfItsFraming(t *testing.T) {
	const token = 0x84030201
	for kind, want := range map[Kind]string{
		Abridged:     "84030201",
		Intermediate: "01020384",
		Padded:       "0a000000 ffffffff 01020384 0304", // the source begins with 2
		Full:         "",
	} {
		w := NewWriter(kind, from(2))
		got, err := w.AppendAck(nil, token)
		if err != nil || !bytes.Equal(got, unhex(t, want)) {
			t.Errorf("%v: got %x and %v, want %s", kind, got, err, want)
		}
		// A client that did not ask for it must not read it as a packet.
		if kind == Full {
			continue
		}
		if _, n, err := NewSplitter(kind, FromServer, 0).Split(got); n != 0 || !errors.Is(err, errQuickAck) {
			t.Errorf("%v: splitting it: got %d bytes and %v, want a refusal", kind, n, err)
		}
	}
	if _, err := NewWriter(Padded, failing{}).AppendAck(nil, token); err == nil {
		t.Error("padding without random bytes: got no error")
	}
}

func TestKindsAndProtocolsHaveNames(t *testing.T) {
	for got, want := range map[string]string{
		Padded.String(): "padded intermediate", Full.String(): "full", Kind(9).String(): "framing 9",
		HTTP.String(): "HTTP", TLS.String(): "TLS", MTProto.String(): "MTProto", Protocol(9).String(): "protocol 9",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
