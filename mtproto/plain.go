package mtproto

import (
	"encoding/binary"

	"github.com/telekey/telekey/tl"
)

// An unencrypted packet, as the key exchange uses it:
//
//	8 zero, for no key · 8 id · 4 length · body
//
// https://core.telegram.org/mtproto/description#unencrypted-message
const plainPacketHead = 8 + 8 + 4

// appendPlain writes an unencrypted packet.
func appendPlain(dst []byte, id MsgID, body []byte) []byte {
	dst = tl.AppendLong(dst, 0)
	dst = tl.AppendLong(dst, int64(id))
	dst = tl.AppendInt(dst, int32(len(body)))
	return append(dst, body...)
}

// splitPlain returns the body of an unencrypted packet, a part of it.
func splitPlain(packet []byte) (body []byte, err error) {
	const link = "mtproto/description#unencrypted-message"
	if len(packet) < plainPacketHead {
		return nil, violation("packet", link, len(packet), "20 bytes and a body")
	}
	if id, _ := PacketKey(packet); id != 0 {
		return nil, violation("auth key id", link, id, "0 before there is a key")
	}
	body = packet[plainPacketHead:]
	if length := int32(binary.LittleEndian.Uint32(packet[16:])); int(length) != len(body) || length < 4 {
		return nil, violation("message length", link, length, len(body))
	}
	return body, nil
}
