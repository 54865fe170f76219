package main

import (
	"reflect"
	_ "unsafe" // for linkname

	"github.com/amarnathcjd/gogram/telegram"

	"github.com/telekey/telekey/bench/task"
)

// object is the interface of values of gogram's codec, which is internal.
type object interface{ CRC() uint32 }

//go:linkname unmarshal github.com/amarnathcjd/gogram/internal/encoding/tl.DecodeUnknownObject
func unmarshal(data []byte, expected ...reflect.Type) (object, error)

//go:linkname marshal github.com/amarnathcjd/gogram/internal/encoding/tl.Marshal
func marshal(v any) ([]byte, error)

func decode(b []byte) (last string, err error) {
	answer, err := unmarshal(b)
	if err != nil {
		return "", err
	}
	// Convert through any: for the compiler object is another type than gogram's.
	all := any(answer).(*telegram.MessagesMessagesObj).Messages
	return all[len(all)-1].(*telegram.MessageObj).Message, nil
}

func encode() (int, error) {
	b, err := marshal(&telegram.MessagesSendMessageParams{
		Silent: true, Peer: &telegram.InputPeerUser{UserID: 500_000_001, AccessHash: task.RandomID}, Message: task.Text, RandomID: task.RandomID,
		Entities: []telegram.MessageEntity{&telegram.MessageEntityBold{Offset: 0, Length: 3}},
	})
	return len(b), err
}
