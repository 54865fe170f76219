package main

import (
	"encoding/binary"

	"github.com/telekey/telekey/bench/task"
	"github.com/telekey/telekey/tl"
)

// chatMessage and entity hold what the messages of the task have, and nothing that
// they might have.
type chatMessage struct {
	out      bool
	id       int32
	from     int64
	chat     int64
	date     int32
	text     string
	entities []entity
}

type entity struct {
	kind           uint32
	offset, length int32
}

// decode reads by hand, without checking anything but the ends of slices.
func decode(b []byte) (last string, err error) {
	n := int(binary.LittleEndian.Uint32(b[8:]))
	b = b[12:]
	all := make([]*chatMessage, n)
	for i := range all {
		all[i] = new(chatMessage)
		b = all[i].read(b)
	}
	return all[n-1].text, nil
}

func (m *chatMessage) read(b []byte) []byte {
	flags := binary.LittleEndian.Uint32(b[4:])
	m.out = flags&(1<<1) != 0
	m.id = int32(binary.LittleEndian.Uint32(b[12:]))
	b = b[16:]
	if flags&(1<<8) != 0 {
		m.from = int64(binary.LittleEndian.Uint64(b[4:]))
		b = b[12:]
	}
	m.chat = int64(binary.LittleEndian.Uint64(b[4:]))
	m.date = int32(binary.LittleEndian.Uint32(b[12:]))
	b = b[16:]
	from, n := 1, int(b[0])
	if n == 254 {
		from, n = 4, int(b[1])|int(b[2])<<8|int(b[3])<<16
	}
	m.text = string(b[from : from+n])
	b = b[(from+n+3)&^3:]
	if flags&(1<<7) != 0 {
		m.entities = make([]entity, binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		for i := range m.entities {
			m.entities[i] = entity{binary.LittleEndian.Uint32(b), int32(binary.LittleEndian.Uint32(b[4:])), int32(binary.LittleEndian.Uint32(b[8:]))}
			b = b[12:]
		}
	}
	return b
}

var buffer []byte

// encode writes messages.sendMessage by hand.
func encode() (size int, err error) {
	const sendMessageID, inputPeerUserID, entityBoldID = 0x545cd15a, 0xdde8a54c, 0xbd610bc9
	b := tl.AppendUint32(tl.AppendUint32(buffer[:0], sendMessageID), 1<<5|1<<3)
	b = tl.AppendLong(tl.AppendLong(tl.AppendUint32(b, inputPeerUserID), 500_000_001), task.RandomID)
	b = tl.AppendLong(tl.AppendString(b, task.Text), task.RandomID)
	b = tl.AppendInt(tl.AppendUint32(b, tl.VectorID), 1)
	buffer = tl.AppendInt(tl.AppendInt(tl.AppendUint32(b, entityBoldID), 0), 3)
	return len(buffer), nil
}
