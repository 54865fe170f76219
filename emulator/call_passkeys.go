package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// initPasskeyRegistration answers account.initPasskeyRegistration: what an
// authenticator is to make. A device that is too young for what concerns others
// may not make a way in that outlasts it.
// https://core.telegram.org/method/account.initPasskeyRegistration#possible-errors
func initPasskeyRegistration(w *world, c *caller, now time.Time, _ *tg.AccountInitPasskeyRegistration) (*tg.AccountPasskeyRegistrationOptions, *refusal) {
	a := c.account()
	switch {
	case w.passkeys == nil:
		return nil, inputMethodInvalid
	case a.bot != nil:
		return nil, accessDenied
	case c.key.login.fresh(now):
		return nil, w.tooFresh(c, now, freshReset)
	}
	var has []Passkey
	for _, p := range a.passkeys {
		has = append(has, p.Passkey)
	}
	challenge := w.beginCeremony(ceremony{c.dc, c.key.id, a, now.Add(ceremonyLife)})
	options, err := w.passkeys.CreationOptions(challenge, a.owner(), has)
	if err != nil {
		w.log.Error("no options for a passkey could be made; this is a mistake of the emulator", "error", err)
		return nil, credentialInvalid
	}
	return &tg.AccountPasskeyRegistrationOptions{Options: &tg.DataJSON{Data: string(options)}}, nil
}

// registerPasskey answers account.registerPasskey: the account has one more way
// in. An id that there is already is refused, whoever's it is.
// https://core.telegram.org/method/account.registerPasskey
func registerPasskey(w *world, c *caller, now time.Time, q *tg.AccountRegisterPasskey) (*tg.Passkey, *refusal) {
	if w.passkeys == nil {
		return nil, inputMethodInvalid
	}
	a := c.account()
	credential := q.Credential
	response, ok := responseOf[*tg.InputPasskeyResponseRegister](credential)
	if !ok || response.ClientData == nil || len(response.AttestationData)+len(response.ClientData.Data) > maxResponse {
		return nil, credentialInvalid
	}
	one, ok := w.answered(response.ClientData.Data, c.dc, c.key.id, a)
	ok = ok && now.Before(one.until) && len(a.passkeys) < maxPasskeys
	var key checkedPasskey
	if ok {
		owner := a.owner()
		body := passkeyJSON(credential, response.ClientData.Data, map[string][]byte{"attestationObject": response.AttestationData})
		var no *refusal
		key, no = checkPasskey(c, response.ClientData.Data, "", func(challenge []byte) (Passkey, error) {
			return w.passkeys.Register(challenge, owner, body)
		})
		if no != nil {
			return nil, no
		}
	}
	w.endCeremony(response.ClientData.Data, c.dc, c.key.id, a)
	switch {
	case !ok:
		return nil, credentialInvalid
	case key.err != nil:
		return nil, w.refusePasskey(key.err)
	}
	if !w.claimPasskey(key.ID, a) {
		return nil, credentialInvalid
	}
	p := &ownPasskey{Passkey: key.Passkey, name: c.key.device.model, made: now}
	a.passkeys = append(a.passkeys, p)
	w.log.Info("passkey registered", "phone", a.phone, "dc", c.dc)
	return p.describe(), nil
}

// claimPasskey makes an id a's, if it is nobody's yet.
// https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential
func (w *world) claimPasskey(id string, a *account) bool {
	if owner := w.passkeyOwners[id]; owner != nil && w.accounts.byID[owner.id] == owner {
		return false
	}
	if w.passkeyOwners == nil {
		w.passkeyOwners = map[string]*account{}
	}
	w.passkeyOwners[id] = a
	return true
}

// responseOf returns what the authenticator says, if it is of the kind that the
// call needs.
func responseOf[R tg.AnyInputPasskeyResponse](credential *tg.InputPasskeyCredentialPublicKey) (R, bool) {
	if credential == nil {
		var none R
		return none, false
	}
	r, ok := credential.Response.(R)
	return r, ok
}

// getPasskeys answers account.getPasskeys, oldest first.
// https://core.telegram.org/method/account.getPasskeys
func getPasskeys(w *world, c *caller, _ time.Time, _ *tg.AccountGetPasskeys) (*tg.AccountPasskeys, *refusal) {
	if w.passkeys == nil {
		return nil, inputMethodInvalid
	}
	list := []*tg.Passkey{}
	for _, p := range c.account().passkeys {
		list = append(list, p.describe())
	}
	return &tg.AccountPasskeys{Passkeys: list}, nil
}

// deletePasskey answers account.deletePasskey: nobody signs in with it any more.
// https://core.telegram.org/method/account.deletePasskey
func deletePasskey(w *world, c *caller, _ time.Time, q *tg.AccountDeletePasskey) (bool, *refusal) {
	if w.passkeys == nil {
		return false, inputMethodInvalid
	}
	a := c.account()
	p := a.passkey(q.ID)
	if p == nil {
		return false, passkeyNotFound
	}
	a.passkeys = without(a.passkeys, p)
	delete(w.passkeyOwners, p.ID)
	return true, nil
}
