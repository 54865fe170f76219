package mtproto

import (
	"encoding/binary"
	"fmt"
)

// TransportError is a packet of four bytes, a negative number, which a server
// sends in place of a message before it closes the socket.
// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
type TransportError struct {
	Code int // negative, after an HTTP status
}

// The codes that have a meaning of their own.
const (
	codeForbidden  = -403
	codeUnknownKey = -404
	codeFlood      = -429
	codeWrongDC    = -444
)

// Error says what the code means and what to do about it.
func (e *TransportError) Error() string {
	switch e.Code {
	case codeForbidden:
		return "mtproto: transport error -403: the server refuses this connection; wait before dialling again"
	case codeUnknownKey:
		return "mtproto: transport error -404: the server does not know this auth key, or could not read the key exchange; make a new temporary key, or check a permanent one over another route before giving it up"
	case codeFlood:
		return "mtproto: transport error -429: too many connections or messages from this address; wait before dialling again"
	case codeWrongDC:
		return "mtproto: transport error -444: this server is not the data centre that was asked for; check its number and whether production and test are mixed up"
	}
	return fmt.Sprintf("mtproto: transport error %d: the server closes the connection; wait before dialling again", e.Code)
}

// asTransportError reads a packet of four bytes.
func asTransportError(packet []byte) (*TransportError, bool) {
	if len(packet) != 4 {
		return nil, false
	}
	code := int32(binary.LittleEndian.Uint32(packet))
	return &TransportError{Code: int(code)}, code < 0
}

// appendTransportError writes such a packet.
func appendTransportError(dst []byte, code int32) []byte {
	return binary.LittleEndian.AppendUint32(dst, uint32(code))
}

// ViolationError says that the other end broke a rule of MTProto, or that
// someone between the ends changed a message. Nothing of the message was used.
// Close the connection and make a new one; what was not answered stays pending.
// https://core.telegram.org/mtproto/security_guidelines
type ViolationError struct {
	What string // the part that is wrong: "session id"
	Got  string // never a secret
	Want string
	Link string // the rule, on core.telegram.org
}

// Error names the part, what it is, what it should be, and the rule.
func (e *ViolationError) Error() string {
	return fmt.Sprintf("mtproto: wrong %s: got %s, want %s (core.telegram.org/%s); close the connection and dial again", e.What, e.Got, e.Want, e.Link)
}

// violation makes a ViolationError; got and want are printed with %v.
func violation(what, link string, got, want any) error {
	return &ViolationError{What: what, Got: fmt.Sprint(got), Want: fmt.Sprint(want), Link: link}
}

// ResendError says that the server refused a request again and again for
// reasons that are not the request's: its salt, its time, its number. It was
// not executed.
type ResendError struct {
	Times int // how often it was sent
	Code  int // of the last bad_msg_notification; 48 is the salt
}

// Error names the last refusal.
func (e *ResendError) Error() string {
	return fmt.Sprintf("mtproto: the server refused the message around the request %d times, at last with code %d; it was not executed", e.Times, e.Code)
}
