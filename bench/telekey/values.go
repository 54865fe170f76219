package main

import (
	"github.com/telekey/telekey/bench/task"
	"github.com/telekey/telekey/tg"
)

func decode(b []byte) (last string, err error) {
	var answer tg.AnyMessagesMessages
	if err := tg.Schema.Decode(b, &answer); err != nil {
		return "", err
	}
	all := answer.(*tg.MessagesMessages).Messages
	return all[len(all)-1].(*tg.Message).Message, nil
}

var buffer []byte

func encode() (size int, err error) {
	buffer, err = tg.Schema.Append(buffer[:0], &tg.MessagesSendMessage{
		Silent: true, Peer: &tg.InputPeerUser{UserID: 500_000_001, AccessHash: task.RandomID}, Message: task.Text, RandomID: task.RandomID,
		Entities: []tg.AnyMessageEntity{&tg.MessageEntityBold{Offset: 0, Length: 3}},
	})
	return len(buffer), err
}
