package mtproto

import (
	"io"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// part is one message within a packet.
type part struct {
	id   MsgID
	seq  int32
	body []byte
}

// A container:
//
//	4 constructor · 4 count · count × (8 id · 4 seq · 4 length · body)
//
// https://core.telegram.org/mtproto/service_messages#containers
const (
	containerHead = 4 + 4
	partHead      = 8 + 4 + 4

	// More messages than this a receiver refuses.
	maxParts = 1024
	// A sender keeps some distance to that.
	fullParts = 1020
	// A container is not made longer than this; a single message may be.
	fullContainer = 256 << 10
)

// appendContainer writes a container.
func appendContainer(dst []byte, parts []part) []byte {
	dst = tl.AppendUint32(dst, mt.IDMsgContainer)
	dst = tl.AppendInt(dst, int32(len(parts)))
	for _, p := range parts {
		dst = tl.AppendLong(dst, int64(p.id))
		dst = tl.AppendInt(dst, p.seq)
		dst = tl.AppendInt(dst, int32(len(p.body)))
		dst = append(dst, p.body...)
	}
	return dst
}

// containerSize is how long appendContainer's bytes become.
func containerSize(parts []part) int {
	n := containerHead
	for _, p := range parts {
		n += partHead + len(p.body)
	}
	return n
}

// sealParts makes a packet of messages. If the head is not that of the only one,
// it is that of a container around them.
func sealParts(spare *buffers, h head, parts []part, key Key, side crypt.Side, random io.Reader) []byte {
	single := len(parts) == 1 && parts[0].id == h.id
	size := containerSize(parts)
	if single {
		size = len(parts[0].body)
	}
	packet := appendHead(spare.get(sealedSize(size)), h, size)
	if single {
		packet = append(packet, parts[0].body...)
	} else {
		packet = appendContainer(packet, parts)
	}
	return seal(packet, key, side, random)
}

// splitContainer appends the messages of a container to dst; their bodies are
// parts of body. Either the whole container is right or none of it is used.
func splitContainer(dst []part, id MsgID, body []byte) ([]part, error) {
	const link = "mtproto/service_messages#containers"
	r := tl.NewReader(body[4:])
	count := r.Int()
	if r.Err() != nil || count < 0 || count > maxParts {
		return nil, violation("container", link, count, "0 to 1024 messages")
	}
	for range count {
		p := part{id: MsgID(r.Long()), seq: r.Int()}
		length := r.Int()
		p.body = r.Raw(int(length))
		switch {
		case r.Err() != nil:
			return nil, violation("container", link, r.Err(), "messages that fill it")
		case length < 4 || length%4 != 0:
			return nil, violation("message length in a container", link, length, "a multiple of 4 that holds a constructor")
		// A message is made before the container that holds it.
		// https://core.telegram.org/mtproto/description#message-identifier-msg-id
		case p.id >= id:
			return nil, violation("message id in a container", link, p.id, "one below the container's "+id.String())
		// There are no containers in containers.
		// https://core.telegram.org/mtproto/service_messages#containers
		case constructor(p.body) == mt.IDMsgContainer:
			return nil, violation("message in a container", link, "a container", "anything else")
		}
		dst = append(dst, p)
	}
	if r.Len() != 0 {
		return nil, violation("container", link, r.Len(), "no bytes after the last message")
	}
	return dst, nil
}
