package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// exportLoginToken answers auth.exportLoginToken: what a device shows as a QR
// code until somebody has accepted it, and then, once, what comes of that.
//
// Each call makes a fresh token; those before it live on, for somebody may be
// just reading one.
// https://core.telegram.org/api/qr-login
func exportLoginToken(w *world, c *caller, now time.Time, q *tg.AuthExportLoginToken) (tg.AnyAuthLoginToken, *refusal) {
	if q.APIID == 0 || q.APIHash == "" {
		return nil, apiIDInvalid
	}
	if t := c.key.invited; t != nil && now.Before(t.until) {
		if t.by.home != c.dc {
			return &tg.AuthLoginTokenMigrateTo{DCID: int32(t.by.home), Token: []byte(t.bytes)}, nil
		}
		return w.useToken(now, c, t)
	}
	c.key.invited = nil
	t := &loginToken{
		bytes: string(w.randomBytes(loginTokenSize)), key: c.key, until: now.Add(loginTokenLife),
		except: q.ExceptIDs[:min(len(q.ExceptIDs), maxExcept)],
	}
	w.loginTokens.add(t.bytes, t, maxLoginTokens)
	return &tg.AuthLoginToken{Expires: unix(t.until), Token: []byte(t.bytes)}, nil
}

// maxExcept bounds what is kept of except_ids. Applications have a few accounts.
const maxExcept = 100

// useToken finishes a sign-in that another device has accepted.
//
// Where there is a password it is asked for here.
// https://core.telegram.org/api/qr-login#2-accepting-the-login
func (w *world) useToken(now time.Time, c *caller, t *loginToken) (tg.AnyAuthLoginToken, *refusal) {
	t.used, t.key.invited = true, nil
	in, no := w.letIn(now, c.key, t.by, t.how)
	if no != nil {
		return nil, no
	}
	return &tg.AuthLoginTokenSuccess{Authorization: in}, nil
}

// importLoginToken answers auth.importLoginToken: a device has followed
// loginTokenMigrateTo to the account's home.
//
// A device has one key for each data centre, and none of them says which belong
// together, so that a token from another data centre is taken from any key. In its
// own data centre it is its own key's alone (inferred: the documentation says nothing).
// https://core.telegram.org/method/auth.importLoginToken
func importLoginToken(w *world, c *caller, now time.Time, q *tg.AuthImportLoginToken) (tg.AnyAuthLoginToken, *refusal) {
	t, no := w.loginToken(now, q.Token)
	switch {
	case no != nil:
		return nil, no
	case t.used:
		return nil, authTokenAlreadyAccepted
	case t.by == nil, t.key.dc == c.dc && t.key != c.key:
		return nil, authTokenInvalid
	case t.by.home != c.dc:
		return &tg.AuthLoginTokenMigrateTo{DCID: int32(t.by.home), Token: q.Token}, nil
	}
	return w.useToken(now, c, t)
}

// acceptLoginToken answers auth.acceptLoginToken: the device that shows the
// token may sign in to the caller's account.
// https://core.telegram.org/method/auth.acceptLoginToken
func acceptLoginToken(w *world, c *caller, now time.Time, q *tg.AuthAcceptLoginToken) (*tg.Authorization, *refusal) {
	t, no := w.acceptToken(now, c.account(), q.Token)
	if no != nil {
		return nil, no
	}
	return t.describe(now), nil
}
