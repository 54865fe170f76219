package passkey

import "encoding/binary"

// An authenticator writes CBOR in two places, and reads none: what comes in is
// JSON. These few appenders are all that is needed.
//
// https://www.rfc-editor.org/rfc/rfc8949#section-3.1
const (
	majorUint  = 0 << 5
	majorNint  = 1 << 5
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorMap   = 5 << 5
)

// appendHead begins an item: its major type, and a number in as few bytes as it
// fits in, which canonical CBOR demands.
// https://fidoalliance.org/specs/fido-v2.1-ps-20210615/fido-client-to-authenticator-protocol-v2.1-ps-errata-20220621.html#ctap2-canonical-cbor-encoding-form
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

// appendInt appends a number. A negative one is written as -1-n.
func appendInt(b []byte, n int64) []byte {
	if n < 0 {
		return appendHead(b, majorNint, uint64(-1-n))
	}
	return appendHead(b, majorUint, uint64(n))
}

func appendBytes(b, v []byte) []byte {
	return append(appendHead(b, majorBytes, uint64(len(v))), v...)
}

func appendText(b []byte, v string) []byte {
	return append(appendHead(b, majorText, uint64(len(v))), v...)
}

// appendMap begins a map of n pairs, whose keys must follow in order: of two the
// shorter first, then the one that is lower byte by byte.
func appendMap(b []byte, n int) []byte { return appendHead(b, majorMap, uint64(n)) }

// appendPublicKey appends a point of P-256 as COSE has it.
// https://www.w3.org/TR/webauthn-3/#sctn-encoded-credPubKey-examples
func appendPublicKey(b, x, y []byte) []byte {
	b = appendMap(b, 5)
	b = appendInt(appendInt(b, 1), 2)       // kty: EC2
	b = appendInt(appendInt(b, 3), es256)   // alg
	b = appendInt(appendInt(b, -1), 1)      // crv: P-256
	b = appendBytes(appendInt(b, -2), x)    // 32 bytes
	return appendBytes(appendInt(b, -3), y) // 32 bytes
}

// attestation is the attestation object of the format "none": the authenticator's
// data without a signature that proves its origin.
// https://www.w3.org/TR/webauthn-3/#sctn-none-attestation
func attestation(authData []byte) []byte {
	b := appendMap(nil, 3)
	b = appendText(appendText(b, "fmt"), "none")
	b = appendMap(appendText(b, "attStmt"), 0)
	return appendBytes(appendText(b, "authData"), authData)
}
