package tl_test

import (
	"testing"

	"github.com/telekey/telekey/tg"
)

// page is what messages.getHistory answers: a hundred messages and who wrote
// them.
func page() *tg.MessagesMessages {
	p := &tg.MessagesMessages{}
	for i := range 100 {
		p.Messages = append(p.Messages, &tg.Message{
			ID: int32(i), FromID: &tg.PeerUser{UserID: int64(i)}, PeerID: &tg.PeerUser{UserID: 7}, Date: 1700000000,
			Message:  "a message of ordinary length, as people write them to each other",
			Entities: []tg.AnyMessageEntity{&tg.MessageEntityBold{Offset: 0, Length: 1}},
		})
	}
	p.Users = []tg.AnyUser{message()}
	return p
}

func BenchmarkDecodeHundredMessages(b *testing.B) {
	data, err := tg.Schema.Append(nil, page())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var v tg.AnyMessagesMessages
		if err := tg.Schema.Decode(data, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeHundredMessages(b *testing.B) {
	p := page()
	var data []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if data, err = tg.Schema.Append(data[:0], p); err != nil {
			b.Fatal(err)
		}
	}
}

// appendRequest writes what sends a message, a literal as a caller has it.
func appendRequest(b []byte) []byte {
	b, err := tg.Schema.Append(b, &tg.MessagesSendMessage{
		Silent: true, Peer: &tg.InputPeerUser{UserID: 500_000_001, AccessHash: 7}, RandomID: 7,
		Message:  "see you at the station at half past seven, platform four",
		Entities: []tg.AnyMessageEntity{&tg.MessageEntityBold{Offset: 0, Length: 3}},
	})
	if err != nil {
		panic(err)
	}
	return b
}

func BenchmarkEncodeRequest(b *testing.B) {
	var data []byte
	b.ReportAllocs()
	for b.Loop() {
		data = appendRequest(data[:0])
	}
}
