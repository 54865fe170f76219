package mtproto

import (
	"crypto/subtle"
	"encoding/binary"
	"io"
	"time"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// Binding is what a client asks for when it binds a temporary key to its
// permanent one: from then on calls travel on the temporary key and count as the
// permanent key's.
//
// The request, auth.bindTempAuthKey, travels on the temporary key and holds, as
// encrypted_message, the same under the permanent one: who sends it has both.
// https://core.telegram.org/api/pfs
type Binding struct {
	Nonce       int64     // random
	TempKey     KeyID     // the key that the request travels on
	TempSession SessionID // and the session
	ExpiresAt   time.Time // of the temporary key, by the server's clock, in whole seconds
}

// An encrypted binding, by the rules of MTProto 1:
//
//	8 key id · 16 message key · encrypted
//
// and what is encrypted:
//
//	16 random · 8 id · 4 seq, zero · 4 length · 40 bind_auth_key_inner · 8 random
//
// https://core.telegram.org/method/auth.bindTempAuthKey#generating-encrypted-message
const (
	bindingHead   = 16 + 8 + 4 + 4
	bindingBody   = 40
	bindingPlain  = bindingHead + bindingBody
	bindingPadded = (bindingPlain + blockSize - 1) &^ (blockSize - 1)
)

// SealBinding returns the encrypted_message of auth.bindTempAuthKey, 104 bytes
// under perm, which must be a key. The id is that of the message which the
// request will travel in, as [Conn.SendFunc] tells it. It reads 24 random bytes.
func SealBinding(perm Key, b Binding, id MsgID, random io.Reader) []byte {
	sealed := make([]byte, sealedHead+16, sealedHead+bindingPadded)
	// Random bytes stand where salt and session usually do.
	// https://core.telegram.org/method/auth.bindTempAuthKey#generating-encrypted-message
	fill(random, sealed[sealedHead:])
	sealed = tl.AppendLong(sealed, int64(id))
	sealed = tl.AppendInt(sealed, 0)
	sealed = tl.AppendInt(sealed, bindingBody)
	sealed = appendService(sealed, b.inner(perm.id))

	// The message key covers the message without its padding.
	// https://core.telegram.org/mtproto/description_v1#message-key
	msgKey := crypt.MessageKeyV1(sealed[sealedHead:])
	from := len(sealed)
	sealed = sealed[:sealedHead+bindingPadded]
	fill(random, sealed[from:])

	binary.LittleEndian.PutUint64(sealed, uint64(perm.id))
	copy(sealed[8:], msgKey[:])
	aesKey, iv := crypt.MessageAESv1(perm.bytes(), &msgKey, crypt.FromClient)
	crypt.EncryptIGE(sealed[sealedHead:], sealed[sealedHead:], &aesKey, &iv)
	return sealed
}

// inner is what b looks like in the message.
func (b Binding) inner(perm KeyID) *mt.BindAuthKeyInner {
	return &mt.BindAuthKeyInner{
		Nonce: b.Nonce, TempAuthKeyID: int64(b.TempKey), PermAuthKeyID: int64(perm),
		TempSessionID: int64(b.TempSession), ExpiresAt: int32(b.ExpiresAt.Unix()),
	}
}

// bindingLink is the rule for everything in a binding.
const bindingLink = "method/auth.bindTempAuthKey#binding-message-contents"

// errNotBound is the one error of everything that can go wrong before the
// message key of a binding has been checked.
var errNotBound error = &ViolationError{
	What: "message key of a binding",
	Got:  "a message that this permanent key does not open",
	Want: "one that its message key fits",
	Link: "method/auth.bindTempAuthKey#generating-encrypted-message",
}

// OpenBinding opens the encrypted_message of auth.bindTempAuthKey and returns nil
// if it says what the request says that it came with: want is the request's
// nonce and expiry, with the key and the session that the request travelled on,
// and id that of its message. Any error, a *ViolationError, means that nothing
// is bound. The message is left as it was.
func OpenBinding(perm Key, sealed []byte, want Binding, id MsgID) error {
	plain, ok := decryptBinding(perm, sealed)
	if !ok {
		return errNotBound
	}
	// The binding was made for this one request: it holds the id of its message.
	// https://core.telegram.org/method/auth.bindTempAuthKey#generating-encrypted-message
	if got := MsgID(binary.LittleEndian.Uint64(plain[16:])); got != id {
		return violation("message id of a binding", bindingLink, got, id)
	}
	if seq := int32(binary.LittleEndian.Uint32(plain[24:])); seq != 0 {
		return violation("sequence number of a binding", bindingLink, seq, 0)
	}
	if length := int32(binary.LittleEndian.Uint32(plain[28:])); length != bindingBody {
		return violation("length of a binding", bindingLink, length, bindingBody)
	}
	inner, ok := mt.Schema.Read(tl.NewReader(plain[bindingHead:])).(*mt.BindAuthKeyInner)
	if !ok {
		return violation("binding", bindingLink, "another object", "bind_auth_key_inner")
	}
	return compareBindings(inner, want.inner(perm.id))
}

// compareBindings says in what two bindings differ.
// https://core.telegram.org/method/auth.bindTempAuthKey#binding-message-contents
func compareBindings(got, want *mt.BindAuthKeyInner) error {
	switch {
	case got.Nonce != want.Nonce:
		return violation("nonce of a binding", bindingLink, got.Nonce, want.Nonce)
	case got.TempAuthKeyID != want.TempAuthKeyID:
		return violation("temporary key of a binding", bindingLink, KeyID(got.TempAuthKeyID), KeyID(want.TempAuthKeyID))
	case got.PermAuthKeyID != want.PermAuthKeyID:
		return violation("permanent key of a binding", bindingLink, KeyID(got.PermAuthKeyID), KeyID(want.PermAuthKeyID))
	case got.TempSessionID != want.TempSessionID:
		return violation("session of a binding", bindingLink, SessionID(got.TempSessionID), SessionID(want.TempSessionID))
	case got.ExpiresAt != want.ExpiresAt:
		return violation("expiry of a binding", bindingLink, got.ExpiresAt, want.ExpiresAt)
	}
	return nil
}

// decryptBinding opens a binding and compares its message key, in the same time
// whatever the difference.
// https://core.telegram.org/mtproto/description_v1#message-key
func decryptBinding(perm Key, sealed []byte) (plain []byte, ok bool) {
	if len(sealed) != sealedHead+bindingPadded || perm.IsZero() {
		return nil, false
	}
	if id, _ := PacketKey(sealed); id != perm.id {
		return nil, false
	}
	msgKey := [16]byte(sealed[8:sealedHead])
	aesKey, iv := crypt.MessageAESv1(perm.bytes(), &msgKey, crypt.FromClient)
	plain = make([]byte, bindingPadded)
	crypt.DecryptIGE(plain, sealed[sealedHead:], &aesKey, &iv)
	fits := crypt.MessageKeyV1(plain[:bindingPlain])
	return plain[:bindingPlain], subtle.ConstantTimeCompare(fits[:], msgKey[:]) == 1
}
