package emulator

import (
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

// initPasskeyLogin answers auth.initPasskeyLogin: what an authenticator is to
// sign. Who will sign in is not known yet.
// https://core.telegram.org/api/passkeys#logging-in-with-a-passkey
func initPasskeyLogin(w *world, c *caller, now time.Time, q *tg.AuthInitPasskeyLogin) (*tg.AuthPasskeyLoginOptions, *refusal) {
	switch {
	case w.passkeys == nil:
		return nil, inputMethodInvalid
	case q.APIID == 0 || q.APIHash == "":
		return nil, apiIDInvalid
	}
	challenge := w.beginCeremony(ceremony{c.dc, c.key.id, nil, now.Add(ceremonyLife)})
	options, err := w.passkeys.RequestOptions(challenge)
	if err != nil {
		w.log.Error("no options for a passkey could be made; this is a mistake of the emulator", "error", err)
		return nil, credentialInvalid
	}
	return &tg.AuthPasskeyLoginOptions{Options: &tg.DataJSON{Data: string(options)}}, nil
}

// finishPasskeyLogin answers auth.finishPasskeyLogin. The password comes after
// it, if there is one.
//
// Passkeys are known at home alone. A client goes where the user handle says, or
// where this call sends it with 303, which leaves the challenge open: TDLib does
// not read the handle, so the real server is inferred to answer that. At home the
// client says at which data centre and with which key it has begun.
// https://core.telegram.org/method/auth.finishPasskeyLogin
func finishPasskeyLogin(w *world, c *caller, now time.Time, q *tg.AuthFinishPasskeyLogin) (tg.AnyAuthAuthorization, *refusal) {
	if w.passkeys == nil {
		return nil, inputMethodInvalid
	}
	credential := q.Credential
	response, ok := responseOf[*tg.InputPasskeyResponseLogin](credential)
	if !ok || response.ClientData == nil {
		return nil, credentialInvalid
	}
	dc, key := c.begunAt(q)
	if home := w.homeInHandle(response.UserHandle); home != 0 && home != c.dc {
		if _, ok := w.answered(response.ClientData.Data, dc, key, nil); ok {
			return nil, userMigrate(home)
		}
	}
	a, p := w.passkeyOf(c.dc, response.UserHandle, credential.RawID)
	one, ok := w.answered(response.ClientData.Data, dc, key, nil)
	var counted checkedPasskey
	if ok && now.Before(one.until) && p != nil {
		owner, known := a.owner(), p.Passkey
		body := passkeyJSON(credential, response.ClientData.Data, map[string][]byte{
			"authenticatorData": response.AuthenticatorData,
			"signature":         response.Signature,
			"userHandle":        []byte(response.UserHandle),
		})
		var no *refusal
		counted, no = checkPasskey(c, response.ClientData.Data, string(known.Record), func(challenge []byte) (Passkey, error) {
			return w.passkeys.Verify(challenge, owner, known, body)
		})
		if no != nil {
			return nil, no
		}
	}
	w.endCeremony(response.ClientData.Data, dc, key, nil)
	switch {
	case !ok:
		return nil, credentialInvalid
	case !now.Before(one.until):
		return nil, passkeyAuthRestart
	case p == nil:
		return nil, passkeyNotFound
	case counted.err != nil:
		return nil, w.refusePasskey(counted.err)
	}
	p.Passkey, p.used = counted.Passkey, now
	return w.letIn(now, c.key, a, w.newAdmission(false))
}

// begunAt is where a client has begun to sign in, and with which key. TDLib always
// says both; with this data centre the key that it names does not count (inferred:
// TDLib may have noted it before there was one).
func (c *caller) begunAt(q *tg.AuthFinishPasskeyLogin) (dc int, key mtproto.KeyID) {
	if q.FromDCID == nil || q.FromAuthKeyID == nil || int(*q.FromDCID) == c.dc {
		return c.dc, c.key.id
	}
	return int(*q.FromDCID), mtproto.KeyID(*q.FromAuthKeyID)
}

// homeInHandle is the data centre of the account that a handle names; 0: of none.
func (w *world) homeInHandle(handle string) int {
	home, user, ok := parseHandle(handle)
	if a := w.accounts.byID[user]; ok && a != nil && a.home == home {
		return home
	}
	return 0
}

// passkeyOf finds a passkey of an account that is at home in dc.
func (w *world) passkeyOf(dc int, handle, id string) (*account, *ownPasskey) {
	_, user, _ := parseHandle(handle)
	if w.homeInHandle(handle) != dc {
		return nil, nil
	}
	a := w.accounts.byID[user]
	return a, a.passkey(id)
}
