package frame

import (
	"bytes"
	"reflect"
	"testing"
)

// splitInPieces passes stream to a Splitter in pieces. The bytes of cuts, used in
// turn, are the lengths of the pieces.
func splitInPieces(s *Splitter, stream, cuts []byte) (packets []Packet, left []byte, err error) {
	var held []byte
	for i := 0; ; i++ {
		var some []Packet
		if some, held, err = splitAll(s, held); len(some) > 0 {
			packets = append(packets, some...)
		}
		if err != nil || len(stream) == 0 {
			return packets, append(held, stream...), err
		}
		n := len(stream)
		if len(cuts) > 0 {
			n = min(n, 1+int(cuts[i%len(cuts)]))
		}
		held, stream = append(bytes.Clone(held), stream[:n]...), stream[n:]
	}
}

func FuzzAnyBytesInAnyPiecesGiveTheSamePackets(f *testing.F) {
	for _, kind := range kinds {
		stream, err := NewWriter(kind, from(5)).Append(nil, sealed(3))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(kind), true, append(stream, stream...), []byte{0, 1, 30})
	}
	f.Add(uint8(Full), false, bytes.Repeat(transportError(-429), 3), []byte{2})
	f.Add(uint8(Padded), false, []byte("\x0a\x00\x00\x00\xff\xff\xff\xff123\x8456"), []byte{})
	f.Fuzz(func(t *testing.T, k uint8, client bool, stream, cuts []byte) {
		kind, side := Kind(k%4), FromServer
		if client {
			side = FromClient
		}
		const limit = 1 << 12
		whole, left, err := splitAll(NewSplitter(kind, side, limit), stream)
		pieces, leftOfPieces, errOfPieces := splitInPieces(NewSplitter(kind, side, limit), stream, cuts)
		if !reflect.DeepEqual(whole, pieces) || !bytes.Equal(left, leftOfPieces) || (err == nil) != (errOfPieces == nil) {
			t.Fatalf("whole: %d packets, %d bytes left, %v; in pieces: %d, %d, %v",
				len(whole), len(left), err, len(pieces), len(leftOfPieces), errOfPieces)
		}
		for _, p := range whole {
			if len(p.Body) < minPacket || len(p.Body) > limit+maxPadding {
				t.Fatalf("got a packet of %d bytes", len(p.Body))
			}
		}
	})
}

func FuzzAnyClientIsRecognisedTheSameInAnyPieces(f *testing.F) {
	for _, kind := range kinds {
		f.Add(visit(f, kind, false, sealed(2)), []byte{0})
		if kind != Full {
			f.Add(visit(f, kind, true, sealed(2)), []byte{60, 3})
		}
	}
	f.Add([]byte("GET / HTTP/1.1\r\n"), []byte{1})
	f.Fuzz(func(t *testing.T, stream, cuts []byte) {
		var whole, pieces Detector
		g, ok, err := whole.Feed(stream)
		var g2 Greeting
		var ok2 bool
		var err2 error
		left := stream
		for i := 0; len(left) > 0 && !ok2 && err2 == nil; i++ {
			n := 1
			if len(cuts) > 0 {
				n = min(len(left), 1+int(cuts[i%len(cuts)]))
			}
			g2, ok2, err2 = pieces.Feed(left[:n])
			left = left[n:]
		}
		if ok != ok2 || (err == nil) != (err2 == nil) || g.Kind != g2.Kind || g.Protocol != g2.Protocol {
			t.Fatalf("whole: %v %v %v %v; in pieces: %v %v %v %v", g.Protocol, g.Kind, ok, err, g2.Protocol, g2.Kind, ok2, err2)
		}
		if !ok && err == nil && len(stream) >= HeaderSize {
			t.Fatalf("undecided after %d bytes", len(stream))
		}
		rest := append([]byte(nil), g2.Rest...)
		if g2.Obfuscation != nil {
			left = crypted(g2.Obfuscation.In, left)
		}
		if ok && !bytes.Equal(g.Rest, append(rest, left...)) {
			t.Fatal("the rest differs")
		}
	})
}

func FuzzEveryPacketArrivesAsItWasSent(f *testing.F) {
	f.Add(uint8(0), true, []byte("random"), []byte("some packet"), uint8(3))
	f.Add(uint8(2), false, []byte("\x0f"), []byte{}, uint8(1))
	f.Add(uint8(3), false, []byte{}, bytes.Repeat([]byte("full"), 100), uint8(9))
	f.Fuzz(func(t *testing.T, k uint8, obfuscated bool, random, body []byte, count uint8) {
		kind := Kind(k % 4)
		obfuscated = obfuscated && kind != Full
		source := from(byte(len(random)))
		stream, out := kind.Tag(), func([]byte) {}
		if obfuscated {
			header, o, err := SealHeader(&draws{random, source}, kind, int(int8(k)), nil)
			if err != nil {
				t.Fatal(err)
			}
			stream, out = header, func(b []byte) { o.Out.XORKeyStream(b, b) }
		}
		// An encrypted message, as far as framing knows: 24 bytes and blocks
		// of 16; the first of its key id is not zero.
		packet := append(make([]byte, sealedHead, sealedHead+len(body)), body[:len(body)&^15]...)
		packet[0] = 1
		w := NewWriter(kind, &draws{random, source})
		for range count {
			start := len(stream)
			var err error
			if stream, err = w.Append(stream, packet); err != nil {
				t.Fatal(err)
			}
			out(stream[start:])
		}
		var d Detector
		g, ok, err := d.Feed(stream)
		if kind == Full && count == 0 {
			return // nothing was sent
		}
		if err != nil || !ok || g.Kind != kind || (g.Obfuscation != nil) != obfuscated {
			t.Fatalf("%v, obfuscated %v: detected %v, obfuscated %v, %v, %v", kind, obfuscated, g.Kind, g.Obfuscation != nil, ok, err)
		}
		packets, left, err := splitAll(NewSplitter(kind, FromClient, 0), g.Rest)
		if err != nil || len(left) != 0 || len(packets) != int(count) {
			t.Fatalf("%v: got %d packets, %d bytes left, %v; want %d", kind, len(packets), len(left), err, count)
		}
		for _, p := range packets {
			if !bytes.Equal(p.Body, packet) {
				t.Fatalf("%v: got %x, want %x", kind, p.Body, packet)
			}
		}
	})
}

// draws reads the fuzzer's bytes, then those of another source, so that it never
// ends.
type draws struct {
	first []byte
	then  interface{ Read([]byte) (int, error) }
}

func (d *draws) Read(b []byte) (int, error) {
	if len(d.first) > 0 {
		n := copy(b, d.first)
		d.first = d.first[n:]
		return n, nil
	}
	return d.then.Read(b)
}
