package passkey

import (
	"crypto/sha256"
	"encoding/binary"
)

// flags are the checks that an authenticator has made.
// https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data
type flags byte

const (
	userPresent  flags = 1 << 0
	userVerified flags = 1 << 2
	attested     flags = 1 << 6 // a new credential follows

	// Bits 3 and 4 would declare that a credential may be, and is, copied to other
	// devices. These credentials are not: the use counts of copied files would
	// diverge, and sites would detect it.
)

// authenticatorData returns the data that the credential signs: the site, the
// checks of the user, and the number of uses.
func authenticatorData(rpID string, f flags, count uint32) []byte {
	site := sha256.Sum256([]byte(rpID))
	return binary.BigEndian.AppendUint32(append(site[:], byte(f)), count)
}

// aaguid names a model of authenticators; it is zero without attestation.
// https://www.w3.org/TR/webauthn-3/#aaguid
type aaguid [16]byte

// appendAttested appends a new credential to authenticator data with the flag
// attested.
// https://www.w3.org/TR/webauthn-3/#sctn-attested-credential-data
func appendAttested(b []byte, model aaguid, id []byte, key PrivateKey) ([]byte, error) {
	x, y, err := key.point()
	if err != nil {
		return nil, err
	}
	b = append(b, model[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(id)))
	return appendPublicKey(append(b, id...), x, y), nil
}
