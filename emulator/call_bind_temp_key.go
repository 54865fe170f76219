package emulator

import (
	"slices"
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

// bindTempAuthKey answers auth.bindTempAuthKey: the temporary key that it comes
// on counts as the permanent key that it names, from the next call on. To bind a
// key again to the same one is fine: the client may not have heard the answer.
//
// The binding must be made for this very request, by somebody who has both keys.
// https://core.telegram.org/method/auth.bindTempAuthKey
func bindTempAuthKey(w *world, c *caller, now time.Time, q *tg.AuthBindTempAuthKey) (bool, *refusal) {
	temp, perm := c.wire, c.keys[mtproto.KeyID(q.PermAuthKeyID)]
	switch {
	case temp == nil || !temp.temp:
		return false, tempAuthKeyEmpty
	case temp.countsAs() != temp && temp.perm != perm:
		return false, tempAuthKeyAlreadyBound
	case perm == nil || perm.temp:
		return false, encryptedMessageInvalid
	}
	expires := time.Unix(int64(q.ExpiresAt), 0)
	want := mtproto.Binding{Nonce: q.Nonce, TempKey: temp.id, TempSession: c.session, ExpiresAt: expires}
	if err := mtproto.OpenBinding(perm.exchange.Key, q.EncryptedMessage, want, c.id); err != nil {
		w.log.Debug("a binding is refused", "dc", c.dc, "error", err)
		return false, encryptedMessageInvalid
	}
	// When the key itself expires was agreed on when it was made.
	if !expires.After(w.protocolTime(now)) {
		return false, encryptedMessageInvalid
	}
	temp.bindTo(perm)
	return true, nil
}

// dropTempAuthKeys answers auth.dropTempAuthKeys: the temporary keys of the
// caller's permanent one are forgotten, except those that are named and the one
// that the call came on. Those of other permanent keys stay.
//
// Inferred from TDLib: it makes this call before the login, too, takes 401 for the
// end of the login, and its list may lack the key that it has just made.
// https://core.telegram.org/method/auth.dropTempAuthKeys
func dropTempAuthKeys(w *world, c *caller, _ time.Time, q *tg.AuthDropTempAuthKeys) (bool, *refusal) {
	for _, k := range tempsOf(c.keys, c.key) {
		if k != c.wire && !slices.Contains(q.ExceptAuthKeys, int64(k.id)) {
			w.dropped = append(w.dropped, k)
		}
	}
	return true, nil
}
