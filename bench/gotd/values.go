package main

import (
	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"

	"github.com/telekey/telekey/bench/task"
)

func decode(b []byte) (last string, err error) {
	answer, err := tg.DecodeMessagesMessages(&bin.Buffer{Buf: b})
	if err != nil {
		return "", err
	}
	all := answer.(*tg.MessagesMessages).Messages
	return all[len(all)-1].(*tg.Message).Message, nil
}

var buffer bin.Buffer

func encode() (int, error) {
	buffer.Reset()
	err := (&tg.MessagesSendMessageRequest{
		Silent: true, Peer: &tg.InputPeerUser{UserID: 500_000_001, AccessHash: task.RandomID}, Message: task.Text, RandomID: task.RandomID,
		Entities: []tg.MessageEntityClass{&tg.MessageEntityBold{Offset: 0, Length: 3}},
	}).Encode(&buffer)
	return len(buffer.Buf), err
}
