package task

import (
	"errors"
	"fmt"
	"strings"

	"github.com/telekey/telekey/tl"
)

// Message is an ordinary message in a group.
type Message struct {
	ID   int32
	From int64 // a user; 0: us
	Chat int64
	Date int32
	Text string
	Bold int32 // so many characters of the text are bold; 0: none
}

// Messages returns a hundred messages: what a client loads when a chat is
// opened.
func Messages() []Message {
	words := strings.Fields("the quick brown fox jumps over a lazy dog while seven wizards mix very bold potions")
	all := make([]Message, 100)
	for i := range all {
		n := 5 + i*7%40
		var text []string
		for w := range n {
			text = append(text, words[(i+w*w)%len(words)])
		}
		all[i] = Message{ID: int32(1000 + i), From: int64(500_000_000 + i%7), Chat: 123456789, Date: int32(1_760_000_000 + 60*i), Text: strings.Join(text, " ")}
		if i%3 == 0 {
			all[i].From = 0
		}
		if i%4 == 0 {
			all[i].Bold = int32(len(text[0]))
		}
	}
	return all
}

var errText = errors.New("what was read is not what was written")

// Decode returns the task of reading the hundred messages. id is the number of
// the constructor message in the library's layer, read takes a messages.messages
// apart and returns the text of the last message in it.
func Decode(id uint32, read func(b []byte) (last string, err error)) Func {
	return func(in Input) (Result, error) {
		b := written(id)
		all := Messages()
		if last, err := read(b); err != nil || last != all[len(all)-1].Text {
			return Result{}, fmt.Errorf("%w: %q, %v", errText, last, err)
		}
		result, err := Repeat(func() error {
			_, err := read(b)
			return err
		})(in)
		if err == nil {
			result.Figures["size"] = float64(len(b))
		}
		return result, err
	}
}

// Constructor numbers; the layers of the libraries differ only in that of message,
// and its fields used here have the same order in all of them.
const (
	messagesID   = 0x1d73e7ea
	peerUserID   = 0x59511722
	peerChatID   = 0x36c6019a
	entityBoldID = 0xbd610bc9
	flagOut      = 1 << 1
	flagEntities = 1 << 7
	flagFrom     = 1 << 8
	Message228   = 0x7600b9d3 // message in layer 228
	Message220   = 0xb92f76cf // and in layer 220
	emptyVectors = 3          // topics, chats, users
)

// written returns messages.messages as a server writes it. No library writes it,
// because not every one can.
func written(id uint32) []byte {
	b := tl.AppendInt(tl.AppendUint32(tl.AppendUint32(nil, messagesID), tl.VectorID), int32(len(Messages())))
	for _, m := range Messages() {
		b = appendMessage(tl.AppendUint32(b, id), m)
	}
	for range emptyVectors {
		b = tl.AppendInt(tl.AppendUint32(b, tl.VectorID), 0)
	}
	return b
}

func appendMessage(b []byte, m Message) []byte {
	flags := uint32(flagOut)
	if m.From != 0 {
		flags = flagFrom
	}
	if m.Bold > 0 {
		flags |= flagEntities
	}
	b = tl.AppendInt(tl.AppendUint32(tl.AppendUint32(b, flags), 0), m.ID)
	if m.From != 0 {
		b = tl.AppendLong(tl.AppendUint32(b, peerUserID), m.From)
	}
	b = tl.AppendLong(tl.AppendUint32(b, peerChatID), m.Chat)
	b = tl.AppendString(tl.AppendInt(b, m.Date), m.Text)
	if m.Bold > 0 {
		b = tl.AppendInt(tl.AppendUint32(b, tl.VectorID), 1)
		b = tl.AppendInt(tl.AppendInt(tl.AppendUint32(b, entityBoldID), 0), m.Bold)
	}
	return b
}

// Text and RandomID are those of the message that the task encode sends.
const (
	Text     = "see you at the station at half past seven, platform four"
	RandomID = 0x0123456789abcdef
)

// Encode returns the task of writing a messages.sendMessage; write returns how
// many bytes that were.
func Encode(write func() (int, error)) Func {
	return func(in Input) (Result, error) {
		size, err := write()
		if err != nil {
			return Result{}, err
		}
		result, err := Repeat(func() error {
			_, err := write()
			return err
		})(in)
		if err == nil {
			result.Figures["size"] = float64(size)
		}
		return result, err
	}
}
